"""Only the owner of the key is heard, and only the given address accepts connections."""

import json
import os
import stat
import subprocess
import time
from pathlib import Path

import psutil
import pytest
import zmq
from client import WAIT, Client
from jupyter_client import BlockingKernelClient
from jupyter_client.connect import write_connection_file
from jupyter_client.session import Session
from kernels import MARK, PLAIN, UNDER_TEST, Kernel, processes, variables, wait_until, words
from rust import ASKS, wait_for


@pytest.fixture
def channel(kernel):
    """Opens a socket to one of the kernel's channels."""
    sockets = []

    def connect(name: str) -> zmq.Socket:
        socket = zmq.Context.instance().socket(zmq.DEALER)
        socket.linger = 0
        socket.connect(f"tcp://{kernel.manager.ip}:{getattr(kernel.manager, f'{name}_port')}")
        sockets.append(socket)
        return socket

    yield connect
    for socket in sockets:
        socket.close()


def session(kernel: Kernel) -> Session:
    return Session(key=kernel.manager.session.key)


def first_reply(socket: zmq.Socket, own: Session) -> dict:
    assert socket.poll(WAIT * 1000), "no reply to a good request"
    return own.recv(socket, mode=0)[1]


def with_signature_of_another(own: Session, message: dict) -> list[bytes]:
    frames = own.serialize(message)
    other = own.serialize(own.msg("kernel_info_request"))
    return [frames[0], other[1], *frames[2:]]


BAD = {
    "another key": lambda own, message: Session(key=b"wrong").serialize(message),
    "no signature": lambda own, message: Session(key=b"").serialize(message),
    "another message's signature": with_signature_of_another,
    "a changed content": lambda own, message: [*own.serialize(message)[:-1], b'{"restart": false, "code": "1"}'],
}


@pytest.mark.parametrize("how", BAD)
def test_a_bad_signature_is_dropped_on_shell(kernel, channel, tmp_path, how):
    effect = tmp_path / "effect"
    own, socket = session(kernel), channel("shell")
    code = f'std::fs::write("{effect}", "done")?;'
    bad = own.msg("execute_request", {"code": code, "silent": False, "allow_stdin": False})
    socket.send_multipart(BAD[how](own, bad))
    good = own.send(socket, "kernel_info_request", {})
    assert first_reply(socket, own)["parent_header"]["msg_id"] == good["header"]["msg_id"]
    # Cells run in order: once this one has ended, the bad one would have ended too.
    assert kernel.run("1 + 1").result == "2"
    assert not socket.poll(0), "a reply"
    assert not effect.exists()
    heard = {message["parent_header"].get("msg_id") for message in kernel.client.seen}
    assert bad["header"]["msg_id"] not in heard


@pytest.mark.parametrize("how", BAD)
@pytest.mark.parametrize("kind", ["shutdown_request", "interrupt_request"])
def test_a_bad_signature_is_dropped_on_control(kernel, channel, kind, how, go):
    cell = kernel.begin(f'println!("runs"); {wait_for(go)}')
    cell.until_text("runs")
    own, socket = session(kernel), channel("control")
    for _ in range(2):  # the second press of a stop button would end the cell
        socket.send_multipart(BAD[how](own, own.msg(kind, {"restart": False})))
    good = own.send(socket, "kernel_info_request", {})
    assert first_reply(socket, own)["parent_header"]["msg_id"] == good["header"]["msg_id"]
    go.touch()
    assert cell.finish().status == "ok"


@pytest.mark.parametrize("how", BAD)
def test_a_bad_signature_is_dropped_on_stdin(kernel, channel, how):
    """Nobody else can answer a question for the user."""
    cell = kernel.begin(ASKS, allow_stdin=True)
    kernel.client.jupyter.get_stdin_msg(timeout=WAIT)
    own = session(kernel)
    channel("stdin").send_multipart(BAD[how](own, own.msg("input_reply", {"value": "Eve", "status": "ok"})))
    time.sleep(0.5)  # this channel sends no reply that would show that the message arrived
    kernel.client.jupyter.input("Ada")
    assert cell.finish().text() == "hello Ada\n"


@pytest.mark.parametrize("name", ["shell", "control", "stdin"])
def test_garbage_does_no_harm(kernel, channel, name):
    socket = channel(name)
    own = session(kernel)
    good = own.serialize(own.msg("kernel_info_request", {}))
    unsigned = [b"<IDS|MSG>", b"signature", b"{", b"}", b"", b"\xff"]
    for frames in ([b""], [b"garbage"], [b"<IDS|MSG>"], good[:3], unsigned):
        socket.send_multipart(frames)
    not_json = [b"{"] * 4
    socket.send_multipart([good[0], own.sign(not_json), *not_json])
    assert kernel.run("1 + 1").result == "2"
    assert kernel.client.control("kernel_info_request")["content"]["status"] == "ok"


def test_the_connection_file_is_its_owners_alone(start):
    before = os.umask(0)
    try:
        kernel = start("outside")
    finally:
        os.umask(before)
    file = next(Path(word) for word in kernel.evcxr().cmdline() if word.endswith(".json"))
    assert file != Path(kernel.manager.connection_file), "the inner kernel has one of its own"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert kernel.folder in file.parents
    info = json.loads(file.read_text())
    assert info["ip"] == "127.0.0.1" and info["transport"] == "tcp"
    key = kernel.manager.session.key.decode()
    assert not [p for p in kernel.processes() if key in " ".join([*words(p), *variables(p).values()])]


@pytest.fixture(params=["inside", "outside"])
def elsewhere(tmp_path, request):
    """A kernel that is told to listen on an address other than the usual one."""
    file = tmp_path / "connection.json"
    _, info = write_connection_file(str(file), ip="127.0.0.2", key=b"a key of the test's")
    mark = f"elsewhere-{os.getpid()}"
    environment = {**os.environ, "TMPDIR": str(tmp_path / "tmp"), MARK: mark}
    (tmp_path / "tmp").mkdir()
    engine = [] if request.param == "inside" else ["--evcxr", PLAIN]
    kernel = subprocess.Popen([UNDER_TEST, *engine, str(file)], env=environment, start_new_session=True)
    jupyter = BlockingKernelClient(connection_file=str(file))
    jupyter.load_connection_file()
    client = Client(jupyter)
    yield client, mark, info, len(engine) and 5
    client.close()
    kernel.kill()
    kernel.wait()
    wait_until(lambda: not processes(mark), "all its processes have ended", 30)


def test_it_listens_on_the_given_address_only(elsewhere):
    """With the engine inside it opens no other port than those of the connection file."""
    client, mark, info, others = elsewhere
    client.wait_for_ready()
    assert client.run("1 + 1").result == "2"
    outer = {info[name] for name in info if name.endswith("_port")}
    found: dict[int, set[str]] = {}
    for process in processes(mark):
        for connection in process.net_connections("inet"):
            if connection.status == psutil.CONN_LISTEN:
                found.setdefault(connection.laddr.port, set()).add(connection.laddr.ip)
    assert {port: found.pop(port) for port in outer} == {port: {"127.0.0.2"} for port in outer}
    assert len(found) == others and all(addresses <= {"127.0.0.1", "127.0.0.2"} for addresses in found.values()), found
