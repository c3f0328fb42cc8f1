// Naming somebody in a text: @ offers the people one may name. The text shows @Rita Rossi; what is sent is
// @[Rita Rossi](user:12), the form that is stored. Arrows choose, Enter or Tab takes, Escape goes on writing.

const STORED = /@\[([^[\]\n]{1,120})\]\(user:([1-9]\d{0,17})\)/g;
const BEGUN = /(?:^|[\s(])@([^\s@[\]()][^@[\]()\n]{0,40}|)$/u;

// Whom the text of a field names: their name as it is shown -> their id.
const people = new WeakMap();
const known = (area) => {
  if (!people.has(area)) people.set(area, new Map());
  return people.get(area);
};

const show = (area) => {
  if (people.has(area)) return;
  const named = known(area);
  const shown = area.value.replace(STORED, (whole, name, pk) => {
    if (named.has(name) && named.get(name) !== pk) return whole;
    named.set(name, pk);
    return `@${name}`;
  });
  if (shown !== area.value) area.value = shown;
};

// Longer names first, so that "Rita" does not cut "Rita Rossi" in two.
const stored = (area) => {
  let text = area.value;
  for (const [name, pk] of [...known(area)].sort((a, b) => b[0].length - a[0].length)) {
    const shown = new RegExp(`@${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\p{L}\\p{N}])`, "gu");
    text = text.replace(shown, () => `@[${name}](user:${pk})`);
  }
  return text;
};

let count = 0;
const listOf = (area) => {
  let list = document.getElementById(area.getAttribute("aria-controls") ?? "");
  if (list) return list;
  const field = document.createElement("div");
  field.className = "mention-field";
  const active = document.activeElement === area;
  const [start, end] = [area.selectionStart, area.selectionEnd];
  area.replaceWith(field);
  list = document.createElement("div");
  count += 1;
  list.id = `mention-options-${count}`;
  list.className = "options mention-options";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "People to name");
  list.hidden = true;
  field.append(area, list);
  area.setAttribute("aria-autocomplete", "list");
  area.setAttribute("aria-controls", list.id);
  // A press must not take the focus out of the text, nor be taken for that of a picker.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    event.stopPropagation();
    const option = event.target.closest("[role=option]");
    if (option) take(area, option);
  });
  if (active) {
    area.focus({ preventScroll: true });
    area.setSelectionRange(start, end);
  }
  return list;
};

const optionsOf = (area) => [...listOf(area).querySelectorAll("[role=option]")];
const chosen = (area) => optionsOf(area).find((one) => one.getAttribute("aria-selected") === "true");

const choose = (area, option) => {
  for (const other of optionsOf(area)) other.setAttribute("aria-selected", String(other === option));
  if (option) {
    area.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else area.removeAttribute("aria-activedescendant");
};

const close = (area) => {
  const list = document.getElementById(area.getAttribute("aria-controls") ?? "");
  if (!list || list.hidden) return;
  list.hidden = true;
  list.replaceChildren();
  area.removeAttribute("aria-activedescendant");
};

const begun = (area) => area.value.slice(0, area.selectionStart).match(BEGUN);

const take = (area, option) => {
  const found = begun(area);
  if (!found) return close(area);
  const name = option.querySelector("span").textContent;
  const from = area.selectionStart - found[1].length;
  known(area).set(name, option.dataset.value);
  area.setRangeText(`${name} `, from, area.selectionStart, "end");
  close(area);
  area.dispatchEvent(new Event("change", { bubbles: true }));
};

let asked = 0;
const offer = async (area) => {
  const found = begun(area);
  if (!found) return close(area);
  asked += 1;
  const mine = asked;
  const answer = await fetch(`/people/options/?q=${encodeURIComponent(found[1])}`, { headers: { "HX-Request": "true" } });
  if (!answer.ok || mine !== asked || document.activeElement !== area || !begun(area)) return;
  const list = listOf(area);
  list.innerHTML = await answer.text();
  optionsOf(area).forEach((one, place) => { one.id = `${list.id}-${place}`; });
  list.hidden = !optionsOf(area).length;
  choose(area, optionsOf(area)[0]);
};

const areaOf = (event) => (event.target instanceof HTMLTextAreaElement && event.target.matches("[data-mentions]") ? event.target : null);

let wait;
document.addEventListener("input", (event) => {
  const area = areaOf(event);
  if (!area) return;
  clearTimeout(wait);
  if (begun(area)) wait = setTimeout(() => offer(area), 120);
  else close(area);
});

document.addEventListener("keydown", (event) => {
  const area = areaOf(event);
  const list = area && document.getElementById(area.getAttribute("aria-controls") ?? "");
  if (!list || list.hidden) return;
  const options = optionsOf(area);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) choose(area, options[(options.indexOf(chosen(area)) + step + options.length) % options.length]);
  else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || (event.key === "Tab" && !event.shiftKey)) take(area, chosen(area));
  else if (event.key === "Escape") close(area);
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

document.addEventListener("focusout", (event) => {
  const area = areaOf(event);
  if (area) close(area);
});

// Both the browser and htmx read a form through FormData.
document.addEventListener("formdata", (event) => {
  for (const area of event.target.querySelectorAll("textarea[data-mentions]")) {
    if (area.name && people.has(area)) event.formData.set(area.name, stored(area));
  }
});

const showAll = () => document.querySelectorAll("textarea[data-mentions]").forEach(show);
document.addEventListener("htmx:afterSwap", showAll);
showAll();
