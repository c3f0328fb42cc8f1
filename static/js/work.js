// My work: one key does what a row offers, what was done can be taken back, and the place in the list is kept.

/* global htmx */

const busy = (target) => target instanceof Element && target.closest("input, textarea, select, [contenteditable], dialog, [popover], #side-panel");
const lines = () => [...document.querySelectorAll("#work [data-work]")];
const linkOf = (line) => line?.querySelector("[data-row]");
const current = () => document.activeElement?.closest("#work [data-work]") ?? document.querySelector("#work .chosen")?.closest("[data-work]") ?? document.querySelector("#work .work-card");

// Where one was, so that the next one takes its place when it is done.
const place = { key: "", index: 0, held: false };
const remember = () => {
  const line = current();
  place.held = Boolean(line);
  place.key = line?.dataset.work ?? "";
  place.index = Math.max(0, lines().indexOf(line));
};
const restore = () => {
  const all = lines();
  const line = all.find((one) => one.dataset.work === place.key) ?? all[Math.min(place.index, all.length - 1)];
  const link = linkOf(line);
  if (!place.held || !line) return;
  for (const other of document.querySelectorAll("#work [data-row]")) other.classList.toggle("chosen", other === link);
  (link ?? line.querySelector("button, a"))?.focus({ preventScroll: true });
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || busy(event.target) || document.querySelector("dialog[open]")) return;
  if (document.documentElement.dataset.keys === "off") return;
  const line = current();
  if (!line) return;
  const control = /^[a-z]$/.test(event.key) ? line.querySelector(`[data-deed="${event.key}"]`) : null;
  if (control) {
    event.preventDefault();
    event.stopImmediatePropagation();
    control.click();
  } else if (event.key === " " && event.target.matches("#work [data-row]") && line.dataset.record) {
    event.preventDefault();
    beside(line);
  }
}, true);

// Space again leads into what lies beside; what closes it leads back to the row it was opened from.
let looked = "";
const beside = (line) => {
  const panel = document.querySelector("#side-panel:not([hidden])");
  if (panel?.dataset.url === line.dataset.record && looked === line.dataset.work) {
    panel.querySelector(".panel-head h2 a")?.focus();
    return;
  }
  looked = line.dataset.work;
  document.dispatchEvent(new CustomEvent("panel-wanted", { detail: { url: line.dataset.record } }));
};
document.addEventListener("row-wanted", () => {
  const line = lines().find((one) => one.dataset.work === looked);
  (linkOf(line) ?? line?.querySelector("[data-beside]"))?.focus();
});

// A form opens where its row stands; Escape folds it away, Ctrl+Enter sends it, one press fills it in and sends it.
const fold = (slot) => {
  const line = slot.closest("[data-work]");
  slot.replaceChildren();
  (linkOf(line) ?? line.querySelector("button, a"))?.focus();
};
document.addEventListener("keydown", (event) => {
  const form = event.target instanceof Element && event.target.closest("[data-work-form]");
  if (!form || event.defaultPrevented) return;
  if (event.key === "Escape") {
    event.preventDefault();
    fold(form.closest(".work-slot"));
  } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
  }
});
document.addEventListener("click", (event) => {
  const hit = (selector) => event.target instanceof Element && event.target.closest(selector);
  if (hit("[data-cancel-work]")) {
    fold(hit(".work-slot"));
  } else if (hit("[data-fill]")) {
    const form = hit("[data-work-form]");
    for (const [name, value] of Object.entries(JSON.parse(hit("[data-fill]").dataset.fill))) form.elements[name].value = value;
    form.requestSubmit();
  } else if (hit("[data-beside]")) {
    beside(hit("[data-work]"));
  }
});
document.addEventListener("htmx:afterSettle", (event) => {
  const slot = event.target instanceof Element && event.target.closest(".work-slot");
  if (!slot?.childElementCount) return;
  for (const other of document.querySelectorAll(".work-slot")) if (other !== slot) other.replaceChildren();
  (slot.querySelector(".refusal[tabindex], [data-fill], .field :is(input:not([type=hidden]), select, textarea)"))?.focus();
});
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target instanceof Element && event.target.closest("#work")) remember();
});

// What was done is said, with the way back. A task ticked on the page of a record steps aside until it is certain.
const said = (detail) => {
  const toast = document.createElement("p");
  toast.className = "toast-note toast-work";
  toast.append(detail.said);
  if (detail.undo) {
    const undo = document.createElement("button");
    undo.type = "button";
    undo.className = "btn btn-small";
    undo.textContent = "Undo";
    undo.addEventListener("click", () => {
      toast.remove();
      const onWork = document.getElementById("work");
      const how = onWork ? { target: "#work", swap: "outerHTML" } : { swap: "none" };
      htmx.ajax("POST", onWork ? detail.undo + location.search : detail.undo, { ...how, source: onWork ?? document.body, values: detail.values });
    });
    toast.append(undo);
  }
  document.getElementById("toasts").append(toast);
  setTimeout(() => toast.remove(), detail.undo ? 9000 : 5000);
};
document.addEventListener("work-done", (event) => {
  const { source, pk, undo } = event.detail;
  const ticked = document.querySelector(`[data-task] [hx-post="/my-work/${source}/${pk}/done/"]`)?.closest("[data-task]");
  if (ticked) ticked.hidden = Boolean(undo);
  said(event.detail);
  restore();
  const count = document.getElementById("work-count");
  if (count) htmx.trigger(count, "count-again");
});
document.addEventListener("work-refused", (event) => said(event.detail));
