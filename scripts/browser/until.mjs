// Waiting by condition: every wait of the test has a limit, and says what it saw when that is over.

const PAUSE_MS = 100;

/**
 * Calls `read` until `wanted` holds for what it returned, and returns that.
 * After `seconds` it fails, naming what was waited for and what was seen last.
 */
export async function until(what, seconds, read, wanted) {
    const end = Date.now() + 1000 * seconds;
    for (;;) {
        const seen = await read();
        if (wanted(seen)) return seen;
        if (Date.now() > end) {
            throw new Error(`${what}: not within ${seconds} s; last seen: ${shorten(JSON.stringify(seen))}`);
        }
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
}

function shorten(text = "nothing") {
    return text.length > 1500 ? `${text.slice(0, 1500)} …` : text;
}
