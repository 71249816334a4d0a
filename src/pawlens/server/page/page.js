"use strict";

const byId = (id) => document.getElementById(id);
const MOST_BARS = 5;
const RETRIES = 20;

const headers = () => {
  const token = byId("token").value.trim();
  return token ? { authorization: `Bearer ${token}` } : {};
};

const say = (text) => { byId("state").textContent = text; };

async function listModels() {
  const response = await fetch("models", { headers: headers() });
  if (response.status === 401) {
    byId("token-line").hidden = false;
    say("This server asks for a token.");
    return;
  }
  const { models } = await response.json();
  byId("model").replaceChildren(...models.map(({ name, version }) => {
    const option = new Option(`${name}, version ${version}`, name);
    option.dataset.version = version;
    return option;
  }));
  say("");
}

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function showAnswer(item, row) {
  item.append(element("div", "name", row.name));
  if (row.status !== "ok") {
    item.append(element("div", "label", row.status));
    return;
  }
  if (row.map) item.querySelector("img").src = `data:image/png;base64,${row.map}`;
  item.append(element("div", "label", row.label));
  if (row.set) item.append(element("div", "name", `cannot be ruled out: ${row.set.join(", ")}`));
  const best = Object.entries(row.probabilities).sort((a, b) => b[1] - a[1]).slice(0, MOST_BARS);
  for (const [label, share] of best) {
    const bar = element("div", "bar");
    bar.append(element("span", "", label), element("span", "", `${(100 * share).toFixed(1)} %`));
    const meter = element("meter", "");
    meter.value = share;
    meter.setAttribute("aria-label", label);
    bar.append(meter);
    item.append(bar);
  }
}

async function ask(file) {
  const option = byId("model").selectedOptions[0];
  const query = new URLSearchParams({ map: byId("map").checked });
  if (option) query.set("version", option.dataset.version);
  const path = option ? `predict/${encodeURIComponent(option.value)}` : "predict";
  for (let attempt = 0; ; attempt += 1) {
    const response = await fetch(`${path}?${query}`, {
      method: "POST",
      headers: { ...headers(), "content-type": "application/octet-stream" },
      body: file,
    });
    if (response.status !== 503 || attempt === RETRIES) {
      const content = await response.json();
      if (content.photos) return { ...content.photos[0], name: file.name };
      return { name: file.name, status: content.error };
    }
    await new Promise((resume) => { setTimeout(resume, 1000); });
  }
}

async function answer(files) {
  let done = 0;
  for (const file of files) {
    const item = document.createElement("li");
    const picture = document.createElement("img");
    picture.alt = "";
    picture.src = URL.createObjectURL(file);
    picture.onerror = () => picture.remove();
    item.append(picture);
    byId("answers").prepend(item);
    say(`${done} of ${files.length} photos answered`);
    try {
      showAnswer(item, await ask(file));
    } catch {
      showAnswer(item, { name: file.name, status: "the server did not answer" });
    }
    done += 1;
    say(`${done} of ${files.length} photos answered`);
  }
}

byId("photos").addEventListener("change", (event) => {
  answer([...event.target.files]);
  event.target.value = "";
});
byId("token").addEventListener("change", listModels);
document.addEventListener("paste", (event) => answer([...event.clipboardData.files]));
document.addEventListener("dragover", (event) => {
  event.preventDefault();
  document.body.classList.add("over");
});
document.addEventListener("dragleave", () => document.body.classList.remove("over"));
document.addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("over");
  answer([...event.dataTransfer.files]);
});
listModels().catch(() => say("the server did not answer"));
