// Lists and record pages: j and k choose a row, Enter opens it; Escape leaves a field as it was.

const rows = () => [...document.querySelectorAll("[data-row]")];
const lineOf = (link) => link.closest("tr") ?? link;
const chosenRow = () => rows().find((link) => lineOf(link).classList.contains("chosen"));

const choose = (link) => {
  for (const other of rows()) lineOf(other).classList.toggle("chosen", other === link);
  link.focus({ preventScroll: true });
  lineOf(link).scrollIntoView({ block: "nearest" });
};

document.addEventListener("keydown", (event) => {
  const busy = event.target instanceof Element && event.target.closest("input, textarea, select, dialog, [popover]");
  if (busy || event.ctrlKey || event.metaKey || event.altKey) return;
  const step = { j: 1, k: -1 }[event.key];
  if (!step) return;
  const all = rows();
  if (!all.length) return;
  event.preventDefault();
  const place = all.indexOf(chosenRow());
  choose(all[Math.min(all.length - 1, Math.max(0, place < 0 ? 0 : place + step))]);
});

// A click anywhere on a row opens it, unless it meant something inside.
document.addEventListener("click", (event) => {
  const row = event.target instanceof Element && event.target.closest("[data-rows] tr");
  if (!row || event.target.closest("a, button, input, label") || window.getSelection().toString()) return;
  const link = row.querySelector("[data-row]");
  if (event.ctrlKey || event.metaKey) window.open(link.href);
  else link.click();
});

// Inline edit: Escape cancels, Ctrl+Enter saves a long text, a choice saves itself.
document.addEventListener("keydown", (event) => {
  const form = event.target instanceof Element && event.target.closest("[data-inline]");
  if (!form) return;
  if (event.key === "Escape") {
    event.preventDefault();
    form.querySelector("[data-cancel-inline]").click();
  } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
  }
});

// After a save the field that was edited keeps the focus, and a screen reader hears it.
document.addEventListener("property-saved", (event) => {
  document.querySelector(`#property-${event.detail.name} .value-edit`)?.focus();
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
