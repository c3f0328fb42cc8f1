// Lists: the condition builder, columns in their order and widths, menus that are searched.

const list = () => document.getElementById("list");
const hit = (event, selector) => event.target instanceof Element && event.target.closest(selector);

// --- The builder: its rows come from the server, one JSON goes back ---------------------------------------------------

const valuesOf = (row) => {
  const place = row.querySelector("[data-values]");
  if (!place) return [];
  return [...place.querySelectorAll("input[name], select[name]")].flatMap((one) => {
    if (one.name === "q") return [];
    if (one.multiple) return [...one.selectedOptions].map((option) => option.value);
    if (one.type === "checkbox") return one.checked ? [one.value] : [];
    return one.type === "hidden" && !one.value ? [] : [one.value];
  });
};

export const draftOf = (part) => {
  if (part.matches("[data-group]")) {
    const parts = [...part.children].filter((one) => one.matches("[data-group], [data-condition]"));
    return { mode: part.querySelector(":scope > legend [data-mode]").value, parts: parts.map(draftOf) };
  }
  if (part.dataset.raw) return { raw: part.dataset.raw };
  return { f: part.querySelector("[data-field]").value, op: part.querySelector("[data-op]")?.value ?? "", v: valuesOf(part) };
};

document.addEventListener("htmx:configRequest", (event) => {
  const form = event.detail.elt;
  if (form.matches?.("[data-builder]")) {
    event.detail.parameters.draft = JSON.stringify(draftOf(form.querySelector("[data-group]")));
  }
});

// A row that has just come is where one goes on: at its field, its operator or its value.
document.addEventListener("htmx:load", (event) => {
  const part = event.detail.elt;
  if (!(part instanceof Element) || !part.matches("[data-condition], [data-group], [data-builder]")) return;
  const at = { op: "[data-op]", value: "[data-values] :is(input:not([type=hidden]), select)" }[part.dataset.at];
  (part.querySelector(at ?? "[data-field]") ?? part.querySelector("[data-op], [data-field]"))?.focus();
  document.querySelector("[data-open-builder]")?.setAttribute("aria-expanded", "true");
});

const closeBuilder = () => {
  const place = document.getElementById("builder");
  if (!place?.firstElementChild) return;
  place.replaceChildren();
  const button = document.querySelector("[data-open-builder]");
  button?.setAttribute("aria-expanded", "false");
  button?.focus();
};

const dropPart = (button) => {
  const part = button.closest("[data-condition], [data-group]");
  const group = part.parentElement.closest("[data-group]");
  part.remove();
  group.querySelector(":scope > .builder-add button").focus();
};

document.addEventListener("click", (event) => {
  const drop = hit(event, "[data-drop-part]");
  if (drop) dropPart(drop);
  if (hit(event, "[data-close-builder]")) closeBuilder();
  const open = hit(event, "[data-open-builder]");
  if (open && open.getAttribute("aria-expanded") === "true") {
    event.preventDefault();
    event.stopImmediatePropagation();
    closeBuilder();
  }
  const other = hit(event, "[data-click]");
  if (other) document.querySelector(other.dataset.click)?.click();
}, true);

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && hit(event, "[data-builder]")) closeBuilder();
});

// After a menu or the builder has shaped the list, the focus is in the list again, not at the top of the page.
let shaped = false;
document.addEventListener("htmx:beforeSwap", (event) => {
  shaped = event.detail.target?.id === "list" && Boolean(document.activeElement?.closest("[data-builder], [popover]"));
});
document.addEventListener("htmx:afterSettle", () => {
  if (!shaped) return;
  shaped = false;
  document.querySelector("#list .chip-open, #list [data-open-builder]")?.focus();
});

// --- Columns: their order -------------------------------------------------------------------------------------------

const moveLine = (line, step) => {
  const other = step < 0 ? line.previousElementSibling : line.nextElementSibling;
  if (!other?.draggable) return;
  if (step < 0) other.before(line);
  else other.after(line);
};

document.addEventListener("click", (event) => {
  const button = hit(event, "[data-move]");
  if (!button) return;
  moveLine(button.closest("li"), Number(button.dataset.move));
  button.focus();
});

let dragged = null;
document.addEventListener("dragstart", (event) => {
  dragged = hit(event, "[data-ordered] > li[draggable]") || null;
});
document.addEventListener("dragover", (event) => {
  const over = dragged && hit(event, "[data-ordered] > li[draggable]");
  if (!over || over === dragged) return;
  event.preventDefault();
  const box = over.getBoundingClientRect();
  if (event.clientY < box.top + box.height / 2) over.before(dragged);
  else over.after(dragged);
});
document.addEventListener("drop", (event) => {
  if (dragged) event.preventDefault();
});
document.addEventListener("dragend", () => {
  dragged = null;
});

// --- Menus that are searched ----------------------------------------------------------------------------------------

document.addEventListener("input", (event) => {
  const box = hit(event, "[data-find]");
  if (!box) return;
  const wanted = box.value.trim().toLowerCase();
  const menu = box.closest(".menu-body");
  for (const line of menu.querySelectorAll(box.dataset.find)) {
    line.hidden = !line.dataset.found.toLowerCase().includes(wanted);
  }
  for (const title of menu.querySelectorAll("[data-found-title]")) {
    title.hidden = ![...title.nextElementSibling.children].some((line) => !line.hidden);
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && hit(event, "[data-find]")) event.preventDefault();
});

// --- Widths of columns: drawn by the mouse or the arrow keys, kept in the address ------------------------------------

const NARROWEST = 60;
const WIDEST = 800;
const bounded = (width) => Math.min(WIDEST, Math.max(NARROWEST, Math.round(width)));

const setWidth = (head, width) => {
  head.dataset.width = String(width);
  head.querySelector("[data-resize]")?.setAttribute("aria-valuenow", String(width));
  const table = head.closest("table");
  const place = [...head.parentElement.children].indexOf(head) + 1;
  for (const cell of table.querySelectorAll(`tr > :nth-child(${place})`)) {
    cell.style.width = cell.style.minWidth = cell.style.maxWidth = `${width}px`;
  }
};

const applyWidths = () => {
  for (const head of document.querySelectorAll("th[data-width]")) setWidth(head, bounded(Number(head.dataset.width)));
};

const keepWidths = (name) => {
  const widths = [...document.querySelectorAll("th[data-width]")].map((head) => `${head.dataset.column}:${head.dataset.width}`);
  const address = new URL(window.location.href);
  address.searchParams.set("widths", widths.join(","));
  window.history.replaceState(window.history.state, "", address);
  window.htmx.ajax("GET", address.pathname + address.search, { target: "#list", swap: "outerHTML" })
    .then(() => document.querySelector(`[data-resize="${name}"]`)?.focus({ preventScroll: true }));
};

document.addEventListener("pointerdown", (event) => {
  const edge = hit(event, "[data-resize]");
  if (!edge) return;
  event.preventDefault();
  const head = edge.closest("th");
  const begin = { x: event.clientX, width: head.offsetWidth };
  const move = (moved) => setWidth(head, bounded(begin.width + moved.clientX - begin.x));
  const end = () => {
    document.removeEventListener("pointermove", move);
    if (head.dataset.width) keepWidths(edge.dataset.resize);
  };
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", end, { once: true });
});

let waiting = 0;
document.addEventListener("keydown", (event) => {
  const edge = hit(event, "[data-resize]");
  const step = { ArrowLeft: -16, ArrowRight: 16 }[event.key];
  if (!edge || !step) return;
  event.preventDefault();
  const head = edge.closest("th");
  setWidth(head, bounded(head.offsetWidth + step));
  window.clearTimeout(waiting);
  waiting = window.setTimeout(() => keepWidths(edge.dataset.resize), 500);
});

const arrange = () => {
  applyWidths();
  const tab = document.querySelector(".views .tabs [aria-current]");
  if (tab) tab.parentElement.scrollLeft = tab.offsetLeft - tab.parentElement.offsetLeft - 8;
};

arrange();
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target instanceof Element && (event.target === list() || event.target.querySelector?.("#list"))) arrange();
});
