"""Shared by the programs of all systems: options, data, clocks, and the JSON line that they print.

The line uses the same names as `gan_nb bench --json`.
"""

import argparse
import json
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy

GENERATED = 256  # images at a time when the generator alone is timed


def options(**choices: list[str]) -> argparse.Namespace:
    """The runner's options; each of `choices` adds one, with its possible values."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--iterations", type=int, default=30)
    parser.add_argument("--warm-up", type=int, default=5)
    parser.add_argument("--generations", type=int, default=20, help="how often generating is timed")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--data", type=Path, help="folder with CIFAR-10 (default: random bytes)")
    for name, values in choices.items():
        parser.add_argument(f"--{name}", choices=values, default=values[0])
    return parser.parse_args()


FOLDER, ARCHIVE = "cifar-10-batches-bin", "cifar-10-binary.tar.gz"


def holds_cifar10(folder: Path) -> bool:
    return (folder / FOLDER).is_dir() or (folder / ARCHIVE).is_file()


def images(folder: Path | None) -> "numpy.ndarray":
    """CIFAR-10's 50,000 training images, or as many of random bytes: uint8 (N, C, H, W), as in its files."""
    import numpy as np  # which only the systems' own environment has

    if folder is None:
        return np.random.default_rng(42).integers(0, 256, (50_000, 3, 32, 32), dtype=np.uint8)
    names = [f"{FOLDER}/data_batch_{i}.bin" for i in range(1, 6)]
    if (folder / FOLDER).is_dir():
        files = [np.fromfile(folder / name, np.uint8) for name in names]
    else:
        with tarfile.open(folder / ARCHIVE) as archive:
            files = [np.frombuffer(archive.extractfile(name).read(), np.uint8) for name in names]
    records = np.concatenate(files).reshape(-1, 1 + 3 * 32 * 32)
    return records[:, 1:].reshape(-1, 3, 32, 32)


def peak_bytes() -> int | None:
    """The peak memory of this process, if the system reports it (Linux)."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return None
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM:"))


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measure(system: str, settings: argparse.Namespace, iteration: Callable[[], object], generate: Callable[[], object]) -> None:
    """Times `iteration`, which must read its losses before it returns, and `generate`, which makes GENERATED images."""
    iteration()
    first_iteration_at = time.time()
    for _ in range(settings.warm_up - 1):
        iteration()
    seconds = [timed(iteration) for _ in range(settings.iterations)]
    peak = peak_bytes()  # before anything that needs more memory than training
    for _ in range(settings.generations // 10):
        generate()
    result = {
        "system": system,
        "threads": settings.threads,
        "batch_size": settings.batch_size,
        "first_iteration_at": first_iteration_at,
        "iteration_seconds": seconds,
        "peak_bytes": peak,
        "generation_batch": GENERATED,
        "generation_seconds": [timed(generate) for _ in range(settings.generations)],
    }
    print(json.dumps(result))
