# shellcheck shell=bash
# The steps of the set-up. For each X: X_done checks cheaply whether it is in place, install_X installs it.

SITE_PACKAGES='import sysconfig; print(sysconfig.get_path("platlib"))'
# One folder for each checkout: template/, the kernels' copies of it, and the CARGO_HOME that both share.
KERNELS=${XDG_CACHE_HOME:-$HOME/.cache}/gan_nb/kernel/$(printf %s "$ROOT" | cksum | tr ' ' -)

pip() { "$PREFIX/bin/python" -m pip "$@"; }

# --- Jupyter in .venv

jupyter_stamp() { echo "$ROOT $(cksum <"$REQUIREMENTS/jupyter.txt")"; }

jupyter_done() { [ "$PREFIX" != "$ROOT/.venv" ] || { stamped jupyter "$(jupyter_stamp)" && [ -x "$PREFIX/bin/python" ]; }; }

install_jupyter() {
    # If the folder was moved, or its Python is gone, start over; otherwise keep the libtorch in it.
    if ! "$PREFIX/bin/python" -c '' || ! grep -qF "$ROOT " "$PREFIX/.gan_nb/jupyter"; then
        "$PYTHON" -m venv --clear "$PREFIX"
    fi
    pip install -r "$REQUIREMENTS/jupyter.txt"
    stamp jupyter "$(jupyter_stamp)"
}

# --- libtorch behind the link .libtorch

# The flavour that was asked for, else the installed one, else the one that suits this machine.
choose_flavour() {
    local installed
    installed=$(cut -d' ' -f1 "$PREFIX/.gan_nb/libtorch" 2>/dev/null) || true
    FLAVOUR=${FLAVOUR:-${installed:-$(has_nvidia_driver && echo cuda || echo cpu)}}
    [ "$FLAVOUR" = cpu ] || [ "$(uname -s)" = Linux ] || die "--cuda: there is no CUDA on $(uname -s); omit the option"
}

has_nvidia_driver() {
    [ -e /proc/driver/nvidia/version ] || nvidia-smi -L >/dev/null 2>&1 || /usr/lib/wsl/lib/nvidia-smi -L >/dev/null 2>&1
}

libtorch_stamp() { echo "$FLAVOUR $(cksum <"$REQUIREMENTS/libtorch-$FLAVOUR.txt")"; }

libtorch_done() {
    local folder
    folder=$(cd -P "$ROOT/.libtorch" 2>/dev/null && pwd) || return 1
    [ "${folder#"$PREFIX"/}" != "$folder" ] || return 1 # conda's, or in a .venv elsewhere
    [ "$PREFIX" != "$ROOT/.venv" ] || stamped libtorch "$(libtorch_stamp)"
}

install_libtorch() {
    if [ "$PREFIX" = "$ROOT/.venv" ]; then
        rm -f "$PREFIX/.gan_nb/libtorch"
        if [ "$FLAVOUR" = cpu ]; then only_for_cuda | xargs "$PREFIX/bin/python" -m pip uninstall -y -qq; fi
        pip install --no-deps -r "$REQUIREMENTS/libtorch-$FLAVOUR.txt"
        stamp libtorch "$(libtorch_stamp)"
    fi
    ln -sfn "$("$PREFIX/bin/python" -c "$SITE_PACKAGES")/torch" "$ROOT/.libtorch"
}

# The packages that only CUDA needs; removing them when going back to the CPU flavour frees 4 GB.
only_for_cuda() {
    awk -F'==' '/^#/ { next } FILENAME ~ /libtorch-cuda/ { if (!($1 in kept)) print $1; next } { kept[$1] = 1 }' \
        "$REQUIREMENTS"/jupyter.txt "$REQUIREMENTS"/libtorch-cpu.txt "$REQUIREMENTS"/libtorch-cuda.txt | sort -u
}

# --- The kernel: evcxr_live, with evcxr in it. Called by the name evcxr_jupyter, it is plain evcxr_jupyter.

live_stamp() { (cd "$ROOT" && find kernel/Cargo.toml kernel/Cargo.lock kernel/src -type f | LC_ALL=C sort | tr '\n' '\0' | xargs -0 cksum | cksum); }

live_done() { [ -x "$PREFIX/bin/evcxr_live" ] && [ -x "$PREFIX/bin/evcxr_jupyter" ] && stamped evcxr_live "$(live_stamp)"; }

install_live() {
    local stamp
    stamp=$(live_stamp) # taken now, so that later edits show
    cargo install --path "$ROOT/kernel" --root "$PREFIX" --locked --force --no-track
    ln -sfn evcxr_live "$PREFIX/bin/evcxr_jupyter"
    stamp evcxr_live "$stamp"
}

# --- The kernelspec gan_nb

kernelspec_stamp() {
    echo "$ROOT $(cd -P "$ROOT/.libtorch" && pwd) $KERNELS $(cksum <"$ROOT/scripts/python/kernelspec.py")"
}

kernelspec_done() { stamped kernelspec "$(kernelspec_stamp)"; }

install_kernelspec() {
    "$PREFIX/bin/python" "$ROOT/scripts/python/kernelspec.py" "$PREFIX/share/jupyter/kernels/gan_nb" \
        "$KERNELS/template" "$(cd -P "$ROOT/.libtorch" && pwd)"
    stamp kernelspec "$(kernelspec_stamp)"
}

# --- The compiled dependencies

engine_version() { grep -A1 '^name = "evcxr"$' "$ROOT/kernel/Cargo.lock" | tail -n 1; }

# The first line says which tools compiled it, the others what was compiled.
template_stamp() {
    echo "$(kernelspec_stamp) $(libtorch_stamp) $(engine_version) $(rustc --version)"
    cksum <"$ROOT/Cargo.lock"
    grep -hoE '":dep ([^"\\]|\\.)*"' "$ROOT"/notebooks/*.ipynb 2>/dev/null | sed 's/\\n"$/"/' | sort -u || true
}

template_done() {
    [ -d "$KERNELS/template" ] && [ "$(cat "$KERNELS/stamp" 2>/dev/null)" = "$(template_stamp)" ] &&
        [ -z "$(find "$ROOT"/crate/{src,native,Cargo.toml,build.rs} -newer "$KERNELS/stamp" 2>/dev/null)" ]
}

install_template() {
    remove_orphans
    rm -rf "$KERNELS/new"
    mkdir -p "$KERNELS"
    echo "$ROOT" >"$KERNELS/checkout"
    template_stamp >"$KERNELS/new_stamp" # older than what is compiled now, so that later edits show
    # With the same tools, cargo can continue from what is there.
    if [ -d "$KERNELS/template" ] && [ "$(head -n 1 "$KERNELS/stamp")" = "$(head -n 1 "$KERNELS/new_stamp")" ]; then
        cp -a "$KERNELS/template" "$KERNELS/new"
    fi
    (cd "$ROOT" && "$PREFIX/bin/python" scripts/python/template.py "$KERNELS/new")
    rm -rf "$KERNELS/template" "$KERNELS/stamp"
    mv "$KERNELS/new" "$KERNELS/template"
    mv "$KERNELS/new_stamp" "$KERNELS/stamp"
}

# Removes the templates of checkouts that no longer exist.
remove_orphans() {
    local note
    for note in "$(dirname "$KERNELS")"/*/checkout; do
        [ ! -e "$note" ] || [ -e "$(cat "$note")" ] || rm -rf "$(dirname "$note")"
    done
}
