"""However a kernel ends, it leaves no process and no folder behind, and tells Jupyter what Jupyter expects."""

import asyncio
import os
import signal
import subprocess
import time

import pytest
from client import WAIT, Client
from jupyter_client import BlockingKernelClient
from jupyter_client.connect import write_connection_file
from jupyter_client.ioloop import AsyncIOLoopKernelManager
from kernels import MARK, UNDER_TEST, Kernel, processes, still_run, wait_until
from traitlets.config import Config


def begin_busy_cell(kernel: Kernel):
    """A cell that computes forever, and is known to be running."""
    cell = kernel.begin('println!("busy"); let mut i = 0u64; loop { i = std::hint::black_box(i + 1); }')
    cell.until_text("busy")
    return cell


def test_a_kernel_is_two_processes_a_guard_and_a_folder(kernel):
    """This test finds the processes and the folder that the others here expect to be gone."""
    assert kernel.front().pid != kernel.child().pid
    assert len(kernel.processes()) == 3
    assert kernel.files()


@pytest.mark.parametrize("name, part", [("live", "front"), ("outside", "front"), ("outside", "evcxr")])
def test_kill_9_while_a_cell_computes(start, name, part):
    kernel = start(name)
    begin_busy_cell(kernel)
    getattr(kernel, part)().send_signal(signal.SIGKILL)
    wait_until(lambda: not kernel.alive(), "Jupyter sees that the kernel is dead", 15)
    kernel.leaves_nothing()


@pytest.mark.parametrize("busy", [False, True], ids=["idle", "busy"])
def test_kill_9_of_the_cells_process_ends_the_cell_alone(kernel, busy):
    cell = busy and begin_busy_cell(kernel)
    child = kernel.child()
    child.send_signal(signal.SIGKILL)
    cell = cell.finish() if busy else kernel.run('println!("too late");')
    assert cell.status == "error" and cell.of("error")
    assert kernel.run("1 + 1").result == "2"
    assert kernel.alive() and kernel.child().pid != child.pid


@pytest.mark.parametrize("busy", [False, True], ids=["idle", "busy"])
def test_shutdown(start, busy):
    kernel = start()
    if busy:
        begin_busy_cell(kernel)
    reply = kernel.client.control("shutdown_request", {"restart": False})
    assert reply["msg_type"] == "shutdown_reply"
    assert reply["content"] == {"status": "ok", "restart": False}
    # Jupyter gives a kernel five seconds before it kills it.
    wait_until(lambda: not kernel.alive(), "the kernel has ended by itself", 5)
    kernel.leaves_nothing()


def test_what_is_temporary_lies_in_the_kernels_folder(start):
    """rust-analyzer, too, has a folder while it asks cargo for the dependencies; a killed kernel would leave it behind."""
    kernel = start()
    seen: set[str] = set()
    kernel.manager.restart_kernel()  # in the same folder
    end = time.monotonic() + 8
    while time.monotonic() < end:
        seen.update(file.name for file in kernel.files())
        time.sleep(0.001)
    assert seen and all(name.lstrip(".").startswith("evcxr_live-") for name in seen)


def test_cells_have_the_users_folder_for_temporary_files(start):
    kernel = start()
    assert kernel.run("std::env::temp_dir().display().to_string()").result == f'"{kernel.folder}"'


def test_ended_by_signal(start):
    kernel = start()
    begin_busy_cell(kernel)
    kernel.front().terminate()
    wait_until(lambda: not kernel.alive(), "the kernel has ended", 15)
    kernel.leaves_nothing()


def test_restart(start):
    kernel = start()
    kernel.run("let before = 1;")
    begin_busy_cell(kernel)
    old, folders = kernel.processes(), kernel.files()
    kernel.client.close()
    kernel.manager.restart_kernel()
    kernel.client = kernel.connect()
    cell = kernel.run("1 + 1")
    assert (cell.result, cell.reply["content"]["execution_count"]) == ("2", 1)
    assert kernel.run("before").status == "error"
    assert not still_run(old)
    assert not [folder for folder in folders if folder.exists()]


def test_two_kernels_at_once(start, kernel):
    kernels = [start(), kernel]
    cells = [kernel.begin(f"let own = {number};") for number, kernel in enumerate(kernels)]
    assert [cell.finish().status for cell in cells] == ["ok", "ok"]
    assert [kernel.run("own").result for kernel in kernels] == ["0", "1"]
    kernels[0].close()
    kernels[0].leaves_nothing()
    assert kernel.run("own").result == "1"


@pytest.mark.parametrize("evcxr", ["/no/such/evcxr_jupyter", "false"], ids=["missing", "ends at once"])
def test_without_evcxr_it_says_so_and_leaves_nothing(tmp_path, evcxr):
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    file, _ = write_connection_file(str(tmp_path / "connection.json"), key=b"a key of the test's")
    command, environment = [UNDER_TEST, "--evcxr", evcxr, file], {**os.environ, "TMPDIR": str(temporary)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=WAIT)
    assert done.returncode != 0
    assert "evcxr_jupyter" in done.stderr
    wait_until(lambda: not list(temporary.iterdir()), "the folder is gone", 15)


# --- JupyterLab's server restarts a kernel that has died: the notebook says so, and carries on.


def test_jupyters_restarter_restarts_it(tmp_path_factory):
    mark = f"restarter-{os.getpid()}"
    folder = tmp_path_factory.mktemp("kernel")
    try:
        asyncio.run(kill_and_await_restart(mark, folder))
        wait_until(lambda: not processes(mark), "all processes have ended", 15)
        wait_until(lambda: not list(folder.iterdir()), "the folder is gone", 15)
    finally:
        for process in processes(mark):
            process.kill()


async def kill_and_await_restart(mark, folder) -> None:
    manager = AsyncIOLoopKernelManager(kernel_name="live", config=Config({"KernelRestarter": {"time_to_dead": 0.5}}))
    restarts: list[bool] = []
    await manager.start_kernel(env={**os.environ, "TMPDIR": str(folder), MARK: mark})
    manager.add_restart_callback(lambda: restarts.append(True))
    try:
        assert await run_a_cell(manager) == "2"
        old = processes(mark)
        os.kill(manager.provisioner.pid, signal.SIGKILL)
        for _ in range(WAIT):
            await asyncio.sleep(1)  # the restarter announces it before doing it
            if restarts and manager.provisioner.pid not in {process.pid for process in old}:
                break
        assert restarts, "Jupyter has not noticed that the kernel died"
        assert await run_a_cell(manager) == "2"
        assert not still_run(old)
        assert len(list(folder.iterdir())) == 1, "only the folder of the new kernel"
    finally:
        await manager.shutdown_kernel(now=True)


async def run_a_cell(manager) -> str:
    jupyter = BlockingKernelClient()
    jupyter.load_connection_info(manager.get_connection_info(session=False))
    client = Client(jupyter)
    try:
        await asyncio.to_thread(client.wait_for_ready)
        return (await asyncio.to_thread(client.run, "1 + 1")).result
    finally:
        client.close()
