"""The results of the rounds: medians, ratios and targets, as numbers and as a table. Pure arithmetic."""

from statistics import median

OWN, FLOOR = "gan_nb", "GEMM floor"
PYTORCH = ["PyTorch eager", "PyTorch channels_last", "torch.compile"]
# gan_nb's iteration may take at most this fraction of each system's.
ITERATION_TARGETS = {"PyTorch eager": 0.80, "PyTorch channels_last": 0.88, "torch.compile": 0.75, "Keras 2": 0.42}


def summarize(rounds: list[dict], own: str = OWN) -> dict[str, dict]:
    """A summary for each system over all rounds. A round is {system: what its program printed}; `own` is what is compared."""
    return {system: summary([results[system] for results in rounds], rounds, own) for system in rounds[0]}


def summary(results: list[dict], rounds: list[dict], own: str) -> dict:
    seconds = [value for result in results for value in result["iteration_seconds"]]
    other = [median(result["iteration_seconds"]) for result in results]

    def fractions(system: str) -> list[float]:
        """That system's time as a fraction of this one's, round by round."""
        return [median(results[system]["iteration_seconds"]) / b for results, b in zip(rounds, other, strict=True)]

    found = {
        "seconds": {"median": median(seconds), "min": min(seconds), "max": max(seconds)},
        # Below 1, gan_nb is faster.
        "ratio": median(fractions(own)),
        "ratio_by_round": fractions(own),
        "floor_reached": median(fractions(FLOOR)) if FLOOR in rounds[0] else None,
    }
    if "flop" in results[0]:
        found["flop"] = results[0]["flop"]
        return found
    peaks = [result["peak_bytes"] for result in results]
    return {
        **found,
        "peak_bytes": None if None in peaks else max(peaks),
        "images_per_second": images_per_second(results),
        # torch.compile compiles in the first round; later rounds find the result on disk.
        "first_iteration_seconds": [result["first_iteration_seconds"] for result in results],
    }


def images_per_second(results: list[dict]) -> float:
    return results[0]["generation_batch"] / median(value for result in results for value in result["generation_seconds"])


def shares(rounds: list[dict], panel: dict) -> dict[str, float]:
    """The time not spent on arithmetic, as fractions of gan_nb's iteration."""
    own = [results[OWN] for results in rounds]
    pairs = zip(panel["watched_seconds"], panel["bare_seconds"], strict=True)
    return {
        "assembly": median(median(one["assembly_seconds"]) / median(one["iteration_seconds"]) for one in own),
        "panel_and_history": panel["record_seconds"] / median(panel["bare_seconds"]),
        "panel_ratio": median(watched / bare for watched, bare in pairs),
    }


def targets(systems: dict[str, dict], shares: dict[str, float]) -> list[dict]:
    """Each target, the value found and whether it is met. Targets that this machine can't measure are left out."""
    own, present = systems[OWN], [system for system in PYTORCH if system in systems]
    found = []

    def at_most(name: str, value: float, bound: float) -> None:
        found.append({"name": name, "value": value, "target": f"<= {bound:.2f}", "met": value <= bound})

    def at_least(name: str, value: float, bound: float) -> None:
        found.append({"name": name, "value": value, "target": f">= {bound:.2f}", "met": value >= bound})

    for system, bound in ITERATION_TARGETS.items():
        if system in systems:
            at_most(f"iteration / {system}", systems[system]["ratio"], bound)
    at_least("GEMM floor reached", own["floor_reached"], 0.80)
    if own["peak_bytes"] and present:
        at_most("peak memory / PyTorch's lowest", own["peak_bytes"] / min(systems[s]["peak_bytes"] for s in present), 1.0)
    at_most("batch assembly, share of an iteration", shares["assembly"], 0.01)
    at_most("panel and history, share of an iteration", shares["panel_and_history"], 0.01)
    if present:
        best = max(systems[system]["images_per_second"] for system in present)
        at_least("generation / PyTorch's best", own["images_per_second"] / best, 1.15)
    return found


def table(systems: dict[str, dict], aims: list[dict], sizes: dict[str, dict[int, float]], own: str = OWN) -> str:
    """The same as a Markdown table."""
    head = ["", "iteration, s", "min – max", f"{own} / this", "round by round", "of the floor", "peak MiB", "images/s", "first it., s"]
    rows = [[system, *cells(found)] for system, found in systems.items()]
    parts = [markdown(head, rows)]
    aim_rows = [[aim["name"], f"{aim['value']:.4f}", aim["target"], "yes" if aim["met"] else "NO"] for aim in aims]
    parts.append(markdown(["target", "found", "allowed", "met"], aim_rows))
    if sizes:
        columns = sorted(next(iter(sizes.values())))
        head = ["ms per image, training, batch of", *map(str, columns)]
        parts.append(markdown(head, [[s, *(f"{1e3 * times[c] / c:.2f}" for c in columns)] for s, times in sizes.items()]))
    return "\n\n".join(parts)


def cells(found: dict) -> list[str]:
    seconds = found["seconds"]
    row = [
        f"{seconds['median']:.4f}",
        f"{seconds['min']:.4f} – {seconds['max']:.4f}",
        f"{found['ratio']:.3f}",
        " ".join(f"{ratio:.3f}" for ratio in found["ratio_by_round"]),
        f"{100 * found['floor_reached']:.0f} %" if found["floor_reached"] else "",
    ]
    if "flop" in found:
        return [*row, "", "", ""]
    peak = f"{found['peak_bytes'] / 2**20:.0f}" if found["peak_bytes"] else ""
    starts = found["first_iteration_seconds"]
    return [*row, peak, f"{found['images_per_second']:.0f}", f"{median(starts):.2f} (first round {starts[0]:.2f})"]


def markdown(head: list[str], rows: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]

    def line(texts: list[str]) -> str:
        return "| " + " | ".join(text.ljust(width) for text, width in zip(texts, widths, strict=True)) + " |"

    return "\n".join([line(head), "|" + "|".join("-" * (width + 2) for width in widths) + "|", *map(line, rows)])
