// Every shortcut of the present page: `data-shortcut` on a control is one key, `data-go` on a link the key after g, and
// `declare` adds what a script listens to itself. The dialog behind `?` lists those that the page has now.

const SEQUENCE = 1500;
const declared = [];

// keys: what to press, each shown as a key; when: whether the present page has it.
export const declare = (group, keys, says, when = () => true) => declared.push({ group, keys, says, when });

const has = (selector) => () => document.querySelector(selector) !== null;
declare("Everywhere", ["Ctrl", "K"], "Go anywhere, create, do or find");
declare("Everywhere", ["Esc"], "Close, or leave a field as it was");
declare("Everywhere", ["?"], "Show this list");
declare("Lists", ["j"], "Next row", has("[data-row]"));
declare("Lists", ["k"], "Previous row", has("[data-row]"));
declare("Lists", ["↵"], "Open the chosen row", has("[data-row]"));
declare("Lists", ["Space"], "Look at the chosen row beside the list", has("[data-rows]"));
declare("Lists", ["F2"], "Edit the cell that has the focus", has("[data-rows]"));
declare("Favourites", ["Alt", "↑"], "Move the favourite up", has("[data-favourite]"));
declare("Favourites", ["Alt", "↓"], "Move the favourite down", has("[data-favourite]"));
declare("Fields", ["Ctrl", "↵"], "Save a long text", has("[data-inline], .value-edit"));

const shown = (one) => one.offsetParent !== null || one.getClientRects().length > 0;
const nameOf = (one) => one.dataset.says || one.getAttribute("aria-label") || one.textContent.trim();

// The panel comes after the page: what is open in it is meant first.
const press = (key) => {
  const control = [...document.querySelectorAll("[data-shortcut]")].filter((one) => one.dataset.shortcut === key && shown(one)).at(-1);
  if (!control) return false;
  if (control.matches("input")) control.focus();
  else control.click();
  return true;
};

const go = (key) => {
  const link = [...document.querySelectorAll("[data-go]")].find((one) => one.dataset.go === key);
  link?.click();
  return Boolean(link);
};

const typing = (target) => target instanceof Element
  && target.closest("input:not([type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable]");

// The letter on the key where the layout writes no Latin ones.
const letter = (event) => {
  const latin = event.key.length > 1 || event.key.charCodeAt(0) < 128 || !event.code.startsWith("Key");
  const key = latin ? event.key : event.code.slice(3).toLowerCase();
  return event.shiftKey ? key : key.toLowerCase();
};

let began = 0;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || typing(event.target) || document.querySelector("dialog[open]")) return;
  const key = letter(event);
  if (began && event.timeStamp - began < SEQUENCE && /^[a-z]$/.test(key)) {
    began = 0;
    event.stopImmediatePropagation();
    if (go(key)) event.preventDefault();
    return;
  }
  began = key === "g" ? event.timeStamp : 0;
  if (key === "?") {
    event.preventDefault();
    openShortcuts();
  }
  if (/^[a-z/*]$/.test(key) && press(key)) event.preventDefault();
});

const rows = () => {
  const links = [...document.querySelectorAll("[data-go]")].map((one) => ({ group: "Go to", keys: ["g", one.dataset.go], says: one.textContent.trim() }));
  const seen = new Map([...document.querySelectorAll("[data-shortcut]")].filter(shown).map((one) => [one.dataset.shortcut, {
    group: one.closest(".topbar") ? "Everywhere" : "This page", keys: [one.dataset.shortcut], says: nameOf(one),
  }]));
  return [...declared.filter((one) => one.when()), ...seen.values(), ...links];
};

const list = (wanted) => {
  const groups = Map.groupBy
    ? Map.groupBy(rows(), (one) => one.group)
    : rows().reduce((all, one) => all.set(one.group, [...(all.get(one.group) ?? []), one]), new Map());
  const found = [];
  for (const name of ["This page", "Lists", "Fields", "Everywhere", "Go to", ...groups.keys()]) {
    const fitting = (groups.get(name) ?? []).filter((one) => `${one.says} ${one.keys.join(" ")}`.toLowerCase().includes(wanted));
    groups.delete(name);
    if (!fitting.length) continue;
    const title = Object.assign(document.createElement("h3"), { textContent: name });
    const lines = document.createElement("dl");
    for (const one of fitting) {
      const line = document.createElement("div");
      const keys = document.createElement("dt");
      keys.append(...one.keys.map((key) => Object.assign(document.createElement("kbd"), { textContent: key })));
      line.append(Object.assign(document.createElement("dd"), { textContent: one.says }), keys);
      lines.append(line);
    }
    found.push(title, lines);
  }
  return found;
};

const fill = () => {
  const wanted = document.getElementById("shortcuts-search").value.trim().toLowerCase();
  const found = list(wanted);
  document.getElementById("shortcuts-list").replaceChildren(...(found.length ? found : ["No shortcut fits."]));
};

export const openShortcuts = () => {
  const dialog = document.getElementById("shortcuts");
  if (!dialog || dialog.open) return;
  document.getElementById("shortcuts-search").value = "";
  dialog.querySelector(".shortcuts-off").hidden = document.documentElement.dataset.keys !== "off";
  fill();
  dialog.showModal();
};

document.addEventListener("input", (event) => {
  if (event.target.id === "shortcuts-search") fill();
});

document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element)) return;
  if (event.target.closest("[data-open-shortcuts]")) {
    event.target.closest("[popover]")?.hidePopover();
    openShortcuts();
  }
  if (event.target.matches("dialog")) event.target.close();
});
