// A free-form mask, painted on the picture; given to the interface as rectangles that cover it.

export class Brush {
  constructor(canvas, viewer, size, changed) {
    this.canvas = canvas;
    this.viewer = viewer;
    this.size = size;
    this.changed = changed;
    this.used = false;
  }

  begin() {
    const { width, height } = this.viewer;
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
      this.used = false;
    }
  }

  down(at) {
    this.begin();
    this.last = at;
    this.move(at);
    return true;
  }

  move(at) {
    const context = this.canvas.getContext("2d", { willReadFrequently: true });
    context.strokeStyle = "#e8402a";
    context.lineCap = "round";
    context.lineWidth = this.size.value / this.viewer.scale;
    context.beginPath();
    context.moveTo(this.last.x, this.last.y);
    context.lineTo(at.x + 0.01, at.y);
    context.stroke();
    this.last = at;
    this.used = true;
  }

  up() {
    this.changed();
  }

  cancel() {}

  clear() {
    this.canvas.getContext("2d").clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.used = false;
    this.changed();
  }

  // At most so many rectangles: the grid gets coarser until that is enough.
  rectangles(most) {
    if (!this.used) return [];
    const { width, height } = this.canvas;
    const { data } = this.canvas.getContext("2d").getImageData(0, 0, width, height);
    for (let cell = Math.max(2, Math.round(Math.min(width, height) / 200)); ; cell = Math.ceil(cell * 1.3)) {
      const found = cover(data, width, height, cell);
      if (found.length <= most) return found;
    }
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
  // No value may reach the side of the picture.
  for (const box of found) {
    box.w = Math.min(box.w, width - 1);
    box.h = Math.min(box.h, height - 1);
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
