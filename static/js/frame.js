// The frame: menus under their buttons, the folding navigation, the drawer, theme and density, notes that pass.

const remember = (name, value) => {
  document.cookie = `${name}=${value}; path=/; max-age=31536000; SameSite=Lax`;
};

// A menu is a popover of the browser; it opens under the button that names it and stays inside the window.
document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!(menu instanceof HTMLElement) || !menu.classList.contains("menu") || event.newState !== "open") return;
  const button = document.querySelector(`[popovertarget="${menu.id}"]`);
  if (button) {
    const place = button.getBoundingClientRect();
    const left = Math.min(place.left, window.innerWidth - menu.offsetWidth - 8);
    menu.style.left = `${Math.max(8, left)}px`;
    const top = Math.min(place.bottom + 4, Math.max(8, window.innerHeight - Math.min(menu.offsetHeight, 320) - 8));
    menu.style.top = `${top}px`;
    menu.style.maxHeight = `${window.innerHeight - top - 8}px`;
  }
  menu.dispatchEvent(new CustomEvent("opened"));
  const first = menu.querySelector(".menu-item, button, input:not([type=hidden])");
  if (first && menu.contains(first)) first.focus({ preventScroll: true });
}, true);

// Up and down walk through the entries of an open menu.
document.addEventListener("keydown", (event) => {
  const menu = event.target instanceof Element && event.target.closest(".menu");
  if (!menu || !["ArrowDown", "ArrowUp"].includes(event.key) || event.target.matches("input, select, textarea")) return;
  const items = [...menu.querySelectorAll(".menu-item, summary, .notification")].filter((item) => item.offsetParent);
  const next = items.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1);
  if (items.length) {
    event.preventDefault();
    items[(next + items.length) % items.length].focus();
  }
});

const shell = () => document.getElementById("shell");

const drawer = (open) => {
  shell().classList.toggle("drawer-open", open);
  document.querySelector("[data-open-drawer]").setAttribute("aria-expanded", String(open));
  if (open) document.querySelector("#navigation a").focus();
};

document.addEventListener("click", (event) => {
  const hit = (selector) => event.target instanceof Element && event.target.closest(selector);
  if (hit("[data-fold-navigation]")) {
    remember("navigation", shell().classList.toggle("collapsed") ? "collapsed" : "open");
  } else if (hit("[data-open-drawer]")) {
    drawer(true);
  } else if (hit("[data-close-drawer]")) {
    drawer(false);
  } else if (hit("[data-open-dialog]")) {
    document.getElementById(hit("[data-open-dialog]").dataset.openDialog)?.showModal();
  } else if (hit("[data-focus]")) {
    const field = document.getElementById(hit("[data-focus]").dataset.focus);
    if (field) {
      event.preventDefault();
      field.focus();
    }
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && shell()?.classList.contains("drawer-open")) drawer(false);
});

// Theme and density change at once; the server is told beside it.
const tell = (form, name, value) => {
  const body = new FormData(form);
  body.set(name, value);
  return fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
};

document.addEventListener("submit", (event) => {
  const form = event.target;
  const button = event.submitter;
  if (form.matches("[data-theme-form]") && button) {
    event.preventDefault();
    document.documentElement.dataset.theme = button.value;
    remember("theme", button.value);
    for (const other of form.querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === button));
    tell(form, "theme", button.value);
  } else if (form.matches("[data-density-form]") && button) {
    event.preventDefault();
    tell(form, "density", button.value);
    const list = document.getElementById("list");
    list.classList.remove("density-compact", "density-comfortable");
    list.classList.add(`density-${button.value}`);
    button.value = button.value === "compact" ? "comfortable" : "compact";
  }
});

// A note that passes by itself; refusals stay until they are read.
export const note = (text) => {
  const toast = document.createElement("p");
  toast.className = "toast-note";
  toast.textContent = text;
  document.getElementById("toasts").append(toast);
  setTimeout(() => toast.remove(), 5000);
};

document.addEventListener("note", (event) => note(event.detail.value ?? event.detail));

document.addEventListener("htmx:sendError", () => note("The server cannot be reached. Nothing was saved; try again."));
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status >= 500) note("A fault on our side. Nothing was half saved; try again.");
});

// Leaving a page ends the requests that are under way: that is no fault, and the console does not call it one.
window.htmx.logger = (_element, name, detail) => {
  const ended = name === "htmx:sendAbort" || (name === "htmx:afterRequest" && detail.xhr?.status === 0);
  if (ended) delete detail.error;
};
