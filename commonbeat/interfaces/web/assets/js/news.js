// News as notifications of this browser: offered where the browser can do it, asked for only when somebody chose it.
import { matching } from "./texts.js";

const able = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

function bytes(base64) {
  const binary = atob(base64.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function same(buffer, key) {
  const other = new Uint8Array(buffer ?? []);
  return other.length === key.length && other.every((byte, place) => byte === key[place]);
}

async function subscription(form) {
  const key = bytes(form.dataset.newsKey);
  await navigator.serviceWorker.register(form.dataset.newsWorker, { updateViaCache: "none" });
  const { pushManager } = await navigator.serviceWorker.ready;
  const found = await pushManager.getSubscription();
  if (found && same(found.options.applicationServerKey, key)) return found;
  if (found) await found.unsubscribe(); // made for a key that this site no longer has
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

function say(form, what) {
  for (const place of form.querySelectorAll("[data-news-said]")) place.hidden = place.dataset.newsSaid !== what;
}

async function send(form, field) {
  say(form, "");
  const buttons = [...form.querySelectorAll("button")];
  for (const button of buttons) button.disabled = true; // while the browser asks
  try {
    if (await Notification.requestPermission() !== "granted") return say(form, "denied");
    field.value = JSON.stringify(await subscription(form));
    form.submit();
  } catch {
    say(form, "failed");
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

function offer(form) {
  form.querySelector("[data-news-ways]").hidden = false;
  const field = form.elements.subscription;
  form.addEventListener("submit", (event) => {
    if (form.elements.by.value !== "push") return;
    event.preventDefault();
    send(form, field);
  });
}

async function show(form) {
  const registration = await navigator.serviceWorker.getRegistration("/follow/");
  const found = await registration?.pushManager.getSubscription();
  if (!found) return;
  form.elements.endpoint.value = found.endpoint;
  form.hidden = false;
}

export function enhance(root) {
  if (!able) return;
  for (const form of matching(root, "form[data-news]")) offer(form);
  for (const form of matching(root, "form[data-news-mine]")) show(form);
}
