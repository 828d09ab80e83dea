// The studio: a picture in, parameters from the form, a call, the result beside the picture.

import { Boxes } from "./boxes.js";
import { Brush } from "./brush.js";
import { code } from "./code.js";
import { Viewer } from "./viewer.js";

const MOST_RECTANGLES = 100; // of one call, by the interface
const root = document.querySelector("#studio");
const $ = (id) => document.getElementById(id);
const { operator, path, address, result, token, sample } = root.dataset;
const words = JSON.parse(root.dataset.words);
const limits = JSON.parse(root.dataset.limits);
const advice = JSON.parse(root.dataset.errors);
const json = root.dataset.json === "true";
const form = $("form");
const viewer = new Viewer(root);
const fieldOf = (name) => form.querySelector(`[data-param="${name}"]`);
const boxField = form.querySelector('[data-kind="boxes"]');
const boxes = boxField && new Boxes($("boxes"), viewer, words, refresh);
const brush = $("toggle-brush") && new Brush($("paint"), viewer, $("brush-size"), refresh);

let file = null; // {blob, name, pdf}
let urls = [];
let parts = {}; // result pictures by field
let running = null;

const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

function problem(text) {
  $("problem").textContent = text;
  $("problem").hidden = !text;
}

// ---- the picture

async function take(blob, name) {
  problem("");
  const pdf = blob.type === "application/pdf" || name.toLowerCase().endsWith(".pdf");
  if (pdf && !limits.pdf) return problem(words.format);
  try {
    const ready = pdf ? { blob, name, pdf } : await fitting(blob, name);
    for (const url of urls) URL.revokeObjectURL(url);
    urls = [];
    if (!pdf) await viewer.input(address_of(ready.blob));
    file = ready;
  } catch (error) {
    return problem(error.told ?? words.format);
  }
  $("empty").hidden = true;
  $("bar").hidden = false;
  $("result-actions").hidden = true;
  boxes?.clear();
  brush?.clear();
  edit();
  if (pdf) {
    $("empty").hidden = false;
    $("status").textContent = name;
  } else {
    const note = file.shrunk ? ` · ${words.shrink}` : "";
    $("status").textContent = `${name} · ${viewer.width} × ${viewer.height}${note}`;
  }
  refresh();
}

function address_of(blob) {
  const url = URL.createObjectURL(blob);
  urls.push(url);
  return url;
}

// Photos of today's phones are larger than some interfaces take: made smaller here, and said so.
async function fitting(blob, name) {
  const bitmap = await createImageBitmap(blob).catch(() => null);
  if (!bitmap) throw Object.assign(new Error(), { told: words.format });
  const { width, height } = bitmap;
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  let scale = 1;
  if (limits.long) scale = Math.min(scale, limits.long / long);
  if (limits.pixels) scale = Math.min(scale, Math.sqrt(limits.pixels / (width * height)));
  const small = limits.short && short * scale < limits.short;
  if (small || (limits.ratio && long > limits.ratio * short)) {
    throw Object.assign(new Error(), { told: filled(words.sides, { w: width, h: height }) });
  }
  const kind = (blob.type.split("/")[1] ?? "").replace("jpg", "jpeg");
  const known = limits.formats.includes(kind === "x-ms-bmp" ? "bmp" : kind);
  const base64 = (blob.size * 4) / 3;
  if (scale >= 1 && known && base64 <= limits.base64) return { blob, name };
  for (let quality = 0.94; ; quality -= 0.08, scale *= 0.9) {
    const canvas = new OffscreenCanvas(Math.floor(width * Math.min(1, scale)), Math.floor(height * Math.min(1, scale)));
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const made = await canvas.convertToBlob({ type: "image/jpeg", quality: Math.max(0.6, quality) });
    if ((made.size * 4) / 3 <= limits.base64) {
      const stem = name.replace(/\.\w+$/, "");
      return { blob: made, name: `${stem}.jpg`, shrunk: canvas.width < width || kind !== "jpeg" };
    }
  }
}

async function takeSample() {
  const answer = await fetch(sample);
  await take(await answer.blob(), sample.split("/").pop());
}

$("file").addEventListener("change", (event) => {
  const [chosen] = event.target.files;
  if (chosen) take(chosen, chosen.name);
  event.target.value = "";
});
$("use-sample")?.addEventListener("click", takeSample);
document.addEventListener("paste", (event) => {
  const [pasted] = event.clipboardData?.files ?? [];
  if (pasted) take(pasted, pasted.name || "pasted.png");
});
for (const name of ["dragenter", "dragover"]) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    $("stage").classList.add("over");
  });
}
for (const name of ["dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    $("stage").classList.remove("over");
  });
}
document.addEventListener("drop", (event) => {
  const [dropped] = event.dataTransfer?.files ?? [];
  if (dropped) take(dropped, dropped.name);
});

// ---- drawing on the picture

function edit() {
  viewer.compare(false);
  const on = Boolean(boxField && !boxField.hidden);
  const painting = Boolean(brush && $("toggle-brush").getAttribute("aria-pressed") === "true");
  viewer.tool = on ? (painting ? brush : boxes) : null;
  $("boxes").hidden = !on;
  $("paint").hidden = !(on && brush);
  if (painting) brush.begin();
  viewer.stage.classList.toggle("drawing", on);
  if ($("brush-size-label")) $("brush-size-label").hidden = !painting;
}

$("add-box")?.addEventListener("click", () => {
  if (!file) return;
  edit();
  boxes.addInTheMiddle();
});
$("toggle-brush")?.addEventListener("click", (event) => {
  const button = event.currentTarget;
  button.setAttribute("aria-pressed", button.getAttribute("aria-pressed") !== "true");
  edit();
});
$("clear-boxes")?.addEventListener("click", () => {
  edit();
  boxes.clear();
  brush?.clear();
});

function drawn() {
  const found = boxes.list.map(({ x, y, w, h }) => ({ x, y, w, h }));
  return brush ? [...found, ...brush.rectangles(MOST_RECTANGLES - found.length)] : found;
}

function boxValue(name) {
  const found = drawn();
  return name === "rectangle"
    ? found.map(({ x, y, w, h }) => ({ left: x, top: y, width: w, height: h }))
    : found.map(({ x, y, w, h }) => [[x, y], [x + w, y + h]]);
}

// ---- parameters

function applies(field) {
  const when = field.dataset.when ? JSON.parse(field.dataset.when) : {};
  return Object.entries(when).every(([name, value]) => {
    if (name === "source") return value === "pdf_file" ? Boolean(file?.pdf) : !file?.pdf;
    return new FormData(form).get(name) === String(value);
  });
}

function values() {
  const found = {};
  for (const field of form.querySelectorAll("[data-param]")) {
    const name = field.dataset.param;
    if (field.hidden || field.dataset.kind === "picture") continue;
    if (field.dataset.kind === "boxes") {
      found[name] = boxValue(name);
      continue;
    }
    const value = new FormData(form).get(name);
    if (value === null || value === "") continue;
    found[name] = field.dataset.kind === "slider" ? Number(value) : value;
  }
  return found;
}

function refresh() {
  for (const field of form.querySelectorAll("[data-param]")) field.hidden = !applies(field);
  for (const slider of form.querySelectorAll('[data-kind="slider"] input')) {
    $(`o-${slider.name}`).textContent = slider.value;
  }
  const count = boxes?.list.length ?? 0;
  if (boxField && count) $("box-count").textContent = boxes.list.map((b, i) => `${i + 1}: ${b.w} × ${b.h}`).join(" · ");
  if ($("run")) $("run").disabled = !file || Boolean(running);
  if ($("copy-as").open) showCode();
}

form.addEventListener("input", () => {
  refresh();
  if (boxField && file && !viewer.comparing) edit();
});
$("copy-as").addEventListener("toggle", refresh);

function showCode() {
  const kind = new FormData(form).get("code");
  const name = file?.name ?? "photo.jpg";
  $("code").textContent = code(kind, { operator, path, address, result, values: values(), json, file: name });
}

// ---- the call

async function base64(blob) {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = failed;
    reader.readAsDataURL(blob);
  });
}

async function body() {
  const given = values();
  given[file.pdf ? "pdf_file" : "image"] = await base64(file.blob);
  for (const input of form.querySelectorAll("[data-picture]")) {
    const [picture] = input.files;
    if (picture && !input.closest("[data-param]").hidden) given[input.name] = await base64(picture);
  }
  return JSON.stringify(given);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!file || running) return;
  problem("");
  if (boxField && !boxField.hidden && !drawn().length) return problem(words.nobox);
  running = new AbortController();
  refresh();
  const began = performance.now();
  const tick = setInterval(() => {
    $("clock").textContent = `${((performance.now() - began) / 1000).toFixed(1)} s`;
  }, 100);
  $("busy").hidden = false;
  try {
    const answer = await fetch(`/console/try/${operator}/call?app=${$("app").value}`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-form-token": token },
      body: await body(),
      signal: running.signal,
    });
    if (answer.status === 401) throw Object.assign(new Error(), { told: words.signedout });
    const told = await answer.json();
    if (told.error) throw Object.assign(new Error(), { told: told.error });
    if (told.error_code) {
      const more = advice[told.error_code] ?? told.error_msg;
      throw Object.assign(new Error(), { told: `${more} (${told.error_code} ${told.error_msg})` });
    }
    await show(told, answer.headers.get("server-timing") ?? "", performance.now() - began);
  } catch (error) {
    problem(error.told ?? words.network);
  } finally {
    clearInterval(tick);
    $("busy").hidden = true;
    $("clock").textContent = "";
    running = null;
    refresh();
  }
});

async function show(answer, timing, total) {
  parts = {};
  for (const name of root.dataset.results.split(" ")) {
    if (!answer[name]) continue;
    parts[name] = decode(answer[name]);
  }
  const seconds = (ms) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`);
  const steps = Object.fromEntries([...timing.matchAll(/(\w+);dur=([\d.]+)/g)].map(([, n, v]) => [n, Number(v)]));
  const names = Object.keys(parts);
  $("parts").hidden = names.length < 2;
  $("parts").replaceChildren(...names.map((name, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = name;
    button.setAttribute("aria-pressed", index === 0);
    button.addEventListener("click", () => choose(name));
    return button;
  }));
  await choose(names[0]);
  const took = filled(words.took, { total: seconds(total), apply: seconds(steps.apply ?? 0) });
  const size = `${viewer.after.naturalWidth} × ${viewer.after.naturalHeight}`;
  $("status").textContent = `${took} · ${size} · log_id ${answer.log_id}`;
  $("result-actions").hidden = false;
}

function decode(text) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return new Blob([bytes], { type: bytes[0] === 0x89 ? "image/png" : "image/jpeg" });
}

async function choose(name) {
  const picture = parts[name];
  const url = address_of(picture);
  const png = picture.type === "image/png";
  $("empty").hidden = true;
  viewer.tool = null;
  $("boxes").hidden = true;
  $("paint").hidden = true;
  viewer.stage.classList.remove("drawing");
  if (file.pdf) await viewer.input(url);
  await viewer.result(url, png && operator === "segment");
  if (file.pdf) viewer.compare(false);
  for (const button of $("parts").children) {
    button.setAttribute("aria-pressed", button.textContent === name);
  }
  const stem = file.name.replace(/\.\w+$/, "");
  $("download").href = url;
  $("download").download = `${stem}-${operator}.${png ? "png" : "jpg"}`;
}

$("use-result").addEventListener("click", () => {
  const [name] = Object.keys(parts);
  take(parts[name], $("download").download);
});

const chosen = document.querySelector(".small-strip [aria-current]");
if (chosen) chosen.parentElement.scrollLeft = chosen.offsetLeft - chosen.parentElement.clientWidth / 2;
refresh();
if (sample && !matchMedia("(prefers-reduced-data: reduce)").matches) takeSample();
