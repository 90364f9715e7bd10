#!/usr/bin/env bash
# Checks the licences, sources and known vulnerabilities of every Rust package, and that THIRD_PARTY.md lists them all.
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
# The database of vulnerabilities is a repository on GitHub, which not every machine can reach.
if answer=$(deny Cargo.toml fetch db 2>&1); then checks+=(advisories); else unreached=$(tail -n 1 <<<"$answer"); fi
for manifest in Cargo.toml kernel/Cargo.toml crate/fuzz/Cargo.toml; do
    echo "$manifest: ${checks[*]}"
    deny "$manifest" check --hide-inclusion-graph "${checks[@]}"
done
[ -z "$unreached" ] || echo "advisories: NOT CHECKED, because the database of known vulnerabilities could not be fetched: $unreached"
