// Decisions: nothing counts, and nothing moves on, before the server has it on disk.

import { post } from "./api.js";
import { chooseClass, isOpen } from "./dialogs.js";
import { inWords } from "./model.js";
import { calm, say, trouble } from "./notes.js";

const MOST_DIGITS = 9;

export class Deciding {
  #here = []; // rows decided on this page, newest last

  /**
   * `page` has `current`, the row that is shown, and `details(row)`, a promise of what the server
   * knows about it; `decided(answer)` moves on, and `undone(answer, row)` goes back.
   */
  constructor(model, panel, page) {
    Object.assign(this, { model, panel, page, saving: false });
  }

  async decide(action, labels = [], reason = "") {
    const row = this.page.current;
    if (row < 0 || isOpen()) return;
    const path = this.model.path[row];
    const words = inWords({ action, labels, reason });
    const body = { row, content: this.model.content[row], action, labels, reason };
    const answer = await this.#save("/api/decisions", body, `“${words}” for ${path} is not saved.`);
    if (!answer) return;
    this.#here.push(row);
    this.model.apply(answer);
    say(`${path}: ${words}`);
    this.page.decided(answer);
  }

  async undo() {
    if (isOpen()) return;
    const answer = await this.#save("/api/undo", {}, "Nothing was taken back.");
    if (!answer) return;
    this.model.apply(answer);
    say(`Taken back: ${inWords(answer.undone)}, ${answer.undone.path}`);
    const last = this.#here.pop();
    this.page.undone(answer, answer.rows.includes(last) ? last : answer.rows[0]);
  }

  async #save(path, body, words) {
    if (this.saving) return null;
    this.saving = true;
    document.body.classList.add("saving");
    try {
      const answer = await post(path, body);
      calm();
      return answer;
    } catch (error) {
      trouble(error, words, this.model.review);
      return null;
    } finally {
      this.saving = false;
      document.body.classList.remove("saving");
    }
  }

  /** What is known about the photo, once it is; nothing if another one is shown by then. */
  async #known() {
    const row = this.page.current;
    try {
      const details = await this.page.details(row);
      return this.page.current === row ? details : null;
    } catch {
      return null; // told where it was shown
    }
  }

  keep = () => this.decide("keep");

  drop = () => this.decide("drop");

  neither = () => this.decide("drop", [], "neither");

  relabel = (label) => {
    const own = this.model.labels[this.page.current];
    if (own.length === 1 && own[0] === label) return this.keep(); // it is that already
    return this.decide("relabel", [label]);
  };

  choose = () => this.page.current >= 0 && chooseClass(this.model.classes, this.relabel);

  async digit(number) {
    if (this.model.classes.length > MOST_DIGITS && !(await this.#known())) return;
    const label = this.panel.digits[number - 1];
    return label ? this.relabel(label) : say("No class has that number; R chooses by name");
  }

  /** Which two classes "both" means: the two there are, or the label and the likeliest other. */
  get pair() {
    const { classes, labels } = this.model;
    if (classes.length === 2) return [...classes];
    const { probabilities } = this.panel.details ?? {};
    if (!probabilities) return null;
    const likely = classes.map((name, i) => [name, probabilities[i]]).sort((a, b) => b[1] - a[1]);
    const first = labels[this.page.current][0] ?? likely[0][0];
    const second = likely.find(([name]) => name !== first)?.[0];
    return second ? classes.filter((name) => name === first || name === second) : null;
  }

  both = async () => {
    if (!(await this.#known())) return;
    const pair = this.pair;
    return pair ? this.decide("relabel", pair) : say("Both: no second class is known for it");
  };

  trim = async () => {
    const details = await this.#known();
    if (details) return details.border ? this.decide("trim") : say("No border was found to trim");
  };

  accept = async () => {
    const details = await this.#known();
    if (!details) return;
    const { suggestion } = details;
    if (!suggestion) return say("Nothing is suggested here");
    const [action, label] = suggestion.split(/:(.*)/s);
    return this.decide(action, label ? [label] : []);
  };
}
