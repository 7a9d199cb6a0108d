// What every staff page does besides links and forms. All of it is a bonus: pages work without.

// A form is sent once: a second click while the first is on its way does nothing (a download,
// marked data-again, may be asked for as often as one likes).
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || "again" in form.dataset) return;
  if (form.method === "dialog" || event.submitter?.formMethod === "dialog") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
});
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest("form");
  if (form) delete form.dataset.sent;
});

// <button data-opens="id"> opens the dialog of that id; Escape and its own buttons close it.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    event.preventDefault();
    document.getElementById(opener.dataset.opens)?.showModal();
  }
  if (event.target.closest("[data-prints]")) window.print();
  const filler = event.target.closest("[data-fills]"); // the demo's login page
  if (filler) {
    document.getElementById("id_login").value = filler.dataset.fills;
    document.getElementById("id_password").value = filler.dataset.with;
    document.getElementById("id_password").focus();
  }
});

// <select data-submits> sends its form when it changes (there is a button without JavaScript).
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
});

// <a data-key="k">, <button data-key="x">, <input data-key="s">: one letter presses it.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input:not([type=radio]):not([type=checkbox]), textarea, select")) return;
  const key = event.key.toLowerCase();
  if (!/^[a-z0-9?]$/.test(key)) return;
  const target = document.querySelector(`[data-key="${key}"]`);
  if (target) {
    event.preventDefault();
    target.click();
    target.focus();
  }
});

// The phone's menu: Escape closes it and gives the focus back; so does a tap beside it.
document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && document.querySelector("details.more-menu[open]");
  if (open) {
    open.open = false;
    open.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  document.querySelectorAll("details.more-menu[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});

// A table wider than its card scrolls; who has no mouse reaches it with the tabulator.
const reach = () => {
  document.querySelectorAll(".tw").forEach((box) => {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  });
};
const fitted = new ResizeObserver(reach); // says when a box, or what it holds, has another width
const watch = () => {
  document.querySelectorAll(".tw, .tw > *").forEach((part) => fitted.observe(part));
  reach();
};
document.addEventListener("htmx:afterSwap", watch);
watch();
