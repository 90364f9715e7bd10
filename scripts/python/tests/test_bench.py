"""The benchmark's arithmetic: the products of an iteration, and the summary of the rounds. Nothing is timed."""

from pathlib import Path

import pytest
from bench import bfloat16, busy, cuda, products, report


def result(seconds: list[float], **more) -> dict:
    rest = {"peak_bytes": 100 << 20, "generation_batch": 256, "generation_seconds": [0.5], "first_iteration_seconds": 1.0}
    return {"iteration_seconds": seconds, **rest, **more}


@pytest.fixture
def rounds() -> list[dict]:
    """The machine is half as fast in the second round: that must not change any ratio within a round."""
    return [
        {
            report.OWN: result([0.8 * pace, 1.0 * pace, 1.2 * pace], assembly_seconds=[0.002 * pace]),
            "PyTorch eager": result([2.0 * pace, 2.0 * pace, 5.0 * pace], peak_bytes=200 << 20, generation_seconds=[0.6]),
            "Keras 2": result([4.0 * pace] * 3, peak_bytes=None),
            report.FLOOR: {"iteration_seconds": [0.9 * pace], "flop": 23},
        }
        for pace in (1, 2)
    ]


def test_products_have_the_networks_weights():
    # Without biases and batch normalizations: the kernels in the two summaries.
    assert sum(layer.k * layer.n for layer in products.generator(32)) == 100 * 16384 + 16 * 256 * 128 + 16 * 128 * 64 + 9 * 64 * 3
    assert sum(layer.k * layer.n for layer in products.discriminator(32)) == 9 * (3 * 64 + 64 * 128 + 128 * 256) + 4096


def test_an_iteration_computes_nothing_needless():
    g, d = ["g0", "g1"], ["d0", "d1"]
    d_step = [("forward", "d0"), ("forward", "d1"), ("weights", "d1"), ("inputs", "d1"), ("weights", "d0")]
    assert products.iteration(g, d) == [
        ("forward", "g0"), ("forward", "g1"), *d_step, *d_step,
        ("forward", "g0"), ("forward", "g1"), ("forward", "d0"), ("forward", "d1"),
        ("inputs", "d1"), ("inputs", "d0"), ("weights", "g1"), ("inputs", "g1"), ("weights", "g0"),
    ]  # fmt: skip


def test_flop_of_an_iteration():
    g, d = products.generator(32), products.discriminator(32)
    forward_g, forward_d = sum(layer.flop for layer in g), sum(layer.flop for layer in d)
    # G twice and D three times forward; G's two gradients, D's weights' twice and its inputs' three times, without the
    # inputs of G and those of D while it learns.
    assert products.flop(32) == 4 * forward_g + 8 * forward_d - g[0].flop - 2 * d[0].flop
    assert products.flop(32) / 1e9 == pytest.approx(22.95, abs=0.01)
    assert products.flop(64) == 2 * products.flop(32)


def test_medians_and_ratios(rounds):
    systems = report.summarize(rounds)
    own, eager = systems[report.OWN], systems["PyTorch eager"]
    assert own["seconds"] == {"median": pytest.approx(1.4), "min": 0.8, "max": 2.4}
    assert own["ratio"] == 1
    assert (eager["ratio"], eager["ratio_by_round"]) == (0.5, [0.5, 0.5])
    assert own["floor_reached"] == pytest.approx(0.9)
    assert eager["floor_reached"] == pytest.approx(0.45)
    assert eager["images_per_second"] == pytest.approx(256 / 0.6)
    assert (own["peak_bytes"], systems["Keras 2"]["peak_bytes"]) == (100 << 20, None)


def test_without_a_floor_none_is_reached(rounds):
    without = [{system: found for system, found in results.items() if system != report.FLOOR} for results in rounds]
    systems = report.summarize(without, "Keras 2")
    assert systems[report.OWN]["ratio"] == pytest.approx(4.0), "the fraction is that of the system that is asked for"
    assert [found["floor_reached"] for found in systems.values()] == [None] * 3
    row = next(line for line in report.table(systems, [], {}, "Keras 2").splitlines() if line.startswith(f"| {report.OWN} "))
    assert [cell.strip() for cell in row.split("|")][4:7] == ["4.000", "4.000 4.000", ""]


def test_bfloat16_compares_the_same_precision():
    commands = bfloat16.commands(Path("gan_nb"))
    assert commands[bfloat16.OWN][-2:] == ["--precision", "mixed"]
    assert commands[bfloat16.OTHER][-2:] == ["--mode", "bfloat16"]
    assert "mixed" not in commands[report.OWN] + commands["PyTorch channels_last"]


def test_a_busy_iteration_is_compared_with_the_quiet_one_of_its_round():
    # The machine is half as fast in the second round, quiet and busy.
    rounds = [
        {
            report.OWN: {"quiet": [1.0 * pace, 3.0 * pace, 1.0 * pace], "busy": [2.0 * pace] * 3, "data": "d"},
            "PyTorch eager": {"quiet": [2.0 * pace], "busy": [8.0 * pace], "data": None},
        }
        for pace in (1, 2)
    ]
    found = busy.summarize(rounds)
    assert found[report.OWN] == {"quiet": 2.0, "busy": 3.0, "slower": 2.0, "slower_by_round": [2.0, 2.0], "ratio": 1.0}
    assert (found["PyTorch eager"]["slower"], found["PyTorch eager"]["ratio"]) == (4.0, 0.25)
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in busy.table(found).splitlines()[2:]]
    assert rows[0] == [report.OWN, "2.0000", "3.0000", "2.00", "2.00 2.00", "1.00"]


def test_the_busy_process_ends_with_its_comparison():
    with pytest.raises(ZeroDivisionError), busy.busy_process() as process:
        assert process.poll() is None
        1 / 0
    assert process.poll() is not None


def test_targets(rounds):
    panel = {"bare_seconds": [1.0, 2.0], "watched_seconds": [1.1, 2.0], "record_seconds": 0.03}
    shares = report.shares(rounds, panel)
    assert shares == {"assembly": pytest.approx(0.002), "panel_and_history": pytest.approx(0.02), "panel_ratio": pytest.approx(1.05)}
    aims = {aim["name"]: (round(aim["value"], 3), aim["met"]) for aim in report.targets(report.summarize(rounds), shares)}
    assert aims == {
        "iteration / PyTorch eager": (0.5, True),
        "iteration / Keras 2": (0.25, True),
        "GEMM floor reached": (0.9, True),
        "peak memory / PyTorch's lowest": (0.5, True),
        "batch assembly, share of an iteration": (0.002, True),
        "panel and history, share of an iteration": (0.02, False),
        "generation / PyTorch's best": (1.2, True),
    }


def test_table_has_a_row_for_each(rounds):
    systems = report.summarize(rounds)
    sizes = {report.OWN: {8: 0.08, 32: 0.16}, "Keras 2": {8: 0.8, 32: 1.6}}
    aims = [{"name": "a ratio", "value": 1.5, "target": "<= 1.00", "met": False}]
    text = report.table(systems, aims, sizes)
    assert [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ")] == [
        "", report.OWN, "PyTorch eager", "Keras 2", report.FLOOR, "target", "a ratio", "ms per image, training, batch of", report.OWN, "Keras 2",
    ]  # fmt: skip
    assert "| a ratio | 1.5000 | <= 1.00 | NO  |" in text
    assert [cell.strip() for cell in text.splitlines()[-1].split("|")] == ["", "Keras 2", "100.00", "50.00", ""]


def test_a_gpu_s_targets_are_ratios_to_the_graph_of_the_same_batch():
    seconds = {
        32: {cuda.OWN: 0.0010, cuda.OWN_MIXED: 0.0009, cuda.GRAPH: 0.00125},
        256: {cuda.OWN: 0.0030, cuda.OWN_MIXED: 0.0033, cuda.GRAPH: 0.0030},
    }
    aims = cuda.targets(seconds, {32: {cuda.OWN: 90.0}})
    assert [round(aim["value"], 3) for aim in aims] == [0.8, 1.0, 0.9, 1.1, 90.0, 10.0]
    assert [aim["met"] for aim in aims] == [True, False, True, False, True, True]


def test_on_a_gpu_every_system_has_a_command_of_its_own():
    commands = cuda.commands(Path("gan_nb"))
    assert {cuda.OWN, cuda.OWN_MIXED, cuda.GRAPH} <= commands.keys()
    assert len({(tuple(command), tuple(more.items())) for command, more in commands.values()}) == len(commands)
