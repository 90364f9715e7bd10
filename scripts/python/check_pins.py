"""Checks that the pinned versions agree: scripts/requirements/, environment.yml, scripts/lib/ and the Rust packages."""

import re
import sys
from pathlib import Path

import yaml

try:
    import tomllib
except ImportError:  # Python 3.10
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
# Each release of tch is made for one release of libtorch (see the table in its README).
LIBTORCH_OF_TCH = {"0.26.0": "2.13.0"}
CONDA_NAMES = {"torch": "pytorch"}


def requirements(name: str) -> dict[str, set[str]]:
    """The versions that a requirements file names for each package (several if they depend on the Python version)."""
    versions: dict[str, set[str]] = {}
    for line in (ROOT / "scripts/requirements" / name).read_text().splitlines():
        if match := re.match(r"([\w.-]+)==([^\s;]+)", line):
            versions.setdefault(match[1].lower().replace("_", "-"), set()).add(match[2])
    return versions


def shell_value(name: str, file: str) -> str:
    match = re.search(rf"^{name}=(\S+)", (ROOT / file).read_text(), re.MULTILINE)
    return match[1] if match else "nothing"


def series(packages: list[dict]) -> dict[tuple[str, str], str]:
    """The version of each package, by its name and the part of the version that cargo never mixes: 1, or 0.3."""
    found = {}
    for package in packages:
        major, minor, *_ = package["version"].split(".")
        if "source" in package:
            found[package["name"], major if major != "0" else f"0.{minor}"] = package["version"]
    return found


def problems() -> list[str]:
    found: list[str] = []

    def expect(place: str, value: object, wanted: object) -> None:
        if value != wanted:
            found.append(f"{place}: found {value}, expected {wanted}")

    conda = dict(re.match(r"([\w-]+)(.*)", line).groups() for line in yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"])
    asked, locked = requirements("jupyter.in"), requirements("jupyter.txt")
    cpu, cuda = requirements("libtorch-cpu.txt"), requirements("libtorch-cuda.txt")
    for name, versions in asked.items():
        expect(f"jupyter.txt, {name}", locked.get(name), versions)
    for extra in ("tests", "site"):
        pinned = requirements(f"{extra}.txt")
        for name, versions in requirements(f"{extra}.in").items():
            expect(f"{extra}.txt, {name}", pinned.get(name), versions)
        expect(f"packages in both {extra}.txt and jupyter.txt", pinned.keys() & locked.keys(), set())
    compared = requirements("bench.txt")
    for name, versions in {**requirements("bench.in"), "torch": cpu["torch"]}.items():
        expect(f"bench.txt, {name}", compared.get(name), versions)
    for name, versions in cpu.items():
        expect(f"libtorch-cuda.txt, {name}", cuda.get(name), versions)
    for name, versions in {**asked, "torch": cpu["torch"]}.items():
        name = CONDA_NAMES.get(name, name)
        expect(f"environment.yml, {name}", conda.get(name, conda.get(name.replace("-", "_"))), "=" + "".join(versions))

    lock = tomllib.loads((ROOT / "Cargo.lock").read_text())
    tch = {package["version"] for package in lock["package"] if package["name"] == "tch"}
    expect("Cargo.lock, libtorch versions of tch", {LIBTORCH_OF_TCH.get(version, f"unknown ({version})") for version in tch}, cpu["torch"])

    # A `:dep` of a companion compiles nothing anew only if both have the versions that are compiled already.
    companions = tomllib.loads((ROOT / "scripts/companions/Cargo.lock").read_text())
    own, theirs = (series(file["package"]) for file in (lock, companions))
    for name in sorted(own.keys() & theirs.keys()):
        expect(f"scripts/companions/Cargo.lock, {' '.join(name)}", theirs[name], own[name])

    tools = "scripts/lib/tools.sh"
    rust = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["rust-version"]
    expect(f"{tools}, RUST_WANTED", shell_value("RUST_WANTED", tools), rust)
    expect("environment.yml, rust", conda.get("rust"), f">={rust}")
    oldest, newest = (int(shell_value(name, tools).split(".")[1]) for name in ("PYTHON_WANTED", "PYTHON_NEWEST"))
    python = conda.get("python", "=3.0")
    expect(f"environment.yml, python{python} within 3.{oldest} to 3.{newest}", oldest <= int(python.split(".")[1]) <= newest, True)
    for name in ("rust-src", "cxx-compiler"):
        expect(f"environment.yml, {name}", name in conda, True)
    return found


if __name__ == "__main__":
    if found := problems():
        sys.exit("pins that disagree:\n  " + "\n  ".join(found))
    print("pins: all agree")
