// The side panel beside a list, the dialog over a page, and what a change below them draws anew.

/* global htmx */

const make = (tag, attributes) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  document.body.append(made);
  return made;
};

const panel = make("aside", { id: "side-panel", class: "side-panel", "aria-label": "Beside the list", "hx-headers": '{"X-Panel": "1"}', "hx-sync": "this:replace", hidden: "" });
const dialog = make("dialog", { id: "dialog", class: "dialog deed", "aria-labelledby": "dialog-title" });

const isOpen = () => !panel.hidden;
const shownUrl = () => panel.dataset.url ?? "";

const skeleton = () => {
  const lines = document.createElement("div");
  lines.className = "panel-skeleton";
  lines.setAttribute("aria-hidden", "true");
  for (let line = 0; line < 9; line += 1) lines.append(document.createElement("i"));
  return lines;
};

const openPanel = (url) => {
  if (panel.hidden) panel.replaceChildren(skeleton());
  panel.hidden = false;
  panel.dataset.url = url;
  panel.setAttribute("aria-busy", "true");
  htmx.ajax("GET", `${url}panel/`, { source: panel, target: panel, swap: "innerHTML" });
};

const closePanel = () => {
  panel.hidden = true;
  panel.replaceChildren();
  document.dispatchEvent(new CustomEvent("row-wanted", { detail: { url: shownUrl() } }));
};

panel.addEventListener("htmx:afterSwap", (event) => {
  if (event.target !== panel) return;
  panel.removeAttribute("aria-busy");
  if (window.innerWidth <= 600) panel.querySelector("[data-close-panel]")?.focus();
});
document.addEventListener("panel-wanted", (event) => openPanel(event.detail.url));

// The dialog: what a link marked so leads to, or a remedy that is a deed.
const openDialog = (url) => htmx.ajax("GET", url, { source: dialog, target: dialog, swap: "innerHTML" });

dialog.addEventListener("htmx:afterSwap", (event) => {
  if (event.target !== dialog || !dialog.childElementCount) return;
  if (!dialog.open) dialog.showModal();
  const first = dialog.querySelector(".refusal[tabindex], [autofocus], .record-form :is(input:not([type=hidden]), select, textarea)");
  first?.focus();
  if (!first) dialog.scrollTo(0, 0);
});
dialog.addEventListener("close", () => dialog.replaceChildren());

document.addEventListener("click", (event) => {
  const hit = (selector) => event.target instanceof Element && event.target.closest(selector);
  const link = hit("a[data-dialog], a.btn[href*='/do/']");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    link.closest("[popover]")?.hidePopover();
    openDialog(link.getAttribute("href"));
  } else if (hit("[data-close-dialog]")) {
    const theirs = hit("[data-keep-theirs]");
    dialog.close();
    if (theirs) refresh();
  } else if (hit("[data-close-panel]")) {
    closePanel();
  }
});

document.addEventListener("keydown", (event) => {
  const busy = event.target instanceof Element && event.target.closest("input, textarea, select, dialog, [popover]");
  if (event.key !== "Escape" || event.defaultPrevented || busy || !isOpen()) return;
  event.preventDefault();
  closePanel();
});

// The parts of a record that a change may have moved; what somebody types into stays as it is.
const redraw = (url, source, tab) => htmx.ajax("GET", `${url}?as=parts&tab=${tab}`, { source, target: "#properties", swap: "outerHTML" });

const redrawRow = (url) => {
  const row = document.querySelector(`[data-rows] a[href="${url}"][data-row]`)?.closest("tr");
  const columns = row?.closest("[data-rows]").dataset.columns ?? "";
  if (!columns) return;
  const pick = row.querySelector(".pick") ? "&pick=1" : "";
  htmx.ajax("GET", `${url}field/${columns.split(",")[0]}/?as=row&columns=${columns}${pick}`, { target: row, swap: "outerHTML" });
};

const refresh = () => {
  const page = document.querySelector("main article.record[data-record]");
  if (isOpen()) {
    redraw(shownUrl(), panel, "");
    redrawRow(shownUrl());
  } else if (page && document.getElementById("properties")) {
    redraw(page.dataset.record, page, new URLSearchParams(location.search).get("tab") ?? "");
  } else if (document.getElementById("list")) {
    htmx.ajax("GET", location.href, { target: "#list", swap: "outerHTML" });
  } else {
    location.reload();
  }
};

document.addEventListener("record-changed", (event) => {
  dialog.close();
  if (event.detail.said) document.dispatchEvent(new CustomEvent("note", { detail: event.detail.said }));
  refresh();
});

document.addEventListener("property-saved", (event) => {
  if (dialog.open) dialog.close();
  if (!isOpen()) return;
  if (event.detail.form === "cell") redraw(shownUrl(), panel, "");
  else redrawRow(shownUrl());
});

// The form of the next step stands where the step is read; Cancel puts that back.
const read = new WeakMap();
document.addEventListener("htmx:beforeSwap", (event) => {
  const held = event.target;
  if (held instanceof Element && held.matches(".next-held") && held.querySelector("[data-next-edit]")) read.set(held, [...held.childNodes]);
});
document.addEventListener("click", (event) => {
  const cancel = event.target instanceof Element && event.target.closest("[data-cancel-next]");
  if (!cancel) return;
  const held = cancel.closest(".next-held");
  held.replaceChildren(...(read.get(held) ?? []));
  held.querySelector("[data-next-edit]")?.focus();
});
