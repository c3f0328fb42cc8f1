// Boards: walk the cards, move one by drag, menu or key, take the last move back. A move shows at once; what refuses it
// puts the card back, says why, and asks for what would let it pass.

import { declare } from "./shortcuts.js";

const onBoard = () => board() !== null;
declare("This page", ["←", "↑", "↓", "→"], "Walk through the cards", () => onBoard());
declare("This page", ["m"], "Move the card to a column", () => onBoard());
declare("This page", ["Shift", "← →"], "Move the card to the next column", () => onBoard());
declare("This page", ["Ctrl", "Z"], "Take the last move back", () => onBoard());

const board = () => document.getElementById("board");
const columnOf = (card) => card.closest("[data-column]");
const columns = () => [...board().querySelectorAll("[data-column]")];
const open = (column) => !column.classList.contains("folded");
const cardsOf = (column) => [...column.querySelectorAll("[data-card]")];
const titleOf = (card) => card.querySelector(".tile-title");
const dialog = () => document.getElementById("board-dialog");
const inside = (event, selector) => (event.target instanceof Element ? event.target.closest(selector) : null);

let last = null; // the last move: what Undo takes back
let dragging = false; // a drag ends in a click that means nothing
let pending = null; // a move that waits for an answer in the dialog

const parsed = (html) => {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content;
};

// Where a card stands, to put it back there.
const placeOf = (card) => ({ list: card.parentElement, before: card.nextElementSibling });
const put = (card, place) => place.list.insertBefore(card, place.before?.parentElement === place.list ? place.before : null);
const putBack = (card, place) => {
  put(card, place);
  card.classList.remove("tile-pending");
  card.classList.add("tile-back");
  setTimeout(() => card.classList.remove("tile-back"), 600);
};

const listOf = (key) => board().querySelector(`[data-column="${key}"] [data-page]`);
const figures = () => document.body.dispatchEvent(new Event("board-moved"));

const say = (text, undo) => {
  const toast = document.createElement("p");
  toast.className = "toast-note toast-moved";
  toast.append(text);
  if (undo) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-small", textContent: "Undo" });
    button.dataset.undoMove = "";
    toast.append(button);
    document.querySelectorAll(".toast-moved").forEach((other) => other.remove());
  }
  document.getElementById("toasts").append(toast);
  setTimeout(() => toast.remove(), 8000);
};

const replaced = (card, fresh) => {
  const made = fresh?.content.querySelector("[data-card]");
  if (!made) {
    card.remove();
    return null;
  }
  const list = listOf(made.dataset.value);
  const focused = card.contains(document.activeElement);
  if (columnOf(card).contains(list)) card.replaceWith(made);
  else {
    card.remove();
    list?.prepend(made);
  }
  if (focused && made.isConnected) titleOf(made).focus();
  return made;
};

const showDialog = (content) => {
  const box = dialog();
  box.replaceChildren(content);
  window.htmx?.process(box);
  if (!box.open) box.showModal();
  const asked = [...box.querySelectorAll(".supply > summary, .fields input:not([type=hidden]), .fields select, .fields textarea, [data-board-cancel]")];
  (box.querySelector("[aria-invalid]") ?? asked.find((one) => one.checkVisibility()) ?? box).focus();
};

const closeDialog = () => {
  const waiting = pending;
  pending = null;
  if (dialog()?.open) dialog().close();
  dialog()?.replaceChildren();
  return waiting;
};

// Who was signed out meanwhile is led to the sign-in.
const sentAway = (answer) => {
  const to = answer.headers.get("HX-Redirect");
  if (to) location.assign(to);
  return Boolean(to);
};

const send = async (move, body) => {
  move.card.classList.add("tile-pending");
  let answer;
  try {
    const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
    const headers = { "HX-Request": "true", "X-CSRFToken": token };
    answer = await fetch(`${board().dataset.url}${move.card.dataset.card}/move/`, { method: "POST", body, headers });
  } catch {
    putBack(move.card, move.place);
    say("The server cannot be reached. The card is where it was.");
    return;
  }
  if (sentAway(answer)) return;
  const content = parsed(answer.status < 500 ? await answer.text() : "");
  const fresh = content.querySelector("[data-fresh]");
  fresh?.remove();
  if (answer.ok) {
    closeDialog();
    const from = move.card.dataset.value;
    const card = replaced(move.card, fresh);
    last = card && { pk: card.dataset.card, to: from };
    const into = card && columnOf(card).querySelector("h2").textContent.trim();
    say(card ? `Moved to ${into}. ` : "Moved out of your sight. ", Boolean(card));
    figures();
    return;
  }
  if (answer.status === 409 && fresh) {
    const card = replaced(move.card, fresh);
    card?.classList.add("tile-back");
    pending = null;
    showDialog(content);
    figures();
    return;
  }
  if (content.querySelector("[data-board-ask]")) {
    pending = move;
    showDialog(content);
    return;
  }
  putBack(move.card, move.place);
  pending = null;
  if (answer.status >= 500) {
    say("A fault on our side. The card is where it was; try again.");
    return;
  }
  if (!content.querySelector("[data-board-cancel]")) {
    const close = Object.assign(document.createElement("button"), { type: "button", className: "btn", textContent: "Close" });
    close.dataset.boardCancel = "";
    content.append(close);
  }
  showDialog(content);
};

const ask = (card, to, place) => {
  const body = new FormData();
  body.set("by", board().dataset.by);
  body.set("to", to);
  body.set("version", card.dataset.version);
  return send({ card, place }, body);
};

// A card that is moved by menu or key goes to the top of its new column at once.
const move = (card, to) => {
  if (!card.classList.contains("tile-moves") || card.dataset.value === to) return;
  const place = placeOf(card);
  const focused = card.contains(document.activeElement);
  listOf(to).prepend(card);
  if (focused) titleOf(card).focus({ preventScroll: true });
  card.scrollIntoView({ block: "nearest", inline: "nearest" });
  ask(card, to, place);
};

const undo = () => {
  const held = last;
  last = null;
  document.querySelectorAll(".toast-moved").forEach((toast) => toast.remove());
  const card = held && board()?.querySelector(`[data-card="${held.pk}"]`);
  if (card) move(card, held.to);
};

// The menu of a card: one for the whole board, opened beside the card that asked for it.
let asking = null;
const openMenu = (card) => {
  if (!card.classList.contains("tile-moves")) return;
  asking = card;
  const menu = document.getElementById("move-menu");
  for (const item of menu.querySelectorAll("[data-move-to]")) item.disabled = item.dataset.moveTo === card.dataset.value;
  menu.showPopover();
};

document.addEventListener("opened", (event) => {
  if (event.target.id !== "move-menu" || !asking) return;
  const menu = event.target;
  const place = (asking.querySelector("[data-move]") ?? asking).getBoundingClientRect();
  menu.style.left = `${Math.max(8, Math.min(place.left, window.innerWidth - menu.offsetWidth - 8))}px`;
  menu.style.top = `${Math.max(8, Math.min(place.bottom + 4, window.innerHeight - menu.offsetHeight - 8))}px`;
  menu.style.maxHeight = `${window.innerHeight - 16}px`;
  setTimeout(() => menu.querySelector("[data-move-to]:not(:disabled)")?.focus());
}, true);

const unfold = (column) => {
  const button = column.querySelector("[data-fold-column]");
  const folded = column.classList.toggle("folded");
  button?.setAttribute("aria-expanded", String(!folded));
  if (folded || !column.dataset.more) return;
  const first = document.createElement("div");
  first.className = "tiles-more";
  column.querySelector("[data-cards]").append(first);
  window.htmx.ajax("GET", column.dataset.more, { target: first, swap: "outerHTML" });
  delete column.dataset.more;
};

const showColumn = (key) => {
  const column = columns().find((one) => one.dataset.column === key);
  if (column.classList.contains("folded")) unfold(column);
  column.scrollIntoView({ block: "nearest", inline: "start" });
};

document.addEventListener("click", (event) => {
  if (inside(event, "[data-undo-move]")) return undo();
  if (!board()) return;
  const item = inside(event, "[data-move-to]");
  if (item) {
    const card = asking;
    document.getElementById("move-menu").hidePopover();
    titleOf(card).focus();
    return move(card, item.dataset.moveTo);
  }
  if (inside(event, "[data-move]")) return openMenu(inside(event, "[data-card]"));
  if (inside(event, "[data-fold-column]")) return unfold(inside(event, "[data-column]"));
  if (inside(event, "[data-show-column]")) return showColumn(inside(event, "[data-show-column]").dataset.showColumn);
  if (inside(event, "[data-board-cancel]")) return dialog().close();
  const card = inside(event, "[data-card]");
  if (card && !dragging && !inside(event, "a, button")) openBeside(card);
});

// A card opens beside the board, its title on its own page.
const openBeside = (card) => {
  const link = titleOf(card);
  document.dispatchEvent(new CustomEvent("record-opening", { detail: { link } }));
  document.dispatchEvent(new CustomEvent("panel-wanted", { detail: { url: link.getAttribute("href") } }));
};

// Leaving the dialog by any way puts the card back.
document.addEventListener("close", (event) => {
  if (event.target.id !== "board-dialog") return;
  const waiting = closeDialog();
  if (!waiting) return;
  putBack(waiting.card, waiting.place);
  titleOf(waiting.card).focus();
}, true);

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-board-ask]") || !pending) return;
  event.preventDefault();
  send(pending, new FormData(event.target, event.submitter));
});

// Arrows walk through cards and columns; with Shift, left and right move the card.
const walk = (card, key) => {
  const here = columnOf(card);
  const cards = cardsOf(here);
  const place = cards.indexOf(card);
  if (key === "ArrowUp" || key === "ArrowDown") return cards[place + (key === "ArrowDown" ? 1 : -1)];
  const all = columns().filter((column) => open(column) && cardsOf(column).length);
  const next = all[all.indexOf(here) + (key === "ArrowRight" ? 1 : -1)];
  const there = next && cardsOf(next);
  return there && there[Math.min(place, there.length - 1)];
};

const beside = (card, key) => {
  const all = columns();
  return all[all.indexOf(columnOf(card)) + (key === "ArrowRight" ? 1 : -1)]?.dataset.column;
};

document.addEventListener("keydown", (event) => {
  if (!board() || inside(event, "input, textarea, select, dialog, [popover]")) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && last) {
    event.preventDefault();
    return undo();
  }
  const card = inside(event, "[data-card]");
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (!card) {
    const first = event.target === board() && event.key.startsWith("Arrow") && board().querySelector(".column:not(.folded) [data-card]");
    if (first) {
      event.preventDefault();
      titleOf(first).focus();
    }
    return;
  }
  if (event.key === " ") {
    event.preventDefault();
    openBeside(card);
  } else if (event.key === "m") {
    event.preventDefault();
    openMenu(card);
  } else if (event.shiftKey && ["ArrowLeft", "ArrowRight"].includes(event.key)) {
    event.preventDefault();
    const to = beside(card, event.key);
    if (to !== undefined) move(card, to);
  } else if (event.key.startsWith("Arrow")) {
    event.preventDefault();
    const next = walk(card, event.key);
    if (next) titleOf(next).focus();
  }
});

// What was changed in the panel beside the board is drawn on its card.
const redraw = async () => {
  const url = document.querySelector("#side-panel:not([hidden])")?.dataset.url;
  const card = board() && url && board().querySelector(`.tile-title[href="${url}"]`)?.closest("[data-card]");
  if (!card) return;
  const answer = await fetch(`${url}move/?by=${board().dataset.by}`, { headers: { "HX-Request": "true" } });
  if (!sentAway(answer) && answer.ok) replaced(card, parsed(await answer.text()).querySelector("[data-fresh]"));
  figures();
};
for (const name of ["record-changed", "property-saved"]) document.addEventListener(name, redraw);

// At the width of a phone one column fills the window: the switcher says which.
const watchColumns = () => {
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      for (const button of document.querySelectorAll("[data-show-column]")) {
        button.setAttribute("aria-pressed", String(button.dataset.showColumn === entry.target.dataset.column));
      }
    }
  }, { root: board(), threshold: 0.6 });
  if (window.matchMedia("(max-width: 800px)").matches) columns().forEach((column) => seen.observe(column));
};

// Dragging comes with the library, where there is a board at all. Each page of a column takes cards.
let place = null;
const draggable = (page) => {
  window.Sortable.create(page, {
    group: "cards", draggable: ".tile", filter: ".tile:not(.tile-moves), .tile-menu", preventOnFilter: false, sort: false,
    forceFallback: true, fallbackTolerance: 5, fallbackOnBody: true, delay: 180, delayOnTouchOnly: true,
    animation: window.matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120,
    ghostClass: "tile-ghost", fallbackClass: "tile-dragged",
    onStart: (event) => {
      place = placeOf(event.item);
      dragging = true;
    },
    onEnd: (event) => {
      setTimeout(() => { dragging = false; });
      const to = event.to.closest("[data-column]").dataset.column;
      if (to === event.item.dataset.value) put(event.item, place);
      else ask(event.item, to, place);
    },
  });
  page.dataset.ready = "yes";
};

const prepare = async () => {
  const here = board();
  if (!here) return;
  if (!here.dataset.ready) {
    here.dataset.ready = "yes";
    watchColumns();
  }
  await import(here.dataset.sortable);
  here.querySelectorAll("[data-page]:not([data-ready])").forEach(draggable);
};

document.addEventListener("htmx:load", prepare);
prepare();
