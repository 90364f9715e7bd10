// The test's own JupyterLab: its settings, kernels and notebooks lie in a folder that is removed at the end, so that the
// checkout and the user's settings are left alone.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { until } from "./until.mjs";

// Switches off what would cover the page or use the network.
const SETTINGS = {
    "@jupyterlab/apputils-extension/notification": { fetchNews: "false", checkForUpdates: false },
};

export class Lab {
    /**
     * Starts the JupyterLab in `prefix` on a copy of `root`'s notebooks, with `variables` in the kernels' environment.
     * Its output goes to the file `log`.
     */
    static async start({ root, prefix, log, variables }) {
        const lab = new Lab();
        lab.folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), "gan_nb-browser-"));
        try {
            lab.#furnish(root);
            lab.#spawn(prefix, log, variables);
            await lab.#ready(log);
        } catch (error) {
            await lab.end();
            throw error;
        }
        return lab;
    }

    /** Lays out the notebooks as in the checkout, with `../crate` and the lesson's own `../runs` beside them. */
    #furnish(root) {
        const kept = (file) => path.basename(file) !== ".ipynb_checkpoints";
        fs.cpSync(path.join(root, "notebooks"), path.join(this.folder, "notebooks"), { recursive: true, filter: kept });
        fs.symlinkSync(path.join(root, "crate"), path.join(this.folder, "crate"));
        for (const [name, values] of Object.entries(SETTINGS)) {
            const file = path.join(this.folder, "settings", `${name}.jupyterlab-settings`);
            fs.mkdirSync(path.dirname(file), { recursive: true });
            fs.writeFileSync(file, JSON.stringify(values));
        }
    }

    #spawn(prefix, log, variables) {
        const place = (name) => path.join(this.folder, name);
        this.token = randomBytes(24).toString("hex");
        const options = {
            "--ServerApp.ip": "127.0.0.1",
            "--ServerApp.root_dir": this.folder,
            "--IdentityProvider.token": this.token,
            // Lets the test call JupyterLab's commands by name, not by their place in the menus.
            "--LabApp.expose_app_in_browser": "True",
        };
        const list = Object.entries(options).map(([name, value]) => `${name}=${value}`);
        // Jupyter refuses to run as root, the user in most containers, unless told to.
        if (process.getuid() === 0) list.push("--allow-root");
        const output = fs.openSync(log, "w");
        this.process = spawn(path.join(prefix, "bin/python"), ["-m", "jupyterlab", "--no-browser", ...list], {
            cwd: this.folder,
            stdio: ["ignore", output, output],
            detached: true, // Ctrl-C reaches only the test, which then shuts this down in order
            env: {
                ...process.env,
                ...variables,
                JUPYTER_CONFIG_DIR: place("config"),
                JUPYTER_DATA_DIR: place("data"),
                JUPYTER_RUNTIME_DIR: place("runtime"),
                JUPYTERLAB_SETTINGS_DIR: place("settings"),
                JUPYTERLAB_WORKSPACES_DIR: place("workspaces"),
            },
        });
        fs.closeSync(output);
        for (const event of ["exit", "error"]) this.process.once(event, () => (this.gone = true));
    }

    /** Jupyter chooses a free port and writes it to a file, which may be half written when it is read. */
    async #ready(log) {
        const note = path.join(this.folder, "runtime", `jpserver-${this.process.pid}.json`);
        const read = async () => {
            if (this.gone) throw new Error(`JupyterLab exited while it was starting; see ${log}`);
            try {
                this.url = JSON.parse(fs.readFileSync(note, "utf8")).url;
                return (await fetch(`${this.url}api/status?token=${this.token}`)).status;
            } catch (error) {
                return String(error.cause ?? error);
            }
        };
        await until("JupyterLab answers", 120, read, (status) => status === 200);
    }

    /** Shuts down server and kernels and removes the folder. Returns the processes that had to be killed, ideally none. */
    async end() {
        if (this.process && !this.gone) {
            this.process.kill("SIGTERM"); // it then shuts its kernels down
        }
        let left = this.#processes();
        for (const end = Date.now() + 30_000; left.length > 0 && Date.now() < end; left = this.#processes()) {
            await new Promise((resolve) => setTimeout(resolve, 200));
        }
        for (const { pid } of left) {
            try {
                process.kill(pid, "SIGKILL");
            } catch {
                // it has ended in the meantime
            }
        }
        fs.rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
        return left.map(({ pid, command }) => `${command} (process ${pid})`);
    }

    /** The server and everything it started: all have this folder in their environment. */
    #processes() {
        const own = this.process && !this.gone ? [{ pid: this.process.pid, command: "jupyter-lab" }] : [];
        if (!fs.existsSync("/proc/self/environ")) return own;
        const mark = `JUPYTER_RUNTIME_DIR=${this.folder}/`;
        const marked = (pid) => {
            try {
                return fs.readFileSync(`/proc/${pid}/environ`, "latin1").includes(mark);
            } catch {
                return false; // another user's, or it has ended in the meantime
            }
        };
        const command = (pid) => {
            try {
                return fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, 2).join(" ");
            } catch {
                return "?";
            }
        };
        const pids = fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name) && marked(name));
        return pids.map((pid) => ({ pid: Number(pid), command: command(pid) }));
    }
}
