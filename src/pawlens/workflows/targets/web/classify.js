// From the bytes of a photo to its probabilities, by the same steps as pawlens itself.
"use strict";

const STRIP = 256; // rows of a photo that are held as numbers at a time

/**
 * Open the model.
 *
 * @param {{signature: object, model: ArrayBuffer, wasm: ArrayBuffer, glue: string}} parts
 *   signature.json, the graph, and ONNX Runtime's two files: one as bytes, one as an address
 */
async function openClassifier({ signature, model, wasm, glue }) {
  ort.env.wasm.numThreads = 1; // more need headers that few hosts send, and fail on some phones
  ort.env.wasm.wasmBinary = wasm;
  ort.env.wasm.wasmPaths = { mjs: glue };
  const session = await ort.InferenceSession.create(new Uint8Array(model), {
    executionProviders: ["wasm"],
  });
  return new Classifier(signature, session);
}

class Classifier {
  constructor(signature, session) {
    this.signature = signature;
    this.session = session;
  }

  /** Answer one photo: { probabilities, map(label) } with probabilities in the order of classes. */
  async answer(file) {
    const bitmap = await decodePhoto(file);
    try {
      const squares = await makeSquares(bitmap, this.signature.inputs);
      return await this.answerSquares(squares, bitmap.width, bitmap.height);
    } finally {
      bitmap.close();
    }
  }

  /** Answer squares of pixels, a Uint8Array by the name of each input. */
  async answerSquares(squares, width, height) {
    const feeds = {};
    for (const { name, size } of this.signature.inputs) {
      feeds[name] = new ort.Tensor("uint8", squares[name], [1, size, size, 3]);
    }
    const outputs = await this.session.run(feeds);
    const maps = Object.keys(outputs).filter((name) => /^map\d+$/.test(name)).map((name) => ({
      data: outputs[name].data, height: outputs[name].dims[2], width: outputs[name].dims[3],
    }));
    return {
      probabilities: Array.from(outputs.probabilities.data),
      neither: outputs.neither ? outputs.neither.data[0] : null,
      maps,
      width,
      height,
    };
  }
}

/**
 * The answer in words, by the rules of signature.json: { labels, set } with the set, the likeliest
 * first, where the model gives sets, else null.
 */
function readAnswer({ probabilities, neither }, { classes, thresholds, answers = {} }) {
  const order = classes.map((name, i) => i).sort((a, b) => probabilities[b] - probabilities[a]);
  const set = answers.sets
    ? order.filter((i, place) => place === 0 || probabilities[i] >= answers.sets.thresholds[i]).map((i) => classes[i])
    : null;
  if (answers.neither && neither !== null && neither >= answers.neither.from) {
    return { labels: [answers.neither.label], set };
  }
  if (thresholds) return { labels: classes.filter((name, i) => probabilities[i] >= thresholds[name]), set };
  let best = order[0], confidence = probabilities[best];
  if (answers.costs) {
    const expected = classes.map((name, answer) => probabilities.reduce(
      (sum, share, truth) => sum + share * answers.costs.by_truth_and_answer[truth][answer], 0));
    best = expected.indexOf(Math.min(...expected));
    confidence = 1 - expected[best];
  }
  const asks = answers.ask && confidence < answers.ask.below;
  return { labels: [asks ? answers.ask.label : classes[best]], set };
}

/** Decode a photo upright, with its colours as they are stored. */
async function decodePhoto(file) {
  if (file.size === 0) throw new PhotoError("empty");
  try {
    return await createImageBitmap(file, { colorSpaceConversion: "none" });
  } catch {
    throw new PhotoError(await isPicture(file) ? "format" : "none");
  }
}

/** Resize a photo to every square that the model wants, a strip of rows at a time. */
async function makeSquares(bitmap, inputs) {
  const { width, height } = bitmap;
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = Math.min(STRIP, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const narrow = inputs.map(({ size, filter }) => ({
    size, filter, weights: pawlensWeights(width, size, filter), rows: new Uint8Array(height * size * 3),
  }));
  for (let top = 0; top < height; top += STRIP) {
    const count = Math.min(STRIP, height - top);
    context.fillStyle = "white"; // transparent pixels are laid on white
    context.fillRect(0, 0, width, count);
    context.drawImage(bitmap, 0, -top);
    const pixels = context.getImageData(0, 0, width, count).data;
    for (const { size, weights, rows } of narrow) {
      const part = rows.subarray(top * size * 3);
      pawlensPass(pixels, 4, width * 4, count, weights, (i, line, c) => (line * size + i) * 3 + c, part);
    }
    await new Promise((resume) => { setTimeout(resume); }); // the page stays awake
  }
  canvas.width = 0; // phones keep the memory of a canvas for long
  const squares = {};
  inputs.forEach(({ name }, number) => {
    const { size, filter, rows } = narrow[number];
    const square = new Uint8Array(size * size * 3);
    pawlensPass(rows, size * 3, 3, size, pawlensWeights(height, size, filter),
      (i, line, c) => (i * size + line) * 3 + c, square);
    squares[name] = square;
  });
  return squares;
}

/**
 * Where the answer comes from: each backbone's class activation map (Zhou et al. 2016), what it says
 * for a class against the mean of all others, added up on a grid of side `side`.
 *
 * @returns {Float32Array|null} side x side values, the largest of them 1; null without a map
 */
function classMap({ maps }, label, classes, several, side) {
  if (!maps.length) return null;
  const total = new Float32Array(side * side);
  for (const { data, width, height } of maps) {
    const cells = width * height;
    const own = new Float32Array(cells);
    for (let cell = 0; cell < cells; cell += 1) {
      let others = 0;
      for (let k = 0; k < classes; k += 1) if (k !== label) others += data[k * cells + cell];
      own[cell] = data[label * cells + cell] - (several || classes < 2 ? 0 : others / (classes - 1));
    }
    for (let y = 0; y < side; y += 1) {
      for (let x = 0; x < side; x += 1) total[y * side + x] += between(own, width, height, x, y, side);
    }
  }
  const largest = total.reduce((most, value) => Math.max(most, value), 0);
  if (largest > 0) total.forEach((value, i) => { total[i] = Math.max(value, 0) / largest; });
  return largest > 0 ? total : null;
}

/** The value of a grid at a point of a finer one, between the four cells around it. */
function between(grid, width, height, x, y, side) {
  const at = (value, count) => Math.min(Math.max((value + 0.5) * count / side - 0.5, 0), count - 1);
  const column = at(x, width), row = at(y, height);
  const left = Math.floor(column), top = Math.floor(row);
  const right = Math.min(left + 1, width - 1), bottom = Math.min(top + 1, height - 1);
  const across = column - left, down = row - top;
  const value = (r, c) => grid[r * width + c];
  return (1 - down) * ((1 - across) * value(top, left) + across * value(top, right))
    + down * ((1 - across) * value(bottom, left) + across * value(bottom, right));
}

/** A photo that cannot be answered; `reason` is empty, format or none. */
class PhotoError extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

/** Whether the first bytes are those of a picture in some format. */
async function isPicture(file) {
  const head = new Uint8Array(await file.slice(0, 16).arrayBuffer());
  const text = String.fromCharCode(...head);
  return ["\xff\xd8\xff", "\x89PNG", "GIF8", "BM", "II*\0", "MM\0*", "\0\0\0\x0cJXL", "\0\0\0\x0cjP"]
    .some((start) => text.startsWith(start))
    || text.slice(4, 8) === "ftyp" || (text.startsWith("RIFF") && text.slice(8, 12) === "WEBP");
}

if (typeof module !== "undefined") module.exports = { openClassifier, classMap, readAnswer };
