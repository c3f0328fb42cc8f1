// The forms above a timeline: Cancel folds one away; what was saved is said, and its tab keeps the focus.

const mark = (name) => {
  for (const tab of document.querySelectorAll("[data-composer]")) {
    if (tab.dataset.composer === name) tab.setAttribute("aria-current", "true");
    else tab.removeAttribute("aria-current");
  }
};

document.addEventListener("click", (event) => {
  const cancel = event.target instanceof Element && event.target.closest("#composer [data-cancel-inline]");
  if (!cancel) return;
  event.preventDefault();
  const name = cancel.closest("form").dataset.compose;
  document.getElementById("composer").replaceChildren();
  mark(null);
  document.querySelector(`[data-composer="${name}"]`)?.focus();
});

// What a form begins with is written over by the first key.
document.addEventListener("htmx:afterSwap", (event) => {
  mark(document.querySelector("#composer form")?.dataset.compose ?? null);
  if (event.target instanceof Element && event.target.id === "composer") event.target.querySelector("input[type=text][autofocus]")?.select();
});

document.addEventListener("timeline-added", (event) => {
  document.querySelector(`[data-composer="${event.detail.name}"]`)?.focus();
  const said = document.createElement("p");
  said.className = "toast-note";
  said.textContent = event.detail.said;
  document.getElementById("toasts").append(said);
  setTimeout(() => said.remove(), 5000);
});
