// One's own settings. Single keys: who turned them off types a letter without anything happening; this stands before
// every other listener, so that no page has to know.

const single = /^[a-z?/*]$/i;

window.addEventListener("keydown", (event) => {
  if (document.documentElement.dataset.keys !== "off" || !single.test(event.key)) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]")) return;
  event.stopImmediatePropagation();
}, true);

document.addEventListener("click", async (event) => {
  const button = event.target instanceof Element && event.target.closest("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  field.select();
  await navigator.clipboard?.writeText(field.value);
  button.lastChild.textContent = "Copied";
});

// Where the sub-navigation is one line, the present page is in sight.
document.querySelector(".settings-link[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
