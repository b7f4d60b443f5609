// The time that is left to undo: <span data-countdown="2026-01-01T12:00:00Z"> inside [data-countdown-end].
import { matching, text } from "./texts.js";

function start(place) {
  const end = Date.parse(place.dataset.countdown);
  if (Number.isNaN(end)) return;
  const tick = () => {
    const left = Math.max(0, Math.round((end - Date.now()) / 1000));
    const minutes = Math.floor(left / 60);
    place.textContent = `${minutes}:${String(left % 60).padStart(2, "0")}`;
    if (left > 0) return;
    clearInterval(timer);
    const whole = place.closest("[data-countdown-end]");
    if (whole?.contains(document.activeElement)) whole.replaceChildren(text("undo-over"));
    else whole?.remove();
  };
  const timer = setInterval(tick, 1000);
  tick();
}

export function enhance(root) {
  for (const place of matching(root, "[data-countdown]")) start(place);
}
