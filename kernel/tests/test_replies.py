"""Requests beside those for cells get the replies that the protocol names, also while a cell runs."""

import pytest
from rust import wait_for


def ask(kernel, kind: str, content: dict) -> dict:
    client = kernel.client.jupyter
    message = client.session.msg(kind, content)
    client.shell_channel.send(message)
    return kernel.client.reply_to(message["header"]["msg_id"])["content"]


@pytest.mark.parametrize("kind, content", [
    ("comm_info_request", {}),
    ("history_request", {"hist_access_type": "tail", "n": 3, "output": False, "raw": True}),
    ("is_complete_request", {"code": "fn f() {"}),
    ("kernel_info_request", {}),
])
def test_a_running_cell_keeps_no_reply_waiting(kernel, go, kind, content):
    cell = kernel.begin(f'println!("runs"); {wait_for(go)}')
    cell.until_text("runs")
    assert ask(kernel, kind, content)["status"] in ("ok", "incomplete")
    # Pages show the last state that they were told, whatever it answers: the kernel is still busy.
    states = lambda: [m["content"]["execution_state"] for m in kernel.client.seen if m["msg_type"] == "status"]
    while states()[-2:] != ["idle", "busy"]:
        kernel.client.next_message()
    go.touch()
    assert cell.finish().status == "ok"


def test_an_empty_key_means_no_signatures(tmp_path):
    import os
    import subprocess

    from client import Client
    from jupyter_client import BlockingKernelClient
    from jupyter_client.connect import write_connection_file
    from kernels import UNDER_TEST

    file, _ = write_connection_file(str(tmp_path / "connection.json"), key=b"")
    kernel = subprocess.Popen([UNDER_TEST, file], env={**os.environ, "TMPDIR": str(tmp_path)})
    jupyter = BlockingKernelClient(connection_file=file)
    jupyter.load_connection_file()
    client = Client(jupyter)
    try:
        client.wait_for_ready()
        assert client.run("1 + 1").result == "2"
    finally:
        client.close()
        kernel.terminate()
        kernel.wait(20)


def test_a_signature_counts_once(kernel, tmp_path):
    """Somebody who has recorded a message can't have the cell run again."""
    client, effect = kernel.client.jupyter, tmp_path / "effect"
    code = f'std::fs::OpenOptions::new().create(true).append(true).open("{effect}")?; std::fs::write("{effect}", std::fs::read_to_string("{effect}")? + "x")?;'
    message = client.session.msg("execute_request", {"code": code, "silent": False, "store_history": True,
                                                     "user_expressions": {}, "allow_stdin": False, "stop_on_error": True})
    frames = client.session.serialize(message)
    for _ in range(2):
        client.shell_channel.socket.send_multipart(frames)
    kernel.client.reply_to(message["header"]["msg_id"])
    assert kernel.run("1 + 1").result == "2"
    assert effect.read_text() == "x"


def test_what_was_sent_before_a_failure_never_runs(kernel, tmp_path):
    """However many cells there are, and however slowly they are sent."""
    effect = tmp_path / "effect"
    for _ in range(5):
        cells = [kernel.begin('"x".parse::<i32>()?;')]
        cells += [kernel.begin(f'std::fs::write("{effect}", "ran")?;') for _ in range(20)]
        assert [cell.finish().status for cell in cells] == ["error"] + ["aborted"] * 20
        assert not effect.exists()
    assert kernel.run("1 + 1").status == "ok"
