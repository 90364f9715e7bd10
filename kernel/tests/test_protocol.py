"""The jupyter-kernel-test suite, run against evcxr_jupyter itself and against the front.

Its test of the pager is left out: evcxr has none.
"""

import unittest

import jupyter_kernel_test
import pytest
from rust import marked

FIGURE = {"data": {"text/html": "<b>figure</b>"}, "metadata": {}, "transient": {}}


# What evcxr_jupyter itself fails, and why. evcxr_live fails none of these.
EVCXR_FAILS = {
    "test_error": "its reply about a cell that failed lacks ename, evalue and traceback",
    "test_is_complete": "it calls any code complete",
    "test_display_data": "its rich output is an execute_result, and comes when the cell ends",
    "test_clear_output": "it has no way to ask for that",
    "test_history": "it does not answer",
}
# What evcxr_jupyter fails now and then.
EVCXR_MAY_FAIL = {"test_execute_stderr": "what a cell prints on stderr may arrive after it has ended"}


class Suite(jupyter_kernel_test.KernelTests):
    __test__ = False  # run below
    language_name = "Rust"
    file_extension = ".rs"
    code_hello_world = 'println!("hello, world");'
    code_stderr = 'eprintln!("oh");'
    completion_samples = [{"text": "std::f32::consts::FRAC_PI_", "matches": {f"FRAC_PI_{n}" for n in (2, 3, 4, 6, 8)}}]
    complete_code_samples = ["1 + 1", "fn twice(x: i32) -> i32 {\n    2 * x\n}"]
    incomplete_code_samples = ["fn twice(x: i32) -> i32 {", "let x = (1 +"]
    invalid_code_samples = ["}", "let x = );"]
    code_generate_error = 'let x: i32 = "text";'
    code_execute_result = [{"code": "6 * 7", "result": "42"}, {"code": '"text".to_uppercase()', "result": '"TEXT"'}]
    code_inspect_sample = "std::thread::sleep"
    supported_history_operations = ("tail", "range", "search")
    code_history_pattern = "6*"
    code_display_data = [{"code": marked("display_data", FIGURE), "mime": "text/html"}]
    code_clear_output = marked("clear_output", {"wait": False})


@pytest.fixture(scope="module", params=["plain", "live"])
def suite(request):
    """The suite with its kernel, shared by all of its tests."""
    suite = type("Suite", (Suite,), {"kernel_name": request.param})
    suite.setUpClass()
    yield suite
    suite.tearDownClass()


@pytest.mark.parametrize("name", unittest.defaultTestLoader.getTestCaseNames(Suite))
def test_jupyter_kernel_test(suite, name):
    result = unittest.TestResult()
    suite(name).run(result)
    found = [text for _, text in result.failures + result.errors]
    plain = suite.kernel_name == "plain"
    if plain and name in EVCXR_MAY_FAIL:
        return
    expected = plain and name in EVCXR_FAILS
    assert bool(found) == expected, "\n".join(found) or "it passes: take it out of the list"
    if result.skipped and not found:
        pytest.skip(result.skipped[0][1])
