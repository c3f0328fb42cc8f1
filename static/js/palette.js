// The palette: Ctrl+K. What the server offers is completed by what the present page can do by itself.

import { note } from "./frame.js";
import { openShortcuts } from "./shortcuts.js";

const palette = () => document.getElementById("palette");
const field = () => palette().querySelector("input");
const shown = (one) => one.getClientRects().length > 0;

// The record one looks at: that of the open panel, else of the page.
const at = () => [...document.querySelectorAll("[data-record]")].filter(shown).at(-1)?.dataset.record ?? window.location.pathname;

const token = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];

export const send = (url, values) => {
  const body = new FormData();
  for (const [name, value] of Object.entries(values)) body.set(name, value);
  return fetch(url, { method: "POST", body, headers: { "HX-Request": "true", "X-CSRFToken": token() } });
};

export const beacon = (url, values) => {
  const body = new FormData();
  for (const [name, value] of Object.entries({ ...values, csrfmiddlewaretoken: token() })) body.set(name, value);
  navigator.sendBeacon(url, body);
};

const openPalette = () => {
  const dialog = palette();
  if (!dialog || dialog.open) return;
  const input = field();
  input.value = "";
  input.setAttribute("hx-vals", JSON.stringify({ at: at() }));
  document.querySelectorAll(":popover-open").forEach((menu) => menu.hidePopover());
  dialog.showModal();
  input.focus();
  input.dispatchEvent(new CustomEvent("load-options"));
};

// What stands on the page as a button and is no deed of the record: new, export, filter, columns, layout, save view.
const pageCommands = () => [...document.querySelectorAll("main .page-tools .btn, main .toolbar .btn, main [data-command]")]
  .filter((one) => shown(one) && !one.closest("[data-record] .page-tools, form.inline"))
  .map((control) => ({ control, name: control.dataset.command || control.textContent.trim() || control.getAttribute("aria-label") || "" }))
  .filter((one) => one.name);

const fits = (text, name) => {
  const held = name.toLowerCase().split(/\W+/);
  return text.toLowerCase().split(/\s+/).filter(Boolean).every((word) => held.some((one) => one.startsWith(word)));
};

let onPage = [];

const optionOf = ({ name, control }, place) => {
  const option = document.createElement("div");
  option.className = "option";
  option.setAttribute("role", "option");
  option.id = `palette-page-${place}`;
  option.dataset.act = `page:${place}`;
  const icon = control.querySelector("svg")?.cloneNode(true);
  icon?.setAttribute("width", "16");
  icon?.setAttribute("height", "16");
  option.append(icon ?? "", Object.assign(document.createElement("span"), { textContent: name }));
  return option;
};

document.addEventListener("options-shown", (event) => {
  if (event.target.id !== "palette-options") return;
  const typed = field().value.trim();
  if (typed.startsWith("/")) return;
  onPage = pageCommands().filter((one) => fits(typed.replace(/^>/, ""), one.name));
  if (!onPage.length) return;
  const group = document.createElement("div");
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", "On this page");
  group.append(Object.assign(document.createElement("p"), { className: "options-title", textContent: "On this page" }), ...onPage.map(optionOf));
  const places = [...event.target.querySelectorAll("[role=group]")];
  event.target.querySelector(".options-none")?.remove();
  if (typed) event.target.append(group);
  else event.target.insertBefore(group, places.find((one) => one.getAttribute("aria-label") === "Go to") ?? null);
});

const press = (url) => {
  const link = [...document.querySelectorAll("main a[href], [data-record] a[href]")].find((one) => one.getAttribute("href") === url);
  if (link) link.click();
  else window.location.assign(url);
};

const acts = {
  theme: async (value) => {
    document.documentElement.dataset.theme = value;
    await send("/preferences/", { theme: value });
  },
  density: async (value) => {
    const list = document.getElementById("list");
    list?.classList.remove("density-compact", "density-comfortable");
    list?.classList.add(`density-${value}`);
    await send("/preferences/", { density: value });
  },
  shortcuts: () => openShortcuts(),
  "sign-out": () => document.querySelector('#person-menu form[action*="logout"]').requestSubmit(),
  star: () => [...document.querySelectorAll("[data-star]")].filter(shown).at(-1)?.click(),
  copy: async () => {
    await navigator.clipboard?.writeText(new URL(at(), window.location.href).href);
    note("The link is copied.");
  },
  page: (place) => onPage[Number(place)]?.control.click(),
};

document.addEventListener("option-taken", (event) => {
  const { act, url, key } = event.detail.option.dataset;
  if (key) beacon("/palette/chosen/", { key });
  if (!act) return;
  event.preventDefault();
  if (palette().open) palette().close();
  const [name, value] = act.split(":");
  if (name === "press") press(url);
  else acts[name](value);
});

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && (event.key.toLowerCase() === "k" || event.code === "KeyK")) {
    event.preventDefault();
    openPalette();
  }
});

document.addEventListener("click", (event) => {
  if (event.target instanceof Element && event.target.closest("[data-open-palette]")) openPalette();
});

// The create menu begins with what its person made last on this machine.
const LAST = (menu) => `created-${menu.dataset.lastUsed}`;
const madeBefore = (menu) => JSON.parse(localStorage.getItem(LAST(menu)) ?? "[]");

document.addEventListener("beforetoggle", (event) => {
  const menu = event.target;
  if (!(menu instanceof HTMLElement) || !menu.dataset.lastUsed || event.newState !== "open") return;
  for (const url of madeBefore(menu).reverse()) {
    const item = [...menu.querySelectorAll("a")].find((one) => one.getAttribute("href") === url);
    if (item) menu.prepend(item);
  }
}, true);

document.addEventListener("click", (event) => {
  const item = event.target instanceof Element && event.target.closest("[data-last-used] a");
  if (!item) return;
  const menu = item.closest("[data-last-used]");
  const url = item.getAttribute("href");
  localStorage.setItem(LAST(menu), JSON.stringify([url, ...madeBefore(menu).filter((one) => one !== url)].slice(0, 5)));
});
