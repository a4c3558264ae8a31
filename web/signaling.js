/**
 * The three HTTP requests of a call: what the server offers, the call, its end.
 */

/**
 * The server owns a 15 s deadline for the set-up of a call and answers when it passes.
 * Ours is a little longer, so that its reason wins over our guess.
 */
const ANSWER_DEADLINE_MS = 20_000;

/** The configuration is a static document: slower than this means not reachable. */
const CONFIG_DEADLINE_MS = 8_000;

/** What a server has that does not say otherwise. */
const NOTHING = Object.freeze({
  iceServers: [],
  agents: [],
  agent: "",
  profiles: [],
  profile: "",
  recording: "",
  version: "",
});

/** The server refused, or could not be asked. `code` is a key of problems.js. */
export class SignalingError extends Error {
  constructor(code, detail = "") {
    super(detail || code);
    this.name = "SignalingError";
    this.code = code;
    this.detail = detail;
  }
}

/**
 * @typedef {{name: string, title: string}} Named an agent or a profile, with its title
 *
 * @returns {Promise<{iceServers: RTCIceServer[], agents: Named[], agent: string,
 *   profiles: Named[], profile: string, recording: string, version: string}>}
 *   `agent`, `profile`: the names that are chosen for who chooses none;
 *   `recording`: "on", "off", "ask", or "" when the server does not say
 */
export async function fetchConfig() {
  const config = await request("/config", { cache: "no-store" }, CONFIG_DEADLINE_MS);
  return { ...NOTHING, ...config };
}

/**
 * Offer a call.
 * @param {RTCSessionDescription} offer with its candidates inside
 * @param {{agent?: string, profile?: string, record?: boolean}} wish names from the
 *   configuration, and the caller's answer where the server asks for one; the server
 *   chooses what is "" or left out
 * @returns {Promise<{sdp: string, type: string, call: string, agent?: string,
 *   profile?: string, recording?: string}>}
 */
export function postOffer(offer, { agent, profile, record }) {
  const body = { sdp: offer.sdp, type: offer.type };
  if (agent) body.agent = agent;
  if (profile) body.profile = profile;
  if (record !== undefined) body.record = record;
  // "Tomorrow at three" is meant where the caller is.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone) body.zone = zone;
  const headers = { "Content-Type": "application/json" };
  return request(
    "/offer",
    { method: "POST", headers, body: JSON.stringify(body) },
    ANSWER_DEADLINE_MS,
  );
}

/**
 * Tell the server that the call is over. `keepalive` lets the request outlive the page,
 * and nobody waits for it: the server also notices by itself that we are gone.
 * @param {string} call the call's id
 */
export function deleteCall(call) {
  const url = `/calls/${encodeURIComponent(call)}`;
  fetch(url, { method: "DELETE", keepalive: true }).catch(() => {});
}

async function request(url, options, deadlineMs) {
  let response;
  try {
    response = await fetch(url, { ...options, signal: AbortSignal.timeout(deadlineMs) });
    if (response.ok) return await response.json();
  } catch (error) {
    if (error.name === "TimeoutError") throw new SignalingError("server-slow");
    throw new SignalingError("server-unreachable");
  }
  throw await refusal(response);
}

/** The problem document (RFC 9457) of a refusal; a proxy in between may send none. */
async function refusal(response) {
  try {
    const { code, detail, title } = await response.json();
    if (code) return new SignalingError(code, detail || title || "");
  } catch {
    // Not JSON: a proxy's own page. The status is all there is.
  }
  const gateway = response.status === 502 || response.status === 504;
  const code = gateway ? "server-unreachable" : "unknown";
  return new SignalingError(code, `HTTP ${response.status}`);
}
