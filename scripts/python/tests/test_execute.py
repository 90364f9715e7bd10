"""A notebook in which something failed never passes. Uses the kernel that the set-up installed."""

from pathlib import Path

import pytest
from execute import Failed, Runner
from nbformat.v4 import new_code_cell, new_notebook

NOTEBOOKS = Path(__file__).resolve().parents[3] / "notebooks"


def run(*sources: str) -> list[str]:
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
    Runner(notebook, NOTEBOOKS).run()
    printed = [[output for output in cell.outputs if output.get("name") == "stdout"] for cell in notebook.cells]
    return ["".join(output.text for output in outputs) for outputs in printed]


def test_what_cells_print_is_kept():
    assert run('println!("uno");', 'println!("dos");') == ["uno\n", "dos\n"]


@pytest.mark.parametrize("broken", ['Err::<(), &str>("no hay datos")?;', 'let x: u8 = "no hay datos";', 'panic!("no hay datos")'])
def test_a_cell_that_fails_ends_the_run(broken):
    with pytest.raises(Failed, match="cell 2 of 3"):
        run("let before = 1;", broken, 'panic!("the cell behind it ran");')
