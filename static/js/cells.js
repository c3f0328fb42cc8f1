// Cells of a list: the arrows walk them, Enter or F2 or a double click edits one in its place, Tab goes on to the next.

/* global htmx */

const bodyOf = (cell) => cell.closest("[data-rows]");
const cellsOf = (row) => [...row.children].filter((cell) => !cell.matches(".pick"));
const columnsOf = (cell) => (bodyOf(cell).dataset.columns ?? "").split(",");
const nameOf = (cell) => columnsOf(cell)[cellsOf(cell.parentElement).indexOf(cell)];
const isOpen = (cell) => (bodyOf(cell).dataset.open ?? "").split(",").includes(nameOf(cell));
const addressOf = (cell) => cell.parentElement.querySelector("[data-row]").getAttribute("href");
const before = new WeakMap();
let following = null;

const focus = (cell) => {
  if (!cell) return;
  const link = cell.matches("th") && cell.querySelector("a");
  if (!link) cell.tabIndex = -1;
  (link || cell).focus({ preventScroll: true });
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
};

const edit = (cell) => {
  const pick = cell.parentElement.querySelector(".pick") ? "&pick=1" : "";
  before.set(cell, [...cell.childNodes]);
  htmx.ajax("GET", `${addressOf(cell)}field/${nameOf(cell)}/?as=cell&columns=${columnsOf(cell).join(",")}${pick}`, { target: cell, swap: "innerHTML" });
};

const leave = (cell) => {
  cell.classList.remove("cell-editing");
  cell.replaceChildren(...(before.get(cell) ?? []));
};

const textOf = (form) => new URLSearchParams(new FormData(form)).toString();
const isDirty = (form) => textOf(form) !== form.dataset.begun;

// Where Tab leads: the next cell of the row that can be edited, then the first of the next row.
const neighbour = (cell, step) => {
  const all = [...bodyOf(cell).querySelectorAll("tr")].flatMap(cellsOf);
  for (let place = all.indexOf(cell) + step; all[place]; place += step) if (isOpen(all[place]) && all[place].matches("td")) return all[place];
  return null;
};

// A cell under the pointer that can be edited says so, and a click on it waits for the second one.
document.addEventListener("pointerover", (event) => {
  const cell = event.target instanceof Element && event.target.closest("[data-rows] td");
  if (cell && !cell.matches(".pick") && isOpen(cell)) cell.dataset.editable = "";
});

document.addEventListener("dblclick", (event) => {
  const cell = event.target instanceof Element && event.target.closest("[data-rows] td");
  if (!cell || event.target.closest("form, .pick") || !isOpen(cell)) return;
  window.getSelection().removeAllRanges();
  edit(cell);
});

const walk = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
document.addEventListener("keydown", (event) => {
  const cell = event.target instanceof Element && event.target.closest("[data-rows] td, [data-rows] th");
  if (!cell || event.target.closest("form, input, .pick") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (walk[event.key]) {
    event.preventDefault();
    const [right, down] = walk[event.key];
    const row = { 1: cell.parentElement.nextElementSibling, [-1]: cell.parentElement.previousElementSibling }[down] ?? cell.parentElement;
    focus(cellsOf(row)[cellsOf(cell.parentElement).indexOf(cell) + right]);
  } else if ((event.key === "F2" || (event.key === "Enter" && cell === event.target)) && isOpen(cell)) {
    event.preventDefault();
    edit(cell);
  } else if (event.key === "Enter" && cell === event.target) {
    event.preventDefault();
    cell.parentElement.querySelector("[data-row]").click();
  }
});

document.addEventListener("keydown", (event) => {
  const form = event.target instanceof Element && event.target.closest("[data-cell-form]");
  if (!form) return;
  const cell = form.closest("td, th");
  if (event.key === "Escape" && !event.defaultPrevented) {
    event.preventDefault();
    leave(cell);
    focus(cell);
  } else if (event.key === "Tab") {
    event.preventDefault();
    const next = neighbour(cell, event.shiftKey ? -1 : 1);
    following = next && { address: addressOf(next), name: nameOf(next) };
    if (isDirty(form)) form.requestSubmit();
    else {
      leave(cell);
      go(cell);
    }
  } else if (event.key === "Enter" && !event.defaultPrevented && (event.ctrlKey || event.target.matches("select, [data-combobox]"))) {
    event.preventDefault();
    form.requestSubmit();
  }
});

const find = (address, name) => {
  const link = document.querySelector(`[data-rows] [data-row][href="${address}"]`);
  return link && cellsOf(link.closest("tr")).find((cell) => nameOf(cell) === name);
};

const go = (cell) => {
  const next = following && find(following.address, following.name);
  following = null;
  if (next) edit(next);
  else focus(cell);
};

// A click elsewhere saves what was changed; what was refused stays open until it is right or given up.
document.addEventListener("pointerdown", (event) => {
  const form = document.querySelector("[data-cell-form]");
  if (!form || form.contains(event.target) || form.querySelector(".field-finding") || event.target.closest("dialog")) return;
  if (isDirty(form)) form.requestSubmit();
  else leave(form.closest("td, th"));
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const cell = event.target;
  if (!(cell instanceof Element) || !cell.matches("[data-rows] td, [data-rows] th") || event.detail.xhr.status < 400) return;
  event.detail.shouldSwap = false;
  const said = new DOMParser().parseFromString(event.detail.serverResponse, "text/html");
  const words = [...said.querySelectorAll(".refusal p")].map((line) => line.textContent).join(" ");
  document.dispatchEvent(new CustomEvent("note", { detail: words || "This cannot be changed here." }));
});

document.addEventListener("htmx:afterSwap", (event) => {
  const form = event.target instanceof Element && (event.target.matches("[data-cell-form]") ? event.target : event.target.querySelector("[data-rows] [data-cell-form], :scope > [data-cell-form]"));
  if (!form) return;
  form.closest("td, th").classList.add("cell-editing");
  form.dataset.begun = textOf(form);
  const field = form.querySelector("input:not([type=hidden]), select, textarea");
  field.focus();
  if (field.matches("input[type=text]")) field.select();
});

document.addEventListener("property-saved", (event) => {
  if (event.detail.form !== "cell") return;
  const link = document.querySelector(`tr[data-pk="${event.detail.pk}"] [data-row]`);
  if (!link) return;
  link.closest("tr").classList.add("chosen");
  go(find(link.getAttribute("href"), event.detail.name));
});
