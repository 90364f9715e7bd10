// JupyterLab's page: reads its cells and presses its buttons.

import { chromium } from "playwright-core";
import { until } from "./until.mjs";

const FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

// In seconds, for what takes a moment on an idle machine.
const PATIENCE = 120;

// The height of JupyterLab's bars above and below a notebook, in pixels.
const FRAME_HEIGHT = 130;

// Console errors that say nothing about the lesson, each with its reason.
const EXPECTED = [];

export class Page {
    /** Unexpected errors that the page reported. */
    errors = [];

    static async open(executablePath) {
        const self = new Page();
        self.browser = await chromium.launch({
            executablePath,
            // Chromium's sandbox does not work for root, the user in most containers.
            args: process.getuid() === 0 ? [...FLAGS, "--no-sandbox"] : FLAGS,
            // The test shuts down in its own order.
            handleSIGINT: false,
            handleSIGTERM: false,
            handleSIGHUP: false,
        });
        self.page = await self.browser.newPage({ viewport: { width: 1280, height: 900 }, deviceScaleFactor: 1.5 });
        self.page.setDefaultTimeout(1000 * PATIENCE);
        const note = (text) => EXPECTED.some((pattern) => pattern.test(text)) || self.errors.push(text);
        self.page.on("pageerror", (error) => note(`uncaught: ${error.stack ?? error}`));
        self.page.on("console", (message) => {
            if (message.type() === "error") note(`${message.text()} (${message.location().url})`);
        });
        return self;
    }

    /** Opens a notebook and nothing else on the page, and waits until its kernel is idle. */
    async notebook(lab, file) {
        await this.#open(lab, file, "idle");
        await this.command("application:toggle-left-area");
    }

    /** Loads the page anew while a cell runs, as a reader does with the browser's button. What is not saved is lost. */
    async reload(lab, file) {
        this.page.once("dialog", (dialog) => dialog.accept()); // "leave this page?"
        await this.#open(lab, file, "busy");
    }

    async #open(lab, file, state) {
        await this.page.goto(`${lab.url}lab/tree/${file}?token=${lab.token}`);
        await this.page.locator(".jp-Notebook .jp-Cell").first().waitFor();
        await this.page.waitForFunction(() => window.jupyterapp?.commands.hasCommand("notebook:run-all-cells"));
        const status = () =>
            this.page.evaluate(() => window.jupyterapp.shell.currentWidget?.sessionContext?.kernelDisplayStatus);
        await until(`the kernel is ${state}`, PATIENCE, status, (seen) => seen === state);
    }

    /** Calls one of JupyterLab's commands, and waits until it is done. */
    async command(id, options = {}) {
        const call = ([id, options]) => window.jupyterapp.commands.execute(id, options).then(() => undefined);
        await this.page.evaluate(call, [id, options]);
    }

    /** Starts all cells, and returns at once. */
    async runAll() {
        await this.page.evaluate(() => void window.jupyterapp.commands.execute("notebook:run-all-cells"));
    }

    /**
     * The cells at this moment: for each whether it waits or runs, its number once it has run (even if it is folded and the
     * page shows no prompt), and its outputs with their text, the number of loaded pictures and the value of a progress bar.
     * Fails if a cell has an error.
     */
    async cells() {
        const { cells, error, dialog } = await this.page.evaluate(() => {
            const output = (area) => ({
                text: area.querySelector(".jp-OutputArea-output")?.textContent ?? "",
                pictures: [...area.querySelectorAll("img")].filter((img) => img.complete && img.naturalWidth > 0).length,
                progress: area.querySelector("progress")?.value,
            });
            const models = [...window.jupyterapp.shell.currentWidget.model.cells];
            const cells = models.map(({ executionState, executionCount }) => ({
                waits: executionState === "running",
                number: executionState === "running" ? undefined : (executionCount ?? undefined),
                outputs: [],
            }));
            for (const cell of document.querySelectorAll(".jp-Notebook .jp-Cell")) {
                cells[cell.dataset.windowedListIndex].outputs = [...cell.querySelectorAll(".jp-OutputArea-child")].map(output);
            }
            // On the page, an error looks like text printed to stderr, so this asks the notebook itself.
            const saved = models.map((cell) => cell.toJSON().outputs ?? []);
            const failed = saved.findIndex((outputs) => outputs.some((each) => each.output_type === "error"));
            const texts = cells[failed]?.outputs.map((output) => output.text).join("\n");
            const error = failed >= 0 && `cell ${failed + 1} ended with an error: … ${texts.slice(-1500)}`;
            return { cells, error, dialog: document.querySelector(".jp-Dialog-content")?.textContent };
        });
        if (error) throw new Error(error);
        if (dialog) throw new Error(`JupyterLab asks or complains: ${dialog}`);
        return cells;
    }

    async cell(index) {
        return (await this.cells())[index];
    }

    /** Presses JupyterLab's own stop button with the mouse. */
    async pressStop() {
        await this.page.locator('.jp-NotebookPanel-toolbar [data-jp-item-name="interrupt"] .jp-ToolbarButtonComponent').click();
    }

    /** Clicks into a cell and runs it, as a reader would. */
    async runCell(index) {
        await this.scrollTo(index);
        await this.#cell(index).locator(".jp-InputArea-editor").click();
        await this.page.keyboard.press("Control+Enter");
    }

    /** Starts a cell, be it text or code, and all below it, and returns at once. */
    async runFrom(index) {
        await this.page.evaluate((index) => {
            window.jupyterapp.shell.currentWidget.content.activeCellIndex = index;
            void window.jupyterapp.commands.execute("notebook:run-all-below");
        }, index);
    }

    #cell(index) {
        return this.page.locator(`.jp-Notebook .jp-Cell[data-windowed-list-index="${index}"]`);
    }

    /** Scrolls the top of a cell to the top of the window, if there is enough below it. */
    async scrollTo(index) {
        // JupyterLab lays out cells as they come into view, which moves those below them.
        const scroll = () =>
            this.#cell(index).evaluate((cell) => {
                const before = cell.getBoundingClientRect().top;
                cell.scrollIntoView({ block: "start" });
                return Math.abs(cell.getBoundingClientRect().top - before);
            });
        await until(`cell ${index + 1} stays where it was scrolled to`, PATIENCE, scroll, (moved) => moved < 1);
    }

    async setTheme(light) {
        await this.command("apputils:change-theme", { theme: light ? "JupyterLab Light" : "JupyterLab Dark" });
        await this.page.locator(`body[data-jp-theme-light="${light}"]`).waitFor({ state: "attached" });
    }

    /** A screenshot in a window as tall as the cell with its outputs. */
    async screenshotOfAll(index, file) {
        const size = this.page.viewportSize();
        const { height } = await this.#cell(index).boundingBox();
        await this.page.setViewportSize({ width: size.width, height: Math.round(height) + FRAME_HEIGHT });
        await this.scrollTo(index);
        await this.screenshot(file);
        await this.page.setViewportSize(size);
    }

    async screenshot(file) {
        await this.page.screenshot({ path: file });
    }

    async close() {
        await this.browser.close();
    }
}
