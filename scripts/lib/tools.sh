# shellcheck shell=bash
# Checks for what the set-up can't install by itself: Rust, Python and a C++ compiler. Sets $PYTHON.

RUST_WANTED=1.95
PYTHON_WANTED=3.10 # the oldest and the newest version that libtorch's wheels support
PYTHON_NEWEST=3.14

# Lists everything that is missing at once, each with the command that installs it.
check_tools() {
    local problems=
    case $(uname -s) in
        Linux | Darwin) ;;
        *) die "the lesson does not run on $(uname -s): on Windows install WSL 2 ('wsl --install' in PowerShell)," \
            "open its Ubuntu terminal and run this again there" ;;
    esac
    check_paths
    export PATH="$PATH:$CARGO_BIN" # rustup sets PATH in files that only a new terminal reads
    check_rust
    check_python
    check_compiler
    [ -z "$problems" ] || die "the set-up needs these first:$problems"
}

# Spaces, apostrophes and letters of any language are all right. These are not: a colon separates the folders in lists of them,
# and the assembler that libraries are compiled with ends a file's name at a double quote.
check_paths() {
    local path
    for path in "$ROOT" "$KERNELS" "${CARGO_HOME:-$HOME}"; do
        case $path in
            *:* | *\"* | *\\* | *$'\n'*)
                die "$path: a colon, a double quote, a backslash or a line end in a path breaks the compiler and the loader;" \
                    "put the checkout elsewhere, or set XDG_CACHE_HOME to another folder"
                ;;
        esac
    done
}

check_rust() {
    local tool found get="curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y"
    for tool in rustc cargo; do
        found=$("$tool" --version 2>/dev/null | awk '{print $2}') || true
        if [ -z "$found" ]; then
            problem "$tool $RUST_WANTED or newer: not found" "$get"
        elif ! at_least "$found" "$RUST_WANTED"; then
            if command -v rustup >/dev/null; then get="rustup update stable && rustup default stable"; fi
            problem "$tool $RUST_WANTED or newer: found $found, at $(command -v "$tool")" "$get"
        fi
    done
}

check_python() {
    local name found seen=
    for name in python3 python3.14 python3.13 python3.12 python3.11 python3.10; do
        found=$("$name" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
        seen="$seen${seen:+, }$name $found"
        if at_least "$found" "$PYTHON_WANTED" && at_least "$PYTHON_NEWEST" "$found"; then
            PYTHON=$name
            "$name" -c 'import venv, ensurepip' 2>/dev/null ||
                problem "$name's venv module: not found" "$(install_with "python3-venv" "python3" "python")"
            return
        fi
    done
    problem "Python $PYTHON_WANTED to $PYTHON_NEWEST: found ${seen:-none}" \
        "$(install_with "python3 python3-venv" "python3.12" "python@3.12")"
}

check_compiler() {
    local compiler=${CXX:-c++} program
    program=$(mktemp) # not /dev/null: as root, a linker may replace it with a file
    # $CXX may include options.
    # shellcheck disable=SC2086
    if ! echo 'int main() {}' | $compiler -std=c++17 -x c++ - -o "$program" 2>/dev/null; then
        problem "a C++17 compiler: '$compiler' is missing or does not work" "$(install_with "g++" "gcc-c++" "")"
    fi
    rm -f "$program"
}

install_with() { # DEBIAN FEDORA HOMEBREW: the command for this machine
    local sudo="sudo "
    [ "$(id -u)" != 0 ] || sudo=
    if [ "$(uname -s)" = Darwin ]; then
        if [ -n "$3" ]; then echo "brew install $3"; else echo "xcode-select --install"; fi
    elif command -v apt-get >/dev/null; then
        echo "${sudo}apt-get update && ${sudo}apt-get install -y $1"
    elif command -v dnf >/dev/null; then
        echo "${sudo}dnf install -y $2"
    else
        echo "install $1 with this system's package manager"
    fi
}

# Installs what a test needs with apt, on Debian as root; elsewhere it prints the command to run.
install_package() { # NAME WHAT DEBIAN FEDORA HOMEBREW
    if [ "$(id -u)" != 0 ] || ! grep -qsi '^ID=debian' /etc/os-release; then
        die "the tests need $2; to install: $(install_with "$3" "$4" "$5")"
    fi
    mkdir -p "$LOGS"
    echo "installing $3 with apt"
    # shellcheck disable=SC2086
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $3; } \
        >"$LOGS/apt_$1.log" 2>&1 || die "apt can't install $3; see $LOGS/apt_$1.log"
}

# Groups the problems that one command fixes, with that command once below them.
problem() { # WHAT COMMAND
    problems=${problems%$'\n'"      $2"}$'\n'"  - $1"$'\n'"      $2"
}

at_least() { # FOUND WANTED, as major.minor
    local found_major=${1%%.*} wanted_major=${2%%.*} found_minor=${1#*.} wanted_minor=${2#*.}
    found_minor=${found_minor%%[!0-9]*} wanted_minor=${wanted_minor%%[!0-9]*}
    [ "$found_major" -gt "$wanted_major" ] ||
        { [ "$found_major" = "$wanted_major" ] && [ "$found_minor" -ge "$wanted_minor" ]; }
}
