"""However a kernel ends: no process and no folder stays behind, and Jupyter is told what it expects."""

import asyncio
import os
import shutil
import signal

import psutil
import pytest
from jupyter_client.ioloop import AsyncIOLoopKernelManager
from kernels import MARK, WAIT, Client, processes, runs_cells, wait_until
from traitlets.config import Config

BUSY = 'println!("busy"); let mut i = 0u64; loop { i = std::hint::black_box(i + 1); }'


def kill(process: psutil.Process) -> None:
    os.kill(process.pid, signal.SIGKILL)


def begin_if(busy: bool, kernel):
    """A cell that computes without end, and is known to be running."""
    if busy:
        cell = kernel.begin(BUSY)
        cell.until_text("busy")
        return cell


@pytest.fixture(params=[False, True], ids=["idle", "busy"])
def busy(request) -> bool:
    return request.param


def test_a_kernel_is_three_processes_and_a_folder(kernel):
    """What the others rest on: the test sees the processes and the folder of which it says later that they have gone."""
    assert kernel.front().pid not in (kernel.evcxr().pid, kernel.child().pid)
    assert kernel.evcxr().pid != kernel.child().pid
    assert kernel.files()


@pytest.mark.parametrize("part", ["front", "evcxr"])
def test_kill_9_ends_the_kernel(start, part, busy):
    kernel = start()
    begin_if(busy, kernel)
    kill(getattr(kernel, part)())
    wait_until(lambda: not kernel.alive(), "Jupyter sees that the kernel is dead", 15)
    kernel.leaves_nothing()


def test_kill_9_of_the_cells_process_ends_the_cell(start, busy):
    kernel = start()
    cell = begin_if(busy, kernel)
    child = kernel.child()
    kill(child)
    cell = cell.finish() if busy else kernel.run('println!("too late");')
    assert cell.status == "error" and cell.of("error")
    assert kernel.run("1 + 1").result == "2"
    assert kernel.alive() and kernel.child().pid != child.pid


def test_shutdown(start, busy):
    kernel = start()
    begin_if(busy, kernel)
    reply = kernel.client.control("shutdown_request", {"restart": False})
    assert reply["msg_type"] == "shutdown_reply"
    assert reply["content"] == {"status": "ok", "restart": False}
    # Jupyter gives a kernel five seconds before it kills it.
    wait_until(lambda: not kernel.alive(), "the kernel has ended by itself", 5)
    kernel.leaves_nothing()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=["TERM", "HUP"])
def test_ended_by_signal(start, number):
    kernel = start()
    begin_if(True, kernel)
    kernel.front().send_signal(number)
    wait_until(lambda: not kernel.alive(), "the kernel has ended", 15)
    kernel.leaves_nothing()


def test_restart(start, busy):
    kernel = start()
    kernel.run("let before = 1;")
    begin_if(busy, kernel)
    old = kernel.processes()
    folders = kernel.files()
    kernel.client.close()
    kernel.manager.restart_kernel()
    kernel.client = kernel.connect()
    cell = kernel.run("1 + 1")
    assert (cell.result, cell.reply["content"]["execution_count"]) == ("2", 1)
    assert kernel.run("before").status == "error"
    wait_until(lambda: not any(process.is_running() for process in old), "the old processes have ended", 15)
    wait_until(lambda: not any(folder.exists() for folder in folders), "the old folder is gone", 15)


def test_two_kernels_at_once(start):
    kernels = [start(), start()]
    cells = [kernel.begin(f"let own = {number};") for number, kernel in enumerate(kernels)]
    assert [cell.finish().status for cell in cells] == ["ok", "ok"]
    assert [kernel.run("own").result for kernel in kernels] == ["0", "1"]
    kernels[0].close()
    kernels[0].leaves_nothing()
    assert kernels[1].run("own").result == "1"


@pytest.mark.parametrize("part", ["front", "evcxr"])
def test_jupyters_restarter_starts_it_anew(tmp_path_factory, part):
    """As JupyterLab's server does: the notebook says that the kernel has died and is restarting, and then goes on."""
    mark = f"restarter-{os.getpid()}-{part}"
    folder = tmp_path_factory.mktemp("kernel")
    environment = {**os.environ, "TMPDIR": str(folder), MARK: mark}

    def kernel_process(manager) -> psutil.Process:
        evcxr = (p for p in processes(mark) if p.name() == "evcxr_jupyter" and not runs_cells(p))
        return psutil.Process(manager.provisioner.pid) if part == "front" else next(evcxr)

    async def run_a_cell(manager) -> str:
        client = Client(manager.client(client_factory=None) if False else blocking(manager))
        try:
            await asyncio.to_thread(client.wait_for_ready)
            return (await asyncio.to_thread(client.run, "1 + 1")).result
        finally:
            client.close()

    async def scenario() -> None:
        config = Config({"KernelRestarter": {"time_to_dead": 0.5}})
        manager = AsyncIOLoopKernelManager(kernel_name="live", config=config)
        restarts: list[bool] = []
        await manager.start_kernel(env=environment)
        manager.add_restart_callback(lambda: restarts.append(True))
        try:
            assert await run_a_cell(manager) == "2"
            old = processes(mark)
            kill(kernel_process(manager))
            for _ in range(WAIT):
                if restarts:
                    break
                await asyncio.sleep(1)
            assert restarts, "Jupyter has not seen that the kernel died"
            await asyncio.sleep(1)  # the restarter says so before it does it
            assert await run_a_cell(manager) == "2"
            wait_until(lambda: not any(process.is_running() for process in old), "the old processes have ended", 15)
            assert len(list(folder.iterdir())) == 1, "the folder of the new kernel alone"
        finally:
            await manager.shutdown_kernel(now=True)

    try:
        asyncio.run(scenario())
        wait_until(lambda: not processes(mark), "all processes have ended", 15)
        wait_until(lambda: not list(folder.iterdir()), "the folder is gone", 15)
    finally:
        for process in processes(mark):
            process.kill()
        shutil.rmtree(folder, ignore_errors=True)


def blocking(manager):
    """A blocking client for an asynchronous manager's kernel."""
    from jupyter_client import BlockingKernelClient

    client = BlockingKernelClient()
    client.load_connection_info(manager.get_connection_info(session=False))
    return client
