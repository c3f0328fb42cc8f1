// Selecting rows and changing many at once. A selection lives in this tab, a list at a time, and survives its pages.

/* global htmx */

const bar = () => document.querySelector("[data-bulk-bar]");
const boxes = () => [...document.querySelectorAll("[data-rows] .pick input")];
const PAGING = ["after", "before", "from", "count", "limit", "sort", "columns", "widths", "density"];

// The list without the page one is on: what a selection belongs to.
const listOf = () => {
  const given = new URLSearchParams(bar().dataset.list);
  for (const name of PAGING) given.delete(name);
  return given.toString();
};
const key = () => `bulk:${bar().dataset.slug}?${listOf()}`;

const held = () => {
  try {
    const stored = JSON.parse(sessionStorage.getItem(key()) ?? "null");
    return { ids: new Set(stored?.ids), all: Boolean(stored?.all) };
  } catch {
    return { ids: new Set(), all: false };
  }
};
const keep = ({ ids, all }) => {
  if (ids.size || all) sessionStorage.setItem(key(), JSON.stringify({ ids: [...ids], all }));
  else sessionStorage.removeItem(key());
  draw();
};

const counted = (count) => `${count.toLocaleString("en")} ${count === 1 ? bar().dataset.one : bar().dataset.many} selected`;

const draw = () => {
  if (!bar()) return;
  const { ids, all } = held();
  for (const box of boxes()) box.checked = all || ids.has(box.value);
  const ticked = boxes().filter((box) => box.checked).length;
  const head = document.querySelector("[data-pick-all]");
  if (head) {
    head.checked = ticked > 0 && ticked === boxes().length;
    head.indeterminate = ticked > 0 && ticked < boxes().length;
  }
  bar().hidden = !ids.size && !all;
  bar().querySelector("[data-bulk-count]").textContent = all ? "All results selected" : counted(ids.size);
  bar().querySelector("[data-bulk-all]").hidden = all || !head?.checked;
};

let last = null;
const pick = (box, on, reach = false) => {
  const all = boxes();
  const chosen = held();
  // Out of “all results” one leaves with what this page shows.
  if (chosen.all) chosen.ids = new Set(all.map((one) => one.value));
  chosen.all = false;
  const from = reach && last ? all.findIndex((one) => one.value === last) : -1;
  const to = all.indexOf(box);
  const range = from < 0 ? [box] : all.slice(Math.min(from, to), Math.max(from, to) + 1);
  for (const one of range) {
    if (on) chosen.ids.add(one.value);
    else chosen.ids.delete(one.value);
  }
  last = box.value;
  keep(chosen);
};

const clear = () => {
  last = null;
  keep({ ids: new Set(), all: false });
};

// The whole cell ticks, so that a finger finds it; shift reaches from the last one.
document.addEventListener("click", (event) => {
  const hit = (selector) => event.target instanceof Element && event.target.closest(selector);
  const cell = hit("[data-rows] .pick");
  if (cell) {
    const box = cell.querySelector("input");
    if (event.target !== box) box.checked = !box.checked;
    if (event.shiftKey) window.getSelection().removeAllRanges();
    pick(box, box.checked, event.shiftKey);
  } else if (hit("[data-pick-all]")) {
    const on = hit("[data-pick-all]").checked;
    const chosen = held();
    if (chosen.all) chosen.ids.clear();
    for (const box of boxes()) {
      if (on) chosen.ids.add(box.value);
      else chosen.ids.delete(box.value);
    }
    keep({ ids: chosen.ids, all: false });
  } else if (hit("[data-bulk-all]")) {
    keep({ ids: new Set(), all: true });
  } else if (hit("[data-bulk-clear]")) {
    clear();
  } else if (hit("[data-bulk-deed]")) {
    begin(hit("[data-bulk-deed]").dataset.bulkDeed);
  } else if (hit("[data-bulk-follow]")) {
    follow();
  } else if (hit("[data-bulk-export]")) {
    take();
  }
});

// `x` ticks the chosen row; Shift with J or K ticks on the way.
document.addEventListener("keydown", (event) => {
  const busy = event.target instanceof Element && event.target.closest("input:not([type=checkbox]), textarea, select, dialog, [popover]");
  if (busy || event.ctrlKey || event.metaKey || event.altKey || !bar()) return;
  const chosen = document.querySelector("[data-rows] tr.chosen");
  if (event.key === "x" && chosen) {
    event.preventDefault();
    const box = chosen.querySelector(".pick input");
    pick(box, !box.checked);
  } else if (["J", "K"].includes(event.key) && boxes().length) {
    event.preventDefault();
    if (chosen) pick(chosen.querySelector(".pick input"), true);
    document.dispatchEvent(new KeyboardEvent("keydown", { key: event.key.toLowerCase(), bubbles: true }));
    const next = document.querySelector("[data-rows] tr.chosen");
    if (next) pick(next.querySelector(".pick input"), true);
  } else if (event.key === "Escape" && !bar().hidden && !document.querySelector("#side-panel:not([hidden])")) {
    clear();
  }
});

// The dialog asks what is to be done; the records go along by their ids, or as the list they are.
const begin = (deed) => {
  const { ids, all } = held();
  const dialog = document.getElementById("dialog");
  document.getElementById("bulk-more")?.hidePopover();
  const values = all ? { deed, list: listOf() } : { deed, ids: [...ids].join(",") };
  htmx.ajax("POST", bar().dataset.url, { source: dialog, target: dialog, swap: "innerHTML", values });
};

// An address holds a few hundred ids; more than that is better named by the filters of the list.
const MOST_NAMED = 500;
const take = () => {
  const { ids, all } = held();
  if (!all && ids.size > MOST_NAMED) {
    const said = `At most ${MOST_NAMED} ticked records are exported at once. Filter the list and select all of its results.`;
    document.dispatchEvent(new CustomEvent("note", { detail: said }));
    return;
  }
  const list = all ? listOf() : new URLSearchParams({ id: [...ids].join(",") }).toString();
  location.assign(`/exports/new/?${new URLSearchParams({ of: bar().dataset.slug, list })}`);
};

const follow = async () => {
  const { ids, all } = held();
  document.getElementById("bulk-more")?.hidePopover();
  const body = new URLSearchParams(all ? { list: listOf() } : { ids: [...ids].join(",") });
  const headers = JSON.parse(document.body.getAttribute("hx-headers"));
  const answer = await fetch(`${bar().dataset.url}follow/`, { method: "POST", body, headers });
  const said = answer.headers.get("Content-Type")?.includes("json") ? (await answer.json()).said : "Nothing was followed.";
  document.dispatchEvent(new CustomEvent("note", { detail: said }));
};

// What was done shows in the list below once its report is closed.
let ended = false;
const step = () => {
  const run = document.getElementById("bulk-run");
  if (!run) return;
  if (run.matches("[data-ended]")) ended = true;
  (run.querySelector(".refusal[tabindex], [data-autofocus]") ?? run.querySelector("h2"))?.focus();
};
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target instanceof Element && (event.target.id === "bulk-run" || event.target.id === "dialog")) step();
  draw();
});
document.addEventListener("close", (event) => {
  if (!(event.target instanceof Element) || event.target.id !== "dialog" || !ended || !bar()) return;
  ended = false;
  clear();
  htmx.ajax("GET", location.pathname + location.search, { target: "#list", swap: "outerHTML" });
}, true);

draw();
