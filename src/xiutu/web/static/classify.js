// A photo to try a published service with: sent as its users send it, scores as bars.

const root = document.querySelector("#try");
const $ = (id) => document.getElementById(id);
const words = JSON.parse(root.dataset.words);
const advice = JSON.parse(root.dataset.errors);
const LARGEST = 3_000_000; // bytes of a file: base64 may have 4M
const LONGEST = 4096;
let url = "";

function problem(text) {
  $("problem").textContent = text;
  $("problem").hidden = !text;
}

// What the interface does not take as it is becomes a smaller JPEG.
async function fitting(file) {
  const bitmap = await createImageBitmap(file).catch(() => null);
  if (!bitmap) throw Object.assign(new Error(), { told: words.format });
  const long = Math.max(bitmap.width, bitmap.height);
  const known = ["image/jpeg", "image/png", "image/bmp"].includes(file.type);
  if (known && file.size <= LARGEST && long <= LONGEST) return file;
  const scale = Math.min(1, 1600 / long);
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(bitmap.width * scale)), Math.max(1, Math.round(bitmap.height * scale)));
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob({ type: "image/jpeg", quality: 0.92 });
}

function base64(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.split(",")[1]);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

function line({ name, score }) {
  const row = document.createElement("li");
  const label = document.createElement("span");
  label.textContent = name;
  const bar = document.createElement("meter");
  bar.value = score;
  bar.setAttribute("aria-label", name);
  const number = document.createElement("b");
  number.textContent = `${(100 * score).toFixed(1)} %`;
  row.append(label, bar, number);
  return row;
}

async function take(file) {
  problem("");
  $("answer").hidden = true;
  $("took").textContent = "";
  try {
    const ready = await fitting(file);
    URL.revokeObjectURL(url);
    url = URL.createObjectURL(ready);
    $("photo").src = url;
    $("photo").alt = file.name;
    $("photo").hidden = false;
    const began = performance.now();
    const answer = await fetch(`${root.dataset.call}?app=${encodeURIComponent($("app").value)}`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-form-token": root.dataset.token },
      body: JSON.stringify({ image: await base64(ready), top_num: 10 }),
    });
    const value = await answer.json();
    if (!value.results) {
      const code = value.error_code;
      return problem(code ? `${advice[code] ?? value.error_msg} (${code})` : value.error);
    }
    $("answer").replaceChildren(...value.results.map(line));
    $("answer").hidden = false;
    $("took").textContent = words.took.replace("{ms}", Math.round(performance.now() - began));
  } catch (error) {
    problem(error.told ?? words.network);
  }
}

$("file")?.addEventListener("change", (event) => {
  const [file] = event.target.files;
  event.target.value = "";
  if (file) take(file);
});
$("drop")?.addEventListener("dragover", (event) => event.preventDefault());
$("drop")?.addEventListener("drop", (event) => {
  event.preventDefault();
  const [file] = event.dataTransfer.files;
  if (file) take(file);
});
