// Lists and record pages: j and k choose a row, a click or Space opens it beside the list, Enter opens its page.

const rows = () => [...document.querySelectorAll("[data-row]")];
const lineOf = (link) => link.closest("tr") ?? link;
const chosenRow = () => rows().find((link) => lineOf(link).classList.contains("chosen"));

const choose = (link) => {
  for (const other of rows()) lineOf(other).classList.toggle("chosen", other === link);
  link.focus({ preventScroll: true });
  lineOf(link).scrollIntoView({ block: "nearest" });
};

const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));
const panel = () => document.querySelector("#side-panel:not([hidden])");
const beside = (link) => {
  choose(link);
  tell("record-opening", { link });
  tell("panel-wanted", { url: link.getAttribute("href") });
};

document.addEventListener("keydown", (event) => {
  const busy = event.target instanceof Element && event.target.closest("input, textarea, select, dialog, [popover]");
  if (busy || event.ctrlKey || event.metaKey || event.altKey) return;
  const step = { j: 1, k: -1 }[event.key];
  const all = rows();
  if (!step || !all.length) return;
  event.preventDefault();
  const place = all.indexOf(chosenRow());
  const next = all[Math.min(all.length - 1, Math.max(0, place < 0 ? 0 : place + step))];
  choose(next);
  if (panel() && next.closest("[data-rows]")) beside(next);
});

// A click on a row, and Space on a chosen one, open it beside the list; on the link, or with Enter, its page opens.
let waiting = 0;
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element && event.target.closest("[data-row]");
  if (link) tell("record-opening", { link });
  const row = event.target instanceof Element && event.target.closest("[data-rows] tr");
  clearTimeout(waiting);
  if (!row || event.target.closest("a, button, input, label, select, textarea, form, .pick") || window.getSelection().toString()) return;
  const own = row.querySelector("[data-row]");
  if (event.ctrlKey || event.metaKey) {
    window.open(own.href);
    return;
  }
  if (event.detail > 1) return;
  if (event.target.closest("[data-editable]")) waiting = setTimeout(() => beside(own), 220);
  else beside(own);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== " " || !(event.target instanceof Element) || !event.target.matches("[data-rows] a, [data-rows] td, [data-rows] th")) return;
  const link = event.target.closest("tr")?.querySelector("[data-row]");
  if (!link) return;
  event.preventDefault();
  if (panel()?.dataset.url === link.getAttribute("href")) panel().querySelector(".panel-head h2 a")?.focus();
  else beside(link);
});

// The row one came back from, and the one that the panel moved to, are chosen.
document.addEventListener("row-wanted", (event) => {
  const link = rows().find((one) => one.getAttribute("href") === event.detail.url);
  if (link) choose(link);
});

// Inline edit: Escape cancels, Ctrl+Enter saves.
document.addEventListener("keydown", (event) => {
  const form = event.target instanceof Element && event.target.closest("[data-inline]");
  if (!form) return;
  if (event.key === "Escape" && !event.defaultPrevented) {
    event.preventDefault();
    form.querySelector("[data-cancel-inline]").click();
  } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
  }
});

// A way to a field from anywhere: its group is unfolded, and its form opens where it stands.
document.addEventListener("click", (event) => {
  const way = event.target instanceof Element && event.target.closest("[data-edit-field]");
  if (!way) return;
  event.preventDefault();
  const property = document.getElementById(`property-${way.dataset.editField}`);
  if (!property) {
    document.querySelector("[data-next-edit]")?.click();
    return;
  }
  for (let fold = property.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  property.scrollIntoView({ block: "nearest" });
  property.querySelector(".value-edit")?.click();
});

// After a save the field that was edited keeps the focus, and a screen reader hears it.
document.addEventListener("property-saved", (event) => {
  const { form, name } = event.detail;
  if (form === "") document.querySelector(`#property-${name} .value-edit`)?.focus();
  if (form === "next") document.querySelector("[data-next-edit]")?.focus();
});

document.addEventListener("htmx:afterSwap", (event) => {
  const target = event.target instanceof Element ? event.target : document;
  target.querySelector?.(".refusal[tabindex]")?.focus();
  document.querySelectorAll(".menu:popover-open").forEach((menu) => {
    if (target.id === "list") menu.hidePopover();
  });
});

// A full page that was refused begins at its reasons.
document.querySelector("main .refusal[tabindex]")?.focus();
