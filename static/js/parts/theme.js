// Loaded before the page is drawn, so that a chosen theme does not flash. Not a module: those wait.
(() => {
  const KEY = "irer-theme";
  const root = document.documentElement;
  const prefersLight = matchMedia("(prefers-color-scheme: light)");
  const read = () => { try { return localStorage.getItem(KEY); } catch { return null; } };
  const current = () => root.dataset.theme ?? (prefersLight.matches ? "light" : "dark");
  const button = () => document.getElementById("theme-btn");
  const announce = () => {
    const shown = button();
    if (shown) shown.textContent = current() === "dark" ? "Light" : "Dark";
    document.dispatchEvent(new Event("themechange"));
  };
  const chosen = read();
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
  prefersLight.addEventListener("change", announce);
  addEventListener("DOMContentLoaded", () => {
    announce();
    button()?.addEventListener("click", () => {
      root.dataset.theme = current() === "dark" ? "light" : "dark";
      try { localStorage.setItem(KEY, root.dataset.theme); } catch { /* private window */ }
      announce();
    });
  });
})();
