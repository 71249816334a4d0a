// What the page knows: the audit's columns, the decisions in force, and the list that a filter gives.

export class Model {
  constructor(overview) {
    Object.assign(this, overview); // name, command, classes, kinds, and one array a column
    this.size = this.path.length;
    this.unreadable = new Set(overview.unreadable);
    this.decisions = new Map(overview.decisions); // row -> decision
    this.orders = new Map(); // kind -> rows, most suspicious first; each sorted once
    this.addScores("", this.suspicion);
    this.suspicious = this.found.reduce((sum, found) => sum + (found ? 1 : 0), 0);
  }

  thumb(row) {
    return this.#picture("thumb", row);
  }

  large(row) {
    return this.#picture("large", row);
  }

  #picture(size, row) {
    return this.unreadable.has(row) ? null : `/${size}/${row}/${this.content[row]}.jpg`;
  }

  /** Take in what the server says is in force now. */
  apply({ rows, decision }) {
    for (const row of rows) {
      if (decision) this.decisions.set(row, decision);
      else this.decisions.delete(row);
    }
  }

  /** Suspicious photos that are decided. */
  get done() {
    let done = 0;
    for (const row of this.decisions.keys()) if (this.found[row]) done++;
    return done;
  }

  /** Decisions in force by what they say; a content counts once. */
  tally() {
    const counts = new Map();
    const seen = new Set();
    for (const [row, decision] of this.decisions) {
      if (seen.has(this.content[row])) continue;
      seen.add(this.content[row]);
      const words = inWords(decision);
      counts.set(words, (counts.get(words) ?? 0) + 1);
    }
    return [...counts].sort((a, b) => b[1] - a[1]);
  }

  /** Take in a kind's score of each row, by which its photos are sorted. */
  addScores(kind, scores) {
    const rows = Array.from({ length: this.size }, (_, row) => row);
    rows.sort((a, b) => (scores[b] ?? -1) - (scores[a] ?? -1) || a - b);
    this.orders.set(kind, rows);
  }

  /** Rows under a filter, most suspicious first, and how many there are in each state. */
  list({ kind, label, state }) {
    const bit = this.kinds.findIndex((one) => one.name === kind);
    const rows = [];
    const counts = { undecided: 0, decided: 0, all: 0 };
    for (const row of this.orders.get(kind) ?? this.orders.get("")) {
      const wanted = kind === "*" || (bit < 0 ? this.found[row] : isOfKind(this.found[row], bit));
      if (!wanted || (label && !this.labels[row].includes(label))) continue;
      const own = this.decisions.has(row) ? "decided" : "undecided";
      counts[own]++;
      counts.all++;
      if (state === "all" || state === own) rows.push(row);
    }
    return { rows, counts };
  }
}

/** Whether a number says that a kind was found; bitwise operators hold 32 kinds, this holds 53. */
export const isOfKind = (found, bit) => Math.floor(found / 2 ** bit) % 2 === 1;

/** A kind of finding as a person writes it. */
export const kindWords = (kind) => {
  const words = kind.replaceAll("_", " ");
  return words[0].toUpperCase() + words.slice(1);
};

/** A decision in one or two words. */
export function inWords({ action, labels = [], reason = "" }) {
  if (action === "relabel") return labels.length ? labels.join(" + ") : "no class";
  if (action === "drop" && reason === "neither") return "neither";
  return action;
}
