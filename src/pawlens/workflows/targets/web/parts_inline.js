// The parts of the page, which lie inside it: base64 of what gzip made of them.
"use strict";

class PartError extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

async function loadParts() {
  const [signature, model, wasm, glue] = await Promise.all(
    ["signature", "model", "wasm", "glue"].map(unpack),
  );
  return {
    signature: JSON.parse(new TextDecoder().decode(signature)),
    model,
    wasm,
    glue: URL.createObjectURL(new Blob([glue], { type: "text/javascript" })),
    offline: true,
  };
}

async function unpack(name) {
  const text = document.getElementById(`part-${name}`).textContent.trim();
  const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}
