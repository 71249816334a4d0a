// The windows over the page: keys, choosing a class, and what to do when all is decided.

import { make } from "./grid.js";

const at = (id) => document.getElementById(id);

/** Whether one of them is open. */
export const isOpen = () => document.querySelector("dialog[open]") !== null;

export function showKeys(keys) {
  const items = keys.flatMap(([names, words]) => {
    const term = make("dt");
    term.append(...names.map((name) => make("kbd", "", name)));
    return [term, make("dd", "", words)];
  });
  at("keys").querySelector("dl").replaceChildren(...items);
  at("keys").showModal();
}

export function showDone(model, undecidedHere) {
  const left = model.suspicious - model.done;
  at("done-title").textContent = left ? "So far" : "All suspicious photos are decided";
  const here = undecidedHere ? "" : "Nothing undecided is left under this filter. ";
  at("done-words").textContent = `${here}${model.done} of ${model.suspicious} suspicious photos are decided.`;
  const rows = model.tally().flatMap(([words, count]) => [make("dt", "", words), make("dd", "", String(count))]);
  at("done-counts").replaceChildren(...rows);
  at("command").textContent = model.command;
  at("copy").textContent = "Copy";
  at("done").showModal();
}

at("copy").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(at("command").textContent);
    at("copy").textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(at("command"));
  }
});

// Choosing a class by typing a part of its name.

let choose = () => {};
let known = [];
let marked = 0;

export function chooseClass(classes, chosen) {
  known = classes;
  choose = chosen;
  at("typed").value = "";
  list();
  at("chooser").showModal();
  at("typed").focus();
}

function matching() {
  const typed = at("typed").value.trim().toLowerCase();
  const begins = known.filter((name) => name.toLowerCase().startsWith(typed));
  const holds = known.filter((name) => !name.toLowerCase().startsWith(typed) && name.toLowerCase().includes(typed));
  return [...begins, ...holds];
}

function list() {
  const names = matching();
  marked = Math.max(0, Math.min(marked, names.length - 1));
  const items = names.map((name, i) => {
    const item = make("li", i === marked ? "marked" : "", name);
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", String(i === marked));
    item.addEventListener("click", () => pick(name));
    return item;
  });
  if (!items.length) items.push(make("li", "soft", "No such class"));
  at("choices").replaceChildren(...items);
  at("choices").querySelector(".marked")?.scrollIntoView({ block: "nearest" });
}

function pick(name) {
  at("chooser").close();
  marked = 0;
  choose(name);
}

at("typed").addEventListener("input", () => ((marked = 0), list()));
at("typed").addEventListener("keydown", (event) => {
  const names = matching();
  if (event.key === "Enter") {
    event.preventDefault();
    if (names.length) pick(names[marked]);
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    marked += event.key === "ArrowDown" ? 1 : -1;
    list();
  }
});

for (const dialog of document.querySelectorAll("dialog")) {
  // A click beside the window closes it.
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
}
