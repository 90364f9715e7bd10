"""A page that is reloaded while a cell runs has a new session. When it runs that cell, it joins the one that is running."""

import pytest
from client import Cell
from rust import marked, wait_for

PANEL = {"metadata": {}, "transient": {"display_id": "panel"}}


def run_in_jupyterlab(client, code: str, cell_id: str) -> Cell:
    """JupyterLab tells which cell of the notebook it runs."""
    session = client.jupyter.session
    content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False,
               "stop_on_error": True}
    message = session.msg("execute_request", content, metadata={"cellId": cell_id})
    client.jupyter.shell_channel.send(message)
    joined = Cell.__new__(Cell)
    joined.client, joined.messages, joined.reply, joined.id = client, [], None, message["header"]["msg_id"]
    client.cells.append(joined)
    return joined


@pytest.fixture
def reloaded(kernel):
    client = kernel.connect()
    yield client
    client.close()
    kernel.clients.remove(client)


def panel(text: str, kind: str = "display_data") -> str:
    return marked(kind, {"data": {"text/plain": text}, **PANEL})


def test_it_sees_the_panel_of_now_and_what_follows(kernel, reloaded, go, tmp_path):
    count = tmp_path / "count"
    code = (f'println!("text"); {panel("45 of 60")} {panel("46 of 60", "update_display_data")} println!("more"); {wait_for(go)} '
            f'{panel("60 of 60", "update_display_data")} println!("end"); std::fs::write("{count}", std::fs::read_to_string("{count}").unwrap_or_default() + "x")?;')
    first = run_in_jupyterlab(kernel.client, code, "cell-a")
    first.until_text("more")
    joined = run_in_jupyterlab(reloaded, code, "cell-a")
    joined.until_text("more")
    assert [m["content"]["data"]["text/plain"] for m in joined.of("display_data")] == ["46 of 60"]
    go.touch()
    for cell in (first, joined):
        cell.finish()
        assert (cell.status, cell.text()) == ("ok", "text\nmore\nend\n")
        assert cell.of("update_display_data")[-1]["content"]["data"]["text/plain"] == "60 of 60"
    assert joined.reply["content"]["execution_count"] == first.reply["content"]["execution_count"]
    assert count.read_text() == "x", "it ran once"


@pytest.mark.parametrize("other", ["code", "cell", "page"])
def test_another_request_waits_its_turn(kernel, reloaded, go, other):
    code = f'println!("runs"); {wait_for(go)}'
    first = run_in_jupyterlab(kernel.client, code, "cell-a")
    first.until_text("runs")
    client = kernel.client if other == "page" else reloaded
    second = run_in_jupyterlab(client, code + (" // edited" if other == "code" else ""), "cell-b" if other == "cell" else "cell-a")
    go.touch()
    assert first.finish().status == "ok"
    assert second.finish().text() == "runs\n"
    assert second.reply["content"]["execution_count"] == first.reply["content"]["execution_count"] + 1
