#!/usr/bin/env bash
# Checks the rules of the notebooks: tests the helpers that read them, then the notebooks. Arguments are notebooks.
set -euo pipefail
. "$(dirname "$0")/common.sh"
. "$ROOT/scripts/lib/tools.sh"
cd "$ROOT"

spells() { echo sol sun | hunspell -l -d "$1" >/dev/null 2>&1; }

if ! spells es_ES || ! spells en_US; then
    install_package hunspell "hunspell with its Spanish and English dictionaries" \
        "hunspell hunspell-es hunspell-en-us" "hunspell hunspell-es hunspell-en" "hunspell"
fi
"$PREFIX/bin/python" -m pip install --quiet --no-deps -r "$REQUIREMENTS/tests.txt" -r "$REQUIREMENTS/site.txt"
"$PREFIX/bin/python" -m pytest --quiet scripts/python/tests
exec "$PREFIX/bin/python" scripts/python/check_notebooks.py "$@"
