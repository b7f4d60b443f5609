// Starts every enhancement. Pages work without this file; each part looks for its own data attribute.
import * as bulk from "./bulk.js";
import * as conditional from "./conditional.js";
import * as copy from "./copy.js";
import * as countdown from "./countdown.js";
import * as draft from "./draft.js";
import * as menu from "./menu.js";
import * as prefill from "./prefill.js";
import * as shortcuts from "./shortcuts.js";

const always = [menu, prefill, conditional, draft, bulk, copy, countdown, shortcuts];

// Parts that weigh something are fetched only by pages that show what they serve, after the text is there.
const onDemand = [
  ["[data-map]", () => import("./map.js")],
  ["[data-news],[data-news-mine]", () => import("./news.js")],
  ["[data-redact]", () => import("./redact.js")],
  ["select[data-find]", () => import("./find.js")],
  ["[hx-get],[hx-post],[hx-boost],[hx-trigger]", () => import("./htmx.js")],
];

function enhance(root) {
  for (const part of always) part.enhance(root);
  for (const [selector, load] of onDemand) {
    if (root.querySelector(selector) || root.matches?.(selector)) load().then((part) => part.enhance(root));
  }
}

enhance(document);
// htmx announces what it has put into the page.
document.addEventListener("htmx:load", (event) => {
  if (event.detail.elt !== document.body) enhance(event.detail.elt);
});
