"""Measures how long a reader waits when a cell goes wrong: for the error of a mistake, for a crate of one's own, after "stop".

usage: bench_trouble.py [--rounds N] [--plain FOLDER] [--only {mistake,dep,stop}]

Each round starts each kernel of bench_start.py (see there for --plain) once for each of these, one after the other:

- mistake: from a cell with a wrong name, after the lesson's first two, to its error;
- dep: from `:dep fastrand = "2"`, with networks in variables, to its end, and whether the networks are still there then;
- stop: from the stop button, pressed while a crate compiles, to the end of that cell, and whether the networks are there.

Prints each round, then minimum, median and maximum.
"""

import argparse
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from bench_start import RUST, plain_kernel, write_kernel
from jupyter_client import BlockingKernelClient, KernelManager
from jupyter_client.kernelspec import KernelSpecManager

MISTAKE = "let img = x_imgs;"
NETWORKS = "generator.name().len()"
# Some seconds of compiling, of which the stop button saves most.
LONG = ':dep regex = "1"\nregex::Regex::new("a+b")?.is_match("aab")'


def run(client: BlockingKernelClient, code: str) -> tuple[float, bool]:
    """Seconds, and whether it worked: plain evcxr_jupyter shows some errors as text only, with the reply ok."""
    start, failed = time.monotonic(), []

    def look(message: dict) -> None:
        content = message["content"]
        if message["msg_type"] == "error" or (content.get("name") == "stderr" and "rror" in content["text"]):
            failed.append(content)

    client.execute_interactive(code, timeout=900, output_hook=look)
    return time.monotonic() - start, not failed


def mistake(client: BlockingKernelClient, _: KernelManager) -> tuple[float, str]:
    for code in RUST[:2]:
        run(client, code)
    seconds, worked = run(client, MISTAKE)
    return seconds, "no error" if worked else "error"


def with_networks(client: BlockingKernelClient) -> None:
    for code in RUST:
        if not run(client, code)[1]:
            raise SystemExit(f"this cell failed: {code}")


def networks(client: BlockingKernelClient) -> str:
    return "networks there" if run(client, NETWORKS)[1] else "networks lost"


def dep(client: BlockingKernelClient, _: KernelManager) -> tuple[float, str]:
    with_networks(client)
    seconds, worked = run(client, ':dep fastrand = "2"\nfastrand::u8(..) as usize')
    return seconds, networks(client) if worked else "error"


def stop(client: BlockingKernelClient, manager: KernelManager) -> tuple[float, str]:
    with_networks(client)
    cell = client.execute(LONG)
    time.sleep(1.5)
    start = time.monotonic()
    manager.interrupt_kernel()
    while True:
        message = client.get_iopub_msg(timeout=900)
        if message["parent_header"].get("msg_id") == cell and message["content"].get("execution_state") == "idle":
            break
    return time.monotonic() - start, networks(client)


TROUBLES = (mistake, dep, stop)


def measure(kernel: str, trouble) -> tuple[float, str]:
    manager = KernelManager(kernel_name=kernel)
    manager.start_kernel(cwd="notebooks")
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=300)
        return trouble(client, manager)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--plain", type=Path)
    parser.add_argument("--only", choices=[trouble.__name__ for trouble in TROUBLES])
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    kernels = ["gan_nb"]
    results = {}
    try:
        specification = KernelSpecManager().get_kernel_spec("gan_nb").to_dict()
        write_kernel(folder, "gan_nb", specification)
        os.environ["JUPYTER_PATH"] = str(folder)
        if options.plain:
            plain_kernel(folder, options.plain.resolve(), specification)
            kernels.append("plain")
        for number in range(options.rounds):
            for trouble in TROUBLES:
                if options.only not in (None, trouble.__name__):
                    continue
                for kernel in kernels:
                    seconds, end = measure(kernel, trouble)
                    results.setdefault((trouble.__name__, kernel), []).append((seconds, end))
                    print(f"round {number + 1}  {trouble.__name__:<8} {kernel:<7} {seconds:7.2f} s  {end}", flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"\n{options.rounds} rounds: minimum / median / maximum in s")
    for (trouble, kernel), rows in results.items():
        times = [seconds for seconds, _ in rows]
        ends = ", ".join(sorted({end for _, end in rows}))
        print(f"{trouble:<8} {kernel:<7} {min(times):7.2f} /{statistics.median(times):7.2f} /{max(times):7.2f}   {ends}")


if __name__ == "__main__":
    main()
