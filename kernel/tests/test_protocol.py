"""The suite jupyter-kernel-test, against evcxr_jupyter itself and against the front.

Its tests for a pager and for history are left out: evcxr knows neither.
"""

import pytest
from jupyter_kernel_test import KernelTests
from kernels import marked

FIGURE = {"data": {"text/html": "<b>figure</b>"}, "metadata": {}, "transient": {}}


class Samples(KernelTests):
    __test__ = False
    language_name = "Rust"
    file_extension = ".rs"
    code_hello_world = 'println!("hello, world");'
    code_stderr = 'eprintln!("oh");'
    completion_samples = [{"text": "std::thread::sleep_m", "matches": {"sleep_ms"}}]
    complete_code_samples = ["1 + 1", "fn twice(x: i32) -> i32 {\n    2 * x\n}"]
    incomplete_code_samples = ["fn twice(x: i32) -> i32 {", "let x = (1 +"]
    invalid_code_samples = ["}", "let x = );"]
    code_generate_error = 'let x: i32 = "text";'
    code_execute_result = [{"code": "6 * 7", "result": "42"}, {"code": '"text".to_uppercase()', "result": '"TEXT"'}]
    code_inspect_sample = "std::thread::sleep"
    code_display_data = [{"code": marked("display_data", FIGURE), "mime": "text/html"}]
    code_clear_output = marked("clear_output", {"wait": False})


class TestEvcxr(Samples):
    __test__ = True
    kernel_name = "plain"


class TestFront(Samples):
    __test__ = True
    kernel_name = "live"


del KernelTests, Samples  # else pytest would collect them too
