/**
 * Every sentence that the page says by itself, in one place.
 *
 * Keys are the codes of the server's problem documents, the reasons of
 * `conversation.ended`, and the page's own codes (microphone, connection), so that a
 * text is found without any translation table in between.
 */

/** The state of a call in words; keys are `State` of call.js. */
export const STATUS = Object.freeze({
  idle: "Ready to call",
  microphone: "Waiting for your microphone. Please allow it.",
  offering: "Calling…",
  connecting: "Connecting…",
  connected: "Connected",
  waiting: "Connected. Waiting for a free agent…",
  unstable: "The connection is unstable. Trying to hold it…",
  ended: "Call ended",
  failed: "No call",
});

/** A quiet second line under the status while connected. */
export const PRESENCE = Object.freeze({
  listening: "Listening",
  caller: "Listening to you",
  agent: "Speaking",
  muted: "You are muted",
});

/** Label of the caller's level. */
export const METER = Object.freeze({
  caller: "Your microphone",
  muted: "Microphone is off",
});

/** How good the connection is; keys are the levels of quality.js. */
export const QUALITY = Object.freeze({
  good: "Good",
  fair: "Fair",
  weak: "Weak",
  poor: "Poor",
  none: "None",
});

/** Why it is not good; keys are the kinds of `Cause` in quality.js. */
export const CAUSE = Object.freeze({
  up: (percent) => `${Math.round(percent)} % of your voice is lost or late`,
  down: (percent) => `${Math.round(percent)} % of the agent’s voice is lost or late`,
  way: (ms) => `Sound takes ${(ms / 1000).toFixed(1)} s each way`,
  uneven: () => "Sound arrives unevenly",
  none: () => "The server has gone quiet",
});

/** The figures behind it; keys are those of `Details` in quality.js. */
export const FIGURE = Object.freeze({
  rttMs: milliseconds,
  jitterMs: milliseconds,
  upPct: percent,
  downPct: percent,
});

/**
 * How a call can end without anything having gone wrong; keys are reasons.
 * Said in the status line, not as a problem.
 */
export const FAREWELL = Object.freeze({
  "hung-up": "You hung up",
  "caller-hung-up": "The call was hung up",
  "caller-left": "Call ended",
  "agent-ended": "The agent ended the call",
  "time-limit": "Call ended: it reached the longest time allowed",
});

/** What went wrong and what to do about it: `{title, advice}`, keys are codes. */
export const PROBLEM = Object.freeze({
  // The browser
  "insecure-context": {
    title: "This page needs a secure connection",
    advice:
      "Browsers give the microphone to secure pages only. Open this page with " +
      "https:// at the start of its address.",
  },
  "no-webrtc": {
    title: "This browser cannot make calls",
    advice:
      "It has no WebRTC, or it is switched off. Please use a current Chrome, Edge, " +
      "Firefox or Safari.",
  },

  // The microphone
  "microphone-denied": {
    title: "The microphone is blocked",
    advice:
      "Allow the microphone for this page in the browser’s address bar or its site " +
      "settings, then call again.",
  },
  "microphone-dismissed": {
    title: "The microphone was not allowed",
    advice: "Call again and choose “Allow” when the browser asks.",
  },
  "microphone-blocked-by-system": {
    title: "The system blocks the microphone",
    advice:
      "Allow this browser to use the microphone in the privacy settings of your " +
      "device, then call again.",
  },
  "microphone-missing": {
    title: "No microphone was found",
    advice: "Connect a microphone or a headset, then call again.",
  },
  "microphone-busy": {
    title: "The microphone is in use",
    advice:
      "Another app or tab holds it. Close that one, or unplug the microphone and " +
      "plug it in again, then call again.",
  },

  // The way to the server
  "server-unreachable": {
    title: "The server cannot be reached",
    advice: "Check your network connection and that the server runs, then call again.",
  },
  "server-slow": {
    title: "The server did not answer in time",
    advice: "It may be overloaded. Please call again in a moment.",
  },
  "connection-failed": {
    title: "The connection could not be made",
    advice:
      "The server answered but no sound gets through. A VPN or a firewall may block " +
      "UDP. Try another network, or without the VPN.",
  },
  "connection-lost": {
    title: "The connection was lost",
    advice: "The network or the server broke off. Please call again.",
  },

  // The server's refusals
  "server-full": {
    title: "All lines are busy",
    advice: "The server takes no more calls at the moment. Please try again soon.",
  },
  "server-stopping": {
    title: "The server is shutting down",
    advice: "Please call again in a minute or two.",
  },
  "agent-unavailable": {
    title: "The agent cannot be reached",
    advice: "The server works, the agent’s service does not answer. Please try again.",
  },
  "agent-refused": {
    title: "The agent does not take this call",
    advice:
      "Its service refused: a key, a quota or a setting is wrong. Trying again will " +
      "not help; please tell whoever runs this server.",
  },
  "unknown-agent": {
    title: "There is no such agent",
    advice: "Reload the page and choose one of the agents that it offers.",
  },
  "setup-timeout": {
    title: "The call was not set up in time",
    advice: "Please call again. If it happens often, try another network.",
  },
  "no-audio": {
    title: "The call has no sound to carry",
    advice: "The browser offered no microphone. Reload the page and call again.",
  },
  "bad-offer": {
    title: "The server does not understand this browser",
    advice: "Reload the page and call again, or try another browser.",
  },
  "bad-request": {
    title: "The server does not understand this page",
    advice: "The page may be out of date. Reload it and call again.",
  },
  "too-large": {
    title: "The server does not understand this browser",
    advice: "Its offer is too large. Please try another browser.",
  },

  // In the middle of a call
  "agent-failed": {
    title: "The agent broke off",
    advice: "Its service failed in the middle of the call. Please call again.",
  },
  "caller-vanished": {
    title: "The server stopped hearing you",
    advice: "Your network or your device paused the call. Please call again.",
  },
  "internal-error": {
    title: "Something went wrong on the server",
    advice: "The call had to end. Please call again.",
  },
  unknown: {
    title: "The call did not work",
    advice: "Please call again.",
  },
});

/** Passing conditions of a call that goes on; keys are notices. */
export const NOTICE = Object.freeze({
  "audio-blocked": "The browser holds the sound back until you tap.",
  "microphone-silent":
    "Your microphone sends nothing but silence. Check that it is switched on and " +
    "that the right one is chosen.",
  "microphone-paused":
    "The system paused your microphone, perhaps for another call. The agent cannot " +
    "hear you.",
  "microphone-gone": "Your microphone was disconnected. The agent cannot hear you.",
  "agent-absent": "The agent in this page’s address does not exist here.",
  "recording-stopped": "This call is no longer being recorded.",
  "echo-heard":
    "The agent hears itself through your loudspeaker. Use headphones, or turn the " +
    "volume down.",
});

/** Labels of the buttons that a notice may carry. */
export const REMEDY = Object.freeze({
  "audio-blocked": "Tap to hear",
  "microphone-gone": "Use microphone again",
});

/** Words of the transcript. */
export const LINE = Object.freeze({
  caller: "You",
  agent: "Agent",
  noTools: "This page has no tools.",
  typed: "typed",
  interrupted: "interrupted",
  unheard: "Interrupted before it was heard.",
  queued: "All agents are busy. You are in the queue.",
  tool: (name) => `The agent uses “${name}”.`,
});

/** Where the server's own words say more than ours can: which key, which quota. */
const DETAILED = new Set(["agent-unavailable", "agent-refused", "agent-failed", "bad-offer"]);

/**
 * @param {string} code
 * @param {string} detail the server's own words, or ""
 * @returns {{title: string, advice: string, detail: string}}
 */
export function problem(code, detail = "") {
  const known = Object.hasOwn(PROBLEM, code);
  const text = PROBLEM[known ? code : "unknown"];
  return { ...text, detail: !known || DETAILED.has(code) ? detail : "" };
}

function milliseconds(value) {
  return value === null ? "–" : `${Math.round(value)} ms`;
}

/** To tenths where a tenth says something. */
function percent(value) {
  return value === null ? "–" : `${value.toFixed(value > 0 && value < 10 ? 1 : 0)} %`;
}
