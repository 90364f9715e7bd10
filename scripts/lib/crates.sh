# shellcheck shell=bash
# Programs from crates.io that only checks need. They go under target/; nobody's own are touched.

TOOLS=$ROOT/target/tools
CARGO_FUZZ_WANTED=0.13.2
CARGO_DENY_WANTED=0.20.2

install_crate() { # NAME VERSION
    [ "$("$TOOLS/bin/$1" --version 2>/dev/null | awk '{ print $2 }')" != "$2" ] || return 0
    mkdir -p "$LOGS"
    echo "installing $1 $2 (a minute or three; log: $LOGS/$1.log)"
    cargo install "$1" --version "$2" --locked --root "$TOOLS" >"$LOGS/$1.log" 2>&1 ||
        die "$1 could not be installed; see $LOGS/$1.log"
}
