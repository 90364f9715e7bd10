"""Kernelspecs in the tests' own Jupyter folder, and kernels that must leave nothing behind."""

import os
from pathlib import Path

import pytest
from kernels import PLAIN, UNDER_TEST, Kernel, is_plain, write_spec

JUPYTER_VARIABLES = ["PATH", "CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR"]


@pytest.fixture(scope="session", autouse=True)
def specs(tmp_path_factory) -> None:
    """The kernelspecs `live`, the same with interrupts by signal and with `--evcxr`, and `plain`, evcxr_jupyter itself."""
    for binary in (UNDER_TEST, PLAIN):
        if not os.access(binary, os.X_OK):
            pytest.exit(f"{binary} is not an executable kernel; build it with: cargo build --release -p evcxr_live", 2)
    for name in JUPYTER_VARIABLES:
        os.environ[f"JUPYTER_{name}"] = str(tmp_path_factory.mktemp(name.lower()))
    os.environ["IPYTHONDIR"] = str(tmp_path_factory.mktemp("ipython"))
    write_spec("live", UNDER_TEST)
    write_spec("outside", UNDER_TEST, ["--evcxr", PLAIN])
    write_spec("live_signal", UNDER_TEST, interrupt_mode="signal")
    write_spec("plain", PLAIN)


@pytest.fixture(scope="session")
def shared():
    """The kernel shared by all tests that do it no harm, restarted if one of them did."""
    kernels: list[Kernel] = []

    def get() -> Kernel:
        if not kernels or not kernels[-1].alive():
            kernels.append(Kernel("live"))
        return kernels[-1]

    yield get
    end(kernels)


@pytest.fixture
def kernel(shared):
    kernel = shared()
    try:
        kernel.client.wait_for_ready()
    except AssertionError:
        kernel.destroy()
        raise
    kernel.client.seen.clear()
    kernel.client.cells.clear()
    yield kernel
    if kernel.busy():  # the test failed half-way; the next one must not wait for its cell
        kernel.destroy()


@pytest.fixture
def start():
    """Starts kernels that end with the test, by SIGKILL, and checks that nothing of them is left."""
    kernels: list[Kernel] = []

    def start(name: str = "live", **options) -> Kernel:
        kernels.append(Kernel(name, **options))
        return kernels[-1]

    yield start
    end(kernels)


def end(kernels: list[Kernel]) -> None:
    try:
        for kernel in kernels:
            kernel.close()
        for kernel in kernels:
            # evcxr_jupyter itself leaves behind its folder, and cells that are still computing.
            if not is_plain(kernel.manager.kernel_spec.argv[0]):
                kernel.leaves_nothing()
    finally:
        for kernel in kernels:
            kernel.destroy()


@pytest.fixture
def go(tmp_path) -> Path:
    """A file that a cell waits for: the test makes it when it has seen enough."""
    return tmp_path / "go"
