// The parts of the page that lie beside it, each checked against the hash that it must have.
"use strict";

/** A part that is missing or not what it must be; `reason` is a word of the page. */
class PartError extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

async function loadParts() {
  const offline = await registerWorker();
  const signature = await fetchSignature();
  const [model, wasm] = await Promise.all(["model.onnx", "ort-wasm-simd-threaded.wasm"].map(
    (name) => fetchChecked(name, signature.files[name].sha256),
  ));
  return { signature, model, wasm, glue: new URL("ort-wasm-simd-threaded.mjs", location.href).href, offline };
}

/** Fetch what describes the other parts; the service worker has looked whether it is damaged. */
async function fetchSignature() {
  const response = await fetch("signature.json").catch(() => null);
  if (!response || !response.ok) throw new PartError(response && response.status === 503 ? "damaged" : "unreachable");
  return response.json().catch(() => { throw new PartError("damaged"); });
}

/** Fetch a file; one that is damaged on this device is thrown away and fetched again, once. */
async function fetchChecked(name, sha256) {
  for (const [cache, reason] of [["default", "unreachable"], ["reload", "damaged"]]) {
    const response = await fetch(name, { cache }).catch(() => null);
    if (!response || !response.ok) throw new PartError(reason);
    const data = await response.arrayBuffer();
    // Only pages from https and from this machine may compute hashes.
    if (!crypto.subtle || await hashOf(data) === sha256) return data;
    if (self.caches) for (const key of await caches.keys()) await (await caches.open(key)).delete(name);
  }
  throw new PartError("damaged");
}

async function hashOf(data) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
  return [...hash].map((value) => value.toString(16).padStart(2, "0")).join("");
}

/** Have a service worker keep all files; whether the page works offline from now on. */
async function registerWorker() {
  if (!("serviceWorker" in navigator)) return false;
  try {
    await navigator.serviceWorker.register("sw.js");
    await navigator.serviceWorker.ready;
    return true;
  } catch {
    return false; // the page works all the same, as long as it is online
  }
}
