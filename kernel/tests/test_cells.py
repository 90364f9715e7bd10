"""What a cell prints, however much: nothing is lost, the order is kept, and all of it arrives before the cell is idle.
Also its number, its questions, and the cells behind it."""

import time

import pytest
from rust import ASKS


@pytest.mark.parametrize("name, macro", [("stdout", "println"), ("stderr", "eprintln")])
def test_quick_lines(kernel, name, macro):
    cell = kernel.run(f'for i in 0..10_000 {{ {macro}!("line {{i}}"); }}')
    assert cell.text(name) == "".join(f"line {i}\n" for i in range(10_000))


def test_the_last_line_of_a_short_cell_is_there_when_it_ends(kernel):
    code = 'for i in 0..20 { println!("{i}"); } eprintln!("last");'
    for _ in range(10):
        cell = kernel.run(code)
        assert cell.text() == "".join(f"{i}\n" for i in range(20))
        assert cell.text("stderr") == "last\n"


@pytest.mark.parametrize("pause", [0, 3], ids=["read at once", "read late"])
def test_fifty_megabytes(kernel, pause):
    """Also for a client that is busy with something else at first: the kernel has to wait, or keep everything."""
    cell = kernel.begin('let line = "x".repeat(99_990); for i in 0..500 { println!("{i:8} {line}"); }')
    time.sleep(pause)
    text = cell.finish().text()
    line = "x" * 99_990
    assert len(text) == 50_000_000
    assert text == "".join(f"{i:8} {line}\n" for i in range(500))


def test_counts_begin_at_one(start):
    kernel = start()
    for count in (1, 2):
        cell = kernel.run("40 + 2")
        assert cell.result == "42"
        counted = [cell.reply, *cell.of("execute_input"), *cell.of("execute_result")]
        assert [message["content"]["execution_count"] for message in counted] == [count] * 3


def test_a_failure_ends_the_queue(kernel):
    """As in Jupyter's other kernels: after "run all", no cell runs without what a failed one should have made."""
    cells = [kernel.begin(code) for code in ('let x: i32 = "text";', 'println!("ran");')]
    assert [cell.finish().status for cell in cells] == ["error", "aborted"]
    assert not cells[1].of("stream")
    assert kernel.run('println!("ran");').text() == "ran\n"


def test_a_question(kernel):
    cell = kernel.begin(ASKS, allow_stdin=True)
    request = kernel.client.jupyter.get_stdin_msg(timeout=60)
    assert request["msg_type"] == "input_request"
    assert request["content"]["prompt"] == "name?"
    assert request["parent_header"]["msg_id"] == cell.id
    kernel.client.jupyter.input("Ada")
    assert "hello Ada\n" in cell.finish().text()
