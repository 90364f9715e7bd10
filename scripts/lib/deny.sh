#!/usr/bin/env bash
# What the project stands on: licences, sources and known weaknesses of every Rust package, and whether THIRD_PARTY.md
# lists them all.
set -euo pipefail
. "$(dirname "$0")/common.sh"
. "$ROOT/scripts/lib/crates.sh"
cd "$ROOT"

deny() { # MANIFEST ARGUMENTS...
    "$TOOLS/bin/cargo-deny" --log-level error --config "$ROOT/deny.toml" --manifest-path "$1" --locked "${@:2}"
}

"${PYTHON:-python3}" scripts/python/third_party.py --check
install_crate cargo-deny "$CARGO_DENY_WANTED"
checks=(licenses bans sources)
unreached=
# The database of weaknesses is a repository on GitHub, which not every machine reaches.
if answer=$(deny Cargo.toml fetch db 2>&1); then checks+=(advisories); else unreached=$(tail -n 1 <<<"$answer"); fi
for manifest in Cargo.toml crate/fuzz/Cargo.toml; do
    echo "$manifest: ${checks[*]}"
    deny "$manifest" check --hide-inclusion-graph "${checks[@]}"
done
[ -z "$unreached" ] || echo "advisories: NOT CHECKED, for the database of known weaknesses could not be fetched: $unreached"
