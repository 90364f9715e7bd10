"""Kernels, started as Jupyter starts them, and the system's view of their processes and folders."""

import json
import os
import shutil
import tempfile
import time
import uuid
from pathlib import Path

import psutil
from client import WAIT, Cell, Client
from jupyter_client import KernelManager

ROOT = Path(__file__).resolve().parents[2]
PLAIN = os.environ.get("EVCXR_JUPYTER") or shutil.which("evcxr_jupyter") or "evcxr_jupyter"
UNDER_TEST = os.path.abspath(os.environ.get("KERNEL_UNDER_TEST") or ROOT / "target/release/evcxr_live")
# A variable that all processes of one kernel inherit, by which they are found.
MARK = "KERNEL_TEST_MARK"


def is_plain(binary: str) -> bool:
    return Path(binary).name.startswith("evcxr_jupyter")


def write_spec(name: str, binary: str, arguments: list[str] = [], interrupt_mode: str = "message") -> str:
    """Adds a kernelspec to the tests' own Jupyter folder."""
    folder = Path(os.environ["JUPYTER_PATH"], "kernels", name)
    folder.mkdir(parents=True, exist_ok=True)
    options = [*arguments, "--control_file"] if is_plain(binary) else arguments
    argv = [binary, *options, "{connection_file}"]
    spec = {"argv": argv, "display_name": name, "language": "rust", "interrupt_mode": interrupt_mode}
    (folder / "kernel.json").write_text(json.dumps(spec))
    return name


def wait_until(condition, what, timeout: float = WAIT):
    """`what` is waited for: words, or a function that gives them, called if it has been waited for in vain."""
    end = time.monotonic() + timeout
    while not (found := condition()):
        assert time.monotonic() < end, f"after {timeout} s still not: {what() if callable(what) else what}"
        time.sleep(0.05)
    return found


class Kernel:
    """A kernel that was started as Jupyter starts it, with its own folder for temporary files, or with that of another."""

    def __init__(self, name: str, cwd: Path | None = None, like: "Kernel | None" = None, **variables: str):
        self.mark = like.mark if like else uuid.uuid4().hex
        # Short and under /tmp: evcxr's cells find Rust's library by a path relative to such a folder.
        self.folder = like.folder if like else Path(tempfile.mkdtemp(prefix="kernel_test_"))
        self.manager = KernelManager(kernel_name=name)
        self.clients: list[Client] = []
        self.environment = {**os.environ, "TMPDIR": str(self.folder), MARK: self.mark, **variables}
        self.manager.start_kernel(env=self.environment, cwd=cwd or self.folder.parent)
        try:
            self.client = self.connect()
        except BaseException:
            self.destroy()
            raise

    def connect(self) -> Client:
        client = Client(self.manager.blocking_client())
        self.clients.append(client)
        client.wait_for_ready()
        return client

    def run(self, code: str, **options) -> Cell:
        return self.client.run(code, **options)

    def begin(self, code: str, **options) -> Cell:
        return self.client.begin(code, **options)

    def restart(self, **options) -> None:
        """As a page's menu does; it then connects anew."""
        self.client.close()
        self.manager.restart_kernel(**options)
        self.client = self.connect()

    def interrupt(self) -> None:
        """The stop button."""
        self.manager.interrupt_kernel()

    # --- its processes

    def processes(self) -> list[psutil.Process]:
        return processes(self.mark)

    def front(self) -> psutil.Process:
        return psutil.Process(self.manager.provisioner.pid)

    def evcxr(self) -> psutil.Process:
        """The evcxr_jupyter behind the front of the kernelspec `outside`."""
        started = (p for p in self.processes() if "--control_file" in words(p))
        return next(p for p in started if not runs_cells(p))

    def child(self) -> psutil.Process:
        """The process in which the cells run."""
        return next(p for p in self.processes() if runs_cells(p))

    def files(self) -> list[Path]:
        return list(self.folder.iterdir())

    def alive(self) -> bool:
        return self.manager.is_alive()

    def busy(self) -> bool:
        """Whether a cell was begun whose end nobody has seen."""
        return any(cell.reply is None for client in self.clients for cell in client.cells)

    def close(self) -> None:
        for client in self.clients:
            client.close()
        self.manager.shutdown_kernel(now=True)

    def leaves_nothing(self) -> None:
        wait_until(lambda: not self.processes(), "all its processes have ended", 30)
        wait_until(lambda: not self.files(), lambda: f"its folder is empty: {self.files()}", 30)

    def destroy(self) -> None:
        self.close()
        for process in self.processes():
            process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def processes(mark: str) -> list[psutil.Process]:
    return [process for process in psutil.process_iter() if has_mark(process, mark) and runs(process)]


def has_mark(process: psutil.Process, mark: str) -> bool:
    return variables(process).get(MARK) == mark


def words(process: psutil.Process) -> list[str]:
    """Its command line; empty if it has just ended."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def variables(process: psutil.Process) -> dict[str, str]:
    """Its environment; empty if it has just ended, or belongs to another user."""
    try:
        return process.environ()
    except psutil.Error:
        return {}


def still_run(old: list[psutil.Process]) -> list[psutil.Process]:
    return [process for process in old if runs(process)]


def runs(process: psutil.Process) -> bool:
    """A zombie counts as ended: whatever adopted it from a killed parent (a container's init, say) may reap it late."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:  # it has just ended
        return False


def runs_cells(process: psutil.Process) -> bool:
    return "EVCXR_IS_RUNTIME" in variables(process)
