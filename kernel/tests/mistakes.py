"""Some twenty cells that somebody new to Rust notebooks writes in the first hour, and what the answer must say.

usage: mistakes.py NOTEBOOK   writes them as a notebook, to be looked at in JupyterLab
"""

import sys

# Each cell: what goes wrong, the code, and what the answer must contain; None where it just has to work.
MISTAKES = [
    ("a value to work with", 'let nombres = vec![String::from("Ada"), String::from("Grace")];', []),
    ("a misspelt variable", "nombre.len()", ["cannot find value `nombre`", "nombres"]),
    ("a missing semicolon", "let x = 1\nlet y = 2;", ["expected `;`"]),
    ("text where a number is wanted", 'let edad: i32 = "36";', ["mismatched types", "expected `i32`, found `&str`"]),
    ("a number that is none", 'let edad: i32 = "treinta".parse()?;', ["ParseIntError", "invalid digit", "line 1"]),
    ("beyond the end", "nombres[7].clone()", ["index out of bounds: the len is 2 but the index is 7", "nombres[7]"]),
    ("unwrap of nothing", "nombres.iter().find(|n| n.len() > 99).unwrap();", ["called `Option::unwrap()` on a `None` value"]),
    ("used after it was moved", "let otra = nombres;\nnombres.len()", ["borrow of moved value: `nombres`"]),
    ("moved, and then a failure", 'let otra = nombres;\n"x".parse::<f32>()?;', ["ParseFloatError", "`nombres` (cell ", "again"]),
    ("missed later", "nombres.len()", ["cannot find value `nombres`", "moved away by cell"]),
    ("changing what is not mut", "let n = 1;\nn += 1;", ["cannot assign twice to immutable variable", "binding mutable"]),
    ("a closure that is to stay", "let doble = |x: i32| 2 * x;", ["closure", "Box<dyn Fn"]),
    ("a vector of what?", "let mut lista = Vec::new();", ["type annotations needed"]),
    ("a function that nobody calls", "fn main() {\n    println!(\"hola\");\n}", ["main();"]),
    ("a macro without its mark", 'println("hola");', ["println", "!"]),
    ("a crate that is not there", ':dep no_such_crate_at_all = "1"', ["no_such_crate_at_all"]),
    ("a command below the code", "let z = 1;\n:vars", [":vars", "top of the cell"]),
    ("a counter that starts anew", "static CUENTA: std::sync::Mutex<i32> = std::sync::Mutex::new(0);\n*CUENTA.lock().unwrap() += 1;",
     ["CUENTA", "variable"]),
    ("something to lose", "let precios = vec![1.5, 2.5];", []),
    ("out of the program", "std::process::exit(1);", ["exit status: 1", "variables are lost", "`precios` (cell ", "again"]),
    ("on with the work", "2 + 2", []),
]


def answer(cell) -> str:
    """All that a reader sees below a cell, without colours."""
    import re

    parts = []
    for message in cell.messages:
        content = message["content"]
        match message["msg_type"]:
            case "stream":
                parts.append(content["text"])
            case "error":
                parts.append("\n".join(content["traceback"]))
            case "display_data" | "execute_result":
                parts.append(content["data"].get("text/plain", ""))
    return re.sub("\x1b\\[[0-9;]*m", "", "\n".join(parts))


if __name__ == "__main__":
    import nbformat

    cells = [nbformat.v4.new_code_cell(f"// {what}\n{code}" if not code.startswith(":") else code) for what, code, _ in MISTAKES]
    metadata = {"kernelspec": {"name": "gan_nb", "display_name": "Rust (gan_nb)", "language": "rust"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), sys.argv[1])
