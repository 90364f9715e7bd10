"""gan_nb on a GPU beside PyTorch, step by step and as one recorded graph. Started by scripts/bench --cuda.

Every system is free-running: an iteration is asked for while the GPU does those before it. How busy the GPU is comes from
nvidia-smi, as the median over the second half of a program's time.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

from bench import report, systems

BATCHES = [32, 256]
GRAPH, MIXED_GRAPH = "PyTorch graph", "PyTorch graph_bfloat16"
OWN, OWN_MIXED = "gan_nb, TF32", "gan_nb, bfloat16"  # PyTorch uses TF32 in convolutions unless it is told not to


def commands(gan_nb: Path) -> dict[str, tuple[list[str], dict[str, str]]]:
    """The command of each system and what its environment has besides, in the order of a round."""
    own = [str(gan_nb.resolve()), "bench", "--json", "--short", "--device", "cuda"]
    torch = {
        f"PyTorch {mode}": ([sys.executable, "-m", "bench.pytorch_cuda", "--mode", mode], {})
        for mode in ("eager", "channels_last", "bfloat16", "graph", "graph_bfloat16")
    }
    return {
        OWN: ([*own, "--tf32"], {}),
        "gan_nb, float32": (own, {}),
        "gan_nb, step by step": ([*own, "--tf32"], {"GAN_NB_GRAPHS": "0"}),
        "gan_nb, deterministic": (own, {"GAN_NB_DETERMINISTIC": "1"}),
        OWN_MIXED: ([*own, "--precision", "mixed"], {}),
        **torch,
    }


def execute(command: list[str], more: dict[str, str], settings: argparse.Namespace, batch: int) -> dict:
    """What the program printed, and how busy the GPU was."""
    command = [*command, "--batch-size", str(batch), "--iterations", str(settings.iterations)]
    command += ["--data", str(settings.data)] if settings.data else []
    environment = {**systems.environment(settings, on_gpu=True), **more}
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    busy = []
    while running.poll() is None:
        busy.append(utilization())
        time.sleep(0.1)
    output, errors = running.communicate()
    if running.returncode:
        sys.exit(f"{' '.join(command)}\nfailed with exit code {running.returncode}. The end of its output:\n{errors[-3000:]}")
    return {**json.loads(output.splitlines()[-1]), "busy": statistics.median(busy[len(busy) // 2 :])}


def utilization() -> float:
    """The part of the last moment in which the GPU did something, in percent."""
    query = ["nvidia-smi", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits"]
    return float(subprocess.run(query, capture_output=True, text=True, check=True).stdout.split()[0])


def targets(seconds: dict[int, dict[str, float]], busy: dict[int, dict[str, float]]) -> list[dict]:
    def ratio(batch: int, own: str, other: str, allowed: float) -> dict:
        value = seconds[batch][own] / seconds[batch][other]
        return {"name": f"{own} / {other}, batch {batch}", "value": value, "target": f"<= {allowed}", "met": value <= allowed}

    share = busy[32][OWN]
    return [
        ratio(32, OWN, GRAPH, 0.85),
        ratio(256, OWN, GRAPH, 0.95),
        *(ratio(batch, OWN_MIXED, OWN, 1.0) for batch in BATCHES),
        {"name": "GPU busy in %, batch 32", "value": share, "target": ">= 85", "met": share >= 85},
        {"name": "10,000 iterations in s", "value": 1e4 * seconds[32][OWN], "target": "<= 15", "met": 1e4 * seconds[32][OWN] <= 15},
    ]


def main() -> None:
    settings = systems.options(argparse.ArgumentParser(description=__doc__), 3, 1000, "bench_cuda.json")
    all_commands, rounds = commands(settings.program), []
    for number in range(settings.rounds):
        rounds.append({batch: {} for batch in BATCHES})
        for batch in BATCHES:
            for system, (command, more) in all_commands.items():
                found = rounds[-1][batch][system] = execute(command, more, settings, batch)
                milliseconds = 1e3 * report.median(found["free_running_seconds"])
                print(f"round {number + 1} of {settings.rounds}  batch {batch:<4} {system:<24} {milliseconds:.3f} ms", flush=True)

    def over_rounds(value) -> dict[int, dict[str, float]]:
        return {b: {s: report.median([value(r[b][s]) for r in rounds]) for s in all_commands} for b in BATCHES}

    seconds = over_rounds(lambda result: report.median(result["free_running_seconds"]))
    busy = over_rounds(lambda result: result["busy"])
    aims = targets(seconds, busy)
    settings.out.parent.mkdir(parents=True, exist_ok=True)
    settings.out.write_text(json.dumps({"targets": aims, "seconds": seconds, "busy": busy, "rounds": rounds}, indent=1))
    print(f"\n{rounds[0][32][OWN]['device']}\n\n| System | batch 32 | batch 256 | GPU busy |\n|---|---|---|---|")
    for system in all_commands:
        times = " | ".join(f"{1e3 * seconds[batch][system]:.2f} ms" for batch in BATCHES)
        print(f"| {system} | {times} | {busy[32][system]:.0f} % |")
    for aim in aims:
        print(f"{'met   ' if aim['met'] else 'MISSED'}  {aim['name']}: {aim['value']:.2f}, target {aim['target']}")
    print(f"\nSaved in {settings.out}")


if __name__ == "__main__":
    main()
