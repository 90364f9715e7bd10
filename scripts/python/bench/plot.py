"""The plot beside bench.json: the iteration's time in each system, and the time per image for each batch size."""

from pathlib import Path
from statistics import median

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from bench.report import FLOOR, OWN

# Okabe and Ito's colours, which colour-blind readers can tell apart; each line also has its own marker.
COLOURS = {
    OWN: "#D55E00",
    "PyTorch eager": "#0072B2",
    "PyTorch channels_last": "#56B4E9",
    "torch.compile": "#009E73",
    "Keras 2": "#CC79A7",
    FLOOR: "#555555",
}
MARKERS = dict(zip(COLOURS, "osD^vx", strict=True))


def save(path: Path, machine: dict, systems: dict, rounds: list[dict], sizes: dict) -> None:
    # Its own background, so that it is readable on light and dark pages.
    figure, axes = plt.subplots(1, 2 if sizes else 1, figsize=(11 if sizes else 6.5, 4), layout="constrained", squeeze=False)
    figure.set_facecolor("white")
    figure.suptitle(f"The tutorial's iteration on {machine['threads']} threads, {machine['cpu']}", fontsize=11)
    draw_iterations(axes[0][0], systems, rounds)
    if sizes:
        draw_sizes(axes[0][1], sizes)
    figure.savefig(path, dpi=150)
    plt.close(figure)


def draw_iterations(axis, systems: dict, rounds: list[dict]) -> None:
    """A bar for the median of all iterations, a dot for the median of each round."""
    names = [system for system in systems if system != FLOOR]
    floor = systems[FLOOR]["seconds"]["median"]
    for y, system in enumerate(names):
        value = systems[system]["seconds"]["median"]
        axis.barh(y, value, color=COLOURS[system], height=0.6)
        dots = [median(results[system]["iteration_seconds"]) for results in rounds]
        axis.plot(dots, [y] * len(dots), "o", color="black", markersize=3)
        axis.text(max(value, *dots) + 0.01 * axis.get_xlim()[1], y, f" {value:.3f}", va="center", fontsize=9)
    axis.axvline(floor, color=COLOURS[FLOOR], linestyle="--")
    axis.text(floor, -0.62, f" products alone {floor:.3f}", color=COLOURS[FLOOR], fontsize=8, va="center")
    axis.set_yticks(range(len(names)), names)
    axis.set_ylim(len(names) - 0.5, -0.9)
    axis.margins(x=0.15)
    axis.set_xlabel("seconds per iteration, batch of 32 (dots: each round)")
    axis.spines[["top", "right"]].set_visible(False)


def draw_sizes(axis, sizes: dict) -> None:
    for system, times in sizes.items():
        batches = sorted(times)
        values = [1e3 * times[batch] / batch for batch in batches]
        axis.plot(batches, values, color=COLOURS[system], marker=MARKERS[system], label=system)
    axis.set_xscale("log", base=2)
    axis.set_xticks(batches, [str(batch) for batch in batches])
    axis.set_ylim(bottom=0)
    axis.set_xlabel("images per batch")
    axis.set_ylabel("milliseconds per image, training")
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False, fontsize=9)
