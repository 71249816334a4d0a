// Keeps all files of this export, so that the page opens offline. VERSION is the hash of them all.
"use strict";

const VERSION = "PAWLENS-VERSION";
// The hash that a file must have; the page itself looks at the large ones, which have none here.
const FILES = { "PAWLENS-FILES": "" };
const HASHES = new Map(Object.entries(FILES).map(([name, hash]) => [new URL(name, self.registration.scope).href, hash]));
const DAMAGED = "A file of this page was damaged on this device. Open it again while online. / "
  + "此设备上的页面文件已损坏，请联网后重新打开。";

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(VERSION);
    await cache.addAll(Object.keys(FILES).map((name) => new Request(name, { cache: "reload" })));
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const key of await caches.keys()) if (key !== VERSION) await caches.delete(key);
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  if (event.request.method === "GET") event.respondWith(answer(event.request));
});

async function answer(request) {
  const cache = await caches.open(VERSION);
  const kept = await cache.match(request, { ignoreSearch: true });
  if (!kept) return fetch(request);
  const place = request.url.split(/[?#]/)[0], hash = HASHES.get(place);
  if (!hash || await hashOf(kept.clone()) === hash) return kept;
  try {
    const fresh = await fetch(place, { cache: "reload" });
    if (!fresh.ok) throw new Error(fresh.statusText);
    if (await hashOf(fresh.clone()) === hash) await cache.put(place, fresh.clone());
    return fresh;
  } catch {
    return new Response(DAMAGED, { status: 503, headers: { "Content-Type": "text/plain; charset=utf-8" } });
  }
}

async function hashOf(response) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await response.arrayBuffer()));
  return [...hash].map((value) => value.toString(16).padStart(2, "0")).join("");
}
