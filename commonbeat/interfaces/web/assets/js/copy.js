// Copy buttons: <button data-copy="#reference" hidden>; shown only where copying can work.
import { announce, matching, text } from "./texts.js";

export function enhance(root) {
  if (!navigator.clipboard) return;
  for (const button of matching(root, "[data-copy]")) {
    const source = document.querySelector(button.dataset.copy);
    if (!source) continue;
    button.hidden = false;
    const label = button.querySelector("[data-copy-label]") ?? button;
    const before = label.textContent;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(source.value ?? source.textContent.trim());
        label.textContent = text("copied");
        announce(text("copied"));
        setTimeout(() => { label.textContent = before; }, 2500);
      } catch {
        // Refused by the browser: select the text, so that Ctrl+C does it.
        getSelection().selectAllChildren(source);
      }
    });
  }
}
