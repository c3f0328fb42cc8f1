// The way through records in the order one found them: a list remembers where one stood, a record knows what is next.

/* global htmx */

const WAY = "revops.way";
const read = (key) => JSON.parse(sessionStorage.getItem(key) ?? "null");
const keep = (key, value) => sessionStorage.setItem(key, JSON.stringify(value));
const slugOf = (url) => new URL(url, location.href).pathname.split("/")[1];
const pathOf = (url) => new URL(url, location.href).pathname;
const digits = (text) => Number(text.replace(/\D/g, ""));

// "1–50 of many": the number of the first row, and how many there are where somebody counted.
const counted = () => {
  const text = document.querySelector(".pager-place")?.textContent ?? "";
  const [shown, total = ""] = text.split(" of ");
  return { first: /[–-]/.test(shown) ? digits(shown.split(/[–-]/)[0]) : 0, total: /^\s*\d/.test(total) ? total.trim().split(/\s/)[0] : "" };
};

// Said before a record is opened: from which list, or from which page that shows records in an order of its own.
const remember = (link) => {
  const trail = link.closest("[data-trail]");
  if (trail) {
    const urls = [...trail.querySelectorAll("[data-row]")].map((one) => pathOf(one.href));
    keep(WAY, { urls: [...new Set(urls)] });
    return;
  }
  const list = link.closest("#list");
  if (!list) return;
  const slug = slugOf(link.href);
  const { first, total } = counted();
  const index = [...list.querySelectorAll("[data-row]")].indexOf(link);
  const frame = list.querySelector(".table-frame");
  keep(WAY, { slug, query: location.search, place: first ? first + index : 0, total });
  keep(`revops.list:${slug}`, { at: location.pathname + location.search, top: frame?.scrollTop ?? 0, left: frame?.scrollLeft ?? 0, page: window.scrollY, url: pathOf(link.href) });
};

document.addEventListener("record-opening", (event) => remember(event.detail.link));

const say = (nav, text) => {
  const place = nav.querySelector(".neighbours-place");
  if (place) place.textContent = text;
};

const point = (nav, name, url) => {
  const link = nav.querySelector(`[data-neighbour="${name}"]`);
  if (!url) return;
  link.setAttribute("href", url);
  link.removeAttribute("aria-disabled");
  link.removeAttribute("role");
};

// A part of the page that is drawn anew keeps the way it knew; a key pressed before the way is known waits for it.
let known = {};
let wanted = "";

const fill = (nav) => {
  const way = read(WAY);
  const url = nav.dataset.neighbours.replace(/neighbours\/$/, "");
  const place = way?.urls?.indexOf(url) ?? -1;
  if (place >= 0) {
    point(nav, "previous", way.urls[place - 1]);
    point(nav, "next", way.urls[place + 1]);
    say(nav, `${place + 1} of ${way.urls.length}`);
  } else if (way?.slug === slugOf(url)) {
    const words = way.place > 0 ? `${way.place.toLocaleString("en")} of ${way.total || "many"}` : "";
    const address = nav.dataset.neighbours + way.query;
    if (known.address === address) nav.innerHTML = known.html;
    say(nav, words);
    if (known.address === address) return;
    htmx.ajax("GET", address, { target: nav, swap: "innerHTML" }).then(() => {
      known = { address, html: nav.innerHTML };
      say(nav, words);
      const link = nav.querySelector(`[data-neighbour="${wanted}"][href]`);
      wanted = "";
      link?.click();
    });
  }
};

const fillAll = (root) => {
  for (const nav of root.querySelectorAll("[data-neighbours]:not([data-filled])")) {
    nav.dataset.filled = "";
    fill(nav);
  }
  const way = document.querySelector("main [data-back-to-list]");
  const list = way && read(`revops.list:${slugOf(way.href)}`);
  if (list) way.setAttribute("href", list.at);
};

const moved = (name) => {
  const way = read(WAY);
  if (way?.place) keep(WAY, { ...way, place: way.place + (name === "next" ? 1 : -1) });
};

document.addEventListener("click", (event) => {
  const link = event.target instanceof Element && event.target.closest("[data-neighbour][href]");
  if (!link || event.ctrlKey || event.metaKey) return;
  moved(link.dataset.neighbour);
  if (!link.closest("#side-panel")) return;
  event.preventDefault();
  const url = link.getAttribute("href");
  document.dispatchEvent(new CustomEvent("panel-wanted", { detail: { url } }));
  document.dispatchEvent(new CustomEvent("row-wanted", { detail: { url } }));
});

document.addEventListener("keydown", (event) => {
  const typing = event.target instanceof Element && event.target.closest("input, textarea, select, dialog, [popover]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || document.documentElement.dataset.keys === "off") return;
  const name = { "]": "next", J: "next", "[": "previous", K: "previous" }[event.key];
  const link = name && document.querySelector(`[data-neighbour="${name}"]`);
  if (!link) return;
  event.preventDefault();
  if (link.hasAttribute("href")) link.click();
  else wanted = name;
});

// Back on the list: where one was, at the row one left.
const restore = () => {
  const list = document.getElementById("list");
  const held = list && read(`revops.list:${slugOf(location.href)}`);
  if (!held || held.at !== location.pathname + location.search) return;
  const came = document.referrer && pathOf(document.referrer).startsWith(`/${slugOf(location.href)}/`) && pathOf(document.referrer) !== location.pathname;
  if (!came && performance.getEntriesByType("navigation")[0]?.type !== "back_forward") return;
  const frame = list.querySelector(".table-frame");
  document.dispatchEvent(new CustomEvent("row-wanted", { detail: { url: held.url } }));
  window.scrollTo(0, held.page);
  frame?.scrollTo(held.left, held.top);
};

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target instanceof Element && !event.target.matches("[data-neighbours]")) fillAll(document);
});
const begin = () => {
  fillAll(document);
  restore();
};
if (window.htmx) begin();
else window.addEventListener("load", begin);
