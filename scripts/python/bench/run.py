"""Runs the systems in turn, each in its own process, and compares them. Started by scripts/bench.

A B C, A B C: whatever else the machine does then slows all of them, and the ratios within a round cancel it out.
"""

import argparse
import json
import sys
from pathlib import Path

from bench import plot, report, systems

SIZES = [8, 32, 128, 512]  # batch sizes for the time per image


def commands(gan_nb: Path) -> dict[str, list[str]]:
    """The command that starts each system, in the order of a round."""
    modes = {"PyTorch eager": "eager", "PyTorch channels_last": "channels_last", "torch.compile": "compile"}
    return {
        report.OWN: systems.own(gan_nb),
        **{name: systems.pytorch(mode) for name, mode in modes.items()},
        "Keras 2": systems.keras2(),
        report.FLOOR: [sys.executable, "-m", "bench.gemm_floor"],
    }


def batch_sizes(settings: argparse.Namespace, summaries: dict, own: dict) -> dict[str, dict[int, float]]:
    """Seconds per iteration for each batch size; those for 32 are known from the rounds."""
    sizes = {report.OWN: {size["batch_size"]: report.median(size["seconds"]) for size in own["batch_sizes"]}}
    sizes[report.OWN][32] = summaries[report.OWN]["seconds"]["median"]
    for system, command in commands(settings.program).items():
        if system in (report.OWN, report.FLOOR):
            continue
        sizes[system] = {32: summaries[system]["seconds"]["median"]}
        for batch in SIZES:
            if batch != 32:
                iterations = min(max(settings.iterations * 32 // batch, 3), settings.iterations)
                result = systems.execute(command, settings, batch, iterations, 2)
                sizes[system][batch] = report.median(result["iteration_seconds"])
        print(f"batch sizes  {system}", flush=True)
    return sizes


def main() -> None:
    settings = systems.options(argparse.ArgumentParser(description=__doc__), 5, 30, "bench.json")
    all_commands = commands(settings.program)
    rounds = [systems.play_round(settings, number + 1, all_commands) for number in range(settings.rounds)]
    summaries = report.summarize(rounds)
    whole = [argument for argument in all_commands[report.OWN] if argument != "--short"]
    own = systems.execute(whole, settings, 32, settings.iterations, settings.warm_up)
    shares = report.shares(rounds, own["panel"])
    sizes = {} if settings.quick else batch_sizes(settings, summaries, own)
    aims = report.targets(summaries, shares)
    machine = systems.machine(settings, own["data"])
    found = {"machine": machine, "systems": summaries, "shares": shares, "targets": aims}
    settings.out.parent.mkdir(parents=True, exist_ok=True)
    settings.out.write_text(json.dumps({**found, "batch_sizes": sizes, "rounds": rounds, "panel": own["panel"]}, indent=1))
    plot.save(settings.out.with_suffix(".png"), machine, summaries, rounds, sizes)
    flop = summaries[report.FLOOR]["flop"] / 1e9
    print(f"\n{machine['cpu']}, {settings.threads} threads; {own['data']}; {flop:.1f} GFLOP per iteration\n")
    print(report.table(summaries, aims, sizes))
    print(f"\nTraining with panel and history, relative to without: x {shares['panel_ratio']:.4f}")
    print(f"Saved in {settings.out} and {settings.out.with_suffix('.png').name}")


if __name__ == "__main__":
    main()
