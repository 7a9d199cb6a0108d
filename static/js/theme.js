// Runs before the first paint: "auto" follows the system, a choice made here stays in the cookie.
{
  const root = document.documentElement;
  if (root.dataset.theme === "auto") {
    const dark = window.matchMedia("(prefers-color-scheme: dark)");
    const apply = () => root.setAttribute("data-bs-theme", dark.matches ? "dark" : "light");
    apply();
    dark.addEventListener("change", apply);
  }
}
