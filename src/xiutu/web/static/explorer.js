// Builds the request of the form, keeps the code beside it true, sends it and shows both sides raw.

const root = document.getElementById("explorer");
const form = document.getElementById("form");
const $ = (id) => document.getElementById(id);
const { interface: id, path, address, token, sample } = root.dataset;
const asJson = root.dataset.json === "true";
const words = JSON.parse(root.dataset.words);
const saves = root.dataset.saves.split(" ").filter(Boolean);
const here = `/console/explorer/${id}`;
const LONG = 160;

const say = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const size = (n) => (n < 1024 ? `${n} B` : n < 1048576 ? `${(n / 1024).toFixed(1)} KB` : `${(n / 1048576).toFixed(1)} MB`);
const field = (name) => form.elements[name]?.value ?? "";
const service = () => (id === "classification" ? field("service") : "");
const texts = () => [...form.elements].filter((e) => e.name.startsWith("v-") && e.value.trim());
const files = () => [...form.querySelectorAll("[data-file]")].filter((e) => e.value);
const byUrl = () => id === "classification" && field("v-url") && !field("s-image");

function fileName(select) {
  const chosen = $(`file-${select.dataset.file}`).files[0];
  return select.value === "file" && chosen ? chosen.name : select.dataset.name;
}

// --- code ---------------------------------------------------------------------------------------
let asked = 0;
let url = "";

async function refresh() {
  const number = ++asked;
  const body = new URLSearchParams();
  for (const name of ["app", "auth", "region", "service"]) if (field(name)) body.set(name, field(name));
  for (const input of texts()) body.set(input.name, input.value);
  for (const select of files()) body.set(`f-${select.dataset.file}`, fileName(select));
  body.set("language", document.querySelector('[name="language"]:checked').value);
  if ($("sdk").checked) body.set("sdk", "1");
  if ($("fill").checked) body.set("fill", "1");
  $("target").textContent = path + service();
  const answer = await fetch(`${here}/code`, { method: "POST", body, headers: { "x-form-token": token } }).catch(() => null);
  const made = await answer?.json().catch(() => null);
  if (number !== asked || !made) return;
  if (made.problem) return problem(made.problem);
  if (!made.code) return;
  problem("");
  $("code").textContent = made.code;
  $("run").textContent = made.run;
  $("needs").textContent = made.needs;
  document.querySelector(`[name="language"][value="${made.language}"]`).checked = true;
  $("sdk").disabled = made.sdk_languages.length === 0;
  if (!made.sdk) $("sdk").checked = false;
  for (const radio of document.querySelectorAll('[name="language"]')) {
    radio.disabled = made.sdk && !made.sdk_languages.includes(radio.value);
  }
  URL.revokeObjectURL(url);
  url = URL.createObjectURL(new Blob([made.code], { type: "text/plain" }));
  $("save").href = url;
  $("save").download = made.file;
}

let timer = 0;
const later = () => { clearTimeout(timer); timer = setTimeout(refresh, 200); };

// --- pictures -----------------------------------------------------------------------------------
async function base64(blob) {
  const reader = new FileReader();
  await new Promise((done, failed) => { reader.onload = done; reader.onerror = failed; reader.readAsDataURL(blob); });
  return reader.result.slice(reader.result.indexOf(",") + 1);
}

async function mask() {
  const picture = await createImageBitmap(await blobOf(form.querySelector('[data-file="InputImage"]')));
  const canvas = document.createElement("canvas");
  canvas.width = picture.width;
  canvas.height = picture.height;
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#000";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = "#fff";
  pen.fillRect(canvas.width * 0.42, canvas.height * 0.42, canvas.width * 0.16, canvas.height * 0.16);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

async function blobOf(select) {
  if (select.value === "file") {
    const chosen = $(`file-${select.dataset.file}`).files[0];
    if (!chosen) throw new Error(say(words.nofile, { name: select.dataset.file }));
    return chosen;
  }
  if (select.dataset.sample === "mask") return mask();
  return (await fetch(sample)).blob();
}

// --- the call -----------------------------------------------------------------------------------
function typed(input) {
  const text = input.value.trim();
  if (input.tagName === "SELECT" && input.name !== "v-DryRun") return text;
  if (input.tagName === "INPUT" && input.inputMode !== "decimal") return text;
  try { return JSON.parse(text); } catch { return text; }
}

async function values() {
  const found = [];
  for (const element of form.elements) {
    if (element.dataset.file && element.value) found.push([element.dataset.file, await base64(await blobOf(element))]);
    else if (element.name.startsWith("v-") && element.value.trim()) found.push([element.name.slice(2), asJson ? typed(element) : element.value.trim()]);
  }
  return found;
}

const shorten = (text) => text.replace(/[A-Za-z0-9+/=%]{400,}/g, (all) => `${all.slice(0, LONG)}… (${say(words.characters, { n: all.length.toLocaleString() })})`);
const hide = (text) => text.replace(/(access_token=[^&]{8})[^&\s]+/, "$1…");

async function send() {
  const body = asJson ? JSON.stringify(Object.fromEntries(await values())) : new URLSearchParams(await values()).toString();
  const type = asJson ? "application/json" : "application/x-www-form-urlencoded";
  const query = new URLSearchParams({ app: field("app"), auth: field("auth"), region: field("region"), service: service() });
  if (byUrl()) query.set("input_type", "url");
  const proof = await (await fetch(`${here}/sign?${query}`, {
    method: "POST", body: field("auth") === "tc3" ? body : "", headers: { "x-form-token": token, "content-type": "application/octet-stream" },
  })).json();
  if (proof.problem) throw new Error(proof.problem);
  const added = new URLSearchParams(proof.query);
  if (byUrl()) added.set("input_type", "url");
  const target = path + encodeURIComponent(service()) + (`${added}` && `?${added}`);
  const headers = { "Content-Type": type, ...proof.headers };
  const lines = Object.entries({ Host: location.host, ...headers, "Content-Length": new Blob([body]).size });
  $("raw-request").textContent = hide(`POST ${target} HTTP/1.1\n${lines.map(([n, v]) => `${n}: ${v}`).join("\n")}\n\n${shorten(body)}`);
  $("request-card").hidden = false;
  $("answer-card").hidden = false;
  const begin = performance.now();
  const answer = await fetch(target, { method: "POST", headers, body, credentials: "omit" });
  const text = await answer.text();
  const ms = Math.round(performance.now() - begin);
  const head = [...answer.headers].map(([n, v]) => `${n}: ${v}`).join("\n");
  $("raw-answer").textContent = `HTTP/1.1 ${answer.status} ${answer.statusText}\n${head}\n\n${shorten(text)}`;
  $("status").textContent = say(words.took, { status: answer.status, ms, size: size(text.length) });
  let parsed = {};
  try { parsed = JSON.parse(text); } catch { /* shown raw */ }
  await tell(parsed);
}

function show(parsed) {
  const answer = parsed.Response ?? parsed;
  $("pictures").replaceChildren(...saves.filter((name) => typeof answer[name] === "string").map((name) => {
    const image = document.createElement("img");
    const text = answer[name];
    image.src = text.startsWith("http") ? text : `data:image/${text.startsWith("/9j/") ? "jpeg" : "png"};base64,${text}`;
    image.alt = name;
    return image;
  }));
}

async function tell(parsed) {
  const code = parsed.error_code ?? parsed.Response?.Error?.Code;
  const told = $("told");
  told.hidden = code === undefined;
  $("pictures").replaceChildren();
  if (code === undefined) {
    $("status").textContent += ` · ${words.success}`;
    return show(parsed);
  }
  const answer = await fetch(`/console/explorer/errors/${encodeURIComponent(code)}`);
  const found = answer.ok ? await answer.json() : { code, cause: words.unknown };
  const rows = [`${code}: ${parsed.error_msg ?? parsed.Response?.Error?.Message ?? ""}`, found.cause, found.remedy, found.retry ? words.retry : ""];
  told.replaceChildren(...rows.filter(Boolean).map((text, number) => {
    const line = document.createElement("p");
    if (number === 0) line.append(Object.assign(document.createElement("b"), { textContent: text }));
    else line.textContent = text;
    return line;
  }));
}

function problem(text) {
  $("problem").textContent = text;
  $("problem").hidden = !text;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  problem("");
  $("send").disabled = true;
  $("status").textContent = words.working;
  try {
    await send();
  } catch (error) {
    problem(error instanceof TypeError ? words.network : error.message);
  } finally {
    $("send").disabled = false;
  }
});

form.addEventListener("input", (event) => {
  const input = event.target;
  if (input.dataset.fileInput) form.querySelector(`[data-file="${input.dataset.fileInput}"]`).value = "file";
  later();
});
for (const element of [$("sdk"), $("fill"), ...document.querySelectorAll('[name="language"]')]) element.addEventListener("change", refresh);
const rail = document.querySelector(".rail");
rail.scrollLeft = rail.querySelector("[aria-current]").offsetLeft - rail.clientWidth / 3;
refresh();
