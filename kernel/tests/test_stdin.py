"""A cell that reads a line: the reader is asked where that is possible; elsewhere it is an error at once."""

import pytest
from client import WAIT
from rust import ASKS

READS = """
    print!("your name? ");
    let mut name = String::new();
    let bytes = std::io::stdin().read_line(&mut name)?;
    println!("hello {} ({bytes})", name.trim());
"""


def test_the_reader_is_asked(kernel):
    cell = kernel.begin(READS, allow_stdin=True)
    request = kernel.client.jupyter.get_stdin_msg(timeout=WAIT)
    assert request["msg_type"] == "input_request" and request["content"] == {"prompt": "", "password": False}
    assert request["parent_header"]["msg_id"] == cell.id
    kernel.client.jupyter.input("Añá")
    cell.finish()
    assert (cell.status, cell.text()) == ("ok", "your name? hello Añá (6)\n")


def test_two_lines(kernel):
    code = "{ let mut lines = std::io::stdin().lines(); lines.next().unwrap()? + &lines.next().unwrap()? }"
    cell = kernel.begin(code, allow_stdin=True)
    for text in ("a", "b"):
        kernel.client.jupyter.get_stdin_msg(timeout=WAIT)
        kernel.client.jupyter.input(text)
    assert cell.finish().result == '"ab"'


@pytest.mark.parametrize("code", [READS, ASKS], ids=["plain", "evcxr_input"])
def test_where_nobody_can_be_asked_it_is_an_error(kernel, code):
    kernel.run("let before = 41;")
    cell = kernel.run(code, allow_stdin=False, timeout=20)
    assert cell.status == "error"
    assert cell.reply["content"]["ename"] == "StdinNotImplementedError"
    assert kernel.run("before + 1").result == "42"


def test_afterwards_cells_read_again(kernel):
    kernel.run(READS, allow_stdin=False)
    cell = kernel.begin(READS, allow_stdin=True)
    kernel.client.jupyter.get_stdin_msg(timeout=WAIT)
    kernel.client.jupyter.input("Ada")
    assert "hello Ada (4)" in cell.finish().text()
