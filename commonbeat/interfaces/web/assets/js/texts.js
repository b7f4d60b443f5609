// Words for the client scripts: translated by the server, kept in the page's <template id="client-texts">.
const source = document.getElementById("client-texts")?.content;

/** The text of that name; `values` fill `{name}` places. An unknown name is a mistake in the template. */
export function text(name, values = {}) {
  const found = source?.querySelector(`[data-text="${name}"]`)?.textContent.trim() ?? "";
  return found.replace(/\{(\w+)\}/g, (_, key) => String(values[key] ?? ""));
}

/** Elements below `root` and `root` itself that match. */
export function* matching(root, selector) {
  if (root.matches?.(selector)) yield root;
  yield* root.querySelectorAll(selector);
}

/** Makes an element with attributes and children; text is always text, never markup. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** Says something to a screen reader without moving the focus. */
export function announce(message) {
  const region = document.getElementById("announcements");
  if (!region) return;
  region.textContent = "";
  requestAnimationFrame(() => { region.textContent = message; });
}
