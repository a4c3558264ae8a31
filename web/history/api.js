/**
 * Asks the server; what goes wrong becomes a `Failure` with words for people.
 */
import { FAILURE } from "./texts.js";

/** A list of 50 calls takes milliseconds; a server that is silent for so long is gone. */
const PATIENCE_MS = 15_000;

export class Failure extends Error {
  /**
   * @param {string} code the server's, or `unreachable`
   * @param {string} detail the server's own words, or ""
   */
  constructor(code, detail = "") {
    super(detail || code);
    this.code = code;
    this.detail = detail;
  }

  /** @returns {{title: string, advice: string}} */
  get words() {
    const known = Object.hasOwn(FAILURE, this.code);
    const text = FAILURE[known ? this.code : "other"];
    // What the server says is more exact than advice that fits every server.
    return { title: text.title, advice: this.detail || text.advice };
  }
}

/**
 * The JSON at an address.
 *
 * Not kept by the browser: the page itself has the same address, and "Back" must not
 * show JSON.
 * @param {string} address
 * @param {{signal?: AbortSignal, patienceMs?: number}} [how] `signal` raises its AbortError
 */
export function get(address, how = {}) {
  const headers = { Accept: "application/json" };
  return ask(address, { cache: "no-store", headers }, how);
}

/** @param {object} content */
export function put(address, content) {
  return send("PUT", address, content);
}

/** @param {object} content */
export function post(address, content) {
  return send("POST", address, content);
}

export function remove(address) {
  return ask(address, { method: "DELETE" });
}

function send(method, address, content) {
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  return ask(address, { method, headers, body: JSON.stringify(content) });
}

async function ask(address, options, { signal, patienceMs = PATIENCE_MS } = {}) {
  const late = AbortSignal.timeout(patienceMs);
  const signals = signal ? [signal, late] : [late];
  let response;
  try {
    response = await fetch(address, { ...options, signal: AbortSignal.any(signals) });
    if (response.ok) return response.status === 204 ? null : await read(response);
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw error instanceof Failure ? error : new Failure("unreachable");
  }
  throw await failure(response);
}

async function read(response) {
  try {
    return await response.json();
  } catch (error) {
    if (error instanceof SyntaxError) throw new Failure("not-understood");
    throw error;
  }
}

async function failure(response) {
  const problem = await response.json().catch(() => null); // a proxy's own page, say
  const known = typeof problem?.code === "string";
  if (known) return new Failure(problem.code, String(problem.detail ?? ""));
  if (response.status === 401 || response.status === 403) {
    return new Failure("history-locked");
  }
  return new Failure(response.status === 404 ? "not-found" : "other");
}
