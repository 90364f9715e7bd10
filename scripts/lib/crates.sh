# shellcheck shell=bash
# Cargo programs that only the checks need. They are installed under target/ and leave the user's own alone. Without
# optimisation: they take longer to compile than to run.

TOOLS=$ROOT/target/tools
CARGO_FUZZ_WANTED=0.13.2
CARGO_DENY_WANTED=0.20.2

install_crate() { # NAME VERSION
    [ "$("$TOOLS/bin/$1" --version 2>/dev/null | awk '{ print $2 }')" != "$2" ] || return 0
    mkdir -p "$LOGS"
    echo "installing $1 $2 (a minute or three; log: $LOGS/$1.log)"
    cargo install "$1" --version "$2" --locked --debug --root "$TOOLS" >"$LOGS/$1.log" 2>&1 ||
        die "can't install $1; see $LOGS/$1.log"
}
