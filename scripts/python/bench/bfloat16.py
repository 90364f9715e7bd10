"""gan_nb --precision mixed beside PyTorch's autocast in bfloat16, and both in float32. Started by scripts/bench --bfloat16."""

import argparse
import json
import sys
from pathlib import Path

from bench import report, systems

OWN, OTHER = "gan_nb, bfloat16", "PyTorch channels_last, bfloat16"
ALLOWED = 0.90  # of PyTorch's time


def commands(gan_nb: Path) -> dict[str, list[str]]:
    return {
        OWN: systems.own(gan_nb, "--precision", "mixed"),
        OTHER: systems.pytorch("bfloat16"),
        report.OWN: systems.own(gan_nb),
        "PyTorch channels_last": systems.pytorch("channels_last"),
    }


def main() -> None:
    settings = systems.options(argparse.ArgumentParser(description=__doc__), 5, 30, "bench_bfloat16.json")
    if settings.avx2:
        sys.exit("--avx2 is given, but bfloat16 needs AVX512_BF16 or AMX. Omit one of the two.")
    all_commands = commands(settings.program)
    rounds = [systems.play_round(settings, number + 1, all_commands) for number in range(settings.rounds)]
    summaries = report.summarize(rounds, OWN)
    ratio = summaries[OTHER]["ratio"]
    aims = [{"name": f"{OWN} / PyTorch's", "value": ratio, "target": f"<= {ALLOWED:.2f}", "met": ratio <= ALLOWED}]
    machine = systems.machine(settings, rounds[0][OWN]["data"])
    settings.out.parent.mkdir(parents=True, exist_ok=True)
    found = {"machine": machine, "systems": summaries, "targets": aims, "rounds": rounds}
    settings.out.write_text(json.dumps(found, indent=1))
    print(f"\n{machine['cpu']}, {settings.threads} threads; {machine['data']}\n")
    print(report.table(summaries, aims, {}, OWN))
    print(f"\nSaved in {settings.out}")


if __name__ == "__main__":
    main()
