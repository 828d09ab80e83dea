// A picture, or two on top of each other, with zoom, pan and a divider between before and after.

const MOST = 16;

export class Viewer {
  constructor(root) {
    this.stage = root.querySelector("#stage");
    this.canvas = root.querySelector("#canvas");
    this.before = root.querySelector("#before");
    this.after = root.querySelector("#after");
    this.divider = root.querySelector("#divider");
    this.split = root.querySelector("#split");
    this.level = root.querySelector("#zoom-level");
    this.scale = 1;
    this.x = 0;
    this.y = 0;
    this.width = 0;
    this.height = 0;
    this.fitted = true;
    this.pointers = new Map();
    this.tool = null; // gets pointer events in picture coordinates instead of panning
    this.root = root;
    root.querySelector("#zoom-in").addEventListener("click", () => this.zoom(1.4));
    root.querySelector("#zoom-out").addEventListener("click", () => this.zoom(1 / 1.4));
    root.querySelector("#zoom-fit").addEventListener("click", () => this.fit());
    root.querySelector("#zoom-full").addEventListener("click", () => this.zoom(1 / this.scale));
    this.split.addEventListener("input", () => this.draw());
    this.stage.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.stage.addEventListener("keydown", (event) => this.key(event));
    this.stage.addEventListener("pointerdown", (event) => this.down(event));
    this.stage.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) {
      this.stage.addEventListener(name, (event) => this.up(event));
    }
    new ResizeObserver(() => (this.fitted ? this.fit() : this.draw())).observe(this.stage);
  }

  async show(image, url) {
    image.src = url;
    await image.decode();
  }

  async input(url) {
    await this.show(this.before, url);
    this.compare(false);
    this.size(this.before.naturalWidth, this.before.naturalHeight);
    this.canvas.hidden = false;
    this.stage.classList.add("has-picture");
    this.fit();
  }

  async result(url, clear) {
    await this.show(this.after, url);
    const [width, height] = [this.after.naturalWidth, this.after.naturalHeight];
    const ratio = (width / height) / (this.before.naturalWidth / this.before.naturalHeight);
    this.before.classList.toggle("whole", Math.abs(ratio - 1) > 0.01);
    this.after.classList.toggle("clear", clear);
    if (width !== this.width || height !== this.height) {
      const was = this.fitted;
      const grown = width / this.width;
      this.size(width, height);
      if (was) this.fit();
      else this.scale /= grown;
    }
    this.compare(true);
  }

  compare(on) {
    this.comparing = on;
    this.after.hidden = !on;
    if (!on && this.before.naturalWidth) {
      this.before.classList.remove("whole");
      if (this.width !== this.before.naturalWidth) {
        this.size(this.before.naturalWidth, this.before.naturalHeight);
        this.fit();
      }
    }
    for (const id of ["divider", "label-before", "label-after", "split-label"]) {
      this.root.querySelector(`#${id}`).hidden = !on;
    }
    this.draw();
  }

  size(width, height) {
    this.width = width;
    this.height = height;
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
  }

  fit() {
    if (!this.width) return;
    const { clientWidth, clientHeight } = this.stage;
    this.scale = Math.min(clientWidth / this.width, clientHeight / this.height, 4);
    this.x = (clientWidth - this.width * this.scale) / 2;
    this.y = (clientHeight - this.height * this.scale) / 2;
    this.fitted = true;
    this.draw();
  }

  zoom(factor, at) {
    const { clientWidth, clientHeight } = this.stage;
    const [cx, cy] = at ?? [clientWidth / 2, clientHeight / 2];
    const least = Math.min(clientWidth / this.width, clientHeight / this.height, 1) / 2;
    const scale = Math.min(MOST, Math.max(least, this.scale * factor));
    this.x = cx - ((cx - this.x) * scale) / this.scale;
    this.y = cy - ((cy - this.y) * scale) / this.scale;
    this.scale = scale;
    this.fitted = false;
    this.draw();
  }

  draw() {
    const { clientWidth, clientHeight } = this.stage;
    const keep = 40; // some of the picture always stays in sight
    this.x = Math.min(clientWidth - keep, Math.max(keep - this.width * this.scale, this.x));
    this.y = Math.min(clientHeight - keep, Math.max(keep - this.height * this.scale, this.y));
    this.canvas.style.transform = `translate(${this.x}px, ${this.y}px) scale(${this.scale})`;
    this.canvas.style.setProperty("--scale", this.scale);
    this.canvas.classList.toggle("sharp", this.scale >= 3);
    this.level.textContent = `${Math.round(this.scale * devicePixelRatio * 100)} %`;
    if (!this.comparing) return;
    const left = this.x, right = this.x + this.width * this.scale;
    const low = Math.max(0, left), high = Math.min(clientWidth, right);
    const at = low + ((high - low) * this.split.value) / 100;
    this.divider.style.left = `${at}px`;
    const cut = (at - this.x) / this.scale;
    this.after.style.clipPath = `inset(0 0 0 ${cut}px)`;
    this.before.style.clipPath = `inset(0 ${this.width - cut}px 0 0)`;
    this.span = [low, high];
  }

  point(event) {
    const area = this.stage.getBoundingClientRect();
    const left = event.clientX - area.left - this.stage.clientLeft;
    const top = event.clientY - area.top - this.stage.clientTop;
    return { left, top, x: (left - this.x) / this.scale, y: (top - this.y) / this.scale };
  }

  wheel(event) {
    if (!this.width) return;
    event.preventDefault();
    const { left, top } = this.point(event);
    this.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), [left, top]);
  }

  key(event) {
    if (event.target !== this.stage || !this.width || event.ctrlKey || event.metaKey) return;
    const step = 60;
    const does = {
      "+": () => this.zoom(1.4), "=": () => this.zoom(1.4), "-": () => this.zoom(1 / 1.4),
      0: () => this.fit(), 1: () => this.zoom(1 / this.scale),
      ArrowLeft: () => { this.x += step; }, ArrowRight: () => { this.x -= step; },
      ArrowUp: () => { this.y += step; }, ArrowDown: () => { this.y -= step; },
    }[event.key];
    if (!does) return;
    event.preventDefault();
    does();
    if (event.key.startsWith("Arrow")) this.fitted = false;
    this.draw();
  }

  down(event) {
    if (!this.width || event.target.closest(".drawn, label, button:not(.drawn)")) return;
    if (event.button !== 0) return;
    this.stage.setPointerCapture(event.pointerId);
    const at = this.point(event);
    this.pointers.set(event.pointerId, at);
    if (this.pointers.size === 2) {
      if (this.mode === "tool") this.tool?.cancel();
      this.mode = "pinch";
    } else if (this.comparing && Math.abs(at.left - parseFloat(this.divider.style.left)) < 24) {
      this.mode = "divide";
    } else {
      this.mode = this.tool?.down(at) ? "tool" : "pan";
    }
    this.stage.classList.toggle("panning", this.mode === "pan");
  }

  move(event) {
    const last = this.pointers.get(event.pointerId);
    if (!last) return;
    const at = this.point(event);
    if (this.mode === "pinch") {
      const [other] = [...this.pointers].filter(([id]) => id !== event.pointerId).map(([, p]) => p);
      if (other) {
        const far = (a) => Math.hypot(a.left - other.left, a.top - other.top) || 1;
        this.x += (at.left - last.left) / 2;
        this.y += (at.top - last.top) / 2;
        this.zoom(far(at) / far(last), [(at.left + other.left) / 2, (at.top + other.top) / 2]);
      }
    } else if (this.mode === "divide") {
      const [low, high] = this.span;
      this.split.value = (100 * (at.left - low)) / Math.max(1, high - low);
      this.draw();
    } else if (this.mode === "tool") {
      this.tool.move(at);
    } else {
      this.x += at.left - last.left;
      this.y += at.top - last.top;
      this.fitted = false;
      this.draw();
    }
    this.pointers.set(event.pointerId, this.point(event));
  }

  up(event) {
    if (!this.pointers.delete(event.pointerId)) return;
    if (this.mode === "tool") this.tool.up();
    if (!this.pointers.size) this.mode = null;
    this.stage.classList.remove("panning");
  }
}
