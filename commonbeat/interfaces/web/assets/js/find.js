// A long select becomes a box to type plain words in: select[data-find="/address/"] asks the server what fits the words,
// and its own labels answer at once. Without scripts it stays the select that it is.
import { announce, make, matching, text } from "./texts.js";

const WAIT = 120;
const MOST = 60;

const plain = (words) => words.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();

class Finder {
  constructor(select) {
    this.select = select;
    this.all = [...select.options].filter((option) => option.value).map((option) => ({
      value: option.value, label: option.label, group: option.closest("optgroup")?.label ?? "",
    }));
    this.shown = [];
    this.active = -1;
    const id = select.id;
    select.id = `${id}-list`;
    this.list = make("ul", { class: "combo__list", role: "listbox", id: `${id}-found`, hidden: true });
    this.input = make("input", {
      class: "usa-input", id, type: "text", role: "combobox", autocomplete: "off", autocapitalize: "none", spellcheck: "false",
      dir: "auto", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id,
      "aria-describedby": select.getAttribute("aria-describedby"), "aria-invalid": select.getAttribute("aria-invalid"),
      "data-key": select.dataset.key, "data-no-draft": true,
    });
    delete select.dataset.key;
    const label = document.querySelector(`label[for="${CSS.escape(id)}"]`);
    if (label) this.list.setAttribute("aria-label", label.textContent.trim());
    const hint = document.getElementById(select.getAttribute("aria-describedby") ?? "");
    if (hint) hint.textContent = text("find-how");
    select.hidden = true;
    select.after(make("div", { class: "combo" }, this.input, this.list));
    this.input.value = this.chosen()?.label ?? "";
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("focus", () => this.input.select());
    this.input.addEventListener("click", () => this.list.hidden && this.open(this.all));
    this.input.addEventListener("blur", () => this.leave());
    // The pointer must not take the focus away before its click has chosen.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const row = event.target.closest("[role=option]");
      if (row) this.choose(this.shown[Number(row.dataset.at)]);
    });
  }

  chosen() {
    return this.all.find((one) => one.value === this.select.value);
  }

  labelled(words) {
    const asked = plain(words).split(/\s+/);
    const fits = (said) => {
      const own = plain(said).split(/[^\p{L}\p{N}]+/u);
      return asked.every((word) => own.some((known) => known.startsWith(word)));
    };
    const named = this.all.filter((one) => fits(one.label));
    return [...named, ...this.all.filter((one) => !named.includes(one) && fits(`${one.label} ${one.group}`))];
  }

  typed() {
    clearTimeout(this.waiting);
    const words = this.input.value;
    if (!words.trim()) {
      this.open(this.all, -1);
      return;
    }
    const named = this.labelled(words);
    this.open(named, 0);
    this.waiting = setTimeout(() => this.ask(words, named), WAIT);
  }

  async ask(words, named) {
    try {
      const answer = await fetch(`${this.select.dataset.find}?q=${encodeURIComponent(words)}`, { headers: { Accept: "application/json" } });
      if (!answer.ok || this.input.value !== words || document.activeElement !== this.input) return;
      const { found } = await answer.json();
      const values = new Set(named.map((one) => one.value));
      const more = found.map((value) => this.all.find((one) => one.value === value)).filter((one) => one && !values.has(one.value));
      if (more.length) this.open([...named, ...more], Math.max(0, this.active));
    } catch {
      // Without a connection the labels alone answer.
    }
    announce(this.shown.length ? text("find-count", { count: this.shown.length }) : text("find-none"));
  }

  open(rows, active = rows.indexOf(this.chosen())) {
    this.shown = rows.slice(0, MOST);
    this.list.replaceChildren(...this.shown.map((one, at) => make(
      "li", { role: "option", id: `${this.list.id}-${at}`, "data-at": at, "aria-selected": "false", class: "combo__option" },
      make("span", {}, one.label), make("span", { class: "combo__group" }, one.group),
    )));
    if (!this.shown.length) this.list.append(make("li", { class: "combo__none" }, text("find-none")));
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.point(this.shown.length ? active : -1);
  }

  close() {
    clearTimeout(this.waiting);
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.point(-1);
  }

  point(at) {
    this.active = at;
    const rows = this.list.querySelectorAll("[role=option]");
    rows.forEach((row, number) => row.setAttribute("aria-selected", String(number === at)));
    if (at < 0) {
      this.input.removeAttribute("aria-activedescendant");
      return;
    }
    this.input.setAttribute("aria-activedescendant", rows[at].id);
    rows[at].scrollIntoView({ block: "nearest" });
  }

  choose(one) {
    const before = this.select.value;
    this.select.value = one?.value ?? "";
    this.input.value = one?.label ?? "";
    this.close();
    if (this.select.value !== before) this.select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  leave() {
    if (this.list.hidden) return;
    if (this.active >= 0) this.choose(this.shown[this.active]);
    else this.choose(this.input.value.trim() ? this.chosen() : undefined);
  }

  key(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const { key } = event;
    if (key === "ArrowDown" || key === "ArrowUp") {
      event.preventDefault();
      const step = key === "ArrowDown" ? 1 : -1;
      if (this.list.hidden) this.open(this.all);
      else if (this.shown.length) this.point((this.active + step + this.shown.length) % this.shown.length);
    } else if (key === "Enter") {
      event.preventDefault(); // it never sends a form that is half written
      if (this.list.hidden) this.open(this.all);
      else if (this.active >= 0) this.choose(this.shown[this.active]);
    } else if (key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      this.choose(this.chosen());
    }
  }
}

export function enhance(root) {
  for (const select of matching(root, "select[data-find]")) {
    if (!select.dataset.ready) new Finder(select);
    select.dataset.ready = "yes";
  }
}
