// A JupyterLab of the test's own: its settings, kernels and notebooks lie in a folder that goes when it ends, so that
// neither the checkout nor the user's settings are touched.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { until } from "./until.mjs";

// What would come up over the page or ask the network.
const SETTINGS = {
    "@jupyterlab/apputils-extension/notification": { fetchNews: "false", checkForUpdates: false },
};

export class Lab {
    /**
     * Starts the JupyterLab of `prefix` over a copy of `root`'s notebooks, with `variables` in the kernels' environment.
     * What it prints goes to the file `log`.
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

    /** The notebooks as they lie in the checkout, where `../crate` and the lesson's own `../runs` are beside them. */
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
            // So that the test can call JupyterLab's commands by name, not by where they stand in its menus.
            "--LabApp.expose_app_in_browser": "True",
        };
        const list = Object.entries(options).map(([name, value]) => `${name}=${value}`);
        // Jupyter refuses to run as root, which is who one is in most containers, unless told.
        if (process.getuid() === 0) list.push("--allow-root");
        const output = fs.openSync(log, "w");
        this.process = spawn(path.join(prefix, "bin/python"), ["-m", "jupyterlab", "--no-browser", ...list], {
            cwd: this.folder,
            stdio: ["ignore", output, output],
            detached: true, // a Ctrl-C reaches the test alone, which then ends this in order
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

    /** Jupyter takes a port that is free and notes it; the note may be half written when it is read. */
    async #ready(log) {
        const note = path.join(this.folder, "runtime", `jpserver-${this.process.pid}.json`);
        const read = async () => {
            if (this.gone) throw new Error(`JupyterLab ended at its start; see ${log}`);
            try {
                this.url = JSON.parse(fs.readFileSync(note, "utf8")).url;
                return (await fetch(`${this.url}api/status?token=${this.token}`)).status;
            } catch (error) {
                return String(error.cause ?? error);
            }
        };
        await until("JupyterLab answers", 120, read, (status) => status === 200);
    }

    /** Ends server and kernels and removes the folder. Returns what had to be ended by force, in words; best none. */
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
                // it ended meanwhile
            }
        }
        fs.rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
        return left.map(({ pid, command }) => `${command} (process ${pid})`);
    }

    /** The server and all that it started, however it was started: they have this folder in their environment. */
    #processes() {
        const own = this.process && !this.gone ? [{ pid: this.process.pid, command: "jupyter-lab" }] : [];
        if (!fs.existsSync("/proc/self/environ")) return own;
        const mark = `JUPYTER_RUNTIME_DIR=${this.folder}/`;
        const marked = (pid) => {
            try {
                return fs.readFileSync(`/proc/${pid}/environ`, "latin1").includes(mark);
            } catch {
                return false; // of another user, or ended meanwhile
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
