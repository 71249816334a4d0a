// The page: photos come in by five ways and go into one table.
"use strict";

const VERSION = 1; // of signature.json that this page reads
const SIDE = 48; // cells of a map that is drawn
const THUMBNAIL = 160; // pixels
const COLOURS = ["#1565a5", "#b4560f", "#2e7d32", "#8e3a9d", "#a3262e", "#00727a", "#6d5a00", "#5b5b5b"];

const page = {
  words: WORDS[navigator.language.startsWith("zh") ? "zh" : "en"],
  classifier: null,
  rows: [],
  waiting: [],
  busy: false,
  done: 0,
  all: 0,
};
const byId = (id) => document.getElementById(id);
const say = (text) => { byId("state").textContent = text; };

function showWords() {
  document.documentElement.lang = page.words === WORDS.zh ? "zh" : "en";
  document.title = page.words.title;
  for (const item of document.querySelectorAll("[data-word]")) {
    item.textContent = page.words[item.dataset.word];
  }
  for (const row of page.rows) showAnswer(row);
}

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function addPhotos(files) {
  for (const file of files) {
    const row = { file, name: file.name || "photo", item: element("tr") };
    row.picture = element("canvas");
    row.picture.width = row.picture.height = 0;
    row.picture.setAttribute("role", "img");
    row.picture.setAttribute("aria-label", row.name);
    const first = element("td");
    first.append(row.picture, element("div", "name", row.name));
    row.answerCell = element("td", "", "…");
    row.barsCell = element("td");
    row.item.append(first, row.answerCell, row.barsCell);
    byId("rows").append(row.item);
    page.rows.push(row);
    page.waiting.push(row);
    page.all += 1;
  }
  byId("answers").hidden = page.rows.length === 0;
  work();
}

async function work() {
  if (page.busy || !page.classifier) return;
  page.busy = true;
  while (page.waiting.length) {
    const row = page.waiting.shift();
    try {
      await answerRow(row);
    } catch (error) {
      row.problem = error instanceof PhotoError ? error.reason : "failed";
    }
    row.file = null;
    showAnswer(row);
    page.done += 1;
    say(page.words.progress(page.done, page.all));
  }
  page.busy = false;
}

async function answerRow(row) {
  const bitmap = await decodePhoto(row.file);
  try {
    const { signature } = page.classifier;
    const squares = await makeSquares(bitmap, signature.inputs);
    row.answer = await page.classifier.answerSquares(squares, bitmap.width, bitmap.height);
    const scale = Math.min(THUMBNAIL / Math.max(bitmap.width, bitmap.height), 1);
    const width = Math.max(Math.round(bitmap.width * scale), 1);
    const height = Math.max(Math.round(bitmap.height * scale), 1);
    row.thumbnail = await createImageBitmap(bitmap, { resizeWidth: width, resizeHeight: height, resizeQuality: "high" });
  } finally {
    bitmap.close();
  }
}

function showAnswer(row) {
  if (row.problem) {
    row.answerCell.textContent = page.words[row.problem];
    row.answerCell.className = "problem";
    row.picture.hidden = true;
    return;
  }
  if (!row.answer) return;
  const { classes } = page.classifier.signature;
  const { labels, set } = readAnswer(row.answer, page.classifier.signature);
  const shown = labels.map((label) => (classes.includes(label) ? label : page.words.answers[label] || label));
  row.answerCell.textContent = shown.join("; ") || page.words.nothing;
  row.answerCell.className = "label";
  if (set) row.answerCell.append(element("div", "name", page.words.set(set.join(", "))));
  const order = classes.map((name, i) => i).sort((a, b) => row.answer.probabilities[b] - row.answer.probabilities[a]);
  row.barsCell.replaceChildren(...order.slice(0, 5).map((i) => {
    const bar = element("div", "bar");
    const share = row.answer.probabilities[i];
    const track = element("div", "track");
    const fill = element("div", "fill");
    fill.style.width = `${100 * share}%`;
    fill.style.background = COLOURS[i % COLOURS.length];
    track.append(fill);
    bar.append(element("span", "", classes[i]), element("span", "", `${(100 * share).toFixed(1)} %`), track);
    return bar;
  }));
  drawThumbnail(row, classes.includes(labels[0]) ? classes.indexOf(labels[0]) : order[0]);
}

function drawThumbnail(row, label) {
  const { signature } = page.classifier;
  const { width, height } = row.thumbnail;
  row.picture.width = width;
  row.picture.height = height;
  const context = row.picture.getContext("2d");
  context.drawImage(row.thumbnail, 0, 0);
  const map = byId("where").checked
    && classMap(row.answer, label, signature.classes.length, Boolean(signature.thresholds), SIDE);
  if (!map) return;
  const layer = element("canvas");
  layer.width = layer.height = SIDE;
  const cells = layer.getContext("2d").createImageData(SIDE, SIDE);
  map.forEach((value, i) => {
    // Dark where nothing was said, clear where most was: readable in grey and for the colour-blind.
    cells.data.set([10, 15, 40, Math.round(200 * (1 - value))], 4 * i);
  });
  layer.getContext("2d").putImageData(cells, 0, 0);
  context.drawImage(layer, 0, 0, width, height);
}

function saveCsv() {
  const { signature } = page.classifier;
  const { classes, answers = {} } = signature;
  // A spreadsheet would take a cell that begins so for a formula.
  const cell = (text) => `"${String(text).replace(/^[=+\-@\t\r]/, "'$&").replaceAll('"', '""')}"`;
  const sets = answers.sets ? ["set"] : [], scores = answers.neither ? ["neither_score"] : [];
  const lines = [["path", "status", "label", ...sets, ...classes.map((name) => `p:${name}`), ...scores].map(cell)];
  for (const row of page.rows) {
    const shares = row.answer ? row.answer.probabilities : classes.map(() => "");
    const { labels, set } = row.answer ? readAnswer(row.answer, signature) : { labels: [], set: [] };
    const label = row.answer ? labels.join(";") || "none" : "";
    const status = row.answer ? "ok" : WORDS.en[row.problem] || "waiting";
    const together = sets.map(() => cell(set.join(";")));
    const score = scores.map(() => (row.answer ? row.answer.neither : ""));
    lines.push([cell(row.name), cell(status), cell(label), ...together, ...shares, ...score]);
  }
  const link = element("a");
  link.href = URL.createObjectURL(new Blob([lines.map((line) => line.join(",")).join("\n") + "\n"], { type: "text/csv" }));
  link.download = "answers.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function clearAll() {
  page.rows = [];
  page.waiting = [];
  page.done = page.all = 0;
  byId("rows").replaceChildren();
  byId("answers").hidden = true;
  say("");
}

/** Answer the test photos that lie beside the page, and say how far off this device is. */
async function prove() {
  const { photos, limits } = await (await fetch("vectors/vectors.json")).json();
  let largest = 0;
  for (const { photo, probabilities } of photos) {
    const file = await (await fetch(`vectors/${photo}`)).blob();
    const answer = await page.classifier.answer(file);
    answer.probabilities.forEach((value, i) => { largest = Math.max(largest, Math.abs(value - probabilities[i])); });
  }
  say(page.words.proof(photos.length, Number(largest.toPrecision(2)), limits.max_difference));
}

function listen() {
  for (const id of ["photos", "camera"]) {
    byId(id).addEventListener("change", (event) => {
      addPhotos([...event.target.files]);
      event.target.value = "";
    });
  }
  document.addEventListener("paste", (event) => addPhotos([...event.clipboardData.files]));
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    document.body.classList.add("over");
  });
  document.addEventListener("dragleave", () => document.body.classList.remove("over"));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("over");
    addPhotos([...event.dataTransfer.files]);
  });
  byId("where").addEventListener("change", () => page.rows.forEach(showAnswer));
  byId("save").addEventListener("click", saveCsv);
  byId("clear").addEventListener("click", clearAll);
  byId("language").addEventListener("click", () => {
    page.words = page.words === WORDS.en ? WORDS.zh : WORDS.en;
    showWords();
    say(page.all ? page.words.progress(page.done, page.all) : page.words.readyOnline);
  });
}

async function begin() {
  listen();
  showWords();
  say(page.words.loading);
  try {
    const parts = await loadParts();
    if (parts.signature.version !== VERSION) throw new PartError("version");
    page.classifier = await openClassifier(parts);
    say(parts.offline ? page.words.ready : page.words.readyOnline);
    document.body.dataset.ready = "yes";
    if (location.hash === "#proof") await prove();
    work();
  } catch (error) {
    say(error instanceof PartError ? page.words[error.reason] : page.words.unreachable);
    document.body.dataset.ready = "no";
    console.info(error);
  }
}

begin();
