// A grid of thousands of thumbnails that keeps only the visible ones in the document.

const GAP = 8;
const CAPTION = 22;
const OVERSCAN = 2; // rows kept above and below what is seen
const SETTLED = 90; // ms of rest after a long jump before pictures are asked for

export class Grid {
  #rows = [];
  #nodes = new Map(); // position in the list -> tile
  #spare = [];
  #wanted = new Set();
  #selected = -1;
  #top = 0;
  #queued = false;

  /** `fill(tile, row)` writes captions; `picture(row)` is an address or null; `pick(position)` is a click. */
  constructor(host, { fill, picture, pick }) {
    this.host = host;
    this.fill = fill;
    this.picture = picture;
    this.space = host.appendChild(make("div", "space"));
    this.empty = host.appendChild(make("p", "empty"));
    this.eye = new IntersectionObserver((entries) => this.#seen(entries), { root: host, rootMargin: "200px 0px" });
    host.addEventListener("scroll", () => this.#queue(), { passive: true });
    host.addEventListener("click", (event) => {
      const tile = event.target.closest(".tile");
      if (tile) pick(Number(tile.dataset.position));
    });
    new ResizeObserver(() => this.#measure()).observe(host);
  }

  /** Show another list, from its top. */
  show(rows, words) {
    this.#rows = rows;
    this.#selected = -1;
    this.empty.textContent = rows.length ? "" : words;
    this.host.scrollTop = 0;
    for (const position of [...this.#nodes.keys()]) this.#drop(position);
    this.#measure();
  }

  /** Mark a position and bring it into view; -1 marks none. */
  select(position) {
    const before = this.#nodes.get(this.#selected);
    before?.classList.remove("selected");
    before?.setAttribute("aria-selected", "false");
    this.#selected = position;
    if (position < 0) return;
    const top = Math.floor(position / this.across) * this.step;
    const { scrollTop, clientHeight } = this.host;
    if (top < scrollTop) this.host.scrollTop = top;
    else if (top + this.step > scrollTop + clientHeight) this.host.scrollTop = top + this.step - clientHeight + GAP;
    this.#draw();
    const tile = this.#nodes.get(position);
    tile?.classList.add("selected");
    tile?.setAttribute("aria-selected", "true");
    this.host.setAttribute("aria-activedescendant", `tile-${position}`);
  }

  /** Write the captions of some rows anew. */
  refresh(rows) {
    const changed = new Set(rows);
    for (const [position, tile] of this.#nodes) {
      if (changed.has(this.#rows[position])) this.fill(tile, this.#rows[position]);
    }
  }

  #measure() {
    const width = this.host.clientWidth - 2 * GAP;
    if (width <= 0) return; // hidden
    const first = Math.floor(this.host.scrollTop / (this.step || 1)) * (this.across || 1);
    const best = width < 420 ? 104 : 128;
    this.across = Math.max(2, Math.floor((width + GAP) / (best + GAP)));
    this.side = (width - GAP * (this.across - 1)) / this.across;
    this.step = this.side + CAPTION + GAP;
    this.space.style.height = `${Math.ceil(this.#rows.length / this.across) * this.step + GAP}px`;
    for (const [position, tile] of this.#nodes) this.#place(tile, position);
    if (first) this.host.scrollTop = Math.floor(first / this.across) * this.step;
    this.#draw();
    if (this.#selected >= 0) this.select(this.#selected);
  }

  #queue() {
    if (this.#queued) return;
    this.#queued = true;
    requestAnimationFrame(() => {
      this.#queued = false;
      this.#draw();
    });
  }

  #draw() {
    if (!this.step) return;
    const { scrollTop, clientHeight } = this.host;
    const far = Math.abs(scrollTop - this.#top) > clientHeight;
    this.#top = scrollTop;
    const first = Math.max(0, Math.floor(scrollTop / this.step) - OVERSCAN) * this.across;
    const rows = Math.ceil(clientHeight / this.step) + 2 * OVERSCAN + 1;
    const last = Math.min(this.#rows.length, first + rows * this.across);
    for (const position of [...this.#nodes.keys()]) {
      if (position < first || position >= last) this.#drop(position);
    }
    for (let position = first; position < last; position++) {
      if (!this.#nodes.has(position)) this.#add(position);
    }
    this.#ask(far ? SETTLED : 0);
  }

  #add(position) {
    const tile = this.#spare.pop() ?? makeTile();
    const row = this.#rows[position];
    tile.id = `tile-${position}`;
    tile.dataset.position = position;
    tile.classList.toggle("selected", position === this.#selected);
    tile.setAttribute("aria-selected", String(position === this.#selected));
    this.fill(tile, row);
    this.#place(tile, position);
    this.#nodes.set(position, tile);
    this.space.append(tile);
    this.eye.observe(tile);
  }

  #place(tile, position) {
    const left = GAP + (position % this.across) * (this.side + GAP);
    const top = GAP + Math.floor(position / this.across) * this.step;
    tile.style.transform = `translate(${left}px, ${top}px)`;
    tile.style.width = `${this.side}px`;
    tile.firstChild.style.height = `${this.side}px`;
  }

  #drop(position) {
    const tile = this.#nodes.get(position);
    this.#nodes.delete(position);
    this.#wanted.delete(tile);
    this.eye.unobserve(tile);
    const image = tile.querySelector("img");
    image.removeAttribute("src"); // also ends a request that is under way
    tile.remove();
    this.#spare.push(tile);
  }

  #seen(entries) {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting && target.isConnected) this.#wanted.add(target);
      else this.#wanted.delete(target);
    }
    this.#ask(this.resting ? SETTLED : 0);
  }

  /** Ask for the pictures of tiles in view, after a rest if the list is being flung. */
  #ask(rest) {
    if (!rest && this.resting) return;
    clearTimeout(this.resting);
    this.resting = rest ? setTimeout(() => ((this.resting = 0), this.#ask(0)), rest) : 0;
    if (rest) return;
    for (const tile of this.#wanted) {
      const address = this.picture(this.#rows[Number(tile.dataset.position)]);
      const image = tile.querySelector("img");
      tile.classList.toggle("broken", !address);
      if (address) image.src = address;
    }
    this.#wanted.clear();
  }
}

function makeTile() {
  const tile = make("div", "tile");
  tile.setAttribute("role", "option");
  const frame = tile.appendChild(make("div", "frame"));
  const image = frame.appendChild(make("img"));
  image.alt = "";
  image.decoding = "async";
  image.draggable = false;
  image.addEventListener("error", () => tile.classList.add("broken"));
  frame.append(make("span", "mark"));
  const caption = tile.appendChild(make("div", "caption"));
  caption.append(make("span", "name"), make("span", "kind"));
  return tile;
}

/** A new element with a class and a text. */
export function make(tag, className = "", text = "") {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}
