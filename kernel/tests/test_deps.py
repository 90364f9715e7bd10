"""`:dep` lines of a reader's own: only what is new is compiled, variables live on, and what can't be had is one clear error."""

import pytest
from kernels import words


@pytest.fixture
def crate(tmp_path):
    """Makes crates, and returns their `:dep` lines."""

    def make(name: str, source: str, build: str = "", dependencies: str = "") -> str:
        folder = tmp_path / name
        (folder / "src").mkdir(parents=True)
        manifest = f'[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\n{dependencies}\n'
        (folder / "Cargo.toml").write_text(manifest)
        (folder / "src/lib.rs").write_text(source)
        if build:
            (folder / "build.rs").write_text(build)
        return f':dep {name} = {{ path = "{folder}" }}'

    return make


def test_only_the_new_crate_is_compiled_and_variables_live_on(start, crate):
    kernel = start()
    kernel.run(crate("network", "#[derive(Debug, Clone)] pub struct Net(pub u32);"), timeout=120)
    kernel.run("let net = network::Net(7);")
    cell = kernel.run(crate("second", "pub fn answer() -> u32 { 42 }"), timeout=120)
    assert (cell.status, cell.text("stderr").split()[:2]) == ("ok", ["Compiling", "second"])
    assert "network" not in cell.text("stderr")
    assert kernel.run("net.0 + second::answer()").result == "49"
    # Another level of optimisation is the cells' own business.
    cell = kernel.run(":opt 0\nnet.0")
    assert cell.status == "ok" and "Compiling" not in cell.text("stderr")
    assert kernel.run("net.clone()").result == "Net(7)"


def test_a_crate_that_is_not_there_is_one_error(kernel):
    kernel.run("let before = 41;")
    cell = kernel.run(':dep no_such_crate_at_all = "1"')
    assert cell.status == "error"
    (error,) = cell.of("error")
    assert "no_such_crate_at_all" in error["content"]["evalue"]
    assert kernel.run("before + 1").result == "42"


@pytest.mark.parametrize("code, text", [
    ("let f = |x: i32| x + 1;", "closure"),
    ("let mut v = Vec::new();", "type annotations needed"),
    ("let img = x_imgs;", "cannot find value `x_imgs`"),
])
def test_a_message_needs_no_second_set_of_compiled_dependencies(start, crate, code, text):
    """Checking a cell, as evcxr does for such a message, would first check all that it depends on."""
    kernel = start()
    kernel.run(crate("counted", "pub struct Net;"), timeout=120)
    compiled = sorted(kernel.folder.rglob("libcounted*.rmeta"))
    assert len(compiled) == 1
    cell = kernel.run(code)
    assert cell.status == "error" and text in cell.reply["content"]["evalue"]
    assert sorted(kernel.folder.rglob("libcounted*.rmeta")) == compiled


def test_stop_while_something_is_compiled(start, crate):
    kernel = start()
    kernel.run('let before = String::from("lives");')
    slow = crate("slow", "", "fn main() { std::thread::sleep(std::time::Duration::from_secs(600)); }")
    cells = [kernel.begin(slow), kernel.begin('println!("ran");')]
    cells[0].until_text("Compiling slow")
    kernel.interrupt()
    assert [cell.finish(30).status for cell in cells] == ["error", "aborted"]
    assert cells[0].reply["content"]["ename"] == "Interrupted"
    assert kernel.run("before.clone()").result == '"lives"'
    assert not [p for p in kernel.processes() if "build-script" in " ".join(words(p))]


def test_stop_while_a_cell_is_analysed_or_compiled(start):
    """At any moment before the cell's code runs."""
    kernel = start()
    kernel.run('let before = String::from("lives");')
    for _ in range(6):
        cell = kernel.begin('println!("ran"); let x = 1;')
        cell.until_kind("execute_input")
        kernel.interrupt()
        cell.finish()
        ran = "ran" in cell.text()
        assert cell.status == ("ok" if ran else "error")
    assert kernel.run("before.clone()").result == '"lives"'
