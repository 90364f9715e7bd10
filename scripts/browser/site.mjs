// The lesson's static site in a real browser: every page in both themes, straight from the files.
//
// usage: node site.mjs ROOT CHROMIUM    (test.mjs also calls it; build the site with scripts/site first)
// Screenshots go to ROOT/out/browser/.

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Page } from "./page.mjs";

// WCAG 2.2, AA: for normal text, and for text that is large, or bold and almost as large.
const CONTRAST = { normal: 4.5, large: 3 };
const PHONE = { width: 390, height: 844 };

/** Reads the site in `root` with `chromium`, and fails at the first fault. */
export async function readSite({ root, chromium, out, say }) {
    const folder = path.join(root, "out/site");
    check(fs.existsSync(path.join(folder, "index.html")), `${folder}: no site; build it with scripts/site`);
    const browser = await Page.open(chromium);
    try {
        const site = new Site(browser, folder, out);
        const pages = await site.turnThePages();
        say(`the site: ${pages.length} pages, reached from the first by "Siguiente" and from each by the list`);
        for (const scheme of ["light", "dark"]) {
            for (const name of ["index.html", ...pages]) await site.look(name, scheme);
            say(`the site: every page in ${scheme} colours, with all its links, pictures and contrasts`);
        }
        await site.toggle(pages[0]);
        say("the site: the button changes the theme, and the choice is remembered");
        check(browser.errors.length === 0, `the site's pages reported errors:\n  ${browser.errors.join("\n  ")}`);
    } catch (error) {
        await browser.screenshot(path.join(out, "site-failed.png")).catch(() => {});
        throw error;
    } finally {
        await browser.close();
    }
}

function check(holds, complaint) {
    if (!holds) throw new Error(complaint);
}

class Site {
    constructor(browser, folder, out) {
        this.page = browser.page;
        this.folder = folder;
        this.out = out;
        const home = pathToFileURL(folder).href;
        this.page.on("requestfailed", (request) => browser.errors.push(`not loaded: ${request.url()}`));
        this.page.on("request", (request) => {
            const url = request.url();
            if (!url.startsWith(home) && !url.startsWith("data:")) browser.errors.push(`requests ${url}, which is not part of the site`);
        });
    }

    async open(name) {
        await this.page.goto(pathToFileURL(path.join(this.folder, name)).href);
    }

    /** Follows a link within the site, and waits until its page has loaded. */
    async follow(link) {
        await Promise.all([this.page.waitForEvent("load"), this.page.locator(link).first().click()]);
    }

    /** The file name of the page that is shown. */
    name() {
        return path.basename(new URL(this.page.url()).pathname);
    }

    /** Goes from the first page through all others, as a reader would. Returns the pages in that order. */
    async turnThePages() {
        const expected = fs.readdirSync(this.folder).filter((file) => /^\d\d_.*\.html$/.test(file)).sort();
        await this.open("index.html");
        check((await this.page.locator(".cards > li").count()) === expected.length, "index.html: the number of cards is not the number of pages");
        await this.follow("a.start");
        const seen = [this.name()];
        while (await this.page.locator("a[rel=next]").count()) {
            await this.follow("a[rel=next]");
            seen.push(this.name());
        }
        check(`${seen}` === `${expected}`, `the pages follow each other as ${seen}, expected ${expected}`);
        for (const name of expected) {
            await this.follow(`nav.side a[href="${name}"]`);
            check(this.name() === name, `the list leads to ${this.name()} instead of ${name}`);
            const current = await this.page.locator("nav.side a[aria-current=page]").getAttribute("href");
            check(current === name, `${name}: the list marks ${current} as the open page`);
        }
        await this.follow("a.home");
        check(this.name() === "index.html", `the title leads to ${this.name()}`);
        return expected;
    }

    /** Checks one page in one theme, set through the system's preference. */
    async look(name, scheme) {
        await this.page.emulateMedia({ colorScheme: scheme });
        await this.open(name);
        const file = path.join(this.out, `site-${name.replace(/_.*|\.html/, "")}-${scheme}.png`);
        await this.page.screenshot({ path: file, fullPage: name === "index.html" });
        await this.page.evaluate(() => document.querySelectorAll("details").forEach((each) => (each.open = true)));
        const found = await this.page.evaluate(inspect, CONTRAST);
        check(found.dark === (scheme === "dark"), `${name}: its background is ${found.ground}, but the system's theme is ${scheme}`);
        check(found.lang === "es", `${name}: its language is ${found.lang}`);
        check(found.broken.length === 0, `${name}: pictures that are missing or have no alternative text: ${found.broken}`);
        check(found.faint.length === 0, `${name}, ${scheme}: too little contrast:\n  ${found.faint.join("\n  ")}`);
        for (const href of found.links) this.#leads(name, href);

        const size = this.page.viewportSize();
        await this.page.setViewportSize(PHONE);
        const over = await this.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        check(over <= 0, `${name}: on a screen ${PHONE.width} pixels wide it is ${over} pixels too wide`);
        await this.page.setViewportSize(size);
    }

    /** Checks that a link leads to a page of the site and an element that exists. External links are not followed. */
    #leads(name, href) {
        if (href.startsWith("https://")) return;
        const [file, anchor] = decodeURIComponent(href).split("#");
        const target = path.join(this.folder, file || name);
        check(fs.existsSync(target), `${name}: the link ${href} leads nowhere`);
        check(!anchor || fs.readFileSync(target, "utf8").includes(`id="${anchor}"`), `${name}: the link ${href} has no target`);
    }

    async toggle(name) {
        await this.page.emulateMedia({ colorScheme: "light" });
        await this.open(name);
        const dark = async () => (await this.page.evaluate(inspect, CONTRAST)).dark;
        await this.page.locator("button.theme").click();
        check(await dark(), "the button does not make the page dark");
        await this.open("index.html");
        check(await dark(), "the next page forgets the choice");
        await this.page.locator("button.theme").click();
        await this.page.emulateMedia({ colorScheme: "dark" });
        await this.page.reload();
        check(!(await dark()), "the system's theme overrides the reader's choice");
    }
}

/** Runs in the page: collects everything to check at this moment. */
function inspect(wanted) {
    const rgba = (text) => text.match(/[\d.]+/g).map(Number);
    const over = ([r, g, b, a = 1], below) => [r, g, b].map((value, i) => a * value + (1 - a) * below[i]);
    const ground = (element) => {
        if (!element) return [255, 255, 255];
        const colour = rgba(getComputedStyle(element).backgroundColor);
        return colour[3] === undefined ? colour : over(colour, ground(element.parentElement));
    };
    const linear = (value) => (value <= 10.31475 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4);
    const light = (colour) => colour.map(linear).reduce((sum, value, i) => sum + value * [0.2126, 0.7152, 0.0722][i], 0);
    const contrast = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);

    const faint = new Set();
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const element = texts.currentNode.parentElement;
        if (!texts.currentNode.data.trim() || !element.checkVisibility()) continue;
        const style = getComputedStyle(element);
        const below = ground(element);
        const ratio = contrast(light(over(rgba(style.color), below)), light(below));
        const size = parseFloat(style.fontSize);
        const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
        if (ratio < wanted[large ? "large" : "normal"]) {
            faint.add(`${ratio.toFixed(2)}: ${element.tagName}.${element.className} "${texts.currentNode.data.trim().slice(0, 40)}"`);
        }
    }
    const images = [...document.images];
    const bad = (image) => !image.complete || image.naturalWidth === 0 || (!image.alt && !image.closest(".cards"));
    return {
        dark: light(ground(document.body)) < 0.5,
        ground: getComputedStyle(document.body).backgroundColor,
        lang: document.documentElement.lang,
        broken: images.filter(bad).map((image) => image.src.slice(-60)),
        faint: [...faint],
        links: [...new Set([...document.querySelectorAll("a[href]")].map((a) => a.getAttribute("href")))],
    };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const [root, chromium] = process.argv.slice(2);
    const out = path.join(root, "out/browser");
    fs.mkdirSync(out, { recursive: true });
    await readSite({ root, chromium, out, say: console.log }).catch((error) => {
        console.error(`FAILED: ${error.message}`);
        process.exitCode = 1;
    });
}
