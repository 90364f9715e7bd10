"""However much a cell prints, nothing is lost, the order is kept, and all of it comes before the cell is idle."""

import time

import pytest


def test_quick_lines(kernel):
    cell = kernel.run('for i in 0..10_000 { println!("line {i}"); }')
    assert cell.text() == "".join(f"line {i}\n" for i in range(10_000))


def test_the_last_line_of_a_short_cell_is_there_when_it_ends(kernel):
    code = 'for i in 0..20 { println!("{i}"); } eprintln!("last");'
    for _ in range(10):
        cell = kernel.run(code)
        assert cell.text() == "".join(f"{i}\n" for i in range(20))
        assert cell.text("stderr") == "last\n"


@pytest.mark.parametrize("pause", [0, 3], ids=["read at once", "read late"])
def test_fifty_megabytes(kernel, pause):
    """Also by a client that is busy with something else at first: the kernel has to wait for it, or keep it all."""
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


def test_input(kernel):
    code = 'println!("EVCXR_INPUT_REQUEST:name?"); let mut name = String::new(); std::io::stdin().read_line(&mut name)?; println!("hello {}", name.trim());'
    cell = kernel.begin(code, allow_stdin=True)
    request = kernel.client.jupyter.get_stdin_msg(timeout=60)
    assert request["msg_type"] == "input_request"
    assert request["content"]["prompt"] == "name?"
    assert request["parent_header"]["msg_id"] == cell.id
    kernel.client.jupyter.input("Ada")
    assert "hello Ada\n" in cell.finish().text()
