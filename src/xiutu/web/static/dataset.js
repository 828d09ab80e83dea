// A data set: photos dropped on a class are uploaded into it, thumbnails dragged to another one move.

const root = document.querySelector("#dataset");
const { base, token } = root.dataset;
const words = JSON.parse(root.dataset.words);
const told = document.querySelector("#progress");
const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
let busy = false;

function say(kind, lines) {
  told.className = `flash ${kind}`;
  told.replaceChildren(...lines.map((text) => {
    const line = document.createElement("div");
    line.textContent = text;
    return line;
  }));
  told.hidden = false;
}

function show(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const part of ["#content", "#dataset .page-head .lead"]) {
    const [old, fresh] = [document.querySelector(part), page.querySelector(part)];
    if (old && fresh) old.replaceChildren(...fresh.childNodes);
  }
  document.querySelector("#train").disabled = page.querySelector("#train").disabled;
}

async function refresh() {
  const answer = await fetch(location.href);
  if (answer.ok && !answer.redirected) show(await answer.text());
}

async function send(path, body) {
  const headers = { "x-form-token": token, "content-type": "application/octet-stream" };
  const answer = await fetch(`${base}/${path}`, { method: "POST", body, headers });
  const value = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(), { told: value.error });
  return value;
}

async function upload(files, path) {
  if (busy || !files.length) return;
  busy = true;
  let [added, present, done] = [0, 0, 0];
  const refused = [];
  say("", [filled(words.sending, { done, count: files.length })]);
  for (const file of files) {
    try {
      const value = await send(path(file), file);
      added += value.added;
      present += value.present;
      for (const [name, why] of [...value.unusable, ...value.conflicts]) refused.push(`${name}: ${why}`);
    } catch (error) {
      refused.push(`${file.name}: ${error.told ?? words.network}`);
    }
    done += 1;
    say("", [filled(words.sending, { done, count: files.length })]);
  }
  busy = false;
  await refresh().catch(() => {});
  const lines = [filled(words.done, { added, present })];
  if (refused.length) lines.push(`${words.refused}:`, ...refused.slice(0, 20));
  say(refused.length ? "bad" : "good", lines);
}

function uploadInto(label, files) {
  const name = label || document.querySelector("#new-label").value.trim();
  if (!name) {
    say("bad", [words.label]);
    document.querySelector("#new-label").focus();
    return;
  }
  const query = (file) => new URLSearchParams({ label: name, source: file.name });
  upload([...files], (file) => `upload?${query(file)}`);
}

async function move(ids, label) {
  const form = new URLSearchParams({ label, _back: location.pathname });
  for (const id of ids) form.append("ids", id);
  const headers = { "x-form-token": token };
  const answer = await fetch(`${base}/move`, { method: "POST", body: form, headers });
  if (!answer.ok) return say("bad", [words.network]);
  const flash = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main > .flash");
  await refresh().catch(() => {});
  if (flash) say(flash.classList.contains("bad") ? "bad" : "good", [flash.textContent]);
}

root.addEventListener("change", (event) => {
  const field = event.target;
  if (field.type !== "file") return;
  const files = [...field.files];
  field.value = "";
  if (field.id === "archive") upload(files, () => "archive");
  else uploadInto(field.dataset.into ?? "", files);
});

root.addEventListener("dragstart", (event) => {
  const box = event.target.closest?.(".thumb")?.querySelector("input");
  if (!box) return;
  const ticked = [...root.querySelectorAll('input[name="ids"]:checked')];
  const ids = ticked.includes(box) ? ticked.map((row) => row.value) : [box.value];
  event.dataTransfer.setData("application/x-xiutu-pictures", ids.join(" "));
  event.dataTransfer.effectAllowed = "move";
});

root.addEventListener("dragover", (event) => {
  event.preventDefault();
  event.target.closest(".class-drop")?.classList.add("over");
});
root.addEventListener("dragleave", (event) => {
  const zone = event.target.closest(".class-drop");
  if (zone && !zone.contains(event.relatedTarget)) zone.classList.remove("over");
});
root.addEventListener("drop", (event) => {
  event.preventDefault();
  const zone = event.target.closest(".class-drop");
  for (const row of root.querySelectorAll(".over")) row.classList.remove("over");
  if (!zone) return;
  const ids = event.dataTransfer.getData("application/x-xiutu-pictures");
  if (!ids) return uploadInto(zone.dataset.label, event.dataTransfer.files);
  const label = zone.dataset.label || document.querySelector("#new-label").value.trim();
  if (label) move(ids.split(" "), label);
  else say("bad", [words.label]);
});
