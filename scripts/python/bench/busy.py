"""Each system alone, and beside a process that keeps a core busy. Started by scripts/bench --busy.

The busy process belongs to the same session as the systems: on Linux each session gets an equal share of the processor
(autogroup), and a compiler in another terminal would take more from a training than this does.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from bench import report, systems

ALLOWED = 2.2  # times the quiet iteration
SPIN = "while True: pass"


def commands(gan_nb: Path) -> dict[str, list[str]]:
    # Generating is not compared, and takes PyTorch minutes beside the busy process.
    once = ["--generations", "1"]
    return {
        report.OWN: systems.own(gan_nb),
        "PyTorch eager": systems.pytorch("eager", *once),
        "PyTorch channels_last": systems.pytorch("channels_last", *once),
        "Keras 2": systems.keras2(*once),
    }


@contextmanager
def busy_process() -> Iterator[subprocess.Popen]:
    process = subprocess.Popen([sys.executable, "-c", SPIN])
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def play_round(settings: argparse.Namespace, number: int) -> dict[str, dict[str, list[float]]]:
    """{system: {"quiet": seconds, "busy": seconds}}, the two right after each other."""
    results = {}
    for system, command in commands(settings.program).items():
        counts = (32, settings.iterations, settings.warm_up)
        quiet = systems.execute(command, settings, *counts)
        with busy_process():
            busy = systems.execute(command, settings, *counts)
        results[system] = {"quiet": quiet["iteration_seconds"], "busy": busy["iteration_seconds"], "data": quiet.get("data")}
        middle = {name: median(results[system][name]) for name in ("quiet", "busy")}
        print(f"round {number} of {settings.rounds}  {system:<24} {middle['quiet']:.4f} s, busy {middle['busy']:.4f} s", flush=True)
    return results


def summarize(rounds: list[dict]) -> dict[str, dict]:
    """For each system the medians of all iterations, how much longer the busy ones are, and gan_nb's part of its busy time."""
    found = {}
    for system in rounds[0]:
        slower = [median(results[system]["busy"]) / median(results[system]["quiet"]) for results in rounds]
        own = [median(results[report.OWN]["busy"]) / median(results[system]["busy"]) for results in rounds]
        found[system] = {
            **{name: median(second for results in rounds for second in results[system][name]) for name in ("quiet", "busy")},
            "slower": median(slower),
            "slower_by_round": slower,
            "ratio": median(own),
        }
    return found


def table(systems_found: dict[str, dict]) -> str:
    head = ["", "quiet, s", "beside one busy process, s", "busy / quiet", "round by round", "gan_nb / this, busy"]

    def row(system: str, found: dict) -> list[str]:
        rounds = " ".join(f"{value:.2f}" for value in found["slower_by_round"])
        seconds = [f"{found[name]:.4f}" for name in ("quiet", "busy")]
        return [system, *seconds, f"{found['slower']:.2f}", rounds, f"{found['ratio']:.2f}"]

    return report.markdown(head, [row(system, found) for system, found in systems_found.items()])


def main() -> None:
    settings = systems.options(argparse.ArgumentParser(description=__doc__), 3, 20, "bench_busy.json")
    rounds = [play_round(settings, number + 1) for number in range(settings.rounds)]
    summaries = summarize(rounds)
    machine = systems.machine(settings, rounds[0][report.OWN]["data"])
    settings.out.parent.mkdir(parents=True, exist_ok=True)
    settings.out.write_text(json.dumps({"machine": machine, "systems": summaries, "rounds": rounds}, indent=1))
    print(f"\n{machine['cpu']}, {settings.threads} threads; {machine['data']}\n")
    print(table(summaries))
    slower = summaries[report.OWN]["slower"]
    print(f"\ngan_nb, busy / quiet: {slower:.2f}, allowed {ALLOWED:.2f}: {'met' if slower <= ALLOWED else 'NOT met'}")
    print(f"Saved in {settings.out}")


if __name__ == "__main__":
    main()
