// Covering parts of a photo: boxes by pointer or keyboard, sent as name="region" value="x,y,w,h" in fractions of the picture.
import { announce, make, matching, text } from "./texts.js";

const STEP = 0.01;
const SMALLEST = 0.01;
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
const percent = (value) => Math.round(value * 100);

class Stage {
  constructor(root) {
    this.root = root;
    this.frame = root.querySelector(".redact__stage");
    this.boxes = [];
    const typed = root.querySelector("[data-redact-fallback]");
    const before = [...(typed?.querySelectorAll("fieldset") ?? [])].map((row) => [...row.querySelectorAll("input")].map((input) => input.value));
    typed?.remove();
    const add = make("button", { type: "button", class: "usa-button usa-button--outline" }, text("redact-add"));
    add.addEventListener("click", () => this.add({ x: 0.4, y: 0.4, w: 0.2, h: 0.2 }).button.focus());
    this.drop = make("button", { type: "button", class: "usa-button usa-button--outline", hidden: true }, text("redact-remove"));
    this.drop.addEventListener("click", () => this.current && this.remove(this.current));
    root.append(make("div", { class: "buttons" }, add, this.drop), make("p", { class: "muted small" }, text("redact-how")));
    this.frame.addEventListener("pointerdown", (event) => this.draw(event));
    this.frame.querySelector("img").draggable = false;
    // What was covered before is covered again, unless it is taken away on purpose.
    for (const row of before.filter((values) => values.every(Boolean))) {
      const [x, y, w, h] = row.map((value) => Number(value) / 100);
      this.add({ x, y, w, h });
    }
  }

  place(event) {
    const bounds = this.frame.getBoundingClientRect();
    return {
      x: clamp((event.clientX - bounds.left) / bounds.width, 0, 1),
      y: clamp((event.clientY - bounds.top) / bounds.height, 0, 1),
    };
  }

  add(region) {
    const box = { ...region };
    box.button = make("button", { type: "button", class: "redact__box" });
    box.input = make("input", { type: "hidden", name: this.root.dataset.redact || "region" });
    box.button.addEventListener("keydown", (event) => this.key(event, box));
    box.button.addEventListener("focus", () => { this.current = box; });
    this.current = box;
    this.drop.hidden = false;
    this.frame.append(box.button, box.input);
    this.boxes.push(box);
    this.show(box);
    return box;
  }

  remove(box) {
    box.button.remove();
    box.input.remove();
    this.boxes = this.boxes.filter((other) => other !== box);
    this.boxes.forEach((other) => this.show(other));
    this.current = this.boxes.at(-1);
    this.drop.hidden = !this.current;
    announce(text("redact-removed"));
    (this.boxes.at(-1)?.button ?? this.root.querySelector(".buttons button")).focus();
  }

  show(box) {
    box.w = clamp(box.w, SMALLEST, 1);
    box.h = clamp(box.h, SMALLEST, 1);
    box.x = clamp(box.x, 0, 1 - box.w);
    box.y = clamp(box.y, 0, 1 - box.h);
    const style = box.button.style;
    [style.left, style.top, style.width, style.height] = [box.x, box.y, box.w, box.h].map((v) => `${v * 100}%`);
    box.input.value = [box.x, box.y, box.w, box.h].map((value) => value.toFixed(4)).join(",");
    box.button.setAttribute("aria-label", text("redact-box", {
      number: this.boxes.indexOf(box) + 1, x: percent(box.x), y: percent(box.y), w: percent(box.w), h: percent(box.h),
    }));
  }

  key(event, box) {
    if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      this.remove(box);
      return;
    }
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!way) return;
    event.preventDefault();
    const [across, down] = way.map((direction) => direction * STEP);
    if (event.shiftKey) {
      box.w += across;
      box.h += down;
    } else {
      box.x += across;
      box.y += down;
    }
    this.show(box);
  }

  draw(event) {
    if (event.button !== 0) return;
    const from = this.place(event);
    const moved = this.boxes.find((box) => box.button === event.target);
    const start = moved && { x: moved.x, y: moved.y };
    const box = moved ?? null;
    let drawn = box;
    const move = (next) => {
      const to = this.place(next);
      if (start) {
        Object.assign(box, { x: start.x + to.x - from.x, y: start.y + to.y - from.y });
        this.show(box);
        return;
      }
      const region = {
        x: Math.min(from.x, to.x), y: Math.min(from.y, to.y), w: Math.abs(to.x - from.x), h: Math.abs(to.y - from.y),
      };
      if (!drawn && Math.max(region.w, region.h) < 0.015) return;
      drawn ??= this.add(region);
      Object.assign(drawn, region);
      this.show(drawn);
    };
    const stop = () => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", stop);
      removeEventListener("pointercancel", stop);
      drawn?.button.focus();
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", stop);
    addEventListener("pointercancel", stop);
    if (!moved) event.preventDefault();
  }
}

export function enhance(root) {
  for (const element of matching(root, "[data-redact]")) {
    if (!element.dataset.ready) new Stage(element);
    element.dataset.ready = "yes";
  }
}
