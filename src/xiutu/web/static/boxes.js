// Boxes on the picture, in pixels of the picture; with pointer and with keys.

const SMALLEST = 4;

export class Boxes {
  constructor(layer, viewer, words, changed) {
    this.layer = layer;
    this.viewer = viewer;
    this.words = words;
    this.changed = changed;
    this.list = [];
  }

  // A tool of the viewer: a drag on free ground makes a box.
  down(at) {
    this.start = at;
    this.fresh = null;
    return true;
  }

  move(at) {
    if (!this.fresh) {
      const far = Math.hypot(at.left - this.start.left, at.top - this.start.top);
      if (far < 5) return;
      this.fresh = this.add({ x: this.start.x, y: this.start.y, w: 1, h: 1 });
    }
    const [x0, x1] = [this.start.x, at.x].sort((a, b) => a - b);
    const [y0, y1] = [this.start.y, at.y].sort((a, b) => a - b);
    this.set(this.fresh, { x: x0, y: y0, w: x1 - x0, h: y1 - y0 });
  }

  up() {
    const box = this.fresh;
    this.fresh = null;
    if (box && (box.w < SMALLEST || box.h < SMALLEST)) this.remove(box);
    else if (box) box.element.focus({ preventScroll: true });
    this.changed();
  }

  cancel() {
    if (this.fresh) this.remove(this.fresh);
    this.fresh = null;
  }

  addInTheMiddle() {
    const { width, height } = this.viewer;
    const box = this.add({ x: width * 0.35, y: height * 0.35, w: width * 0.3, h: height * 0.3 });
    box.element.focus();
    this.changed();
  }

  add(place) {
    const element = document.createElement("button");
    element.type = "button";
    element.className = "drawn";
    const box = { element };
    this.list.push(box);
    this.layer.append(element);
    this.set(box, place);
    element.addEventListener("keydown", (event) => this.key(box, event));
    element.addEventListener("pointerdown", (event) => this.grab(box, event));
    return box;
  }

  // Whole pixels inside the picture; no side as long as the picture's, as the interface asks.
  set(box, { x, y, w, h }) {
    const { width, height } = this.viewer;
    x = Math.round(Math.min(Math.max(0, x), width - 1));
    y = Math.round(Math.min(Math.max(0, y), height - 1));
    w = Math.max(1, Math.min(Math.round(w), width - x, width - 1));
    h = Math.max(1, Math.min(Math.round(h), height - y, height - 1));
    Object.assign(box, { x, y, w, h });
    const number = this.list.indexOf(box) + 1;
    Object.assign(box.element.style, {
      left: `${x}px`, top: `${y}px`, width: `${w}px`, height: `${h}px`,
    });
    const said = { n: number, x, y, w, h };
    box.element.setAttribute("aria-label", this.words.box.replace(/\{(\w)\}/g, (_, k) => said[k]));
  }

  key(box, event) {
    const step = event.altKey ? 1 : 10;
    const way = {
      ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step],
    }[event.key];
    if (event.key === "Delete" || event.key === "Backspace") {
      this.remove(box);
      this.viewer.stage.focus();
    } else if (way && event.shiftKey) {
      this.set(box, { ...box, w: box.w + way[0], h: box.h + way[1] });
    } else if (way) {
      this.set(box, { ...box, x: box.x + way[0], y: box.y + way[1] });
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    this.changed();
  }

  grab(box, event) {
    event.stopPropagation();
    box.element.setPointerCapture(event.pointerId);
    const from = this.viewer.point(event);
    const was = { ...box };
    const corner = from.x > was.x + was.w - 14 / this.viewer.scale
      && from.y > was.y + was.h - 14 / this.viewer.scale;
    const move = (moved) => {
      const at = this.viewer.point(moved);
      const [dx, dy] = [at.x - from.x, at.y - from.y];
      this.set(box, corner ? { ...was, w: was.w + dx, h: was.h + dy } : { ...was, x: was.x + dx, y: was.y + dy });
    };
    box.element.addEventListener("pointermove", move);
    box.element.addEventListener("pointerup", () => {
      box.element.removeEventListener("pointermove", move);
      this.changed();
    }, { once: true });
  }

  remove(box) {
    box.element.remove();
    this.list = this.list.filter((other) => other !== box);
    this.changed();
  }

  clear() {
    for (const box of this.list) box.element.remove();
    this.list = [];
    this.changed();
  }
}
