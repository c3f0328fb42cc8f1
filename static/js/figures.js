// Figures say what they mean while the pointer rests on them, or the focus: definition, formula, n, as of when.

let waiting = null;

const cardOf = (link) => document.getElementById(link.getAttribute("aria-describedby"));

const show = (link) => {
  const card = cardOf(link);
  if (!card || !link.isConnected || card.matches(":popover-open")) return;
  card.showPopover();
  const place = link.getBoundingClientRect();
  card.style.left = `${Math.max(8, Math.min(place.left, window.innerWidth - card.offsetWidth - 8))}px`;
  const below = place.bottom + 6;
  const fits = below + card.offsetHeight < window.innerHeight;
  card.style.top = `${fits ? below : Math.max(8, place.top - card.offsetHeight - 6)}px`;
};

const hide = (link) => {
  clearTimeout(waiting);
  const card = cardOf(link);
  if (card?.matches(":popover-open")) card.hidePopover();
};

const linkOf = (event) => (event.target instanceof Element ? event.target.closest("[data-figure]") : null);

for (const [name, delay] of [["pointerover", 250], ["focusin", 0]]) {
  document.addEventListener(name, (event) => {
    const link = linkOf(event);
    if (!link) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => show(link), delay);
  });
}

for (const name of ["pointerout", "focusout", "click"]) {
  document.addEventListener(name, (event) => linkOf(event) && hide(linkOf(event)));
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.querySelectorAll(".figure-card:popover-open").forEach((card) => card.hidePopover());
});
