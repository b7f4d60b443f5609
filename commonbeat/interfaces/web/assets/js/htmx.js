// htmx with our rules: nothing is evaluated, no style or script is injected, no page is stored on the device.
import { announce, make, text } from "./texts.js";

const rules = {
  allowEval: false,
  allowScriptTags: false,
  includeIndicatorStyles: false,
  selfRequestsOnly: true,
  historyCacheSize: 0,
  refreshOnHistoryMiss: true,
  timeout: 20000,
  // A form that comes back with errors (422) is shown like any other answer.
  responseHandling: [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    { code: "422", swap: true },
    { code: "[45]..", swap: false, error: true },
  ],
};

function token(element) {
  const field = element.closest("form")?.elements.csrfmiddlewaretoken ?? document.querySelector("[name=csrfmiddlewaretoken]");
  return field?.value ?? document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
}

function start() {
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb === "get") return;
    const value = token(event.detail.elt);
    if (value) event.detail.headers["X-CSRFToken"] = value;
  });
  for (const failure of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
    document.addEventListener(failure, () => announce(text("request-failed")));
  }
}

async function load() {
  // htmx reads its rules from here while it starts, before it would add a style of its own.
  document.head.append(make("meta", { name: "htmx-config", content: JSON.stringify(rules) }));
  const { default: htmx } = await import("htmx.org");
  start();
  // Loaded after the document was ready, htmx has to be told to look at it.
  htmx.process(document.body);
  return htmx;
}

let loading;

export async function enhance(root) {
  const first = !loading;
  loading ??= load();
  const htmx = await loading;
  if (!first && root !== document) htmx.process(root);
}
