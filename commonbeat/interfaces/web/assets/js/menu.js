// The menu button of small screens and the print button.
import { matching } from "./texts.js";

export function enhance(root) {
  for (const button of matching(root, "[data-menu-button]")) {
    const panel = document.getElementById(button.getAttribute("aria-controls"));
    button.addEventListener("click", () => {
      const open = panel.toggleAttribute("data-open");
      button.setAttribute("aria-expanded", String(open));
    });
  }
  for (const button of matching(root, "[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}

// A menu of the account kind closes when the work goes on elsewhere.
document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details[data-closes][open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const open of document.querySelectorAll("details[data-closes][open]")) {
    open.open = false;
    open.querySelector("summary").focus();
  }
});
