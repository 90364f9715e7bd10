"""Kernels as the tests see them: from outside, through Jupyter's own client and the system's list of processes."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from queue import Empty

import psutil
from jupyter_client import BlockingKernelClient, KernelManager

ROOT = Path(__file__).resolve().parents[2]
PLAIN = os.environ.get("EVCXR_JUPYTER") or shutil.which("evcxr_jupyter") or "evcxr_jupyter"
UNDER_TEST = os.environ.get("KERNEL_UNDER_TEST") or str(ROOT / "target/release/evcxr_live")
# In seconds; long enough for a machine that is busy with other things. What is measured is order, not time.
WAIT = 60
# A variable that all processes of one kernel inherit: how they are found.
MARK = "KERNEL_TEST_MARK"
MARKED_LINE = "\x1eevcxr_live "
# What evcxr_input does, which the tests thus need not download.
ASKS = """
    println!("EVCXR_INPUT_REQUEST:name?");
    let mut name = String::new();
    std::io::stdin().read_line(&mut name)?;
    println!("hello {}", name.trim());
"""


def is_plain(binary: str) -> bool:
    return Path(binary).name.startswith("evcxr_jupyter")


def write_spec(name: str, binary: str, arguments: list[str] = [], interrupt_mode: str = "message") -> str:
    """Adds a kernelspec to the tests' own Jupyter folder."""
    folder = Path(os.environ["JUPYTER_PATH"], "kernels", name)
    folder.mkdir(parents=True, exist_ok=True)
    options = [*arguments, "--control_file"] if is_plain(binary) else ["--evcxr", PLAIN, *arguments]
    argv = [binary, *options, "{connection_file}"]
    spec = {"argv": argv, "display_name": name, "language": "rust", "interrupt_mode": interrupt_mode}
    (folder / "kernel.json").write_text(json.dumps(spec))
    return name


def marked(msg_type: str, content: dict) -> str:
    """Rust that prints a marked line."""
    message = json.dumps({"msg_type": msg_type, "content": content})
    return f'println!("\\u{{1e}}evcxr_live {{}}", r####"{message}"####);'


def wait_for(path: Path) -> str:
    """Rust that waits until the test makes a file."""
    return f'while !std::path::Path::new("{path}").exists() {{ std::thread::sleep(std::time::Duration::from_millis(5)); }}'


def wait_until(condition, what: str, timeout: float = WAIT):
    end = time.monotonic() + timeout
    while not (found := condition()):
        assert time.monotonic() < end, f"after {timeout} s still not: {what}"
        time.sleep(0.05)
    return found


class Cell:
    """An execute_request, and what has come back for it: `messages` on iopub, in order, and the `reply`."""

    def __init__(self, client: "Client", code: str, **options):
        self.client = client
        self.messages: list[dict] = []
        self.reply: dict | None = None
        self.id = client.jupyter.execute(code, **options)

    def until(self, wanted, timeout: float = WAIT) -> dict:
        """Reads on until a message of this cell satisfies `wanted`; fails when the cell ends first."""
        while True:
            message = self.client.next_message(timeout)
            if message["parent_header"].get("msg_id") == self.id:
                self.messages.append(message)
                if wanted(message):
                    return message
                assert not is_idle(message), f"the cell has ended; before that: {self.messages}"

    def until_kind(self, kind: str) -> dict:
        return self.until(lambda message: message["msg_type"] == kind)

    def until_text(self, text: str) -> dict:
        return self.until(lambda message: text in message["content"].get("text", ""))

    def finish(self, timeout: float = WAIT) -> "Cell":
        """Reads up to `idle`, where Jupyter's own clients stop listening too, and takes the reply."""
        self.until(is_idle, timeout)
        self.reply = self.client.reply_to(self.id, timeout)
        return self

    def text(self, name: str = "stdout") -> str:
        streams = (message["content"] for message in self.of("stream"))
        return "".join(content["text"] for content in streams if content["name"] == name)

    def of(self, kind: str) -> list[dict]:
        return [message for message in self.messages if message["msg_type"] == kind]

    @property
    def status(self) -> str:
        return self.reply["content"]["status"]

    @property
    def result(self) -> str | None:
        """What the cell's last expression was, as text."""
        return next((message["content"]["data"]["text/plain"] for message in self.of("execute_result")), None)


def is_idle(message: dict) -> bool:
    return message["msg_type"] == "status" and message["content"]["execution_state"] == "idle"


class Client:
    """Jupyter's client, which checks each message's signature, and a record of all that it has read from iopub."""

    def __init__(self, jupyter: BlockingKernelClient):
        self.jupyter = jupyter
        self.seen: list[dict] = []
        jupyter.start_channels()

    def next_message(self, timeout: float = WAIT) -> dict:
        try:
            message = self.jupyter.get_iopub_msg(timeout=timeout)
        except Empty:
            raise AssertionError(f"nothing on iopub for {timeout} s; the last: {self.seen[-5:]}") from None
        self.seen.append(message)
        return message

    def reply_to(self, request: str, timeout: float = WAIT) -> dict:
        while True:
            try:
                reply = self.jupyter.get_shell_msg(timeout=timeout)
            except Empty:
                raise AssertionError(f"no reply for {timeout} s") from None
            if reply["parent_header"].get("msg_id") == request:
                return reply

    def begin(self, code: str, **options) -> Cell:
        return Cell(self, code, **options)

    def run(self, code: str, timeout: float = WAIT, **options) -> Cell:
        return self.begin(code, **options).finish(timeout)

    def wait_for_ready(self) -> None:
        """Jupyter's own function of this name throws away what comes meanwhile."""
        for _ in range(WAIT):
            request = self.jupyter.kernel_info()
            try:
                self.reply_to(request)
                while not (is_idle(message := self.next_message(1)) and message["parent_header"]["msg_id"] == request):
                    pass
                return
            except AssertionError:  # not subscribed yet, when that was sent
                pass
        raise AssertionError("the kernel does not get ready")

    def control(self, kind: str, content: dict = {}) -> dict:
        """Sends a request on the control channel, and waits for its reply."""
        message = self.jupyter.session.msg(kind, content)
        self.jupyter.control_channel.send(message)
        while True:
            reply = self.jupyter.get_control_msg(timeout=WAIT)
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                return reply

    def close(self) -> None:
        self.jupyter.stop_channels()


class Kernel:
    """A kernel that was started as Jupyter does it, in a folder for temporary files of its own."""

    def __init__(self, name: str):
        self.mark = uuid.uuid4().hex
        # Short and under /tmp: evcxr's cells find Rust's library by a path relative to such a folder.
        self.folder = Path(tempfile.mkdtemp(prefix="kernel_test_"))
        self.manager = KernelManager(kernel_name=name)
        self.clients: list[Client] = []
        self.manager.start_kernel(env=self.environment(), cwd=self.folder.parent)
        self.client = self.connect()

    def environment(self) -> dict[str, str]:
        return {**os.environ, "TMPDIR": str(self.folder), MARK: self.mark}

    def connect(self) -> Client:
        client = Client(self.manager.blocking_client())
        self.clients.append(client)
        client.wait_for_ready()
        return client

    def run(self, code: str, **options) -> Cell:
        return self.client.run(code, **options)

    def begin(self, code: str, **options) -> Cell:
        return self.client.begin(code, **options)

    def interrupt(self) -> None:
        """The stop button."""
        self.manager.interrupt_kernel()

    # --- its processes

    def processes(self) -> list[psutil.Process]:
        return processes(self.mark)

    def front(self) -> psutil.Process:
        return psutil.Process(self.manager.provisioner.pid)

    def evcxr(self) -> psutil.Process:
        """The evcxr_jupyter; without a front it is the kernel itself."""
        return next(p for p in self.processes() if p.name() == "evcxr_jupyter" and not runs_cells(p))

    def child(self) -> psutil.Process:
        """The process in which the cells run."""
        return next(p for p in self.processes() if runs_cells(p))

    def files(self) -> list[Path]:
        return list(self.folder.iterdir())

    def alive(self) -> bool:
        return self.manager.is_alive()

    def close(self) -> None:
        for client in self.clients:
            client.close()
        self.manager.shutdown_kernel(now=True)

    def leaves_nothing(self) -> None:
        wait_until(lambda: not self.processes(), "all its processes have ended", 30)
        wait_until(lambda: not self.files(), "its folder is gone", 30)

    def destroy(self) -> None:
        self.close()
        for process in self.processes():
            process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def processes(mark: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:  # another user's, or it has just ended
            pass
    return found


def runs_cells(process: psutil.Process) -> bool:
    try:
        return "EVCXR_IS_RUNTIME" in process.environ()
    except psutil.Error:
        return False


def jupyter(*arguments: str, text: str = "") -> subprocess.CompletedProcess:
    """Runs one of Jupyter's programs."""
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=2 * WAIT)
