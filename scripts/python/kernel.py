"""Starts evcxr_jupyter in a folder of its own that already holds the lesson's compiled dependencies.

usage: kernel.py EVCXR_JUPYTER TEMPLATE ARGUMENT...

TEMPLATE is what template.py made. A kernel that started in an empty folder would compile for minutes, and two kernels
can't share one folder, so each gets a copy, run-<host>-<pid> beside the template. Copies whose process has ended are
removed at the next start.
"""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

# Hard-linked, for rustc and the linker only ever replace these, which are most of the bytes. Cargo rewrites its small
# records in place: through a link, a kernel that compiles an edited crate would change the template's as well.
LINKED = {".rlib", ".rmeta", ".so", ".dylib", ".a"}


def link_or_copy(source: str, target: str) -> None:
    if Path(source).suffix in LINKED:
        try:
            return os.link(source, target)
        except OSError:  # another file system, or one without hard links
            pass
    shutil.copy2(source, target)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def own_copy(template: Path) -> Path:
    prefix = f"run-{socket.gethostname()}"
    own = template.parent / f"{prefix}-{os.getpid()}"
    for folder in template.parent.glob("run-*"):
        host, _, pid = folder.name.rpartition("-")
        if folder == own or (host == prefix and not alive(int(pid))):
            shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(template, own, copy_function=link_or_copy, symlinks=True)
    return own


def find_libstd() -> None:
    """Tells the loader where Rust's own library is.

    evcxr's cells find it by a path relative to debug/deps/, but lie one folder higher. From a folder such as /tmp that
    ends at the root all the same; from one that shares a parent with ~/.rustup, such as the user's cache, it does not.
    """
    rustc = subprocess.run(["rustc", "--print", "target-libdir"], capture_output=True, text=True, check=True)
    folders = [os.environ.get("LD_LIBRARY_PATH", ""), rustc.stdout.strip()]
    os.environ["LD_LIBRARY_PATH"] = ":".join(filter(None, folders))


def main() -> None:
    evcxr, template, *arguments = sys.argv[1:]
    try:
        find_libstd()
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"gan_nb: rustc does not answer ({error}); is it on PATH? Run ./scripts/setup.", file=sys.stderr)
    if "EVCXR_TMPDIR" not in os.environ:
        try:
            os.environ["EVCXR_TMPDIR"] = str(own_copy(Path(template)))
        except (OSError, shutil.Error) as error:
            print(f"gan_nb: no copy of {template} ({error}); the first cell will compile for minutes. "
                  "Run ./scripts/setup to make it anew.", file=sys.stderr)
    if sys.platform == "darwin":  # macOS drops this variable on the way here
        os.environ["DYLD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
    os.execv(evcxr, [evcxr, *arguments])


if __name__ == "__main__":
    main()
