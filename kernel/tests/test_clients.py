"""The programs that people run kernels with, and several clients at once."""

import subprocess
import sys
import time

import nbformat
import pytest
from client import WAIT, Client, is_idle
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from rust import ASKS, marked, wait_for

PANEL = {"metadata": {}, "transient": {"display_id": "panel"}}


def notebook(*cells: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
        metadata={"kernelspec": {"name": "live", "display_name": "live", "language": "rust"}},
    )


def panel(text: str, kind: str = "display_data") -> str:
    return marked(kind, {"data": {"text/plain": text}, **PANEL})


def test_nbclient():
    """It saves the panel's last state, in the place where the panel first stood."""
    cells = notebook(
        "let numbers = vec![1, 2, 3];",
        f'println!("text"); {panel("started")} println!("more"); {panel("done", "update_display_data")}',
        "numbers.iter().sum::<i32>()",
    )
    NotebookClient(cells, kernel_name="live", timeout=120).execute()
    first, second, third = (cell.outputs for cell in cells.cells)
    assert first == []
    assert [output.get("text") or output.data["text/plain"] for output in second] == ["text\n", "done", "more\n"]
    assert third[0].data["text/plain"] == "6"
    assert [cell.execution_count for cell in cells.cells] == [1, 2, 3]


def test_nbclient_loses_nothing():
    cells = notebook('for i in 0..10_000 { println!("line {i}"); };')
    NotebookClient(cells, kernel_name="live", timeout=120).execute()
    assert "".join(output.text for output in cells.cells[0].outputs) == "".join(f"line {i}\n" for i in range(10_000))


def test_nbclient_stops_at_an_error():
    cells = notebook('let x: i32 = "text";', 'println!("not reached");')
    with pytest.raises(CellExecutionError, match="mismatched types"):  # plain evcxr_jupyter gives no reason
        NotebookClient(cells, kernel_name="live", timeout=120).execute()
    assert cells.cells[1].outputs == []


def jupyter(*arguments: str, text: str = "") -> subprocess.CompletedProcess:
    """Runs one of Jupyter's programs."""
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=2 * WAIT)


def test_nbconvert(tmp_path):
    source = tmp_path / "source.ipynb"
    nbformat.write(notebook(f'{panel("figure")} println!("text");', "6 * 7"), source)
    done = jupyter("nbconvert", "--to", "notebook", "--execute", str(source), "--output", "executed")
    assert done.returncode == 0, done.stderr
    first, second = nbformat.read(tmp_path / "executed.ipynb", as_version=4).cells
    assert [output.output_type for output in first.outputs] == ["display_data", "stream"]
    assert second.outputs[0].data["text/plain"] == "42"


def test_console():
    lines = 'println!("{}", "console ".repeat(2));\n6 * 7\n'
    done = jupyter("jupyter_console", "--kernel=live", "--simple-prompt", text=lines)
    assert done.returncode == 0, done.stderr
    assert "console console" in done.stdout
    assert "Out[2]: 42" in done.stdout


@pytest.fixture
def other(kernel) -> Client:
    client = kernel.connect()
    yield client
    client.close()
    kernel.clients.remove(client)


def test_two_clients_see_what_each_other_does(kernel, other):
    cells = kernel.begin('println!("of the first");'), other.begin('println!("of the second");')
    # Each gets the reply to its own request,
    for cell, text in zip(cells, ("of the first\n", "of the second\n")):
        assert cell.finish().text() == text
        assert cell.status == "ok"
        assert cell.reply["parent_header"]["session"] == cell.client.jupyter.session.session
    # and each sees what the other's cell prints, up to its end.
    for client in (kernel.client, other):
        while not all(any(is_idle(message) and of(cell, message) for message in client.seen) for cell in cells):
            client.next_message()
        for cell, text in zip(cells, ("of the first\n", "of the second\n")):
            own = [message["content"] for message in client.seen if of(cell, message)]
            assert "".join(content.get("text", "") for content in own) == text


def of(cell, message: dict) -> bool:
    return message["parent_header"].get("msg_id") == cell.id


def test_no_reply_goes_to_the_other_client(kernel, other):
    for client, bystander in ((kernel.client, other), (other, kernel.client)):
        client.run("1 + 1")
        request = client.jupyter.complete("std::thread::sl")
        assert client.reply_to(request)["msg_type"] == "complete_reply"
        client.control("kernel_info_request")
        assert not bystander.jupyter.shell_channel.msg_ready()
        assert not bystander.jupyter.control_channel.msg_ready()


def test_a_question_goes_to_the_client_whose_cell_asks(kernel, other):
    for client, bystander in ((other, kernel.client), (kernel.client, other)):
        cell = client.begin(ASKS, allow_stdin=True)
        request = client.jupyter.get_stdin_msg(timeout=60)
        assert request["parent_header"]["msg_id"] == cell.id
        assert not bystander.jupyter.stdin_channel.msg_ready()
        client.jupyter.input("Ada")
        assert cell.finish().text() == "hello Ada\n"


def test_a_client_that_goes_away_takes_nothing_with_it(kernel):
    passing = kernel.connect()
    cell = passing.begin('for i in 0..2000 { println!("{i}"); } println!("end");')
    cell.until_kind("stream")
    passing.close()
    kernel.clients.remove(passing)
    assert kernel.run("1 + 1").result == "2"


def test_the_heart_beats_while_a_cell_runs(kernel, go):
    client = kernel.client.jupyter
    cell = kernel.begin(f'println!("runs"); {wait_for(go)}')
    cell.until_text("runs")
    client.hb_channel.unpause()
    try:
        time.sleep(3 * client.hb_channel.time_to_dead)
        assert client.hb_channel.is_beating()
    finally:
        client.hb_channel.pause()
        go.touch()
    assert cell.finish().status == "ok"
