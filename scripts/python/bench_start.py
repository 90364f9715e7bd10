"""Measures how long a reader waits from the start of a kernel to the first generated image, after a restart, and for each cell.

usage: bench_start.py [--rounds N] [--pause SECONDS] [--spare SECONDS] [--plain FOLDER] [--tensorflow PYTHON]

Each round starts each of these kernels once, one after the other, and restarts it when it has run its cells:

- gan_nb, as set up, with no spare kernel (see kernel/README.md);
- with --spare, the same with one, which has had SECONDS before the start, and again before the restart;
- with --plain, evcxr_jupyter as it is, in a copy of the compiled dependencies in FOLDER. If FOLDER does
  not exist they are compiled first, which takes minutes: cargo would not accept those of the set-up, which record the path
  of its own CARGO_HOME;
- with --tensorflow, an ipykernel in that PYTHON's environment (tensorflow-cpu, tf_keras, ipykernel, matplotlib), with the
  same generator in Keras.

`--pause` is how long the reader reads before the first cell; after a restart there is none. Prints each round, with the time of
every cell up to the image, then minimum, median and maximum.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpecManager

RUST = [
    ':dep gan_nb = { path = "../crate" }',
    """use gan_nb::display::image_grid;
use gan_nb::nn::{Activation, BatchNormalization, Conv2D, Conv2DTranspose, Dense, LeakyReLU, Padding::Same, Reshape};
use gan_nb::{Result, nn::Sequential, random};""",
    """fn build_generator() -> Result<Sequential> {
    let mut model = Sequential::new("generator", [100], 42);
    model.add(Dense::new(8 * 8 * 256).activation(Activation::Relu))?;
    model.add(Reshape::new([8, 8, 256]))?;
    model.add(BatchNormalization::new().momentum(0.8))?;
    model.add(Conv2DTranspose::new(128, 4).strides(2).padding(Same))?;
    model.add(LeakyReLU::new(0.2))?;
    model.add(Conv2DTranspose::new(64, 4).strides(2).padding(Same))?;
    model.add(LeakyReLU::new(0.2))?;
    model.add(Conv2D::new(3, 3).padding(Same).activation(Activation::Tanh))?;
    Ok(model)
}""",
    """let mut generator = build_generator()?;
let z = random::normal(&mut random::stream(42, "z"), &[25, 100], generator.device())?;""",
    "image_grid(&generator.predict(&z)?, 5)?",
]
RUST_LATER = [
    "let k = 3;",
    'println!("{k}");',
    "let two = z.narrow(0, 0, 2);",
    'println!("{:?}", two.size());',
    "image_grid(&generator.predict(&z)?, 5)?",
]
PYTHON = [
    """import os
os.environ["TF_USE_LEGACY_KERAS"] = "1"
import numpy as np, matplotlib.pyplot as plt
from tensorflow.keras import Sequential
from tensorflow.keras.layers import Dense, Reshape, BatchNormalization, Conv2DTranspose, LeakyReLU, Conv2D""",
    """generator = Sequential([
    Dense(8 * 8 * 256, activation="relu", input_shape=(100,)), Reshape((8, 8, 256)), BatchNormalization(momentum=0.8),
    Conv2DTranspose(128, 4, strides=2, padding="same"), LeakyReLU(0.2),
    Conv2DTranspose(64, 4, strides=2, padding="same"), LeakyReLU(0.2),
    Conv2D(3, 3, padding="same", activation="tanh")])
z = np.random.default_rng(42).standard_normal((25, 100), dtype=np.float32)""",
    """images = 0.5 * generator.predict(z, verbose=0) + 0.5
figure, axes = plt.subplots(5, 5)
for axis, image in zip(axes.flat, images):
    axis.imshow(image); axis.axis("off")
plt.show()""",
]
PYTHON_LATER = ["k = 3", "print(k)", "two = z[:2]", "print(two.shape)", PYTHON[2]]


def run(client, code: str) -> float:
    start, pictures = time.monotonic(), []

    def show(message):
        if message["msg_type"] == "error":
            raise SystemExit("\n".join(message["content"]["traceback"]))
        if {"text/html", "image/png"} & set(message["content"].get("data", [])):
            pictures.append(message)

    client.execute_interactive(code, timeout=900, output_hook=show)
    if ("image_grid(" in code or "imshow" in code) and not pictures:
        raise SystemExit(f"this cell showed no picture: {code}")
    return time.monotonic() - start


@dataclass
class Start:
    """How long a reader waited, in seconds: until the kernel was ready, for each cell, and until the image, without the pause."""

    ready: float
    cells: list[float]
    image: float

    def __str__(self) -> str:
        cells = " ".join(f"{seconds:.2f}" for seconds in self.cells)
        return f"ready {self.ready:5.2f}  cells {cells}  image {self.image:5.2f}"


def up_to_image(client, begun: float, cells: list, pause: float) -> Start:
    client.wait_for_ready(timeout=300)
    ready = time.monotonic() - begun
    time.sleep(max(0, pause - ready))
    reading = max(ready, pause) if pause else 0
    times = [run(client, cell) for cell in cells]
    return Start(ready, times, time.monotonic() - begun - reading)


def measure(kernel: str, cells: list, later: list, pause: float, spare: float = 0) -> tuple[Start, Start, float]:
    """The first start, the one after a restart, and the median time of a later cell."""
    manager = KernelManager(kernel_name=kernel)
    os.environ["EVCXR_LIVE_SPARE"] = "1" if spare else "0"
    if spare:
        # It reads this program's standard input, which stays open.
        subprocess.Popen([sys.executable, Path(__file__).with_name("spare.py"), "notebooks"])
        time.sleep(spare)
    begun = time.monotonic()
    manager.start_kernel(cwd="notebooks")
    client = manager.client()
    client.start_channels()
    try:
        first = up_to_image(client, begun, cells, pause)
        median = statistics.median(run(client, cell) for cell in later)
        time.sleep(spare)
        begun = time.monotonic()
        manager.restart_kernel()
        return first, up_to_image(client, begun, cells, 0), median
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def plain_kernel(folder: Path, template: Path, specification: dict) -> None:
    """The gan_nb kernelspec without the front, for comparison."""
    evcxr = Path(specification["argv"][0]).with_name("evcxr_jupyter")
    script = """#!/bin/sh
{prepare}
export LD_LIBRARY_PATH="$LD_LIBRARY_PATH:$(rustc --print target-libdir)"
exec "{evcxr}" --control_file "$1" </dev/null
"""
    copy = folder / "copy"
    steps = {
        "compiling": f'export EVCXR_TMPDIR="{template}"',
        "plain": f'rm -rf "{copy}" && cp -a "{template}" "{copy}" && export EVCXR_TMPDIR="{copy}"',
    }
    for name, prepare in steps.items():
        start = folder / f"{name}.sh"
        start.write_text(script.format(prepare=prepare, evcxr=evcxr))
        start.chmod(0o755)
        write_kernel(folder, name, {**specification, "argv": [str(start), "{connection_file}"]})
    if not template.exists():
        print(f"compiling the notebooks' dependencies in {template}")
        template.mkdir(parents=True)
        shutil.copyfile("Cargo.lock", template / "Cargo.lock")
        measure("compiling", RUST[:1], RUST_LATER[:1], 0)


def write_kernel(folder: Path, name: str, specification: dict) -> None:
    target = folder / "kernels" / name
    target.mkdir(parents=True)
    (target / "kernel.json").write_text(json.dumps(specification))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pause", type=float, default=0)
    parser.add_argument("--spare", type=float, default=0)
    parser.add_argument("--plain", type=Path)
    parser.add_argument("--tensorflow")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    kernels = {"gan_nb": (RUST, RUST_LATER)}
    if options.spare:
        kernels["spare"] = (RUST, RUST_LATER)
    try:
        specification = KernelSpecManager().get_kernel_spec("gan_nb").to_dict()
        for name in ("gan_nb", "spare"):
            write_kernel(folder, name, specification)
        os.environ["JUPYTER_PATH"] = str(folder)
        if options.plain:
            plain_kernel(folder, options.plain.resolve(), specification)
            kernels["plain"] = (RUST, RUST_LATER)
        if options.tensorflow:
            argv = [options.tensorflow, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            specification = {"argv": argv, "display_name": "TensorFlow", "language": "python"}
            write_kernel(folder, "tensorflow", specification)
            kernels["tensorflow"] = (PYTHON, PYTHON_LATER)
        results = {kernel: [] for kernel in kernels}
        for number in range(options.rounds):
            for kernel, (cells, later) in kernels.items():
                spare = options.spare if kernel == "spare" else 0
                results[kernel].append(measure(kernel, cells, later, options.pause, spare))
                first, again, cell = results[kernel][-1]
                print(f"round {number + 1}  {kernel:<10}  {first}  later cell {cell:5.2f} s")
                print(f"{'':7}  {'restarted':<10}  {again}", flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"\npause {options.pause:g} s, {options.rounds} rounds: minimum / median / maximum in s")
    for kernel, rows in results.items():
        columns = {
            "ready": [first.ready for first, _, _ in rows],
            "first image": [first.image for first, _, _ in rows],
            "image after a restart": [again.image for _, again, _ in rows],
            "later cell": [cell for _, _, cell in rows],
        }
        texts = [f"{name} {min(c):5.2f} /{statistics.median(c):5.2f} /{max(c):5.2f}" for name, c in columns.items()]
        print(f"{kernel:<10}  {'   '.join(texts)}")


if __name__ == "__main__":
    main()
