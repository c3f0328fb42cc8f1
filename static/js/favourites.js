// Favourites in the navigation, stars on records, and the word to the server that a record was opened.

import { beacon, send } from "./palette.js";
import { note } from "./frame.js";

const FOLDED = "favourites-folded";
const STAY = 300;
const section = () => document.getElementById("favourites");
const items = () => [...document.querySelectorAll("[data-favourite]")];
const keep = () => items().map((one) => one.dataset.favourite);

const markStars = () => {
  const held = keep();
  for (const star of document.querySelectorAll("[data-star]")) {
    star.setAttribute("aria-pressed", String(held.includes(star.dataset.star)));
  }
};

const markHere = () => {
  for (const link of document.querySelectorAll("[data-favourite] a")) {
    if (link.getAttribute("href") === window.location.pathname) link.setAttribute("aria-current", "page");
  }
};

const fold = (folded) => {
  const button = section().querySelector("[data-fold-favourites]");
  if (!button) return;
  button.setAttribute("aria-expanded", String(!folded));
  document.getElementById("favourites-list").hidden = folded;
};

const show = (html) => {
  section().innerHTML = html;
  fold(localStorage.getItem(FOLDED) === "yes");
  markStars();
  markHere();
};

// What cannot be had now is asked for by the next page; leaving this one meanwhile is no fault.
const fill = async (url, take) => {
  try {
    const answer = await fetch(url, { headers: { "HX-Request": "true" } });
    if (answer.ok && !answer.redirected) take(await answer.text());
  } catch { /* the page is left */ }
};

const load = () => {
  if (section()) fill(section().dataset.favourites, show);
};

// How much waits at a place of the navigation.
const count = () => {
  for (const one of document.querySelectorAll("[data-count]")) fill(one.dataset.count, (html) => { one.innerHTML = html; });
};

document.addEventListener("count-again", count);

const change = async (values) => {
  const answer = await send("/favourites/", values);
  const text = await answer.text();
  if (answer.ok) show(text);
  else note("This was not kept. Look at your favourites and try again.");
};

const move = async (item, to) => {
  const url = item.dataset.favourite;
  await change({ at: url, to: String(Math.max(0, to)) });
  items().find((one) => one.dataset.favourite === url)?.querySelector("a").focus();
};

document.addEventListener("click", (event) => {
  const hit = (selector) => event.target instanceof Element && event.target.closest(selector);
  const star = hit("[data-star]");
  if (star) {
    const on = star.getAttribute("aria-pressed") !== "true";
    star.setAttribute("aria-pressed", String(on));
    change({ at: star.dataset.star, on: on ? "1" : "0" });
  } else if (hit("[data-fold-favourites]")) {
    const folded = hit("[data-fold-favourites]").getAttribute("aria-expanded") === "true";
    localStorage.setItem(FOLDED, folded ? "yes" : "no");
    fold(folded);
  }
});

document.addEventListener("keydown", (event) => {
  const item = event.target instanceof Element && event.target.closest("[data-favourite]");
  const step = event.altKey && { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!item || !step) return;
  event.preventDefault();
  move(item, items().indexOf(item) + step);
});

let dragged = null;
const over = (event) => dragged && event.target instanceof Element && event.target.closest("[data-favourite]");

document.addEventListener("dragstart", (event) => {
  dragged = event.target instanceof Element ? event.target.closest("[data-favourite]") : null;
});
document.addEventListener("dragover", (event) => {
  if (over(event)) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  const place = over(event);
  if (!place) return;
  event.preventDefault();
  if (place !== dragged) move(dragged, items().indexOf(place));
  dragged = null;
});

// A record counts as opened once somebody stayed on it; what is only fetched beforehand does not.
let told = "";
let waiting = 0;
const look = () => {
  const url = [...document.querySelectorAll("[data-record]")].filter((one) => one.getClientRects().length).at(-1)?.dataset.record ?? "";
  markStars();
  if (!url || url === told) return;
  told = url;
  clearTimeout(waiting);
  waiting = setTimeout(() => beacon("/visits/", { at: url }), STAY);
};

document.addEventListener("htmx:afterSettle", look);
look();
load();
count();
