/** Light or dark, as the system says or the visitor chose. Runs before anything is drawn. */
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // storage is forbidden
    }
  };
  const show = (/** @type {string | null} */ theme) => {
    if (theme) root.dataset.theme = theme;
    root.dispatchEvent(new Event("themechange"));
  };
  show(chosen());
  dark.addEventListener("change", () => show(null));
  addEventListener("DOMContentLoaded", () => {
    const toggle = document.querySelector("[data-theme-toggle]");
    if (!(toggle instanceof HTMLElement)) return;
    toggle.hidden = false;
    toggle.addEventListener("click", () => {
      const isDark = (root.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark";
      const theme = isDark ? "light" : "dark";
      show(theme);
      try {
        localStorage.setItem("theme", theme);
      } catch {
        // then it is forgotten with the page
      }
    });
  });
})();
