// One key each: `/` searches, `c` creates, Ctrl+K opens the palette, `?` lists them all.

const palette = () => document.getElementById("palette");

const openPalette = () => {
  const dialog = palette();
  if (!dialog || dialog.open) return;
  const input = dialog.querySelector("input");
  input.value = "";
  dialog.showModal();
  input.focus();
  input.dispatchEvent(new CustomEvent("load-options"));
};

const typing = (target) => target instanceof Element && target.closest("input, textarea, select, [contenteditable]");

const press = (key) => {
  const control = [...document.querySelectorAll(`[data-shortcut="${key}"], [popovertarget="filter-menu"][data-shortcut="${key}"]`)]
    .find((one) => one.offsetParent);
  if (!control) return false;
  if (control.matches("input")) control.focus();
  else control.click();
  return true;
};

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openPalette();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
  if (event.key === "?") document.getElementById("shortcuts")?.showModal();
  else if (/^[a-z/]$/.test(event.key) && press(event.key)) event.preventDefault();
});

document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element)) return;
  if (event.target.closest("[data-open-palette]")) openPalette();
  if (event.target.closest("[data-open-shortcuts]")) {
    event.target.closest("[popover]")?.hidePopover();
    document.getElementById("shortcuts").showModal();
  }
  if (event.target.matches("dialog")) event.target.close();
});
