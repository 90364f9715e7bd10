"""Plain evcxr_jupyter, for a reader without evcxr_live: its own kernelspec `rust`, told where libtorch is.

This leaves the user's own files alone: the kernelspec, and the folder in which evcxr compiles, lie beside the template of the
kernel `gan_nb`. That folder is kept, so that only the first run compiles the dependencies (minutes); therefore only one kernel
can run at a time. cargo would not accept the template's own: they record the path of the CARGO_HOME that evcxr_live makes.
"""

import os
import subprocess
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager

NAME = "rust"


def prepare() -> None:
    """Writes the kernelspec, and sets the environment of this process and so of its kernels."""
    spec = KernelSpecManager().get_kernel_spec("gan_nb")

    def option(name: str) -> str:
        return spec.argv[spec.argv.index(name) + 1]

    folder = Path(option("--template")).with_name("plain")
    (folder / "evcxr").mkdir(parents=True, exist_ok=True)
    jupyter = os.pathsep.join([str(folder), *filter(None, [os.environ.get("JUPYTER_PATH")])])
    os.environ.update(spec.env, JUPYTER_PATH=jupyter, EVCXR_TMPDIR=str(folder / "evcxr"))
    # Outside a folder such as /tmp, evcxr's cells find Rust's own library only with the loader's help.
    rust = subprocess.run(["rustc", "--print", "target-libdir"], check=True, capture_output=True, encoding="utf-8").stdout.strip()
    os.environ["LD_LIBRARY_PATH"] += f":{rust}"
    evcxr = Path(spec.argv[0]).with_name("evcxr_jupyter")
    subprocess.run([evcxr, "--install"], check=True, stdout=subprocess.DEVNULL, env={**os.environ, "JUPYTER_PATH": str(folder)})
