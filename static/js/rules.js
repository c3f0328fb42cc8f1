// Drafts of rules: rows of conditions become JSON when the form is sent, and what changes is run at once.

import { draftOf } from "./views.js";

const form = () => document.querySelector("[data-draft]");

// --- Conditions: the rows of the builder go as one JSON; their own inputs stay here ------------------------------------

const LOOSE = /^(f|op|q|v(-[0-9a-f]+)?)$/;
const rowsOf = (condition) => condition.querySelector("[data-rows] > [data-group]");

const pack = (data) => {
  for (const name of [...data.keys()]) if (LOOSE.test(name)) data.delete(name);
  for (const condition of document.querySelectorAll("[data-condition-of]")) {
    const group = rowsOf(condition);
    if (group) data.set(condition.dataset.conditionOf, JSON.stringify(draftOf(group)));
  }
};

document.addEventListener("formdata", (event) => {
  if (event.target.matches?.("[data-draft]")) pack(event.formData);
}, true);

document.addEventListener("htmx:configRequest", (event) => {
  if (form() && event.detail.verb === "post") pack(event.detail.formData);
});

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element && event.target.closest("[data-way]");
  if (!button) return;
  const condition = button.closest("[data-condition-of]");
  const name = condition.dataset.conditionOf;
  const data = new FormData(form());
  const query = new URLSearchParams({ name, as: button.dataset.way });
  window.htmx.ajax("POST", `${condition.dataset.address}?${query}`, {
    source: condition, target: condition, swap: "outerHTML", values: { [name]: data.get(name) ?? "" },
  }).then(changed);
});

// --- The impact is asked for when something has changed ----------------------------------------------------------------

const changed = () => {
  const impact = document.getElementById("impact");
  if (form() && impact) window.htmx.trigger(impact, "draft-changed");
};
for (const kind of ["input", "change"]) {
  document.addEventListener(kind, (event) => {
    if (event.target.closest?.("[data-draft]")) changed();
  });
}
document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-draft] [data-drop-part], [data-draft] [data-drop-chip]")) changed();
});

// --- After a deed on a list one goes on at the item; what was open stays open ---------------------------------------------

const ENTRY = ":is(input:not([type=hidden]), select, textarea)";
const firstWrong = (part) =>
  part.querySelector(`[aria-invalid], .builder-row.field-refused [data-values] ${ENTRY}, .field-refused textarea`) ??
  part.querySelector(".field-refused [data-way]") ?? part.querySelector("[data-told]");

let open = new Set();
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id !== "draft") return;
  open = new Set([...form().querySelectorAll("details[data-keep][open]")].map((one) => one.id));
});
document.addEventListener("htmx:load", (event) => {
  const part = event.detail.elt;
  if (!(part instanceof Element)) return;
  if (part.matches("[data-focus-here]")) part.querySelector("[data-field], textarea, [data-way]")?.focus();
  if (part.id !== "draft" || !part.matches("[data-draft]")) return;
  for (const id of open) part.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
  open = new Set();
  const wanted = part.dataset.goOn;
  const place = wanted && (document.getElementById(`${wanted}-item`) ?? document.getElementById(`${wanted}-key`) ?? document.getElementById(wanted));
  (place?.querySelector(`${ENTRY}, [data-way]`) ?? place)?.focus();
  if (!wanted) firstWrong(part)?.focus();
  changed();
});

// --- A file cannot come by htmx: the form is sent as it is ---------------------------------------------------------------

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element && event.target.closest("[data-send]");
  if (!button || !form()) return;
  const deed = document.createElement("input");
  Object.assign(deed, { type: "hidden", name: "do", value: button.dataset.send });
  form().append(deed);
  HTMLFormElement.prototype.submit.call(form());
  deed.remove();
});
