"""All bytes of the cells' program and of what it starts come in their cell, in order, at once; none is lost, and none is taken
for a word of evcxr's."""

import time

import pytest

WRITE = "use std::io::Write; "


@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_bytes_that_are_no_text(kernel, name):
    cell = kernel.run(WRITE + f'std::io::{name}().write_all(b"\\xff\\n")?;')
    assert (cell.status, cell.text(name)) == ("ok", "\ufffd\n")
    # Everything afterwards is as before.
    for i in range(3):
        assert kernel.run(f'println!("{i}");').text() == f"{i}\n"
    assert kernel.run('panic!("told")').reply["content"]["evalue"] == "told"


def test_what_a_program_prints_without_a_line_end(kernel):
    cell = kernel.run('std::process::Command::new("printf").arg("hola").status()?; println!(" y adiós");')
    assert (cell.status, cell.text()) == ("ok", "hola y adiós\n")


@pytest.mark.parametrize("macro, name", [("print", "stdout"), ("eprint", "stderr")])
def test_an_unfinished_line_comes_with_its_own_cell(kernel, macro, name):
    assert kernel.run(f'{macro}!("hola");').text(name) == "hola"
    assert kernel.run("").text(name) == ""


def test_an_unfinished_line_comes_while_the_cell_runs(kernel, go):
    from rust import wait_for

    cell = kernel.begin(f'for i in 0..3 {{ print!("\\r{{i}} %"); }} {wait_for(go)}')
    shown = ""
    while "2 %" not in shown:
        shown += cell.until_kind("stream")["content"]["text"]
    go.touch()
    assert cell.finish().status == "ok"
    assert cell.text() == "\r0 %\r1 %\r2 %"


def test_a_line_of_ten_megabytes(kernel):
    cell = kernel.run('println!("{}", "x".repeat(10_000_000));')
    assert cell.text() == "x" * 10_000_000 + "\n"


WORDS = ["EVCXR_EXECUTION_COMPLETE", "EVCXR_PANIC_NOTIFICATION", "EVCXR_ERROR_OCCURRED", "EVCXR_VARIABLE_CHANGED_TYPE:x",
         "EVCXR_END_CONTENT", "EVCXR_BEGIN_CONTENT text/plain", "LOAD_AND_RUN a b"]


@pytest.mark.parametrize("word", WORDS)
def test_no_text_is_taken_for_a_word_of_evcxrs(kernel, word):
    cell = kernel.run(f'let kept = 1;\n    println!("{word}");\nprintln!("end");')
    assert (cell.status, cell.text()) == ("ok", f"{word}\nend\n")
    assert kernel.run("kept").result == "1"


def test_lines_of_a_thread_that_outlives_its_cell(kernel):
    cell = kernel.run("""
        std::thread::spawn(|| for i in 0..3 {
            std::thread::sleep(std::time::Duration::from_millis(300));
            println!("late {i}");
        });
    """)
    late = ""
    end = time.monotonic() + 20
    while "late 2\n" not in late and time.monotonic() < end:
        message = kernel.client.next_message()
        assert message["parent_header"]["msg_id"] == cell.id
        late += message["content"].get("text", "")
    assert late == "late 0\nlate 1\nlate 2\n", "without another cell"


def test_a_thread_that_prints_without_end_keeps_no_cell_waiting(start):
    kernel = start()
    kernel.run('std::thread::spawn(|| for i in 0u64.. { println!("{i}"); });')
    cell = kernel.run("1 + 1")
    values = [m["content"]["data"] for m in cell.messages if m["msg_type"] in ("display_data", "execute_result")]
    assert values == [{"text/plain": "2"}], "among what the thread prints meanwhile"


def test_a_slow_reader_makes_the_cell_wait(start):
    """A client that reads late gets all: 300 MB are more than the kernel keeps."""
    kernel = start()
    cell = kernel.begin('let line = "x".repeat(999_990); for i in 0..300 { println!("{i:8} {line}"); }')
    time.sleep(5)
    memory = kernel.front().memory_info().rss
    text = cell.finish(120).text()
    assert len(text) == 300_000_000
    assert memory < 900 << 20, f"the front holds {memory >> 20} MiB"


def test_values_and_text_keep_their_order(kernel):
    cell = kernel.run(r"""
        println!("a");
        println!("EVCXR_BEGIN_CONTENT text/html\n<b>1</b>\nEVCXR_END_CONTENT");
        println!("b");
        println!("EVCXR_BEGIN_CONTENT text/html\n<b>2</b>\nEVCXR_END_CONTENT");
        42
    """)
    shown = [message["content"].get("text") or message["content"]["data"] for message in cell.messages
             if message["msg_type"] in ("stream", "display_data", "execute_result")]
    assert shown == ["a\n", {"text/html": "<b>1</b>"}, "b\n", {"text/html": "<b>2</b>", "text/plain": "42"}]
