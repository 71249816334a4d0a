// Requests to the server that gave out this page.

const token = document.querySelector('meta[name="pawlens-token"]').content;

/** The server said no; its words are the message. */
export class Refused extends Error {}

/** The server did not answer, or does not know this page any more. */
export class Gone extends Error {}

export const get = (path) => ask(path, {});

export const post = (path, body) =>
  ask(path, { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } });

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, {
      ...options,
      headers: { ...options.headers, "x-pawlens-token": token },
      signal: AbortSignal.timeout(30000),
    });
  } catch {
    throw new Gone("The server does not answer.");
  }
  if (response.status === 403) throw new Gone("The server was started anew.");
  let answer;
  try {
    answer = await response.json();
  } catch {
    throw new Gone("The server stopped in the middle of its answer.");
  }
  if (!response.ok) {
    const { detail } = answer;
    throw new Refused(typeof detail === "string" ? detail : `the request was not understood (${response.status})`);
  }
  return answer;
}
