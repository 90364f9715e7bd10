// Waiting for a condition: every wait in the test has a time limit, and says what it saw last when the limit is reached.

const PAUSE_MS = 100;

/**
 * Calls `read` until `wanted` holds for what it returned, and returns that.
 * After `seconds` it fails, and says what it waited for and what it saw last.
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
