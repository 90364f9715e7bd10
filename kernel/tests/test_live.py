"""Marked lines become messages while the cell runs, in order with the text around them."""

import pytest
from jupyter_kernel_test.msgspec_v5 import validate_message
from rust import MARKED_LINE, marked, readme, wait_for


def panel(text: str, kind: str = "display_data") -> str:
    return marked(kind, {"data": {"text/plain": text}, "metadata": {}, "transient": {"display_id": "panel"}})


def essence(message: dict):
    """A message, reduced to what it says."""
    content = message["content"]
    match message["msg_type"]:
        case "stream":
            return content["name"], content["text"]
        case "display_data" | "update_display_data" as kind:
            return kind, content["data"]["text/plain"]
        case kind:
            return kind, content


def outputs(cell) -> list:
    """The cell's outputs; neighbouring pieces of one stream are joined, however they arrived."""
    found: list = []
    for message in cell.messages:
        if message["msg_type"] in ("status", "execute_input"):
            continue
        what, value = essence(message)
        if found and what == found[-1][0] in ("stdout", "stderr"):
            found[-1] = (what, found[-1][1] + value)
        else:
            found.append((what, value))
    return found


def test_figures_come_and_change_while_the_cell_runs(kernel, go):
    second = go.with_name("second")
    cell = kernel.begin(f'{panel("1 of 2")} {wait_for(go)} {panel("2 of 2", "update_display_data")} {wait_for(second)}')
    # The cell waits for files that exist only once its messages have arrived: they can't have come at its end.
    shown = cell.until_kind("display_data")
    go.touch()
    updated = cell.until_kind("update_display_data")
    second.touch()
    assert cell.finish().status == "ok"
    assert shown["content"]["data"] == {"text/plain": "1 of 2"}
    assert updated["content"]["data"] == {"text/plain": "2 of 2"}
    assert len(cell.of("display_data")) == len(cell.of("update_display_data")) == 1


def test_messages_are_what_jupyter_asks_for(kernel):
    cell = kernel.run(f'{panel("a")} {panel("b", "update_display_data")} {marked("clear_output", {"wait": True})}')
    shown = [message for message in cell.messages if message["msg_type"] not in ("status", "execute_input")]
    assert [message["msg_type"] for message in shown] == ["display_data", "update_display_data", "clear_output"]
    for message in shown:  # the client has checked the signature
        validate_message(message, message["msg_type"], cell.id)
    request = next(message for message in cell.messages if message["msg_type"] == "execute_input")["parent_header"]
    assert all(message["parent_header"] == request for message in shown)
    assert [message["content"]["transient"] for message in shown[:2]] == [{"display_id": "panel"}] * 2
    assert shown[2]["content"] == {"wait": True}
    identities = [message["header"]["msg_id"] for message in cell.messages]
    assert len(set(identities)) == len(identities)


def test_text_keeps_its_place_around_figures(kernel):
    cell = kernel.run(f"""
        for i in 0..50 {{
            println!("before {{i}}");
            {panel("figure")}
            println!("after {{i}}");
        }};
    """)
    expected = []
    for i in range(50):
        expected += [("stdout", f"before {i}\n"), ("display_data", "figure"), ("stdout", f"after {i}\n")]
    joined: list = []
    for what, value in expected:
        if joined and what == joined[-1][0] == "stdout":
            joined[-1] = (what, joined[-1][1] + value)
        else:
            joined.append((what, value))
    assert outputs(cell) == joined


def test_text_before_the_mark_on_its_line_stays_text(kernel):
    cell = kernel.run(f'print!("half a line "); {panel("figure")} println!("next");')
    assert outputs(cell) == [("stdout", "half a line "), ("display_data", "figure"), ("stdout", "next\n")]


def test_any_mime_type_and_metadata(kernel):
    content = {
        "data": {
            "text/html": "<b>ñ “quoted” \\ </b>\n<p>",
            "image/png": "iVBORw0KGgo=" * 20_000,  # a big one
            "application/vnd.anything+json": {"deep": [1, {"x": None}]},
        },
        "metadata": {"image/png": {"width": 64}},
        "transient": {},
    }
    cell = kernel.run(marked("display_data", content))
    assert cell.of("display_data")[0]["content"] == content


@pytest.mark.parametrize("wait", [False, True])
def test_clear_output(kernel, wait):
    cell = kernel.run(f'println!("gone"); {marked("clear_output", {"wait": wait})} println!("stays");')
    assert outputs(cell) == [("stdout", "gone\n"), ("clear_output", {"wait": wait}), ("stdout", "stays\n")]


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        '{"msg_type": "display_data"',
        '{"msg_type": "display_data", "content": {"data": "no bundle"}}',
        '{"msg_type": "status", "content": {"execution_state": "idle"}}',
        '{"msg_type": "execute_reply", "content": {}}',
        '{"msg_type": "update_display_data", "content": {"data": {}, "metadata": {}, "transient": {}}}',
        '["display_data"]',
    ],
)
def test_an_invalid_marked_line_is_text(kernel, line):
    cell = kernel.run(f'println!("\\u{{1e}}evcxr_live {{}}", r####"{line}"####); println!("next");')
    assert cell.status == "ok"
    assert outputs(cell) == [("stdout", f"{MARKED_LINE}{line}\nnext\n")]


def test_a_marked_line_on_stderr_is_text(kernel):
    cell = kernel.run(panel("figure").replace("println!", "eprintln!"))
    assert [what for what, _ in outputs(cell)] == ["stderr"]


def test_the_readmes_example(kernel):
    cell = kernel.run(f"{readme('show')} show(10, false); show(20, true);")
    assert outputs(cell) == [("display_data", "10 %"), ("update_display_data", "20 %")]
    assert {message["content"]["transient"]["display_id"] for message in cell.messages[2:4]} == {"progress"}


def test_cells_can_tell_that_the_front_is_there(kernel):
    assert kernel.run('std::env::var("EVCXR_LIVE").unwrap()').result == '"1"'


def test_evcxrs_own_rich_output_still_works(kernel):
    cell = kernel.run('println!("EVCXR_BEGIN_CONTENT text/html\\n<b>old way</b>\\nEVCXR_END_CONTENT");')
    assert cell.of("execute_result")[0]["content"]["data"] == {"text/html": "<b>old way</b>"}
