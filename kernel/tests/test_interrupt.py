"""The stop button asks first; a cell that does not listen is killed by evcxr's own interrupt."""

import os
import signal
import time

import pytest
from kernels import Kernel
from rust import readme

# Ends when the flag is raised, or when the test makes the file `go`.
LISTENS = """
    let flag = std::path::PathBuf::from(std::env::var("EVCXR_LIVE_INTERRUPT")?);
    println!("listening");
    while !flag.exists() && !std::path::Path::new("GO").exists() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let stopped = flag.exists();
    if stopped { std::fs::write(&flag, "seen")?; }
    println!("{}", if stopped { "stopped early" } else { "came to its end" });
    let rounds = 7;
"""
DEAF = 'println!("deaf"); loop { std::thread::sleep(std::time::Duration::from_secs(1)); }'
DEAF_AND_BUSY = 'println!("deaf"); let mut i = 0u64; loop { i = std::hint::black_box(i + 1); }'
SAME_PRESS = 2  # seconds, within which presses count as one
ASKED_FOR = 3  # seconds, after which evcxr's own interrupt follows


@pytest.fixture
def listening(go) -> str:
    return LISTENS.replace("GO", str(go))


@pytest.fixture
def alive(kernel) -> Kernel:
    """A kernel with a variable, to check that it lives on."""
    assert kernel.run('let before = String::from("lives");').status == "ok"
    return kernel


def lives(kernel: Kernel, variable: str = "before") -> bool:
    return kernel.run(f"{variable}.clone()").result == '"lives"'


def stop(kernel: Kernel, code: str) -> tuple:
    """Runs a cell, presses the stop button once the cell has printed something, and waits for its end. Returns the
    cell, and how long it went on."""
    cell = kernel.begin(code)
    cell.until_kind("stream")
    kernel.interrupt()
    pressed = time.monotonic()
    cell.finish()
    return cell, time.monotonic() - pressed


def test_a_cell_that_listens_ends_well(alive, listening):
    cell, took = stop(alive, listening)
    assert cell.status == "ok" and not cell.of("error")
    assert cell.text() == "listening\nstopped early\n"
    assert took < ASKED_FOR / 2
    assert lives(alive)
    assert alive.run("rounds").result == "7", "a variable of the cell that was stopped"


def test_the_readmes_example(alive):
    cell, _ = stop(alive, readme("interrupted") + 'println!("listening"); while !interrupted() {} println!("ended");')
    assert (cell.status, cell.text()) == ("ok", "listening\nended\n")
    assert lives(alive)


def test_by_signal(start, listening):
    """Jupyter sends SIGINT to the kernel's process group."""
    kernel = start("live_signal")
    kernel.run('let before = String::from("lives");')
    cell, took = stop(kernel, listening)
    assert (cell.status, cell.text()) == ("ok", "listening\nstopped early\n")
    assert took < ASKED_FOR / 2
    assert lives(kernel)
    # To the process alone, as `kill -INT` does.
    cell = kernel.begin(listening)
    cell.until_text("listening")
    os.kill(kernel.front().pid, signal.SIGINT)
    assert cell.finish().text() == "listening\nstopped early\n"
    assert lives(kernel)


def test_the_request_is_answered(alive, listening):
    cell = alive.begin(listening)
    cell.until_text("listening")
    reply = alive.client.control("interrupt_request")
    assert reply["msg_type"] == "interrupt_reply"
    assert reply["content"]["status"] == "ok"
    assert cell.finish().status == "ok"


def test_the_same_cell_again_is_not_stopped_by_an_old_flag(alive, listening, go):
    stop(alive, listening)
    cell = alive.begin(listening)
    cell.until_text("listening")
    go.touch()
    assert cell.finish().text() == "listening\ncame to its end\n"


def test_cells_in_the_queue_do_not_run(alive, listening):
    """As with Jupyter's other kernels: "stop" under "run all" stops all."""
    cells = [alive.begin(code) for code in (listening, 'println!("ran");', 'println!("ran");')]
    cells[0].until_text("listening")
    alive.interrupt()
    assert [cell.finish().status for cell in cells] == ["ok", "aborted", "aborted"]
    assert cells[0].text() == "listening\nstopped early\n"
    assert not cells[1].of("stream") and not cells[2].of("stream")
    assert alive.run('println!("ran");').text() == "ran\n"


def test_while_idle_it_harms_nothing(alive, listening, go):
    for _ in range(2):
        alive.interrupt()
    time.sleep(1)  # these come by a connection of the manager's own
    alive.client.control("interrupt_request")
    go.touch()
    assert alive.run(listening).text() == "listening\ncame to its end\n", "the next cell starts unasked"
    assert lives(alive)


@pytest.mark.parametrize("deaf", [DEAF, DEAF_AND_BUSY], ids=["sleeping", "busy"])
def test_a_cell_that_does_not_listen_is_ended_and_told(alive, deaf):
    cell, took = stop(alive, deaf)
    assert cell.status == "error" and cell.of("error")
    # It gets at least the time to answer; how much longer depends on the machine.
    assert took > ASKED_FOR - 0.5
    assert cell.reply["content"]["ename"] == "Interrupted"
    told = "\n".join(cell.of("error")[0]["content"]["traceback"])
    assert "`before` (cell" in told and "again" in told, "what is lost, and what to do"
    assert alive.run("1 + 1").result == "2"
    assert not lives(alive), "if they did live on, that message would be wrong"


def test_a_second_press_ends_it_at_once(alive, listening):
    """Also a cell that has answered, and so would get all the time that it needs."""
    cell = alive.begin(listening.replace("let rounds", "std::thread::sleep(std::time::Duration::from_secs(60)); let rounds"))
    cell.until_text("listening")
    alive.interrupt()
    time.sleep(SAME_PRESS + 0.3)
    pressed = time.monotonic()
    alive.interrupt()
    assert cell.finish().status == "error"
    assert time.monotonic() - pressed < 10
    assert cell.reply["content"]["ename"] == "Interrupted"
    assert alive.run("1 + 1").result == "2"


def test_a_double_click_is_one_press(alive, listening):
    slow = listening.replace("let rounds", "std::thread::sleep(std::time::Duration::from_secs(3)); let rounds")
    cell = alive.begin(slow)
    cell.until_text("listening")
    for _ in range(4):
        alive.interrupt()
        time.sleep(0.3)
    assert cell.finish().status == "ok"
    assert lives(alive)


def test_a_cell_that_has_answered_gets_the_time_it_needs(alive, listening):
    """Longer than a deaf one gets, because it may have a last step to finish, and a model to save."""
    last = listening.replace("let rounds", "std::thread::sleep(std::time::Duration::from_secs(5)); let rounds")
    cell, took = stop(alive, last)
    assert cell.status == "ok"
    assert took > ASKED_FOR + 1
    assert lives(alive)
