"""Rust for the cells."""

import json
import re
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"
MARKED_LINE = "\x1eevcxr_live "
# What evcxr_input does, so that the tests need not download it.
ASKS = """
    println!("EVCXR_INPUT_REQUEST:name?");
    let mut name = String::new();
    std::io::stdin().read_line(&mut name)?;
    println!("hello {}", name.trim());
"""


def marked(msg_type: str, content: dict) -> str:
    """Rust that prints a marked line."""
    message = json.dumps({"msg_type": msg_type, "content": content})
    return f'println!("\\u{{1e}}evcxr_live {{}}", r####"{message}"####);'


def readme(function: str) -> str:
    """The example in kernel/README.md that defines this function."""
    text = README.read_text()
    return next(block for block in re.findall(r"```rust\n(.*?)```", text, re.DOTALL) if f"fn {function}(" in block)


def wait_for(path: Path) -> str:
    """Rust that waits until the test makes a file."""
    pause = "std::thread::sleep(std::time::Duration::from_millis(5));"
    return f'while !std::path::Path::new("{path}").exists() {{ {pause} }}'
