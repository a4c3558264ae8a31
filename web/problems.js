/**
 * What went wrong and what to do about it.
 *
 * Keys are the codes of the server's problem documents and of its `error` events, the
 * reasons of `conversation.ended`, and the page's own codes (microphone, connection).
 */

/** `{title, advice}` of each code. */
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
  "agent-auth": {
    title: "The agent’s service does not know this server",
    advice:
      "It refused the server’s key. Trying again will not help; please tell whoever " +
      "runs this server.",
  },
  "agent-quota": {
    title: "The agent’s quota is used up",
    advice:
      "Its account has no minutes or credit left. Please tell whoever runs this " +
      "server, or choose another agent.",
  },
  "agent-override": {
    title: "The agent does not allow a setting of this call",
    advice:
      "Its owner must allow it in the agent’s security settings. Please tell whoever " +
      "runs this server.",
  },
  "agent-misconfigured": {
    title: "The agent is not set up correctly",
    advice: "Trying again will not help; please tell whoever runs this server.",
  },
  "agent-busy": {
    title: "The agent is busy",
    advice: "Its service takes no more calls at the moment. Please try again soon.",
  },
  "unknown-profile": {
    title: "There is no such profile",
    advice: "Reload the page and choose one of the profiles that it offers.",
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
  "agent-lost": {
    title: "The agent broke off",
    advice: "The line to its service was lost. Please call again.",
  },
  "agent-protocol": {
    title: "The agent broke off",
    advice: "Its service sent what nobody understands. Please call again.",
  },
  "agent-error": {
    title: "The agent had an error",
    advice: "Its service could not go on. Please call again.",
  },
  "agent-stalled": {
    title: "The agent does not answer",
    advice: "Its service is connected but says nothing. Please call again.",
  },
  "agent-time-limit": {
    title: "The agent’s time is up",
    advice: "Its service limits how long a call may be. Please call again.",
  },
  "agent-expired": {
    title: "The agent’s session has expired",
    advice: "Its service limits how long a session may be. Please call again.",
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

/** A call that ended so is better explained by what its agent said before. */
const VAGUE = "agent-failed";

/** Beside all of the agent's: the server's own words say which key, which name. */
const DETAILED = new Set(["bad-offer", "unknown-agent", "unknown-profile"]);

/**
 * @param {string} code
 * @param {string} [detail] the server's own words, or ""
 * @returns {{title: string, advice: string, detail: string}}
 */
export function problem(code, detail = "") {
  const known = Object.hasOwn(PROBLEM, code);
  const text = PROBLEM[known ? code : "unknown"];
  const more = !known || code.startsWith("agent-") || DETAILED.has(code);
  return { ...text, detail: more ? detail : "" };
}

/**
 * @param {string} reason why the call ended
 * @param {string} trouble the code of what went wrong last, or ""
 * @returns {string} the code that says more
 */
export function cause(reason, trouble) {
  return reason === VAGUE && Object.hasOwn(PROBLEM, trouble) ? trouble : reason;
}

/** @returns {string} a passing trouble in one line, or "" when there is no text for it */
export function headline(code) {
  return Object.hasOwn(PROBLEM, code) ? `${PROBLEM[code].title}.` : "";
}
