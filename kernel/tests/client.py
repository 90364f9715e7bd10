"""Jupyter's client, and the messages that come back for each cell."""

import time
from queue import Empty

from jupyter_client import BlockingKernelClient

# In seconds; long enough for a machine that is busy with other things. The tests check order, not time.
WAIT = 60


class Cell:
    """An execute_request and what came back for it: `messages` on iopub, in order, and the `reply`."""

    def __init__(self, client: "Client", code: str, **options):
        self.client = client
        self.messages: list[dict] = []
        self.reply: dict | None = None
        self.id = client.jupyter.execute(code, **options)

    def until(self, wanted, timeout: float = WAIT) -> dict:
        """Reads until a message of this cell satisfies `wanted`; fails if the cell ends first."""
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
        """Reads up to `idle`, where Jupyter's own clients also stop listening, and takes the reply."""
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
        """The value of the cell's last expression, as text."""
        return next((message["content"]["data"]["text/plain"] for message in self.of("execute_result")), None)


def is_idle(message: dict) -> bool:
    return message["msg_type"] == "status" and message["content"]["execution_state"] == "idle"


class Client:
    """Jupyter's client, which checks each message's signature, with a record of everything it has read from iopub."""

    def __init__(self, jupyter: BlockingKernelClient):
        self.jupyter = jupyter
        self.seen: list[dict] = []
        self.cells: list[Cell] = []
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
        self.cells.append(Cell(self, code, **options))
        return self.cells[-1]

    def run(self, code: str, timeout: float = WAIT, **options) -> Cell:
        return self.begin(code, **options).finish(timeout)

    def wait_for_ready(self) -> None:
        """Jupyter's own function of this name throws away what arrives meanwhile."""
        end = time.monotonic() + WAIT
        while time.monotonic() < end:
            request = self.jupyter.kernel_info()
            try:
                self.reply_to(request, WAIT)
                while not (is_idle(message := self.next_message(1)) and message["parent_header"]["msg_id"] == request):
                    pass
                return
            except AssertionError:  # not subscribed yet when that was sent
                pass
        raise AssertionError("the kernel is not getting ready")

    def control(self, kind: str, content: dict = {}) -> dict:
        """Sends a request on the control channel and waits for its reply."""
        message = self.jupyter.session.msg(kind, content)
        self.jupyter.control_channel.send(message)
        while True:
            reply = self.jupyter.get_control_msg(timeout=WAIT)
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                return reply

    def close(self) -> None:
        self.jupyter.stop_channels()
