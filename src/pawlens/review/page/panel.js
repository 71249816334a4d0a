// One photo, large, with all that helps to decide.

import { make } from "./grid.js";
import { inWords, kindWords } from "./model.js";

const MOST_BARS = 9; // one for each digit key
const FEW_BARS = 6;
const LARGEST_SCALE = 4; // small photos are not blown up further

const at = (id) => document.getElementById(id);

export class Panel {
  #row = -1;
  #details = null;

  /** `relabel(label)`, `accept()` and `peek(row)` are what clicks in the panel ask for. */
  constructor(model, { relabel, accept, peek }) {
    this.model = model;
    Object.assign(this, { relabel, accept, peek });
    this.image = at("large");
    this.image.addEventListener("load", () => this.#loaded());
    this.image.addEventListener("error", () => this.#unseen("It cannot be shown: changed or gone since the audit."));
    at("suggestion").querySelector("button").addEventListener("click", accept);
    new ResizeObserver(() => this.#fit()).observe(at("stage"));
  }

  /** The classes in the order of the digit keys. */
  get digits() {
    return this.bars?.map(([name]) => name) ?? this.model.classes.slice(0, this.model.classes.length > MOST_BARS ? 0 : MOST_BARS);
  }

  get details() {
    return this.#details;
  }

  /** Show a row at once, as far as it is known; `fill` brings the rest. */
  show(row, position) {
    const { model } = this;
    this.#row = row;
    this.#details = null;
    this.bars = null;
    at("path").textContent = model.path[row];
    at("path").title = model.path[row];
    at("position").textContent = position;
    at("label").replaceChildren("Label ", make("b", "", model.labels[row].join(" + ") || "none"));
    for (const id of ["reasons", "bars", "neighbours"]) at(id).replaceChildren();
    at("details").textContent = "";
    at("suggestion").hidden = true;
    at("border").hidden = true;
    at("facts").scrollTop = 0;
    this.showDecision();
    this.#picture();
  }

  /** What is in force for the photo. */
  showDecision() {
    const decision = this.model.decisions.get(this.#row);
    at("decision").hidden = !decision;
    if (!decision) return;
    const by = decision.by === "person" ? "" : ` by ${decision.by}`;
    at("decision").replaceChildren(`Decided${by} `, make("b", decision.action, inWords(decision)));
    if (decision.reason && decision.reason !== "neither") at("decision").append(` (${decision.reason})`);
  }

  /** Add what the server knows about the row. */
  fill(details) {
    this.#details = details;
    const { model } = this;
    const labels = model.labels[details.row];
    this.#fillReasons(details);
    this.#fillSuggestion(details.suggestion);
    this.#fillBars(details.probabilities, labels);
    at("neighbours").replaceChildren(...details.neighbours.map((row) => this.#neighbour(row, labels)));
    at("near").hidden = !details.neighbours.length;
    const size = details.width ? `${details.width} × ${details.height} px` : "";
    at("details").textContent = [size, details.format].filter(Boolean).join(" · ");
    if (details.problem) this.#unseen(`It cannot be shown: ${details.problem}.`);
    this.#drawBorder();
  }

  #fillReasons({ reasons, copies }) {
    const items = reasons.map((reason) => {
      const [kind, ...why] = reason.split(": ");
      const item = make("li");
      item.append(make("b", "", kindWords(kind)), " ", why.join(": "));
      return item;
    });
    if (!items.length) items.push(make("li", "soft", "Nothing was found."));
    if (copies) items.push(make("li", "soft", `The same file is there ${copies + 1} times: training counts it once, and a decision covers them all.`));
    at("reasons").replaceChildren(...items);
  }

  #fillSuggestion(suggestion) {
    const box = at("suggestion");
    box.hidden = !suggestion;
    if (!suggestion) return;
    const [action, label] = suggestion.split(/:(.*)/s);
    box.querySelector("span").replaceChildren("Suggested ", make("b", action, label ?? action));
    box.querySelector("button").replaceChildren("Accept ", make("kbd", "", "⏎"));
  }

  #fillBars(probabilities, labels) {
    const { classes } = this.model;
    const host = at("bars");
    if (!probabilities) {
      host.replaceChildren(make("p", "soft", "No answer: it was not part of the training photos."));
      return;
    }
    let bars = classes.map((name, i) => [name, probabilities[i]]);
    if (classes.length > MOST_BARS) bars = bars.sort((a, b) => b[1] - a[1]).slice(0, FEW_BARS);
    this.bars = bars;
    host.replaceChildren(...bars.map(([name, p], i) => this.#bar(name, p, i, labels)));
  }

  #bar(name, p, i, labels) {
    const bar = make("button", "bar");
    bar.type = "button";
    bar.title = `Relabel to ${name} (${i + 1})`;
    const fill = make("span", "fill");
    fill.style.transform = `scaleX(${p})`;
    const words = make("span", "class", name);
    if (labels.includes(name)) words.append(make("i", "", " label"));
    bar.append(make("kbd", "", String(i + 1)), words, make("span", "number", percent(p)), make("span", "track"));
    bar.lastChild.append(fill);
    bar.addEventListener("click", () => this.relabel(name));
    return bar;
  }

  #neighbour(row, labels) {
    const { model } = this;
    const tile = make("button", "neighbour");
    tile.type = "button";
    tile.title = model.path[row];
    const image = make("img");
    image.alt = model.path[row];
    const address = model.thumb(row);
    if (address) image.src = address;
    const other = labels.length && !model.labels[row].some((label) => labels.includes(label));
    const decision = model.decisions.get(row);
    const label = model.labels[row].join(" + ") || "no label";
    tile.append(image, make("span", other ? "other" : "", decision ? `${label} · ${inWords(decision)}` : label));
    tile.addEventListener("click", () => this.peek(row));
    return tile;
  }

  // The picture: its thumbnail at once, the large one when it has come.

  #picture() {
    const { model } = this;
    const address = model.large(this.#row);
    this.image.classList.remove("there");
    this.image.alt = model.path[this.#row];
    at("unseen").hidden = true;
    at("stage").style.backgroundImage = "";
    if (!address) {
      this.image.removeAttribute("src");
      this.#unseen("It cannot be read.");
      return;
    }
    at("stage").style.backgroundImage = `url("${model.thumb(this.#row)}")`;
    this.image.src = address;
    if (this.image.complete && this.image.naturalWidth) this.#loaded();
  }

  #loaded() {
    if (!this.image.src.endsWith(this.model.large(this.#row) ?? "-")) return;
    this.#fit();
    this.image.classList.add("there");
    at("stage").style.backgroundImage = "";
    this.#drawBorder();
  }

  #unseen(words) {
    at("stage").style.backgroundImage = "";
    at("unseen").textContent = words;
    at("unseen").hidden = false;
  }

  #fit() {
    const { naturalWidth: width, naturalHeight: height } = this.image;
    if (!width) return;
    const { clientWidth, clientHeight } = at("stage");
    const scale = Math.min(clientWidth / width, clientHeight / height, LARGEST_SCALE);
    at("figure").style.width = `${width * scale}px`;
    at("figure").style.height = `${height * scale}px`;
  }

  /** Where the real picture is, if a border was found. */
  #drawBorder() {
    const box = this.#details?.border;
    at("border").hidden = !box || !this.image.naturalWidth;
    if (at("border").hidden) return;
    let { width, height } = this.#details;
    // The file's sides; the border and the picture are those of the upright photo.
    if (this.image.naturalWidth > this.image.naturalHeight !== width > height) [width, height] = [height, width];
    const [left, top, right, bottom] = box;
    const style = at("border").style;
    style.left = `${(100 * left) / width}%`;
    style.top = `${(100 * top) / height}%`;
    style.width = `${(100 * (right - left)) / width}%`;
    style.height = `${(100 * (bottom - top)) / height}%`;
  }
}

function percent(p) {
  if (p > 0.9995) return "> 99.9 %";
  if (p < 0.0005) return "< 0.1 %";
  return `${(100 * p).toFixed(1)} %`;
}
