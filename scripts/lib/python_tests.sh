#!/usr/bin/env bash
# The tests of the Python helpers; arguments are pytest's.
set -euo pipefail
. "$(dirname "$0")/common.sh"
cd "$ROOT"

"$PREFIX/bin/python" -m pip install --quiet --no-deps -r "$REQUIREMENTS/tests.txt"
exec "$PREFIX/bin/python" -m pytest scripts/python/tests "$@"
