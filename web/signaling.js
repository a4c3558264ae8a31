/**
 * The HTTP requests of a call: what the server offers, the call, its end, and what was
 * agreed on in it.
 */

/**
 * The server owns a 15 s deadline for the set-up of a call and answers when it passes.
 * Ours is a little longer, so that its reason wins over our guess.
 */
const ANSWER_DEADLINE_MS = 20_000;

/** The configuration is a static document: slower than this means not reachable. */
const CONFIG_DEADLINE_MS = 8_000;

/** A change of a meeting is on the server's disk when it answers, which takes a moment. */
const MEETING_DEADLINE_MS = 10_000;

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
  return post("/offer", body, ANSWER_DEADLINE_MS);
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

/**
 * A meeting as it is now, also after the call: who knows its id may see it.
 * @param {string} id
 * @returns {Promise<{meeting: object}>}
 */
export function fetchMeeting(id) {
  return request(meetingUrl(id), { cache: "no-store" }, MEETING_DEADLINE_MS);
}

/**
 * Take a meeting back, or correct it.
 * @param {string} id
 * @param {{action: string}} act see `Act` in meeting.js
 * @returns {Promise<{meeting: object}>} as it is then
 */
export function postMeeting(id, act) {
  return post(meetingUrl(id), act, MEETING_DEADLINE_MS);
}

function meetingUrl(id) {
  return `/meetings/${encodeURIComponent(id)}`;
}

function post(url, body, deadlineMs) {
  const headers = { "Content-Type": "application/json" };
  const options = { method: "POST", headers, body: JSON.stringify(body) };
  return request(url, options, deadlineMs);
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
