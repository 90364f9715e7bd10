# shellcheck shell=bash
# The test of the lesson in a real browser, and what it needs: Chromium, Node and playwright-core. Installs what is missing
# with apt, on Debian as root; elsewhere it prints the command to run.

. "$ROOT/scripts/lib/tools.sh"

NODE_WANTED=18.0
BROWSER=$ROOT/scripts/browser

test_browser() {
    local chromium
    find_chromium || install_package chromium "Chromium or Chrome (or its path in \$CHROMIUM)" chromium chromium "--cask google-chrome"
    find_chromium || die "apt installed chromium, but it is not on PATH"
    node_done || install_package node "Node $NODE_WANTED or newer${NODE_FOUND:+ (found $NODE_FOUND)}" nodejs nodejs node
    node_done || die "apt installed nodejs, but the node on PATH is ${NODE_FOUND:-none}, not $NODE_WANTED or newer"
    playwright_done || install_playwright
    node "$BROWSER/test.mjs" "$ROOT" "$PREFIX" "$chromium"
}

# Sets $chromium to the browser that $CHROMIUM names, else the first on PATH, else macOS's.
find_chromium() {
    local name
    if [ -n "${CHROMIUM:-}" ]; then
        chromium=$(command -v "$CHROMIUM") || die "\$CHROMIUM is '$CHROMIUM': no such program"
        return
    fi
    for name in chromium chromium-browser google-chrome google-chrome-stable \
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" /Applications/Chromium.app/Contents/MacOS/Chromium; do
        chromium=$(command -v "$name") && return
    done
    return 1
}

node_done() {
    NODE_FOUND=$(node --version 2>/dev/null | tr -d v) || true
    [ -n "$NODE_FOUND" ] && at_least "$NODE_FOUND" "$NODE_WANTED"
}

# npm records in node_modules what it installed there.
playwright_done() {
    [ "$BROWSER/node_modules/.package-lock.json" -nt "$BROWSER/package-lock.json" ]
}

# This downloads no browser: `playwright` would, `playwright-core` does not.
install_playwright() {
    command -v npm >/dev/null || install_package npm "npm" npm npm node
    (cd "$BROWSER" && npm ci --no-audit --no-fund)
}
