"""How each system is started: its command, its environment, and the options that all comparisons share."""

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

from bench import program, report

ROOT = Path(__file__).resolve().parents[3]


def options(parser: argparse.ArgumentParser, rounds: int, iterations: int, out: str) -> argparse.Namespace:
    """Adds the shared options, with these defaults, and reads them all."""
    parser.add_argument("--program", type=Path, required=True, help="gan_nb, built in release mode")
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--iterations", type=int, default=iterations)
    parser.add_argument("--warm-up", type=int, default=5)
    parser.add_argument("--threads", type=int, default=available_cores())
    parser.add_argument("--data", type=Path, default=cifar10(), help="folder with CIFAR-10")
    parser.add_argument("--avx2", action="store_true", help="no wider instructions in any system")
    parser.add_argument("--quick", action="store_true", help="2 rounds of 8 iterations")
    parser.add_argument("--out", type=Path, default=ROOT / "out" / out)
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


def own(gan_nb: Path, *more: str) -> list[str]:
    return [str(gan_nb.resolve()), "bench", "--json", "--short", *more]


def pytorch(mode: str, *more: str) -> list[str]:
    return [sys.executable, "-m", "bench.pytorch", "--mode", mode, *more]


def keras2(*more: str) -> list[str]:
    return [sys.executable, "-m", "bench.keras2", *more]


def environment(settings: argparse.Namespace, on_gpu: bool = False) -> dict[str, str]:
    """The same for all: this many threads, the CPU unless a GPU is asked for, and no settings that would change a run of any of them."""
    kept = {name: value for name, value in os.environ.items() if name not in ("GAN_NB_MAX_STEPS", "GAN_NB_DATA")}
    narrow = dict.fromkeys(("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "MKL_ENABLE_INSTRUCTIONS"), "AVX2")
    return {
        **kept,
        **({**narrow, "ATEN_CPU_CAPABILITY": "avx2"} if settings.avx2 else {}),
        "PYTHONPATH": str(ROOT / "scripts/python"),
        "OMP_NUM_THREADS": str(settings.threads),
        **({} if on_gpu else {"CUDA_VISIBLE_DEVICES": ""}),
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


def play_round(settings: argparse.Namespace, number: int, commands: dict[str, list[str]]) -> dict[str, dict]:
    """Each system once, in the order of `commands`."""
    results = {}
    for system, command in commands.items():
        results[system] = execute(command, settings, 32, settings.iterations, settings.warm_up)
        seconds = report.median(results[system]["iteration_seconds"])
        print(f"round {number} of {settings.rounds}  {system:<32} {seconds:.4f} s per iteration", flush=True)
    return results


def machine(settings: argparse.Namespace, data: str) -> dict:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    cpu = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())
    packages = ["torch", "tensorflow-cpu", "tf_keras", "numpy"]
    return {
        "cpu": cpu,
        "threads": settings.threads,
        "instructions": "at most AVX2" if settings.avx2 else "all that the processor has",
        "system": platform.system(),
        "data": data,
        "python": platform.python_version(),
        **{package: metadata.version(package) for package in packages},
        "date": datetime.date.today().isoformat(),
    }
