"""A cell that fails counts as failed, however it fails, and tells what was wrong, what is lost and what to do."""

import re

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

FAILING = {
    "?": ('let n: i32 = "x".parse()?;', "ParseIntError", "invalid digit found in string"),
    "? with a boxed error": ('Err::<(), Box<dyn std::error::Error>>("no such thing".into())?', "Box<dyn Error>", "no such thing"),
    "a panic": ('panic!("boom");', "panic", "boom"),
    "unwrap": ('let none: Option<i32> = None; none.unwrap();', "panic", "called `Option::unwrap()` on a `None` value"),
    "an index": ("let short = vec![1]; short[std::hint::black_box(7)];", "panic", "index out of bounds"),
}


def without_colours(traceback: list[str]) -> str:
    return re.sub("\x1b\\[[0-9;]*m", "", "\n".join(traceback))


@pytest.mark.parametrize("how", FAILING)
def test_a_failure_of_the_program_is_an_error(kernel, how):
    code, name, text = FAILING[how]
    kernel.run("let before = 41;")
    cells = [kernel.begin(code), kernel.begin('println!("ran");')]
    failed, behind = (cell.finish() for cell in cells)
    assert (failed.status, behind.status) == ("error", "aborted")
    (error,) = failed.of("error")
    for content in (error["content"], failed.reply["content"]):
        assert content["ename"] == name
        assert text in content["evalue"]
        assert text in content["traceback"][0] and name in content["traceback"][0], "what was wrong comes first"
    assert code in "\n".join(error["content"]["traceback"]), "the line in which it happened"
    assert failed.text("stderr") == "", "said once, as an error"
    assert kernel.run("before + 1").result == "42"


def test_nbclient_stops_at_a_failure_of_the_program():
    cells = [nbformat.v4.new_code_cell(code) for code in ('"x".parse::<i32>()?;', 'println!("not reached");')]
    notebook = nbformat.v4.new_notebook(cells=cells)
    with pytest.raises(CellExecutionError, match="invalid digit"):
        NotebookClient(notebook, kernel_name="live", timeout=120).execute()
    assert notebook.cells[1].outputs == []


def test_the_backtrace_of_a_panic_is_folded_behind_it(kernel):
    cell = kernel.run('#[inline(never)] fn deep_inside(n: usize) { if n == 0 { panic!("boom") } deep_inside(n - 1) }\ndeep_inside(2);')
    kinds = [message["msg_type"] for message in cell.messages if message["msg_type"] in ("error", "display_data")]
    assert kinds == ["error", "display_data"]
    data = cell.of("display_data")[0]["content"]["data"]
    assert "<details>" in data["text/html"] and "deep_inside" in data["text/plain"]
    assert "run_user_code" not in data["text/plain"] and "panicking" not in data["text/plain"]
    assert len(cell.of("error")[0]["content"]["traceback"]) < 6


def test_of_a_long_trace_only_what_was_wrong_is_the_error(kernel):
    cell = kernel.run("""
        let frames: String = (0..40).map(|i| format!("{}rame #{i}: a::b::c + 0x7f (in /lib/x.so)\\n", 'f')).collect();
        Err::<(), String>(format!("shapes 2x3 and 4x5 differ\\nException raised from mm at /a/b.cpp:7:\\n{frames}"))?
    """)
    content = cell.of("error")[0]["content"]
    assert content["evalue"] == "shapes 2x3 and 4x5 differ"
    assert "frame #" not in "".join(content["traceback"])
    assert "frame #39" in cell.of("display_data")[0]["content"]["data"]["text/plain"], "it is not lost"


def test_a_panic_that_is_caught_is_no_failure(kernel):
    cell = kernel.run('let caught = std::panic::catch_unwind(|| panic!("of no matter")).is_err(); println!("{caught}");')
    assert (cell.status, cell.text()) == ("ok", "true\n")
    assert "of no matter" in cell.text("stderr"), "but it is told"


def test_a_panic_of_another_thread_is_told_and_ends_nothing(kernel):
    cell = kernel.run('let joined = std::thread::spawn(|| { panic!("in a thread") }).join().is_err(); println!("{joined}");')
    assert (cell.status, cell.text()) == ("ok", "true\n")
    assert "in a thread" in cell.text("stderr")


def test_what_moved_into_a_cell_that_failed_is_named(kernel):
    kernel.run("let net = vec![1.0]; let data = vec![2.0];")
    made = kernel.client.cells[-1].reply["content"]["execution_count"]
    cell = kernel.run('let second = net; println!("{}", second.len()); "x".parse::<i32>()?;')
    told = "\n".join(cell.of("error")[0]["content"]["traceback"])
    assert f"`net` (cell {made})" in told and f"Run cell {made} again" in told
    assert "data" not in told
    assert kernel.run("data.len()").result == "1"
    # And when it is missed later.
    missing = kernel.run("net.len()")
    assert "cannot find value `net`" in missing.reply["content"]["evalue"]
    told = "\n".join(missing.of("error")[0]["content"]["traceback"])
    assert f"was made by cell {made} and moved away by cell" in told


ENDS = {
    "exit": ("std::process::exit(3);", "exit status: 3"),
    "abort": ("std::process::abort();", "signal: 6"),
    "stack": ("fn f(n: u64) -> u64 { if std::hint::black_box(n) == 0 { 0 } else { 1 + f(n + 1) } }\nf(1);", "signal"),
    "kill": ('std::process::Command::new("kill").args(["-9", &std::process::id().to_string()]).status()?;', "memory"),
}


@pytest.mark.parametrize("how", ENDS)
def test_the_end_of_the_process_names_what_is_lost(kernel, how):
    code, text = ENDS[how]
    kernel.run("let first_one = 1;")
    cell = kernel.run('let second_one = String::new(); ')
    count = cell.reply["content"]["execution_count"]
    print_note = kernel.run(
        r'println!("\u{1e}evcxr_live {}", r#"{"msg_type": "if_lost", "content": {"text": "The last checkpoint is runs/x/12."}}"#);'
    )
    assert print_note.text() == ""
    cell = kernel.run(code)
    assert cell.status == "error"
    told = "\n".join(cell.of("error")[0]["content"]["traceback"])
    assert text in told
    assert f"`second_one` (cell {count})" in told and f"`first_one` (cell {count - 1})" in told
    assert f"{count - 1}, {count} again." in told
    assert "The last checkpoint is runs/x/12." in told
    assert kernel.run("1 + 1").result == "2"
    assert "The last checkpoint" not in str(kernel.run("std::process::exit(4);").messages), "it was told once"


def test_errors_of_the_compiler_show_the_cells_own_lines(kernel):
    cell = kernel.run('let año = 2020;\nlet texto: String = año + 1;')
    content = cell.of("error")[0]["content"]
    assert (content["ename"], content["evalue"]) == ("E0308", "mismatched types")
    plain = without_colours(content["traceback"])
    assert f"cell {cell.reply['content']['execution_count']}:2:" in plain
    assert "let texto: String = año + 1;" in plain and "expected `String`" in plain


def test_a_readers_own_text_stays_as_it_is(kernel):
    cell = kernel.run('let x: i32 = "command_7";')
    assert '"command_7"' in without_colours(cell.of("error")[0]["content"]["traceback"])


def test_a_type_that_is_defined_anew_takes_its_values_along_and_says_so(kernel):
    kernel.run("#[derive(Debug)] struct Point { x: i32 }\nlet point = Point { x: 1 };")
    count = kernel.client.cells[-1].reply["content"]["execution_count"]
    cell = kernel.run("#[derive(Debug)] struct Point { x: i64 }\nlet other = 1;")
    assert cell.status == "ok"
    assert f"`point` (cell {count})" in cell.text("stderr")
