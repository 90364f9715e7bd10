"""`--evcxr`: an evcxr_jupyter behind the front. What it can't tell stays as it is there; the rest is as with the engine inside."""

import re

from rust import marked, wait_for


def test_cells_values_figures_and_errors(start, go):
    kernel = start("outside")
    assert kernel.run("let before = 41;").status == "ok"
    assert kernel.run("before + 1").result == "42"
    shown = marked("display_data", {"data": {"text/html": "<b>figure</b>"}, "metadata": {}, "transient": {}})
    cell = kernel.begin(f'println!("a"); {shown} {wait_for(go)} println!("b");')
    cell.until_kind("display_data")
    go.touch()
    assert (cell.finish().status, cell.text()) == ("ok", "a\nb\n")
    cells = [kernel.begin(code) for code in ('let x: i32 = "command_7";', 'println!("ran");')]
    assert [cell.finish().status for cell in cells] == ["error", "aborted"]
    traceback = re.sub("\x1b\\[[0-9;]*m", "", "\n".join(cells[0].of("error")[0]["content"]["traceback"]))
    assert "cell 4:1:" in traceback and '"command_7"' in traceback
    request = kernel.client.jupyter.complete("std::thread::sl")
    assert kernel.client.reply_to(request)["content"]["matches"]
    cell = kernel.run("std::process::exit(3);")
    assert cell.reply["content"]["ename"] == "ProcessEnded"
    assert kernel.run("1 + 1").result == "2"


def test_a_panic_is_what_it_is_there(start):
    kernel = start("outside")
    kernel.run("let before = 41;")
    cell = kernel.run('let lost = 1; if before == 41 { panic!("boom"); }')
    assert "boom" in cell.text("stderr")
    assert "EVCXR" not in cell.text()
    assert kernel.run("before + 1").result == "42"
    assert kernel.run("lost").status == "error"
    cell = kernel.run('"x".parse::<i32>()?;')
    assert "invalid digit" in cell.text("stderr")
