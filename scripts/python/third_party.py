"""Writes THIRD_PARTY.md, the licences of all Rust packages that this project is compiled with. With --check it only
compares the file with what it would write.

The list has every package of the three lock files, for all platforms and features.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIST = ROOT / "THIRD_PARTY.md"
# What each of our packages is called in the list.
OURS = {"gan_nb": "library", "evcxr_live": "kernel", "gan_nb_fuzz": "fuzzing"}
HEAD = """# Licences of the Rust packages

`scripts/python/third_party.py` writes this list from the three lock files, with each package's own licence statement as an
SPDX expression. `deny.toml` says which licences are allowed, and `scripts/lib/deny.sh` checks both. The last column says
what needs the package: `library` is `gan_nb`, built, tested and benchmarked with all features and on all platforms; `kernel`
is `evcxr_live`; `fuzzing` means that only `crate/fuzz` needs it.

The following are installed, not compiled in, and so are not in the list: libtorch (`torch`: BSD-3-Clause, with parts under
Apache-2.0, BSD-2-Clause, BSL-1.0 and MIT), NVIDIA's libraries beside it (NVIDIA's own terms, not free software),
JupyterLab and its dependencies (`scripts/requirements/`: BSD, MIT, Apache-2.0, ISC and
PSF; certifi and fqdn MPL-2.0), and for the browser test playwright-core (Apache-2.0).

| Package | Version | Licence | Used by |
|---|---|---|---|
"""


def metadata(manifest):
    command = ["cargo", "metadata", "--format-version", "1", "--all-features", "--locked", "--manifest-path", manifest]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)


def reached(graph, root):
    """The ids of all packages that `root` needs, directly or indirectly."""
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
    for manifest in ("Cargo.toml", "kernel/Cargo.toml", "crate/fuzz/Cargo.toml"):
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
        # Fuzzing also needs everything that the library needs.
        users = users - {"fuzzing"} or users
        yield f"| {' | '.join(row)} | {', '.join(sorted(users))} |\n"


def main():
    text = HEAD + "".join(rows())
    if "--check" not in sys.argv[1:]:
        LIST.write_text(text)
    elif not LIST.is_file() or LIST.read_text() != text:
        sys.exit(f"{LIST.name} does not match the lock files: run scripts/python/third_party.py and commit the result")


if __name__ == "__main__":
    main()
