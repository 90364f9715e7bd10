"""A kernel that has started before it is needed: who takes it over, who does not, and when it ends."""

import signal
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from kernels import UNDER_TEST, Kernel, processes, wait_until, words, write_spec

FIRST = "let seed = 41;"
# A spare waits for another kernel for 10 seconds.
ENDS = 30


@pytest.fixture
def keeping(tmp_path, start):
    """Starts kernels that keep spares, with a template of their own."""
    template = tmp_path / "kernels/template"
    (template / "target/debug/.fingerprint").mkdir(parents=True)

    def make(first: str = FIRST, switch: str = "1", **options) -> Kernel:
        name = write_spec("spare", UNDER_TEST, ["--template", str(template), "--first", first, "--spare"])
        return start(name, EVCXR_LIVE_SPARE=switch, **options)

    make.template = template
    return make


def spares(template: Path) -> list[Path]:
    """The sockets of those that nobody has taken over yet."""
    return list(template.parent.glob("evcxr_live-*/spare-*"))


def the_spare(kernel: Kernel, template: Path) -> psutil.Process:
    """Waits until there is one, and returns its process."""
    wait_until(lambda: spares(template), "there is a spare")
    started = [p for p in processes(kernel.mark) if words(p)[1:2] == ["spare"]]
    return max(started, key=lambda process: process.create_time())


def folders(template: Path) -> list[Path]:
    return list(template.parent.glob("evcxr_live-*"))


def test_a_restarted_kernel_is_the_spare(keeping):
    kernel = keeping(JPY_SESSION_NAME="one")
    kernel.run("let before = 1;")
    spare = the_spare(kernel, keeping.template)
    kernel.restart(env={**kernel.environment, "JPY_SESSION_NAME": "two"})
    cell = kernel.run("(seed + 1, std::env::var(\"JPY_SESSION_NAME\"), std::env::current_dir())")
    assert cell.result == f'(42, Ok("two"), Ok("{kernel.folder.parent}"))'
    assert cell.reply["content"]["execution_count"] == 1
    assert kernel.run("before").status == "error"
    assert spare.is_running() and kernel.front().pid != spare.pid
    # Its own pages see one kernel: the front that Jupyter has started ends with it, and it with the front.
    spare.kill()
    wait_until(lambda: not kernel.alive(), "Jupyter sees that the kernel is dead", 15)


def test_kill_9_of_the_front_that_has_taken_it_over(keeping):
    kernel = keeping()
    spare = the_spare(kernel, keeping.template)
    kernel.restart()
    kernel.begin('println!("busy"); loop { std::hint::black_box(()); }').until_text("busy")
    kernel.front().send_signal(signal.SIGKILL)
    wait_until(lambda: not spare.is_running() or spare.status() == psutil.STATUS_ZOMBIE, "it has ended too", 10)
    wait_until(lambda: not processes(kernel.mark), "all its processes have ended", ENDS)
    wait_until(lambda: not folders(keeping.template), "no folder is left", ENDS)


def test_a_spare_ends_with_the_last_kernel(keeping):
    kernel = keeping()
    the_spare(kernel, keeping.template)
    kernel.front().send_signal(signal.SIGKILL)
    wait_until(lambda: not processes(kernel.mark), "all its processes have ended", ENDS)
    wait_until(lambda: not folders(keeping.template), "no folder is left", ENDS)


def test_kill_9_of_a_spare_leaves_nothing_of_it(keeping):
    kernel = keeping()
    the_spare(kernel, keeping.template).kill()
    wait_until(lambda: len(folders(keeping.template)) == 1, "its folder is gone")
    kernel.restart()
    assert kernel.run("seed + 1").result == "42"


def test_one_of_two_that_want_it_gets_it(keeping):
    kernel = keeping()
    the_spare(kernel, keeping.template)
    with ThreadPoolExecutor() as pool:
        both = list(pool.map(lambda _: keeping(like=kernel), range(2)))
    # A kernel that has started itself has the process of its cells below it; that of a spare is elsewhere.
    alone = [bool([p for p in new.front().children() if "--template" not in words(p)]) for new in both]
    assert sorted(alone) == [False, True]
    for number, new in enumerate(both):
        assert new.run(f"seed + {number}").result == str(41 + number)
    assert kernel.run("seed").result == "41"


@pytest.mark.parametrize("other", [{"OMP_NUM_THREADS": "3"}, {"cwd": Path("/")}], ids=["environment", "folder"])
def test_who_differs_starts_by_itself(keeping, other):
    kernel = keeping()
    spare = the_spare(kernel, keeping.template)
    new = keeping(like=kernel, **other)
    cell = new.run('(std::env::var("OMP_NUM_THREADS").ok(), std::env::current_dir()?)')
    expected = f'Some("3"), "{kernel.folder.parent}"' if "cwd" not in other else 'None, "/"'
    assert cell.result == f"({expected})"
    assert spare.is_running() and spares(keeping.template)


def test_a_template_that_has_changed_ends_it(keeping):
    kernel = keeping()
    spare = the_spare(kernel, keeping.template)
    (keeping.template / "target/debug/.fingerprint/new-0123456789abcdef").mkdir()
    kernel.restart()
    assert kernel.run("seed + 1").result == "42"
    wait_until(lambda: not spare.is_running() or spare.status() == psutil.STATUS_ZOMBIE, "the stale one has ended")


def test_a_crate_that_was_edited_is_read_anew(keeping, tmp_path):
    crate = tmp_path / "tiny"
    (crate / "src").mkdir(parents=True)
    (crate / "Cargo.toml").write_text('[package]\nname = "tiny"\nversion = "0.1.0"\nedition = "2021"\n')
    (crate / "src/lib.rs").write_text("pub fn answer() -> i32 { 42 }")
    kernel = keeping(f':dep tiny = {{ path = "{crate}" }}')
    assert kernel.run("let a = tiny::answer(); a", timeout=120).result == "42"
    the_spare(kernel, keeping.template)
    wait_until(lambda: list(keeping.template.parent.glob("evcxr_live-*/local-packages.json"))[1:], "it has read the crate")
    time.sleep(3)  # rust-analyzer reads it right after that
    (crate / "src/lib.rs").write_text('pub fn answer() -> String { "new".into() }')
    kernel.restart()
    assert kernel.run("let a = tiny::answer(); a", timeout=120).result == '"new"'


def test_many_restarts_in_a_row(keeping):
    kernel = keeping()
    the_spare(kernel, keeping.template)
    for _ in range(6):
        kernel.restart()
        assert kernel.run("seed + 1").result == "42"
    kernel.close()
    wait_until(lambda: not processes(kernel.mark), "all its processes have ended", ENDS)
    wait_until(lambda: not folders(keeping.template), "no folder is left", ENDS)


def test_signals_reach_it(keeping):
    kernel = keeping()
    the_spare(kernel, keeping.template)
    kernel.restart()
    cell = kernel.begin('println!("busy"); loop { std::hint::black_box(()); }')
    cell.until_text("busy")
    kernel.front().send_signal(signal.SIGINT)
    assert cell.finish().reply["content"]["ename"] == "Interrupted"
    kernel.front().terminate()
    wait_until(lambda: not kernel.alive(), "the kernel has ended", 15)


def test_it_is_its_owners_alone(keeping):
    kernel = keeping()
    the_spare(kernel, keeping.template)
    (socket,) = spares(keeping.template)
    assert stat.S_ISSOCK(socket.stat().st_mode) and stat.S_IMODE(socket.stat().st_mode) == 0o600
    assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700


def test_the_switch(keeping):
    kernel = keeping(switch="0")
    kernel.run("1")
    time.sleep(4)
    assert not spares(keeping.template) and len(folders(keeping.template)) == 1
