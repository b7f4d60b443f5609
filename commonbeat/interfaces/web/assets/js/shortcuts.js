// Keyboard shortcuts: data-key="a" presses or focuses that element, "g i" is two keys; ? lists them; they can be switched off.
import { make } from "./texts.js";

const STORED = "commonbeat:shortcuts";
const PAUSE = 1000;
let before = "";
let timer;

function isOff() {
  try {
    return localStorage.getItem(STORED) === "off";
  } catch {
    return false;
  }
}

function switchTo(on) {
  try {
    localStorage.setItem(STORED, on ? "on" : "off");
  } catch {
    // Without storage the choice lasts until the page is left.
  }
}

function isTyping(target) {
  const type = target.type ?? "";
  if (target.isContentEditable || ["TEXTAREA", "SELECT"].includes(target.tagName)) return true;
  return target.tagName === "INPUT" && !["checkbox", "radio", "button", "submit"].includes(type);
}

function isShown(element) {
  return !element.disabled && element.getClientRects().length > 0;
}

// A link of a menu that is closed can be followed all the same.
function isReachable(element) {
  const menu = element.closest("details[data-closes]");
  return isShown(element) || (element.tagName === "A" && menu !== null && isShown(menu));
}

function use(element) {
  if (["INPUT", "TEXTAREA", "SELECT"].includes(element.tagName) && !["checkbox", "submit"].includes(element.type)) {
    element.focus();
    element.select?.();
  } else if (element.tagName === "DETAILS") {
    element.open = true;
    element.querySelector("input, select, textarea, button, a")?.focus();
  } else {
    element.focus();
    element.click();
  }
}

function moveRow(step) {
  const rows = [...document.querySelectorAll("[data-row]")].filter(isShown);
  const at = rows.findIndex((row) => row.contains(document.activeElement) || row === document.activeElement);
  const row = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step];
  const target = row?.matches("a, button") ? row : row?.querySelector("a");
  target?.focus();
  target?.scrollIntoView({ block: "nearest" });
}

function nameOf(element) {
  const label = element.dataset.keyLabel || element.getAttribute("aria-label") || element.labels?.[0]?.textContent;
  return (label || element.textContent).trim().replace(/\s+/g, " ");
}

function fill(list) {
  for (const made of list.querySelectorAll("[data-made]")) made.remove();
  const seen = new Set();
  for (const element of document.querySelectorAll("[data-key]")) {
    if (seen.has(element.dataset.key) || !isReachable(element)) continue;
    seen.add(element.dataset.key);
    const keys = element.dataset.key.split(" ").flatMap((key) => [make("kbd", {}, key), " "]);
    list.append(make("dt", { "data-made": true }, ...keys), make("dd", { "data-made": true }, nameOf(element)));
  }
}

function openDialog() {
  const dialog = document.getElementById("shortcuts");
  if (!dialog || dialog.open) return;
  fill(dialog.querySelector(".keys"));
  const box = dialog.querySelector("[data-shortcuts-on]");
  if (box) box.checked = !isOff();
  dialog.showModal();
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  if (event.target.closest?.("[data-map], [data-redact]")) return;
  if (event.key === "?" && document.getElementById("shortcuts")) {
    event.preventDefault();
    openDialog();
    return;
  }
  if (isOff() || event.key.length !== 1) return;
  const key = event.key.toLowerCase();
  const sequence = before ? `${before} ${key}` : key;
  clearTimeout(timer);
  before = "";
  const element = find(sequence) ?? find(key);
  if (element) {
    event.preventDefault();
    use(element);
  } else if ((key === "j" || key === "k") && document.querySelector("[data-row]")) {
    event.preventDefault();
    moveRow(key === "j" ? 1 : -1);
  } else {
    before = key;
    timer = setTimeout(() => { before = ""; }, PAUSE);
  }
}

function find(keys) {
  return [...document.querySelectorAll(`[data-key="${CSS.escape(keys)}"]`)].find(isReachable);
}

export function enhance(root) {
  if (root !== document) return;
  document.addEventListener("keydown", pressed);
  document.querySelector("[data-shortcuts-on]")?.addEventListener("change", (event) => switchTo(event.target.checked));
  for (const opener of document.querySelectorAll("[data-shortcuts-open]")) {
    opener.hidden = false;
    opener.addEventListener("click", openDialog);
  }
}
