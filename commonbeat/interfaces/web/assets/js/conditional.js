// Shows a question only when an earlier answer asks for it: data-show-when="code=value" or "code=one|other".
import { matching } from "./texts.js";

function answers(form, code) {
  const named = (field) => field.name === code || field.name?.endsWith(`-${code}`) || field.dataset?.code === code;
  return [...form.elements].filter(named).flatMap((field) => {
    if (field.disabled) return [];
    if (field.type === "checkbox" || field.type === "radio") return field.checked ? [field.value] : [];
    if (field.selectedOptions) return [...field.selectedOptions].map((option) => option.value);
    return [field.value];
  });
}

function update(form) {
  for (const block of form.querySelectorAll("[data-show-when]")) {
    const [code, wanted = ""] = block.dataset.showWhen.split(/=(.*)/s);
    const values = wanted.split("|");
    const shown = answers(form, code.trim()).some((value) => values.includes(value));
    block.hidden = !shown;
    // A hidden question is not sent and cannot block sending; the server leaves it out in the same way.
    for (const field of block.querySelectorAll("input, select, textarea")) field.disabled = !shown;
  }
}

export function enhance(root) {
  const forms = new Set();
  for (const block of matching(root, "[data-show-when]")) if (block.closest("form")) forms.add(block.closest("form"));
  for (const form of forms) {
    update(form);
    if (form.dataset.conditional) continue;
    form.dataset.conditional = "on";
    form.addEventListener("change", () => update(form));
    form.addEventListener("reset", () => setTimeout(() => update(form)));
  }
}
