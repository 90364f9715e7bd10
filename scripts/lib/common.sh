# shellcheck shell=bash
# Where things are; every script sources this.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
LOGS=$ROOT/out/logs
REQUIREMENTS=$ROOT/scripts/requirements
CARGO_BIN=${CARGO_INSTALL_ROOT:-${CARGO_HOME:-$HOME/.cargo}}/bin
LESSON=notebooks/02_gan_cifar10.ipynb

die() {
    echo "$(basename "$0"): $*" >&2
    exit 1
}

# Jupyter and libtorch live in the active conda environment if it has them (environment.yml), else in .venv.
if [ -n "${CONDA_PREFIX:-}" ] && [ -x "$CONDA_PREFIX/bin/jupyter-lab" ] &&
    compgen -G "$CONDA_PREFIX/lib/python3*/site-packages/torch/lib" >/dev/null; then
    PREFIX=$CONDA_PREFIX
else
    PREFIX=$ROOT/.venv
fi

# A step's stamp records what it was made from; as long as that is unchanged, the step is done.
stamped() { [ "$(cat "$PREFIX/.gan_nb/$1" 2>/dev/null)" = "$2" ]; }
stamp() { mkdir -p "$PREFIX/.gan_nb" && printf '%s\n' "$2" >"$PREFIX/.gan_nb/$1"; }
