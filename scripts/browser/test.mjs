// The lesson in a real browser: first the site that scripts/site built (site.mjs); then JupyterLab, which shows a training
// while it runs; its stop button ends it cleanly, and all variables live on.
//
// usage: node test.mjs ROOT PREFIX CHROMIUM
// Screenshots and the server's log go to ROOT/out/browser/. GRIDS (default: 1) is the number of samples after which the second
// training is stopped: with 3, the screenshot readme.png shows pictures of a generator that has learned something.

import fs from "node:fs";
import path from "node:path";
import { Lab } from "./lab.mjs";
import { Page } from "./page.mjs";
import { readSite } from "./site.mjs";
import { until } from "./until.mjs";

const [root, prefix, chromium] = process.argv.slice(2);
const LESSON = "notebooks/02_gan_cifar10.ipynb";
// Far more than are ever done, since both trainings are stopped; but if a stop failed, the test would still end.
const MAX_STEPS = 3000;
// The kernel gives a cell 3 s to notice a request to stop, and the cell looks once per iteration. In iterations per second, as
// the panel shows them.
const FAST_ENOUGH = 1;
// The exercises that follow train about ten times a hundred iterations: the seconds that a busy machine needs for them.
const EXERCISES = 900;
const GRIDS = Number(process.env.GRIDS ?? 1);
const out = path.join(root, "out/browser");
const started = Date.now();

let lab, page;

function say(text) {
    console.log(`[${((Date.now() - started) / 1000).toFixed(1).padStart(6)} s] ${text}`);
}

function check(holds, complaint) {
    if (!holds) throw new Error(complaint);
}

/** The indices of the lesson's code cells that match a pattern. */
function find(pattern) {
    const { cells } = JSON.parse(fs.readFileSync(path.join(root, LESSON), "utf8"));
    const text = (cell) => [cell.source].flat().join("");
    const found = [...cells.keys()].filter((i) => cells[i].cell_type === "code" && pattern.test(text(cells[i])));
    check(found.length > 0, `${LESSON}: no code cell has ${pattern}; has the lesson changed?`);
    return found;
}

const waits = (cell) => cell.waits;
const number = (cell) => cell.number;
const panels = (cell) => cell.outputs.filter((output) => output.progress !== undefined);
const grids = (cell) => cell.outputs.filter((output) => output.progress === undefined && output.pictures > 0);
const text = (cell) => cell.outputs.map((output) => output.text).join("\n");

/** Checks a training cell while it runs: the panel's numbers change, and at least this many samples are drawn. */
async function seeItLive(index, samples, seconds) {
    const read = async () => {
        const cell = await page.cell(index);
        check(!number(cell), `cell ${index + 1} ended before it showed a changing panel and a grid: ${text(cell)}`);
        return cell;
    };
    const has = (cell) => waits(cell) && panels(cell).length === 1 && grids(cell).length >= samples;
    const before = await until(`cell ${index + 1} shows a panel and ${samples} samples`, seconds, read, has);
    const [first] = panels(before);
    const moved = (cell) => panels(cell)[0]?.progress > first.progress && panels(cell)[0].text !== first.text;
    const after = await until(`the panel of cell ${index + 1} moves`, 60, read, moved);
    const fast = (cell) => Number(panels(cell)[0]?.text.match(/([\d.]+) it\/s/)?.[1]) >= FAST_ENOUGH;
    await until(`cell ${index + 1} trains with ${FAST_ENOUGH} it/s`, 180, read, fast);
    say(`cell ${index + 1} runs: its panel went from ${first.progress} to ${panels(after)[0].progress}, grids: ${grids(after).length}`);
}

/** Presses the stop button; the cell must then stop by itself, soon, and say so. Returns the iterations it did. */
async function stop(index) {
    await page.pressStop();
    const pressed = Date.now();
    const cell = await until(`cell ${index + 1} ends after the stop button`, 60, () => page.cell(index), number);
    const seconds = (Date.now() - pressed) / 1000;
    const [panel] = panels(cell);
    check(panels(cell).length === 1 && /Detenido/.test(panel.text), `the panel does not say "Detenido": ${text(cell)}`);
    check(/Detenido tras \d/.test(text(cell)), `cell ${index + 1} does not say that it was stopped: ${text(cell)}`);
    check(panel.progress < MAX_STEPS, `cell ${index + 1} ran to its end, ${panel.progress}, despite the stop button`);
    check(/\[D loss: /.test(text(cell)), `cell ${index + 1} lost its log lines: ${text(cell)}`);
    say(`cell ${index + 1} stopped cleanly ${seconds.toFixed(1)} s after the stop button, at ${panel.progress} of ${MAX_STEPS}`);
    return panel.progress;
}

/** Runs a stopped training again: it continues where it was, and is stopped again. */
async function goOn(index, done) {
    await page.runCell(index);
    await until(`cell ${index + 1} runs again`, 20, () => page.cell(index), waits);
    await seeItLive(index, 0, 60);
    const more = await stop(index);
    const said = text(await page.cell(index));
    check(said.includes(`Sigue donde se detuvo: ya hay ${done} de`), `cell ${index + 1} does not continue from ${done}: ${said}`);
    check(more > done, `cell ${index + 1} continued from ${done} but ended at ${more}`);
}

/** Reloads the page while a cell trains, and runs that cell: it must join the training, not begin another. */
async function reload(index) {
    const before = panels(await page.cell(index))[0].progress;
    await page.command("docmanager:save");
    await page.reload(lab, LESSON);
    await page.runCell(index);
    const joins = (cell) => waits(cell) && panels(cell).length === 1 && panels(cell)[0].progress > before;
    const cell = await until(`the reloaded page shows the training of cell ${index + 1}`, 60, () => page.cell(index), joins);
    check(!text(cell).includes("Sigue donde se detuvo"), `cell ${index + 1} was run a second time: ${text(cell)}`);
    say(`the page was reloaded at ${before}, and shows the same training at ${panels(cell)[0].progress}`);
}

/** Takes screenshots of a cell as a reader sees it, in both themes. */
async function photograph(index, name) {
    for (const light of [false, true]) {
        await page.setTheme(light);
        await page.scrollTo(index);
        await page.screenshot(path.join(out, `${name}-${light ? "light" : "dark"}.png`));
    }
}

/** Checks the saved notebook: one panel for each training, which says how it ended. */
function checkSaved(trainings) {
    const { cells } = JSON.parse(fs.readFileSync(path.join(lab.folder, LESSON), "utf8"));
    for (const index of trainings) {
        const pages = cells[index].outputs.map((output) => [output.data?.["text/html"] ?? ""].flat().join(""));
        const saved = pages.filter((html) => html.includes("<progress"));
        check(saved.length === 1, `cell ${index + 1} is saved with ${saved.length} panels instead of one`);
        check(/Detenido/.test(saved[0]), `the panel of cell ${index + 1} is saved as ${saved[0].slice(0, 400)}`);
    }
}

async function story() {
    const [first, second] = find(/= train_gan\(/);
    const [later] = find(/image_grid\(&gan\.generator/);
    check(second > later && later > first, `${LESSON}: expected a training, a cell that uses its gan, a second training`);

    lab = await Lab.start({ root, prefix, log: path.join(out, "jupyter.log"), variables: { GAN_NB_MAX_STEPS: `${MAX_STEPS}` } });
    page = await Page.open(chromium);
    await page.notebook(lab, LESSON);
    await page.command("editmenu:clear-all");
    check((await page.cells()).every((cell) => cell.outputs.length === 0), "outputs are left after clearing them all");
    say("JupyterLab shows the lesson, without outputs, and its kernel is ready");

    await page.runAll();
    await seeItLive(first, 1, 300);
    await photograph(first, "training");
    await reload(first);
    const done = await stop(first);
    await photograph(first, "stopped");

    // "Stop" under "run all" stops all: the cells behind must not run, and so neither must the second training.
    const behind = (await page.cells()).slice(first + 1).filter((cell) => waits(cell) || number(cell));
    check(behind.length === 0, `${behind.length} cells behind the stopped one run or have run`);
    say("the cells behind it did not run");
    await page.runFrom(first + 1);
    await seeItLive(second, GRIDS, 300 + 900 * (GRIDS - 1));
    await page.screenshotOfAll(second, path.join(out, "readme.png"));
    await stop(second);
    await page.runFrom(second + 1);
    const rest = (cells) => !cells.some(waits);
    const cells = await until("all cells have run", EXERCISES, () => page.cells(), rest);
    const unrun = find(/./).filter((index) => !number(cells[index]));
    check(unrun.length === 0, `cells ${unrun.map((index) => index + 1)} did not run`);
    say("all cells ran, none with an error");

    await goOn(first, done);

    const last = Math.max(...(await page.cells()).map((cell) => number(cell) || 0));
    await page.runCell(later);
    const again = (cell) => number(cell) > last && grids(cell).length > 0;
    await until(`cell ${later + 1} runs again, with the gan from before the stop`, 60, () => page.cell(later), again);
    say(`cell ${later + 1} ran again and drew with the gan from before the stop`);

    await page.command("docmanager:save");
    checkSaved([first, second]);
    check(page.errors.length === 0, `the page reported errors:\n  ${page.errors.join("\n  ")}`);
}

async function end() {
    await page?.close();
    const left = (await lab?.end()) ?? [];
    page = lab = undefined;
    return left;
}

let interrupted = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.once(signal, async () => {
        interrupted = true;
        say(`${signal}: shutting down JupyterLab and the browser`);
        await end();
        process.exit(1);
    });
}

try {
    fs.rmSync(out, { recursive: true, force: true });
    fs.mkdirSync(out, { recursive: true });
    await readSite({ root, chromium, out, say });
    await story();
    const left = await end();
    check(left.length === 0, `still running 30 s after JupyterLab was told to stop, and killed: ${left.join(", ")}`);
    say("nothing was left running; screenshots are in out/browser/");
} catch (error) {
    if (!interrupted) {
        console.error(`FAILED: ${error.message}\nsee out/browser/: jupyter.log${page ? ", failed.png" : ""}`);
        if (page?.errors.length) console.error(`the page reported:\n  ${page.errors.join("\n  ")}`);
        await page?.screenshot(path.join(out, "failed.png")).catch(() => {});
        await end();
        process.exitCode = 1;
    }
}
