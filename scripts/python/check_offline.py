"""Checks that after the set-up a new kernel needs no network, compiles nothing, and has the project's versions.

usage: unshare -rn python check_offline.py, in the project's root

`unshare -rn` gives it an empty network of its own, in which only the loopback device is brought up.
"""

import fcntl
import json
import socket
import struct
import sys
from pathlib import Path

import nbformat
from execute import Failed, Runner
from jupyter_client.kernelspec import KernelSpecManager
from kernelspec import FIRST

try:
    import tomllib
except ModuleNotFoundError:  # before Python 3.11
    import tomli as tomllib

CELLS = [
    FIRST,
    "use gan_nb::{display::image_grid, nn::{Dense, Reshape, Sequential}, tch::{Kind, Tensor}};",
    """let mut model = Sequential::new("pixel", [4], 42);
model.add(Dense::new(12))?;
model.add(Reshape::new([2, 2, 3]))?;""",
    "let z = Tensor::ones([1, 4], (Kind::Float, model.device()));",
    "image_grid(&model.predict(&z)?.clamp(-1.0, 1.0), 1)?",
]
LOOPBACK_UP = struct.pack("16sh14x", b"lo", 1)  # struct ifreq with IFF_UP
SIOCSIFFLAGS = 0x8914


def cut_off() -> None:
    with socket.socket() as probe:
        fcntl.ioctl(probe, SIOCSIFFLAGS, LOOPBACK_UP)
        probe.settimeout(5)
        try:
            probe.connect(("192.0.2.1", 443))  # an address reserved for documentation; the OSError says why it failed
        except OSError as error:
            if isinstance(error, TimeoutError):
                raise Failed("there is a network; start this with unshare -rn") from error
        else:
            raise Failed("there is a network; start this with unshare -rn")


def versions(lock: Path) -> set[tuple[str, str]]:
    packages = tomllib.loads(lock.read_text())["package"]
    return {(package["name"], package["version"]) for package in packages if "source" in package}


def main() -> None:
    cut_off()
    cells = [nbformat.v4.new_code_cell(code) for code in CELLS]
    notebook = nbformat.v4.new_notebook(cells=cells)
    Runner(notebook, Path("notebooks")).run()
    if not any("<img " in output.get("data", {}).get("text/html", "") for output in cells[-1].outputs):
        raise Failed(f"no image was shown: {json.dumps(cells[-1].outputs)[:500]}")
    compiled = [output.text for cell in cells for output in cell.outputs if "Compiling" in output.get("text", "")]
    if compiled:
        raise Failed(f"a new kernel compiled what the template should contain: {''.join(compiled)}")
    arguments = KernelSpecManager().get_kernel_spec("gan_nb").argv
    template = Path(arguments[arguments.index("--template") + 1], "Cargo.lock")
    if others := versions(template) - versions(Path("Cargo.lock")) - versions(Path("scripts/companions/Cargo.lock")):
        raise Failed(f"{template} has versions that neither Cargo.lock nor the companions' has: {sorted(others)}")
    print("a new kernel worked without a network, compiled nothing, and has the versions of the lock files")


if __name__ == "__main__":
    try:
        main()
    except Failed as error:
        sys.exit(f"check_offline.py: {error}")
