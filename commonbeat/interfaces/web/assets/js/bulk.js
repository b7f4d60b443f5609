// Choosing many rows of a list: all at once, a range with Shift, and a count of what is chosen.
import { matching, text } from "./texts.js";

function start(form) {
  const items = () => [...form.querySelectorAll("[data-bulk-item]")];
  const all = form.querySelector("[data-bulk-all]");
  let last = null;

  function show() {
    const rows = items();
    const chosen = rows.filter((row) => row.checked).length;
    if (all) {
      all.checked = chosen > 0 && chosen === rows.length;
      all.indeterminate = chosen > 0 && chosen < rows.length;
    }
    for (const place of form.querySelectorAll("[data-bulk-count]")) place.textContent = text("chosen", { count: chosen });
    for (const bar of form.querySelectorAll("[data-bulk-bar]")) bar.hidden = chosen === 0;
  }

  form.addEventListener("click", (event) => {
    if (!event.target.matches?.("[data-bulk-item]")) return;
    const rows = items();
    if (event.shiftKey && last && rows.includes(last)) {
      const [from, to] = [rows.indexOf(last), rows.indexOf(event.target)].sort((a, b) => a - b);
      for (const row of rows.slice(from, to + 1)) row.checked = event.target.checked;
    }
    last = event.target;
  });
  form.addEventListener("change", (event) => {
    if (event.target === all) for (const row of items()) row.checked = all.checked;
    show();
  });
  if (all) all.hidden = false;
  show();
}

export function enhance(root) {
  for (const form of matching(root, "[data-bulk]")) start(form);
}
