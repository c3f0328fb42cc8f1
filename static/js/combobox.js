// One combobox for the palette, the search box and every picker: type, choose with the arrows, take with Enter.
// `data-combobox="go"` follows an option's address, its list always open; `"find"` does so from a list that opens under
// the field; `"take"` puts the value into the hidden input beside it. An option with an act is its page's affair.

const listOf = (input) => document.getElementById(input.getAttribute("aria-controls"));
const optionsOf = (input) => [...listOf(input).querySelectorAll("[role=option]")];

const choose = (input, option) => {
  for (const other of optionsOf(input)) other.setAttribute("aria-selected", String(other === option));
  if (option) {
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else {
    input.removeAttribute("aria-activedescendant");
  }
};

const chosen = (input) => optionsOf(input).find((option) => option.getAttribute("aria-selected") === "true");

const open = (input, shown) => {
  if (input.dataset.combobox === "go") return;
  listOf(input).hidden = !shown;
  input.setAttribute("aria-expanded", String(shown));
};

// A picker of several holds a chip for each, with its value in it; nobody is picked twice.
const pick = (picker, value, name) => {
  const picked = picker.querySelector(".picked");
  if ([...picked.querySelectorAll("input")].some((held) => held.value === value)) return;
  const chip = document.createElement("span");
  chip.className = "chip";
  const held = Object.assign(document.createElement("input"), { type: "hidden", name: picker.dataset.name, value });
  const drop = Object.assign(document.createElement("button"), { type: "button", className: "chip-drop" });
  drop.dataset.dropChip = "";
  drop.setAttribute("aria-label", `Take ${name} off`);
  drop.append(picker.querySelector("template").content.cloneNode(true));
  chip.append(held, name, drop);
  picked.append(chip);
};

// Where an option leads, or what it does: whoever listens may do it instead (the palette counts, presses, acts).
const follow = (input, option) => {
  const taken = new CustomEvent("option-taken", { bubbles: true, cancelable: true, detail: { option } });
  if (input.dispatchEvent(taken) && option.dataset.url) window.location.assign(option.dataset.url);
};

const leads = (input) => input.dataset.combobox !== "take";

const take = (input, option) => {
  if (leads(input)) {
    follow(input, option);
    return;
  }
  const picker = input.closest("[data-picker]");
  if (picker.dataset.picker === "many") {
    pick(picker, option.dataset.value, option.querySelector("span").textContent);
    input.value = "";
    open(input, false);
    return;
  }
  const hidden = picker.querySelector("input[type=hidden]");
  hidden.value = option.dataset.value;
  input.value = option.querySelector("span").textContent;
  open(input, false);
};

const boxOf = (event) => event.target instanceof Element && event.target.closest("[data-combobox]");

document.addEventListener("focusin", (event) => {
  const input = boxOf(event);
  if (input && input.dataset.combobox === "take") input.select();
});

document.addEventListener("click", (event) => {
  const input = boxOf(event);
  if (input && input.dataset.combobox === "take" && listOf(input).hidden) input.dispatchEvent(new CustomEvent("load-options"));
  const drop = event.target instanceof Element && event.target.closest("[data-drop-chip]");
  if (drop) {
    const box = drop.closest("[data-picker]").querySelector("[data-combobox]");
    drop.closest(".chip").remove();
    box.focus();
  }
  const option = event.target instanceof Element && event.target.closest("[role=option]");
  if (!option) return;
  const owner = document.querySelector(`[aria-controls="${option.closest("[role=listbox]").id}"]`);
  if (owner) take(owner, option);
});

document.addEventListener("input", (event) => {
  const input = boxOf(event);
  if (!input) return;
  input.dataset.asked = "";
  if (!leads(input)) input.closest("[data-picker]").querySelector("input[type=hidden]").value = "";
});

document.addEventListener("htmx:afterSwap", (event) => {
  const list = event.target;
  if (!(list instanceof Element) || !list.matches("[role=listbox]")) return;
  const input = document.querySelector(`[aria-controls="${list.id}"]`);
  if (!input || (input.dataset.combobox !== "go" && document.activeElement !== input)) return;
  const options = optionsOf(input);
  options.forEach((option, place) => { option.id = `${list.id}-${place}`; });
  open(input, input.dataset.combobox !== "find" || input.value.trim() !== "");
  list.dispatchEvent(new CustomEvent("options-shown", { bubbles: true }));
  choose(input, optionsOf(input)[0]);
  // Enter came before its answer did.
  const waited = input.dataset.asked === "enter";
  delete input.dataset.asked;
  if (waited && optionsOf(input).length) take(input, optionsOf(input)[0]);
  else if (waited && input.form) input.form.requestSubmit();
});

document.addEventListener("keydown", (event) => {
  const input = boxOf(event);
  if (!input) return;
  const options = optionsOf(input);
  if (event.key === "Backspace" && !input.value) input.closest("[data-picker=many]")?.querySelector(".chip:last-child")?.remove();
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    if (listOf(input).hidden) {
      input.dispatchEvent(new CustomEvent("load-options"));
    } else if (options.length) {
      choose(input, options[(options.indexOf(chosen(input)) + step + options.length) % options.length]);
    }
  } else if (event.key === "Enter" && leads(input) && input.dataset.asked === "" && input.value.trim()) {
    event.preventDefault();
    input.dataset.asked = "enter";
  } else if (event.key === "Enter" && !listOf(input).hidden && chosen(input)) {
    event.preventDefault();
    take(input, chosen(input));
  } else if (event.key === "Escape" && input.dataset.combobox !== "go" && !listOf(input).hidden) {
    event.preventDefault();
    event.stopPropagation();
    open(input, false);
  }
}, true);

// What was typed and not chosen is no value: leaving the picker says so by emptying it.
document.addEventListener("focusout", (event) => {
  const input = boxOf(event);
  if (!input || input.dataset.combobox === "go") return;
  setTimeout(() => {
    if (document.activeElement === input || !input.isConnected) return;
    open(input, false);
    if (leads(input)) return;
    const hidden = input.closest("[data-picker]")?.querySelector("input[type=hidden]");
    if (hidden && !hidden.value) input.value = "";
  }, 150);
});
