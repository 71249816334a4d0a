// Runs the exported graph in the very files of ONNX Runtime that the web app loads.
// node prove.cjs FOLDER < [{input: base64 of a square, ...}, ...] > [[probability, ...], ...]
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const { pathToFileURL } = require("node:url");

async function main(folder) {
  const file = (name) => path.join(folder, name);
  const ort = require(path.resolve(file("ort.wasm.min.js")));
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmBinary = fs.readFileSync(file("ort-wasm-simd-threaded.wasm"));
  ort.env.wasm.wasmPaths = { mjs: pathToFileURL(path.resolve(file("ort-wasm-simd-threaded.mjs"))).href };
  const session = await ort.InferenceSession.create(fs.readFileSync(file("model.onnx")), {
    executionProviders: ["wasm"],
  });
  const answers = [];
  for (const squares of JSON.parse(fs.readFileSync(0, "utf8"))) {
    const feeds = {};
    for (const [name, text] of Object.entries(squares)) {
      const pixels = new Uint8Array(Buffer.from(text, "base64"));
      const side = Math.round(Math.sqrt(pixels.length / 3));
      feeds[name] = new ort.Tensor("uint8", pixels, [1, side, side, 3]);
    }
    const begun = performance.now();
    const { probabilities } = await session.run(feeds);
    answers.push({ probabilities: Array.from(probabilities.data), milliseconds: performance.now() - begun });
  }
  process.stdout.write(JSON.stringify(answers));
}

main(process.argv.at(-1)).catch((error) => {
  process.stderr.write(String(error.message || error));
  process.exit(1);
});
