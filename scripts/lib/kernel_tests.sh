#!/usr/bin/env bash
# Tests the installed kernel from outside, with Jupyter's own clients. Arguments are pytest's.
set -euo pipefail
. "$(dirname "$0")/common.sh"
cd "$ROOT"

"$PREFIX/bin/python" -m pip install --quiet --no-deps -r "$REQUIREMENTS/tests.txt"
export KERNEL_UNDER_TEST=${KERNEL_UNDER_TEST:-$PREFIX/bin/evcxr_live}
export EVCXR_JUPYTER=${EVCXR_JUPYTER:-$PREFIX/bin/evcxr_jupyter}
exec "$PREFIX/bin/python" -m pytest kernel/tests "$@"
