// What the page tells: in passing what was done, and until it is mended what went wrong.

import { Gone } from "./api.js";

const at = (id) => document.getElementById(id);

const READABLE = 1800; // ms

let fading;

export function say(words) {
  at("said").textContent = words;
  at("said").classList.add("fresh");
  clearTimeout(fading);
  fading = setTimeout(() => at("said").classList.remove("fresh"), READABLE);
}

/** Tell an error: `words` say what did not happen, `command` starts the server again. */
export function trouble(error, words, command = "pawlens review") {
  const gone = error instanceof Gone;
  const mend = gone ? ` Start “${command}” again and open the link that it prints.` : "";
  at("trouble").querySelector("p").textContent = [words, error.message + mend].filter(Boolean).join(" ");
  at("trouble").querySelector("button").hidden = !gone;
  at("trouble").hidden = false;
}

export function calm() {
  at("trouble").hidden = true;
}
