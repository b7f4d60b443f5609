// Fills <input data-from-address="code"> from the part of the address behind #, which is never sent to a server.
import { matching } from "./texts.js";

export function enhance(root) {
  for (const field of matching(root, "[data-from-address]")) {
    const given = new URLSearchParams(location.hash.slice(1)).get(field.dataset.fromAddress);
    if (!given || field.value) continue;
    field.value = given;
    // The secret does not stay in the address line or in the history.
    history.replaceState(null, "", location.pathname + location.search);
  }
}
