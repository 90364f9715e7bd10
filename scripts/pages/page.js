// The colours follow the system until the reader chooses; the choice is remembered. Without scripts, the system decides.
const KEY = "gan_nb-tema";
const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");
const stored = () => {
    try {
        return localStorage.getItem(KEY);
    } catch {
        return null; // the browser stores nothing for this page
    }
};
const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);

// Before the page is drawn, so that it does not flash.
if (["light", "dark"].includes(stored())) root.dataset.theme = stored();

document.addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector(".theme");
    const name = () => {
        button.querySelector(".label").textContent = isDark() ? "Tema claro" : "Tema oscuro";
        button.firstElementChild.textContent = isDark() ? "☀" : "☾";
    };
    button.addEventListener("click", () => {
        root.dataset.theme = isDark() ? "light" : "dark";
        try {
            localStorage.setItem(KEY, root.dataset.theme);
        } catch {
            // then it holds only for this page
        }
        name();
    });
    system.addEventListener("change", name);
    button.hidden = false;
    name();

    // On a narrow screen, the list of notebooks stays closed until it is asked for.
    if (matchMedia("(max-width: 60rem)").matches) document.querySelector(".menu").open = false;
});
