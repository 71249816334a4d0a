// Keys, and the same as buttons for those who have none.

import { isOpen, showKeys } from "./dialogs.js";
import { make } from "./grid.js";

const MOST_BUTTONS = 4; // classes with a button of their own

const HELP = [
  [["←", "→", "↑", "↓"], "move in the grid"],
  [["J", "L"], "back, on"],
  [["Space"], "to the next undecided photo"],
  [["K"], "keep: it is right as it is"],
  [["D"], "drop: leave it out of training"],
  [["1", "…", "9"], "relabel to the class with that number"],
  [["R"], "relabel to any class: type a part of its name"],
  [["B"], "both: it shows two classes"],
  [["N"], "neither: it shows no class; it is dropped"],
  [["T"], "trim the border that was found"],
  [["⏎"], "accept what is suggested"],
  [["U"], "undo the last decision and go back to it"],
  [["G"], "whole grid, or photo beside it"],
  [["?"], "this help"],
];

export const help = () => showKeys(HELP);

/** Listen to keys: `moves` are the page's own, by key; the rest decides. */
export function listenToKeys(deciding, moves) {
  const decisions = {
    k: deciding.keep,
    d: deciding.drop,
    b: deciding.both,
    n: deciding.neither,
    t: deciding.trim,
    r: deciding.choose,
    u: () => deciding.undo(),
    enter: deciding.accept,
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isOpen()) return;
    if (event.target.closest("select, input[type=text]")) return;
    const key = event.key.toLowerCase();
    if ((key === "enter" || key === " ") && event.target.closest("button, label")) return;
    const move = key === "?" ? help : moves[key];
    const decision = /^[1-9]$/.test(key) ? () => deciding.digit(Number(key)) : decisions[key];
    if (!move && !decision) return;
    event.preventDefault();
    if (deciding.saving) return; // what is not seen yet cannot be decided
    if (move) move();
    else if (!event.repeat) decision();
  });
}

export function makeButtons(host, classes, deciding) {
  const few = classes.length <= MOST_BUTTONS ? classes : [];
  const relabels = few.map((name, i) => [name, String(i + 1), "relabel", () => deciding.relabel(name)]);
  if (!few.length) relabels.push(["Relabel", "R", "relabel", deciding.choose]);
  const all = [
    ["Keep", "K", "keep", deciding.keep],
    ["Drop", "D", "drop", deciding.drop],
    ...relabels,
    ["Both", "B", "relabel", deciding.both],
    ["Neither", "N", "drop", deciding.neither],
    ["Trim", "T", "trim", deciding.trim],
    ["Undo", "U", "", () => deciding.undo()],
  ];
  host.replaceChildren(
    ...all.map(([words, key, action, run]) => {
      const button = make("button", action);
      button.type = "button";
      button.dataset.key = key;
      button.append(make("span", "", words), make("kbd", "", key));
      button.addEventListener("click", () => (button.blur(), run()));
      return button;
    }),
  );
}
