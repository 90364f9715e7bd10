"""Code that the kernelspec runs before the reader's first cell."""

import time

import pytest
from kernels import UNDER_TEST, write_spec
from rust import wait_for

SECRET = "of the code that runs ahead"


def ahead(start, code: str):
    return start(write_spec("ahead", UNDER_TEST, ["--first", code]))


def test_it_runs_and_nothing_of_it_is_seen(start, go):
    kernel = ahead(start, f'{wait_for(go)} println!("{SECRET}"); eprintln!("{SECRET}"); let seed = 41;')
    go.touch()
    # A cell that had to wait would show what that code prints; completions wait too, and show nothing.
    kernel.client.reply_to(kernel.client.jupyter.complete("1"))
    time.sleep(2)
    cell = kernel.run("seed + 1")
    assert cell.result == "42"
    assert cell.reply["content"]["execution_count"] == 1
    kernel.run("seed")
    seen = [message for message in kernel.client.seen if message["msg_type"] != "status"]
    assert SECRET not in str(seen)
    own = {message["parent_header"].get("session") for message in kernel.client.seen}
    assert own == {kernel.client.jupyter.session.session}, "no messages that answer nothing this client asked"


def test_jupyter_sees_a_kernel_that_is_ready_while_it_runs(start, go):
    kernel = ahead(start, wait_for(go))
    cell = kernel.begin("1 + 1")
    assert kernel.client.control("kernel_info_request")["content"]["status"] == "ok"
    go.touch()
    assert cell.finish().result == "2"


@pytest.mark.parametrize("code", [':dep no_such_crate = { path = "no/such/folder" }', "std::process::exit(3);"])
def test_a_failure_leaves_a_kernel_that_works(start, code):
    kernel = ahead(start, code)
    cell = kernel.run("1 + 1")
    assert (cell.status, cell.result) == ("ok", "2")
    assert not [message for message in kernel.client.seen if message["msg_type"] == "error"]


@pytest.fixture
def tiny(tmp_path):
    """A crate that takes a few seconds to compile."""
    (tmp_path / "src").mkdir()
    (tmp_path / "Cargo.toml").write_text('[package]\nname = "tiny"\nversion = "0.1.0"\nedition = "2021"\n')
    (tmp_path / "build.rs").write_text("fn main() { std::thread::sleep(std::time::Duration::from_secs(4)); }")
    (tmp_path / "src/lib.rs").write_text("pub fn answer() -> i32 { 42 }")
    return f':dep tiny = {{ path = "{tmp_path}" }}'


def test_who_waits_sees_what_is_compiled(start, tiny):
    kernel = ahead(start, tiny)
    cell = kernel.run("tiny::answer()", timeout=120)
    assert cell.result == "42"
    assert "Compiling tiny" in cell.text("stderr")


def test_compiling_in_a_cell_is_seen_too(kernel, tiny):
    cell = kernel.run(tiny, timeout=120)
    assert "Compiling tiny" in cell.text("stderr")
    assert kernel.run("tiny::answer()").result == "42"


def test_the_stop_button_while_a_cell_waits_for_it(start, go):
    """The code that runs ahead continues: all cells need it."""
    kernel = ahead(start, f"let seed = 41; {wait_for(go)}")
    kernel.begin("seed + 1")
    kernel.interrupt()
    go.touch()
    assert kernel.run("seed + 1").result == "42"
