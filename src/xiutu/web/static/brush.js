// A free-form mask, painted on the picture; given to the interface as rectangles that cover it.

const LARGEST = 1200; // pixels a side of the mask

export class Brush {
  constructor(canvas, viewer, size, changed) {
    this.canvas = canvas;
    this.viewer = viewer;
    this.size = size;
    this.changed = changed;
    this.used = false;
    this.share = 1;
  }

  get context() {
    return this.canvas.getContext("2d", { willReadFrequently: true });
  }

  // The mask is kept small: 25 million pixels of it would be 100 MB.
  begin() {
    const { width, height } = this.viewer;
    const share = Math.min(1, LARGEST / Math.max(width, height));
    const [w, h] = [Math.ceil(width * share), Math.ceil(height * share)];
    if (this.canvas.width !== w || this.canvas.height !== h) {
      this.canvas.width = w;
      this.canvas.height = h;
      this.used = false;
    }
    this.share = share;
  }

  down(at) {
    this.begin();
    this.last = at;
    this.move(at);
    return true;
  }

  move(at) {
    const { context, share, last } = this;
    context.strokeStyle = "#e8402a";
    context.lineCap = "round";
    context.lineWidth = (this.size.value / this.viewer.scale) * share;
    context.beginPath();
    context.moveTo(last.x * share, last.y * share);
    context.lineTo(at.x * share + 0.01, at.y * share);
    context.stroke();
    this.last = at;
    this.used = true;
  }

  up() {
    this.changed();
  }

  cancel() {}

  clear() {
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.used = false;
    this.changed();
  }

  // At most so many rectangles, in pixels of the picture: the grid gets coarser until that is enough.
  rectangles(most) {
    if (!this.used || most < 1) return [];
    const { width, height } = this.canvas;
    const { data } = this.context.getImageData(0, 0, width, height);
    for (let cell = Math.max(2, Math.round(Math.min(width, height) / 200)); ; cell = Math.ceil(cell * 1.3)) {
      const found = cover(data, width, height, cell);
      if (found.length <= most) return found.map((box) => this.inPicture(box));
    }
  }

  // Whole pixels; no side reaches that of the picture, as the interface asks.
  inPicture({ x, y, w, h }) {
    const { width, height } = this.viewer;
    const [left, top] = [Math.floor(x / this.share), Math.floor(y / this.share)];
    return {
      x: left,
      y: top,
      w: Math.min(Math.ceil(w / this.share), width - left, width - 1),
      h: Math.min(Math.ceil(h / this.share), height - top, height - 1),
    };
  }
}

function cover(data, width, height, cell) {
  const open = new Map(); // runs of the row above, by "start end"
  const found = [];
  for (let top = 0; top < height; top += cell) {
    const runs = rowRuns(data, width, height, top, cell);
    const next = new Map();
    for (const [from, to] of runs) {
      const key = `${from} ${to}`;
      const above = open.get(key);
      const bottom = Math.min(top + cell, height);
      if (above) {
        above.h = bottom - above.y;
        next.set(key, above);
      } else {
        const made = { x: from, y: top, w: to - from, h: bottom - top };
        found.push(made);
        next.set(key, made);
      }
    }
    open.clear();
    for (const [key, value] of next) open.set(key, value);
  }
  return found;
}

function rowRuns(data, width, height, top, cell) {
  const runs = [];
  let from = -1;
  for (let left = 0; left < width; left += cell) {
    const hit = painted(data, width, height, left, top, cell);
    if (hit && from < 0) from = left;
    if (!hit && from >= 0) {
      runs.push([from, left]);
      from = -1;
    }
  }
  if (from >= 0) runs.push([from, width]);
  return runs;
}

function painted(data, width, height, left, top, cell) {
  const [right, bottom] = [Math.min(left + cell, width), Math.min(top + cell, height)];
  for (let y = top; y < bottom; y += 1) {
    for (let x = left; x < right; x += 1) {
      if (data[4 * (y * width + x) + 3] > 60) return true;
    }
  }
  return false;
}
