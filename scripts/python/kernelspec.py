"""Writes the kernelspec `gan_nb`: evcxr's own, but started by evcxr_live and told where libtorch is.

usage: kernelspec.py FOLDER TEMPLATE LIBTORCH
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

# What kernels run while the reader reads: the line that the notebooks begin with.
FIRST = ':dep gan_nb = { path = "../crate" }'


def main() -> None:
    folder, template, libtorch = sys.argv[1:]
    programs = Path(sys.prefix, "bin")
    with tempfile.TemporaryDirectory() as jupyter:
        # evcxr brings its own logo and editor files.
        subprocess.run([programs / "evcxr_jupyter", "--install"], check=True, env={**os.environ, "JUPYTER_PATH": jupyter})
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(Path(jupyter, "kernels", "rust"), folder)
    spec_file = Path(folder, "kernel.json")
    spec = json.loads(spec_file.read_text())
    spec["argv"] = [str(programs / "evcxr_live"), "--template", template, "--first", FIRST, "--spare", "{connection_file}"]
    spec["interrupt_mode"] = "message"
    spec["display_name"] = "Rust (gan_nb)"
    # The cells' libraries have no rpath to libtorch: the loader must know its folder before the kernel starts.
    libraries = [f"{libtorch}/lib"]
    if Path(sys.prefix, "conda-meta").is_dir():  # conda keeps libtorch's own needs there
        libraries.append(f"{sys.prefix}/lib")
    spec["env"] = {"LIBTORCH": libtorch, "LD_LIBRARY_PATH": ":".join(libraries)}
    spec_file.write_text(json.dumps(spec, indent=2) + "\n")


if __name__ == "__main__":
    main()
