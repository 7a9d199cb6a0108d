// Draws every <figure data-chart="id of its specification"> with Vega-Lite. The expressions run in
// Vega's interpreter, so that the page needs no unsafe-eval; tooltips are styled by app.css.
const merge = (base, over) => {
  const out = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const nested = value && typeof value === "object" && !Array.isArray(value);
    out[key] = nested ? merge(base[key] ?? {}, value) : value;
  }
  return out;
};

const isDark = () => document.documentElement.getAttribute("data-bs-theme") === "dark";
let printing = false; // paper is white whatever the theme of the screen

const draw = async (figure) => {
  const data = document.getElementById(figure.dataset.chart);
  if (!data) return;
  const { spec, dark } = JSON.parse(data.textContent);
  if (isDark() && !printing) spec.config = merge(spec.config ?? {}, dark);
  const place = figure.querySelector("[data-chart-place]");
  place.replaceChildren();
  await window.vegaEmbed(place, spec, {
    ast: true,
    actions: false,
    defaultStyle: false,
    renderer: "svg",
    tooltip: { disableDefaultStyle: true },
  });
  // The place has the name, the table the numbers: the marks one by one would only be noise.
  place.querySelector("svg")?.setAttribute("aria-hidden", "true");
};

const drawAll = (root) => root.querySelectorAll("[data-chart]").forEach(draw);
// Nothing of drawing waits for a timer or the network: it is done before the browser lays paper out.
const redraw = (onPaper) => {
  printing = onPaper;
  if (isDark()) drawAll(document);
};
window.addEventListener("beforeprint", () => redraw(true));
window.addEventListener("afterprint", () => redraw(false));
drawAll(document);
document.addEventListener("htmx:afterSwap", (event) => drawAll(event.target));
new MutationObserver(() => drawAll(document)).observe(document.documentElement, {
  attributes: true,
  attributeFilter: ["data-bs-theme"],
});
