"""Starts a spare kernel: the first notebook that somebody opens takes it over, and need not wait for a kernel to start.

usage: spare.py FOLDER, the notebooks' folder; their kernels start there

It ends when its standard input is closed and no kernel is left, when memory is short, and at once if there is one already.
kernel/README.md says more.
"""

import os
import sys

from jupyter_client.kernelspec import KernelSpecManager


def main() -> None:
    specification = KernelSpecManager().get_kernel_spec("gan_nb")
    program, *options = specification.argv[:-1]
    if "--spare" not in options:
        return  # an older kernelspec
    options.remove("--spare")
    os.chdir(sys.argv[1])
    # As Jupyter starts kernels, without what it sets for each of them.
    environment = {**os.environ, **specification.env}
    os.setsid()  # Ctrl-C is for JupyterLab
    os.execve(program, [program, "spare", *options], environment)


if __name__ == "__main__":
    main()
