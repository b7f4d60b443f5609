// Keeps what somebody types in <form data-draft="name"> on this device, so that a closed tab or a lost line loses nothing.
import { make, matching, text } from "./texts.js";

const DAYS_KEPT = 7;
const key = (name) => `commonbeat:draft:${name}`;

function read(name) {
  try {
    const draft = JSON.parse(localStorage.getItem(key(name)));
    if (draft && Date.now() - draft.saved_at < DAYS_KEPT * 86400e3) return draft;
    localStorage.removeItem(key(name));
  } catch {
    // Storage is off or holds something else: there is no draft then.
  }
  return { saved_at: 0, fields: {} };
}

function write(name, fields) {
  try {
    localStorage.setItem(key(name), JSON.stringify({ saved_at: Date.now(), fields }));
  } catch {
    // Private windows and full storage refuse; the form still works.
  }
}

function forget(name) {
  try {
    localStorage.removeItem(key(name));
  } catch {
    // Nothing was kept.
  }
}

function keeps(field) {
  if (!field.name || field.name === "csrfmiddlewaretoken" || field.closest("[data-no-draft]")) return false;
  if (field.type === "hidden") return field.hasAttribute("data-draft-keep");
  return !["password", "file", "submit", "button", "reset", "image"].includes(field.type);
}

function fieldsOf(form) {
  return [...form.elements].filter(keeps);
}

function collect(form) {
  const values = {};
  for (const field of fieldsOf(form)) {
    values[field.name] ??= [];
    if (field.type === "checkbox" || field.type === "radio") {
      if (field.checked) values[field.name].push(field.value);
    } else if (field.multiple && field.selectedOptions) {
      for (const option of field.selectedOptions) values[field.name].push(option.value);
    } else {
      values[field.name].push(field.value);
    }
  }
  return values;
}

// Chosen with a button of an earlier page: kept so that one can go on from the first page, never filled into a form.
function chosen(form) {
  const values = {};
  for (const field of form.querySelectorAll("[data-draft-chosen]")) values[field.name] = [field.value];
  return values;
}

function remember(form, name) {
  write(name, { ...read(name).fields, ...collect(form), ...chosen(form) });
}

// What the server put into the form wins: only empty fields are filled.
function restore(form, kept) {
  const before = collect(form);
  const touched = new Set();
  const places = {};
  for (const field of fieldsOf(form)) {
    const values = kept[field.name];
    const place = (places[field.name] = (places[field.name] ?? -1) + 1);
    const replaces = field.type === "hidden";
    if (!values?.some(Boolean) || (!replaces && before[field.name].some(Boolean))) continue;
    if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
    else if (field.multiple && field.options) for (const o of field.options) o.selected = values.includes(o.value);
    else field.value = values[place] ?? "";
    if (!replaces) touched.add(field);
  }
  for (const field of touched) {
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
  return touched.size > 0;
}

function note(form, kind, message, ...actions) {
  form.querySelector(":scope > [data-draft-note]")?.remove();
  const body = make("div", { class: "alert__body" }, make("p", {}, message));
  if (actions.length) body.append(make("div", { class: "buttons" }, ...actions));
  const box = make("div", { class: `alert alert--${kind}`, role: "status", "data-draft-note": true }, body);
  form.prepend(box);
  return box;
}

function button(label, act) {
  const made = make("button", { type: "button", class: "usa-button usa-button--outline usa-button--small" }, label);
  made.addEventListener("click", act);
  return made;
}

function watchSending(form, name) {
  form.addEventListener("submit", (event) => {
    remember(form, name);
    if (navigator.onLine) return;
    event.preventDefault();
    const submitter = event.submitter;
    const box = note(form, "warning", text("offline"));
    box.scrollIntoView({ block: "center" });
    addEventListener("online", () => {
      note(form, "info", text("online-again"), button(text("send-now"), () => form.requestSubmit(submitter)));
    }, { once: true });
  });
}

// The first page of several shows nothing of what was typed on the later ones, so it says that it is there.
function offerToGoOn(form, name, kept) {
  const first = form.dataset.draftStart;
  const typed = Object.entries(kept).some(([key, values]) => ![first, "client_id"].includes(key) && values.some(Boolean));
  if (!kept[first]?.[0] || !typed) return;
  const goOn = button(text("draft-go-on"), () => {
    form.append(make("input", { type: "hidden", name: first, value: kept[first][0] }));
    form.requestSubmit();
  });
  const discard = button(text("draft-discard"), () => {
    forget(name);
    form.querySelector(":scope > [data-draft-note]").remove();
  });
  note(form, "info", text("draft-kept"), goOn, discard);
}

function keepDraft(form) {
  const name = form.dataset.draft;
  const kept = read(name);
  if (restore(form, kept.fields)) {
    note(form, "info", text("draft-restored"), button(text("draft-discard"), () => {
      forget(name);
      form.reset();
      form.querySelector(":scope > [data-draft-note]").remove();
      for (const field of fieldsOf(form)) field.dispatchEvent(new Event("change", { bubbles: true }));
      forget(name);
    }));
  }
  if (form.dataset.draftStart) offerToGoOn(form, name, kept.fields);
  let waiting;
  const save = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => remember(form, name), 300);
  };
  form.addEventListener("input", save);
  form.addEventListener("change", save);
  // A tab that is closed within the pause still keeps its last words.
  addEventListener("pagehide", () => {
    if (waiting && form.isConnected) remember(form, name);
  });
  form.addEventListener("reset", () => { clearTimeout(waiting); waiting = undefined; });
  watchSending(form, name);
}

export function enhance(root) {
  for (const sent of matching(root, "[data-draft-clear]")) forget(sent.dataset.draftClear);
  for (const form of matching(root, "form[data-draft]")) keepDraft(form);
}
