"""Writes THIRD_PARTY.md, the licences of all Rust packages that this project is compiled with; with --check only looks
whether it is what would be written.

Every package of both lock files is in it, whatever the platform and the features that want it.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIST = ROOT / "THIRD_PARTY.md"
# What is compiled, by the package that it is compiled for.
OURS = {"gan_nb": "library", "evcxr_live": "kernel", "gan_nb_fuzz": "fuzzing"}
HEAD = """# Licences of the Rust packages

`scripts/python/third_party.py` writes this list from the two lock files, each package's own statement in SPDX's terms;
`deny.toml` says which licences are let in, and `scripts/lib/deny.sh` checks both. The library's column holds what `gan_nb`
is built, tested and benchmarked with, all features and platforms; the kernel's `evcxr_live`, the fuzzing's what
`crate/fuzz` alone needs.

Not in the list, for it is installed and not compiled in: libtorch (`torch`: BSD-3-Clause, and Apache-2.0, BSD-2-Clause,
BSL-1.0 and MIT for parts of it), NVIDIA's libraries beside it (NVIDIA's own terms, not free software), evcxr_jupyter (MIT OR
Apache-2.0), JupyterLab and its needs (`scripts/requirements/`: BSD, MIT, Apache-2.0, ISC and PSF; certifi and fqdn MPL-2.0),
and for the browser's test playwright-core (Apache-2.0).

| Package | Version | Licence | Used by |
|---|---|---|---|
"""


def metadata(manifest):
    command = ["cargo", "metadata", "--format-version", "1", "--all-features", "--locked", "--manifest-path", manifest]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)


def reached(graph, root):
    """The ids of all packages that `root` needs, directly or not."""
    needs = {node["id"]: [dependency["pkg"] for dependency in node["deps"]] for node in graph["resolve"]["nodes"]}
    seen, waiting = set(), [root]
    while waiting:
        package = waiting.pop()
        if package not in seen:
            seen.add(package)
            waiting += needs[package]
    return seen


def rows():
    found = {}
    for manifest in ("Cargo.toml", "crate/fuzz/Cargo.toml"):
        graph = metadata(manifest)
        packages = {package["id"]: package for package in graph["packages"]}
        for member in graph["workspace_members"]:
            for identity in reached(graph, member):
                package = packages[identity]
                if package["source"] is None:
                    continue
                licence = package["license"] or f"see its file {package['license_file']}"
                row = package["name"], package["version"], licence.replace("/", " OR ")
                found.setdefault(row, set()).add(OURS[packages[member]["name"]])
    for row, users in sorted(found.items()):
        # What the library needs, fuzzing it needs as well.
        users = users - {"fuzzing"} or users
        yield f"| {' | '.join(row)} | {', '.join(sorted(users))} |\n"


def main():
    text = HEAD + "".join(rows())
    if "--check" not in sys.argv[1:]:
        LIST.write_text(text)
    elif not LIST.is_file() or LIST.read_text() != text:
        sys.exit(f"{LIST.name} is not what the lock files hold now: run scripts/python/third_party.py and commit it")


if __name__ == "__main__":
    main()
