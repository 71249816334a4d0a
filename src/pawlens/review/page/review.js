// The review page: which photos are shown, and which of them.

import { get } from "./api.js";
import { Deciding } from "./deciding.js";
import { showDone } from "./dialogs.js";
import { Grid, make } from "./grid.js";
import { help, listenToKeys, makeButtons } from "./keys.js";
import { Model, inWords, isOfKind, kindWords } from "./model.js";
import { calm, trouble } from "./notes.js";
import { Panel } from "./panel.js";

const AHEAD = 3; // photos fetched before they are asked for
const KEPT_DETAILS = 200;
const at = (id) => document.getElementById(id);
const count = (n) => n.toLocaleString("en");
const narrow = matchMedia("(max-width: 47rem)");

let model, grid, panel, deciding;
let rows = []; // the list under the filter
let place = -1; // where in it we are
let current = -1; // the row that is shown; a neighbour may lie outside the list
const details = new Map(); // row -> promise
const filter = { kind: "", label: "", state: "undecided" };

// Going from photo to photo

function showList(keep) {
  rows = model.list(filter).rows;
  at("kind").value = filter.kind;
  at("class").value = filter.label;
  showCounts();
  grid.show(rows, filter.state === "undecided" ? "Nothing undecided here." : "No photos here.");
  at("panel").classList.toggle("idle", !rows.length);
  place = current = -1;
  go(Math.max(0, rows.indexOf(keep)));
}

function go(position) {
  if (position < 0 || position >= rows.length) return;
  place = position;
  show(rows[position]);
}

function show(row) {
  current = row;
  const outside = rows[place] !== row;
  grid.select(outside ? -1 : place);
  panel.show(row, outside ? "outside the list" : `${count(place + 1)} of ${count(rows.length)}`);
  showButtons();
  remember();
  fetchDetails(row).then(
    (found) => {
      if (current !== row) return;
      panel.fill(found);
      showButtons();
      fetchAhead();
    },
    (error) => current === row && trouble(error, "", model.review),
  );
}

function fetchDetails(row) {
  if (!details.has(row)) {
    if (details.size >= KEPT_DETAILS) details.delete(details.keys().next().value);
    const asked = get(`/api/photo/${row}`);
    asked.catch(() => details.delete(row));
    details.set(row, asked);
  }
  return details.get(row);
}

function fetchAhead() {
  let position = place;
  for (let i = 0; i < AHEAD; i++) {
    position = filter.state === "undecided" ? nextUndecided(position + 1) : position + 1;
    const row = rows[position];
    if (row === undefined) return;
    fetchDetails(row).catch(() => {});
    const address = model.large(row);
    if (address) new Image().src = address;
  }
}

function nextUndecided(start) {
  for (let i = 0; i < rows.length; i++) {
    const position = (start + i) % rows.length;
    if (!model.decisions.has(rows[position])) return position;
  }
  return -1;
}

// After a decision

function decided(answer) {
  refresh(answer.rows);
  const next = nextUndecided(rows[place] === current ? place + 1 : place);
  if (next >= 0) return go(next);
  panel.showDecision();
  return showDone(model, false);
}

function undone(answer, row) {
  refresh(answer.rows);
  if (row === undefined) return; // decided elsewhere, and not among these photos
  if (!rows.includes(row)) showList(row); // it is undecided again, and may belong to the list now
  const position = rows.indexOf(row);
  if (position >= 0) go(position);
  else show(row);
}

function refresh(changed) {
  grid.refresh(changed);
  showCounts();
}

// Parts of the page

function showCounts() {
  const { done, suspicious } = model;
  at("progress").max = suspicious || 1;
  at("progress").value = done;
  at("progress-words").textContent = `${count(done)} of ${count(suspicious)} decided`;
  const { counts } = model.list(filter);
  for (const input of at("state").querySelectorAll("input")) {
    input.nextElementSibling.querySelector("b").textContent = count(counts[input.value]);
    input.checked = input.value === filter.state;
  }
}

function fillTile(tile, row) {
  const decision = model.decisions.get(row);
  const kinds = model.kinds.filter((_, i) => isOfKind(model.found[row], i)).map(({ name }) => kindWords(name));
  const mark = tile.querySelector(".mark");
  mark.textContent = decision ? inWords(decision) : "";
  mark.className = `mark ${decision?.action ?? ""}`;
  tile.classList.toggle("decided", Boolean(decision));
  tile.classList.toggle("broken", model.unreadable.has(row));
  tile.querySelector(".name").textContent = model.labels[row].join(" + ") || "no label";
  tile.querySelector(".kind").textContent = kinds.length > 1 ? `${kinds.length} findings` : (kinds[0] ?? "");
  tile.title = [model.path[row], ...kinds].join("\n");
}

function showButtons() {
  const button = (key) => at("actions").querySelector(`[data-key="${key}"]`);
  button("T").hidden = !panel.details?.border;
  button("B").disabled = !deciding.pair;
}

function setView(view) {
  document.body.dataset.view = view;
  at("view").firstElementChild.textContent = view === "photo" ? "Grid" : "Photo";
}

function fillSelects() {
  const option = (value, words) => Object.assign(make("option", "", words), { value });
  const kinds = model.kinds.filter((kind) => kind.count);
  at("kind").append(
    option("", `All findings (${count(model.suspicious)})`),
    ...kinds.map((kind) => option(kind.name, `${kindWords(kind.name)} (${count(kind.count)})`)),
    option("*", `Every photo (${count(model.size)})`),
  );
  at("class").append(option("", "All classes"), ...model.classes.map((name) => option(name, name)));
}

// Filter and photo stay in the address, so that reloading comes back to them; the token does not.
function remember() {
  history.replaceState(null, "", `/#${new URLSearchParams({ ...filter, row: current })}`);
}

async function setFilter(changes, keep = current) {
  Object.assign(filter, changes);
  if (filter.kind && filter.kind !== "*" && !model.orders.has(filter.kind)) {
    try {
      model.addScores(filter.kind, await get(`/api/scores/${encodeURIComponent(filter.kind)}`));
    } catch (error) {
      trouble(error, "", model.review);
    }
  }
  showList(keep);
}

async function tryAgain() {
  try {
    model.decisions = new Model(await get("/api/review")).decisions;
    calm();
    refresh(rows);
    if (current >= 0) show(current);
  } catch (error) {
    trouble(error, "", model?.review);
  }
}

// Starting

const MOVES = {
  arrowleft: () => go(place - 1),
  arrowright: () => go(place + 1),
  arrowup: () => go(place - grid.across),
  arrowdown: () => go(Math.min(place + grid.across, rows.length - 1)),
  j: () => go(rows[place] === current ? place - 1 : place),
  l: () => go(place + 1),
  " ": () => go(nextUndecided(place + 1)),
  home: () => go(0),
  end: () => go(rows.length - 1),
  g: () => setView(document.body.dataset.view === "photo" ? "grid" : "photo"),
  escape: () => narrow.matches && setView("grid"),
};

function listen() {
  const leave = () => at("grid").focus({ preventScroll: true }); // so that keys decide again
  at("kind").addEventListener("change", () => (leave(), setFilter({ kind: at("kind").value })));
  at("class").addEventListener("change", () => (leave(), setFilter({ label: at("class").value })));
  at("state").addEventListener("change", ({ target }) => (leave(), setFilter({ state: target.value })));
  at("view").addEventListener("click", () => (leave(), MOVES.g()));
  at("back").addEventListener("click", () => setView("grid"));
  at("previous").addEventListener("click", MOVES.arrowleft);
  at("next").addEventListener("click", MOVES.arrowright);
  at("help").addEventListener("click", help);
  at("finish").addEventListener("click", () => showDone(model, nextUndecided(0) >= 0));
  listenToKeys(deciding, MOVES);
}

function pick(position) {
  go(position);
  setView("photo");
}

async function start() {
  const before = new URLSearchParams(location.hash.slice(1));
  history.replaceState(null, "", `/${location.hash}`);
  at("trouble").querySelector("button").addEventListener("click", tryAgain);
  model = new Model(await get("/api/review"));
  document.title = `Review: ${model.name}`;
  at("name").textContent = model.name;
  panel = new Panel(model, { relabel: (label) => deciding.relabel(label), accept: () => deciding.accept(), peek: show });
  deciding = new Deciding(model, panel, {
    get current() {
      return current;
    },
    details: fetchDetails,
    decided,
    undone,
  });
  grid = new Grid(at("grid"), { fill: fillTile, picture: (row) => model.thumb(row), pick });
  setView(narrow.matches ? "grid" : "photo");
  fillSelects();
  makeButtons(at("actions"), model.classes, deciding);
  listen();
  for (const name of Object.keys(filter)) filter[name] = before.get(name) ?? filter[name];
  await setFilter({}, Number(before.get("row") ?? -1));
  at("grid").focus({ preventScroll: true });
  document.body.classList.add("ready");
}

start().catch((error) => trouble(error, "", model?.review));
