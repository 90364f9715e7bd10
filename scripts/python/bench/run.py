"""Runs the systems in turn, each in its own process, and compares them. Started by scripts/bench.

A B C, A B C: whatever else the machine does then slows all of them, and the ratios within a round cancel it out.
"""

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

from bench import plot, program, report

ROOT = Path(__file__).resolve().parents[3]
SIZES = [8, 32, 128, 512]  # batch sizes for the time per image


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=Path, required=True, help="gan_nb, built in release mode")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--iterations", type=int, default=30)
    parser.add_argument("--warm-up", type=int, default=5)
    parser.add_argument("--threads", type=int, default=available_cores())
    parser.add_argument("--data", type=Path, default=cifar10(), help="folder with CIFAR-10")
    parser.add_argument("--avx2", action="store_true", help="no wider instructions in any system")
    parser.add_argument("--quick", action="store_true", help="2 rounds of 8 iterations, one batch size")
    parser.add_argument("--out", type=Path, default=ROOT / "out/bench.json")
    if "--quick" in sys.argv:
        parser.set_defaults(rounds=2, iterations=8, warm_up=3)
    found = parser.parse_args()
    for name in ("rounds", "iterations", "warm_up", "threads"):
        if getattr(found, name) < 1:
            sys.exit(f"--{name.replace('_', '-')} is {getattr(found, name)}, expected 1 or more. Omit it for the default.")
    if found.data and not program.holds_cifar10(found.data):
        sys.exit(f"--data is {found.data}, expected a folder with {program.FOLDER}/ or {program.ARCHIVE}. Omit it for random bytes.")
    return found


def available_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def cifar10() -> Path | None:
    """Where gan_nb finds CIFAR-10: in GAN_NB_DATA, else in the user's cache; None means random bytes."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gan_nb"
    folders = [Path(os.environ["GAN_NB_DATA"])] if os.environ.get("GAN_NB_DATA") else []
    return next((folder for folder in [*folders, cache] if program.holds_cifar10(folder)), None)


def commands(gan_nb: Path) -> dict[str, list[str]]:
    """The command that starts each system, in the order of a round."""
    own = [str(gan_nb.resolve()), "bench", "--json", "--short"]
    python = [sys.executable, "-m"]
    modes = {"PyTorch eager": "eager", "PyTorch channels_last": "channels_last", "torch.compile": "compile"}
    return {
        report.OWN: own,
        **{name: [*python, "bench.pytorch", "--mode", mode] for name, mode in modes.items()},
        "Keras 2": [*python, "bench.keras2"],
        report.FLOOR: [*python, "bench.gemm_floor"],
    }


def environment(settings: argparse.Namespace) -> dict[str, str]:
    """The same for all: this many threads, the CPU, and no settings that would change a run of any of them."""
    kept = {name: value for name, value in os.environ.items() if name not in ("GAN_NB_MAX_STEPS", "GAN_NB_DATA")}
    narrow = dict.fromkeys(("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "MKL_ENABLE_INSTRUCTIONS"), "AVX2")
    return {
        **kept,
        **({**narrow, "ATEN_CPU_CAPABILITY": "avx2"} if settings.avx2 else {}),
        "PYTHONPATH": str(ROOT / "scripts/python"),
        "OMP_NUM_THREADS": str(settings.threads),
        "CUDA_VISIBLE_DEVICES": "",
        # One for each instruction set: code compiled for the other crashes.
        "TORCHINDUCTOR_CACHE_DIR": str(ROOT / "out/bench" / ("inductor_avx2" if settings.avx2 else "inductor")),
    }


def execute(command: list[str], settings: argparse.Namespace, batch: int, iterations: int, warm_up: int) -> dict:
    """The JSON that the program prints last, with the time from its start to the end of its first iteration."""
    counts = {"--batch-size": batch, "--iterations": iterations, "--warm-up": warm_up, "--threads": settings.threads}
    command = [*command, *(text for name, value in counts.items() for text in (name, str(value)))]
    command += ["--data", str(settings.data)] if settings.data else []
    start = time.time()
    done = subprocess.run(command, capture_output=True, text=True, env=environment(settings))
    if done.returncode:
        sys.exit(f"{' '.join(command)}\nfailed with exit code {done.returncode}. The end of its output:\n{done.stderr[-3000:]}")
    result = json.loads(done.stdout.splitlines()[-1])
    if "first_iteration_at" in result:
        result["first_iteration_seconds"] = result["first_iteration_at"] - start
    return result


def play_round(settings: argparse.Namespace, number: int) -> dict[str, dict]:
    results = {}
    for system, command in commands(settings.program).items():
        results[system] = execute(command, settings, 32, settings.iterations, settings.warm_up)
        seconds = report.median(results[system]["iteration_seconds"])
        print(f"round {number} of {settings.rounds}  {system:<22} {seconds:.4f} s per iteration", flush=True)
    return results


def batch_sizes(settings: argparse.Namespace, systems: dict, own: dict) -> dict[str, dict[int, float]]:
    """Seconds per iteration for each batch size; those for 32 are known from the rounds."""
    sizes = {report.OWN: {size["batch_size"]: report.median(size["seconds"]) for size in own["batch_sizes"]}}
    sizes[report.OWN][32] = systems[report.OWN]["seconds"]["median"]
    for system, command in commands(settings.program).items():
        if system in (report.OWN, report.FLOOR):
            continue
        sizes[system] = {32: systems[system]["seconds"]["median"]}
        for batch in SIZES:
            if batch != 32:
                iterations = min(max(settings.iterations * 32 // batch, 3), settings.iterations)
                result = execute(command, settings, batch, iterations, 2)
                sizes[system][batch] = report.median(result["iteration_seconds"])
        print(f"batch sizes  {system}", flush=True)
    return sizes


def machine(settings: argparse.Namespace, own: dict) -> dict:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    cpu = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())
    packages = ["torch", "tensorflow-cpu", "tf_keras", "numpy"]
    return {
        "cpu": cpu,
        "threads": settings.threads,
        "instructions": "at most AVX2" if settings.avx2 else "all that the processor has",
        "system": platform.system(),
        "data": own["data"],
        "python": platform.python_version(),
        **{package: metadata.version(package) for package in packages},
        "date": datetime.date.today().isoformat(),
    }


def main() -> None:
    settings = options()
    rounds = [play_round(settings, number + 1) for number in range(settings.rounds)]
    systems = report.summarize(rounds)
    whole = [argument for argument in commands(settings.program)[report.OWN] if argument != "--short"]
    own = execute(whole, settings, 32, settings.iterations, settings.warm_up)
    shares = report.shares(rounds, own["panel"])
    sizes = {} if settings.quick else batch_sizes(settings, systems, own)
    aims = report.targets(systems, shares)
    found = {"machine": machine(settings, own), "systems": systems, "shares": shares, "targets": aims}
    settings.out.parent.mkdir(parents=True, exist_ok=True)
    settings.out.write_text(json.dumps({**found, "batch_sizes": sizes, "rounds": rounds, "panel": own["panel"]}, indent=1))
    plot.save(settings.out.with_suffix(".png"), found["machine"], systems, rounds, sizes)
    flop = systems[report.FLOOR]["flop"] / 1e9
    print(f"\n{found['machine']['cpu']}, {settings.threads} threads; {own['data']}; {flop:.1f} GFLOP per iteration\n")
    print(report.table(systems, aims, sizes))
    print(f"\nTraining with panel and history, relative to without: x {shares['panel_ratio']:.4f}")
    print(f"Saved in {settings.out} and {settings.out.with_suffix('.png').name}")


if __name__ == "__main__":
    main()
