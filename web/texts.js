/**
 * Every sentence that the page says by itself; what went wrong is in problems.js.
 *
 * Keys are the server's own codes and reasons, and the page's (microphone,
 * connection), so that a text is found without any translation table in between.
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

/** How long the agent took for its last answer, from the caller's last sound. */
export const ANSWER = (ms) => `${(ms / 1000).toFixed(1)} s`;

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
  "profile-absent": "The profile in this page’s address does not exist here.",
  "recording-stopped": "This call is no longer being recorded.",
  "recording-refused": "This call is not recorded: the server has no room for it.",
  "echo-heard":
    "The agent hears itself through your loudspeaker. Use headphones, or turn the " +
    "volume down.",
});

/** Labels of the buttons that a notice may carry. */
export const REMEDY = Object.freeze({
  "audio-blocked": "Tap to hear",
  "microphone-gone": "Use microphone again",
});

/** Before a call, whether it will be recorded; keys are the server's, and the answers. */
export const CONSENT = Object.freeze({
  on: "Calls are recorded and transcribed by this server.",
  off: "Calls are not recorded.",
  ask: "You choose whether a call is recorded.",
  yes: "Your calls are recorded and transcribed.",
  no: "Your calls are not recorded.",
});

/** During the call; keys are states of `recording.state`. */
export const RECORDING = Object.freeze({
  on: { word: "Recording", button: "Pause" },
  paused: { word: "Recording paused", button: "Resume" },
  off: { word: "Not recorded", button: "" },
  failed: { word: "Recording stopped", button: "" },
});

/** Words of the transcript. */
export const LINE = Object.freeze({
  caller: "You",
  agent: "Agent",
  typed: "typed",
  interrupted: "interrupted",
  unheard: "Interrupted before it was heard.",
  queued: "All agents are busy. You are in the queue.",
});

/** For the agent, not for people. */
export const NO_TOOLS = "This page has no tools.";

/** What the agent does beside talking; keys are names of tools. */
const TOOL = Object.freeze({
  book_meeting: {
    asked: "The agent wants to book a meeting.",
    busy: "Booking a meeting…",
    done: "The meeting is booked.",
    failed: "The meeting could not be booked.",
    left: "The call ended while the meeting was being booked.",
  },
  pause_recording: {
    asked: "The agent wants to pause the recording.",
    busy: "Pausing the recording…",
    done: "The agent paused the recording.",
    failed: "The recording could not be paused.",
    left: "The call ended.",
  },
  resume_recording: {
    asked: "The agent wants to resume the recording.",
    busy: "Resuming the recording…",
    done: "The agent ended its pause of the recording.",
    failed: "The recording could not be resumed.",
    left: "The call ended.",
  },
  end_call: {
    asked: "The agent wants to end the call.",
    busy: "The agent is ending the call…",
    done: "The agent ended the call.",
    failed: "The agent could not end the call.",
    left: "The agent ended the call.",
  },
});

/**
 * @param {string} name of the tool
 * @returns {{asked: string, busy: string, done: string, failed: string, left: string}}
 *   `asked`: of the page, which has none; `left`: by the end of the call
 */
export function tool(name) {
  if (Object.hasOwn(TOOL, name)) return TOOL[name];
  return {
    asked: `The agent uses “${name}”.`,
    busy: `The agent is using “${name}”…`,
    done: `The agent used “${name}”.`,
    failed: `“${name}” did not work.`,
    left: `The call ended while the agent used “${name}”.`,
  };
}

/** A tool that the agent's service only uses with the caller's consent. */
export const APPROVAL = Object.freeze({
  title: (name) => `May the agent use “${name}”?`,
  arguments: "With these details",
  allow: "Allow",
  refuse: "Refuse",
  limit: (seconds) => `Please answer within ${seconds} seconds.`,
  left: (clock) => `${clock} left`,
  allowed: (name) => `You allowed “${name}”.`,
  refused: (name) => `You refused “${name}”.`,
  late: (name) => `“${name}” was not allowed in time.`,
});

/** What both agreed on; keys are states of a meeting, and of what becomes of its letters. */
export const MEETING = Object.freeze({
  agreed: "Meeting agreed",
  booked: "Meeting booked",
  sent: "Meeting booked",
  cancelled: "Meeting cancelled",
  draft: "Meeting to be completed",
  undone: "Meeting taken back",
  other: "Meeting",
  zone: (city, offset) => `${city} time, ${offset}`,
  here: (when) => `For you: ${when}`,
  with: (attendee) => `With ${attendee}`,
});

/** What a draft wants to know. */
export const OPEN = Object.freeze({
  sure: (day, time) => `${day} at ${time}: is that agreed?`,
  time: (day) => `${day}: at what time?`,
  day: (time) => `At ${time}: on which day?`,
  both: "On which day, and at what time?",
});

/** What becomes of a meeting's letters; keys are states of a standing. */
export const STANDING = Object.freeze({
  waiting: (letter) => `The ${letter} leaves in`,
  leaving: (letter) => `The ${letter} is leaving…`,
  left: (seconds) => `${seconds} s`,
  review: () => "Waits to be looked through before it is sent",
  queued: (letter, why) =>
    why ? `Not sent yet: ${why}. It is tried again` : `The ${letter} is on its way…`,
  sent: (letter) => `${capital(letter)} sent`,
  outbox: () => "Written to the outbox folder: this server has no mail server set",
  failed: (letter, why) => `Could not be sent${why ? `: ${why}` : ""}`,
  off: () => "Not sent: this server sends no invitations",
  undone: () => "Taken back: nothing was sent",
});

/** What a letter of a meeting is called; keys are states of a meeting. */
export const LETTER = Object.freeze({ agreed: "invitation", cancelled: "cancellation" });

/** Who gets it: the people who work here, and the one who was called. */
export const RECIPIENTS = Object.freeze({
  both: (email) => `To ${email} and the office`,
  attendee: (email) => `To ${email}`,
  desk: "To the office only",
  none: "To nobody yet: there is no e-mail address",
  someone: "the caller",
});

/** Of a card that is out of sight; keys are states of a standing. */
export const REMINDER = Object.freeze({
  waiting: "An invitation is about to leave",
  draft: "A meeting is to be completed",
});

/** For screen readers, once. */
export const TOLD = Object.freeze({
  waiting: (letter, seconds) =>
    `The ${letter} leaves in ${seconds} seconds. You can correct it or undo it.`,
  draft: "You can complete it.",
});

/** What can be done with a meeting; keys are the acts of the buttons. */
export const ACT = Object.freeze({
  correct: "Correct",
  complete: "Complete",
  undo: "Undo",
  dismiss: "Dismiss",
  approve: "Approve",
  discard: "Discard",
  resend: "Send again",
});

/** The form that corrects or completes a meeting. */
export const CORRECTION = Object.freeze({
  name: "Correct the meeting",
  day: "Day",
  time: "Time",
  zoned: (place) => `Time in ${place}`,
  length: "Length",
  minutes: lasting,
  attendee: "Name",
  email: "E-mail address",
  save: "Save",
  saving: "Saving…",
  close: "Cancel",
});

/** Why an act did not work, where the server does not say it. */
export const REFUSAL = Object.freeze({
  "server-unreachable": "The server cannot be reached. Please try again.",
  "server-slow": "The server did not answer in time. Please try again.",
  other: "That did not work. Please try again.",
});

/** The caller's opinion of a reply. */
export const OPINION = Object.freeze({
  group: "Your opinion of this reply",
  like: "Good reply",
  dislike: "Bad reply",
});

/** How a sentence calls an agent whose title is none to speak of. */
const SPOKEN = Object.freeze({ local: "the embedded agent" });

/** Why another agent goes on, as half a sentence. */
const LEFT = Object.freeze({
  "agent-lost": (who) => `The line to ${who} was lost`,
  "agent-stalled": (who) => `${capital(who)} did not answer`,
  "agent-unavailable": (who) => `${capital(who)} could not be reached`,
  "agent-busy": (who) => `${capital(who)} was busy`,
  "agent-quota": (who) => `The quota of ${who} is used up`,
  "agent-time-limit": (who) => `The time with ${who} was up`,
  "agent-expired": (who) => `The time with ${who} was up`,
  other: (who) => `${capital(who)} had to stop`,
});

/**
 * @param {{name: string, title: string}} before
 * @param {{name: string, title: string}} after maybe the same, connected again
 * @param {string} why a code of problems.js
 * @returns {string} what the transcript says of it
 */
export function handover(before, after, why) {
  const left = LEFT[Object.hasOwn(LEFT, why) ? why : "other"](spoken(before));
  if (before.name === after.name) return `${left}; it is back.`;
  return `${left}; ${spoken(after)} goes on.`;
}

/** The server's own words, as people write. */
export function sentence(words) {
  const ended = /[.!?…]$/.test(words) ? words : `${words}.`;
  return capital(ended);
}

function spoken({ name, title }) {
  return Object.hasOwn(SPOKEN, name) ? SPOKEN[name] : title;
}

function capital(words) {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** "45 min", "1 h", "1 h 30 min" */
function lasting(minutes) {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (!hours) return `${rest} min`;
  return rest ? `${hours} h ${rest} min` : `${hours} h`;
}

function milliseconds(value) {
  return value === null ? "–" : `${Math.round(value)} ms`;
}

/** To tenths where a tenth says something. */
function percent(value) {
  return value === null ? "–" : `${value.toFixed(value > 0 && value < 10 ? 1 : 0)} %`;
}
