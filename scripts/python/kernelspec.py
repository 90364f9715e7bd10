"""Writes the kernelspec `gan_nb`: evcxr's own, but started by evcxr_live and told where libtorch is.

usage: kernelspec.py FOLDER EVCXR_JUPYTER TEMPLATE LIBTORCH
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
    folder, evcxr, template, libtorch = sys.argv[1:]
    with tempfile.TemporaryDirectory() as jupyter:
        # evcxr brings its own logo and editor files.
        subprocess.run([evcxr, "--install"], check=True, env={**os.environ, "JUPYTER_PATH": jupyter})
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(Path(jupyter, "kernels", "rust"), folder)
    spec_file = Path(folder, "kernel.json")
    spec = json.loads(spec_file.read_text())
    front = str(Path(sys.prefix, "bin", "evcxr_live"))
    spec["argv"] = [front, "--evcxr", evcxr, "--template", template, "--first", FIRST, "{connection_file}"]
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
