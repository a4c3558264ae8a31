/**
 * The words of the history's pages. Keys are the server's own codes and reasons.
 */
import { PROBLEM } from "../problems.js";

/** How a call ended; `tone` is how bad that is. */
const OUTCOME = Object.freeze({
  "caller-hung-up": { text: "Caller hung up", tone: "fine" },
  "caller-left": { text: "Caller left", tone: "fine" },
  "agent-ended": { text: "Agent ended the call", tone: "fine" },
  "time-limit": { text: "Time limit reached", tone: "odd" },
  "caller-vanished": { text: "Caller’s connection was lost", tone: "odd" },
  "server-stopping": { text: "Server was stopped", tone: "odd" },
  "setup-timeout": { text: "Never connected", tone: "bad" },
  "agent-failed": { text: "Agent failed", tone: "bad" },
  "server-died": { text: "Cut off when the server died", tone: "bad" },
  "bad-offer": { text: "Browser not understood", tone: "bad" },
  "internal-error": { text: "Error in the server", tone: "bad" },
});

/**
 * @param {string | null} reason null while nobody knows
 * @returns {{text: string, tone: "fine" | "odd" | "bad"}}
 */
export function outcome(reason) {
  if (reason === null) return { text: "Not ended yet", tone: "odd" };
  return Object.hasOwn(OUTCOME, reason) ? OUTCOME[reason] : { text: reason, tone: "odd" };
}

/** What became of the recording, as a badge and as an explanation. */
export const RECORDING = Object.freeze({
  kept: { text: "Recorded", why: "" },
  off: {
    text: "Not recorded",
    why:
      "This server was set not to record calls, so there is no sound and no " +
      "transcript.",
  },
  declined: {
    text: "Recording declined",
    why: "The caller did not want to be recorded, so there is no sound and no transcript.",
  },
  refused: {
    text: "No room to record",
    why: "The server’s disk was too full to record this call.",
  },
  failed: {
    text: "Recording broke off",
    why: "Recording it failed before there was anything to hear.",
  },
});

/** Why a call that should have sound has none. */
export const NO_SOUND = Object.freeze({
  title: "There is no sound of this call",
  missing: "Its recording is not where it should be, or it holds nothing.",
});

/** @param {string} code @returns {string} what went wrong, in a few words */
export function trouble(code) {
  return Object.hasOwn(TROUBLE, code) ? TROUBLE[code] : PROBLEM[code]?.title ?? code;
}

const TROUBLE = Object.freeze({
  "recording-stopped": "The recording stopped",
  "recording-refused": "No room to record",
  "echo-heard": "The agent heard itself",
  renewed: "The session was renewed",
});

export const BADGE = Object.freeze({
  meeting: (when) => `Meeting ${when}`,
  interrupted: (times) => `Interrupted ${times}×`,
  rating: (stars) => `Rated ${stars} of 5`,
  answers: (time) => `answers in ${time}`,
});

/** What the list says of itself. */
export const LIST = Object.freeze({
  shown: (count, more) => {
    const calls = count === 1 ? "1 call" : `${count} calls`;
    return `${calls} shown${more ? ", there are older ones" : ""}`;
  },
  none: {
    title: "No calls yet",
    advice: "Calls appear here while they run, and stay when they are over.",
    action: "Make a call",
  },
  nothing: {
    title: "No call fits",
    advice: "No call has all of these words and filters.",
    action: "Clear filters",
  },
  retry: "Try again",
  stale: "The list is not being refreshed.",
});

/** Keys are codes of problem documents. */
export const FAILURE = Object.freeze({
  unreachable: {
    title: "The server cannot be reached",
    advice: "Check your network connection and that the server runs.",
  },
  "history-unavailable": {
    title: "The history cannot be read at the moment",
    advice: "Its database does not answer. Calls go on, and none is lost.",
  },
  "history-locked": {
    title: "The history is locked",
    advice: "You are not allowed to see it from here.",
  },
  "not-found": {
    title: "There is no such call",
    advice: "It may have been deleted.",
  },
  "call-running": {
    title: "The call is still running",
    advice: "Please wait until it is over.",
  },
  "meeting-settled": {
    title: "That is too late",
    advice: "Its letters have left, or it was taken back.",
  },
  "bad-meeting": {
    title: "There can be no such meeting",
    advice: "Choose another day or time.",
  },
  "bad-query": {
    title: "The server does not understand these filters",
    advice: "Clear them and try again.",
  },
  "render-failed": {
    title: "The sound could not be made ready",
    advice: "The recording may be damaged.",
  },
  "not-understood": {
    title: "The server’s answer makes no sense",
    advice: "Reload the page; it may be out of date.",
  },
  other: { title: "That did not work", advice: "Please try again." },
});

/** Parties on a call. */
export const PARTY = Object.freeze({ caller: "Caller", agent: "Agent" });

/** The page of one call. */
export const PLAYER = Object.freeze({
  play: "Play",
  pause: "Pause",
  position: (now, whole) => `${now} of ${whole}`,
  preparing: "Preparing the sound…",
  sound: "This sound cannot be played. Perhaps a download can.",
  noTurns: "Nothing was said in this call.",
  noTranscript: "There is no transcript of this call.",
  notYet: "Nothing has been said yet.",
  cut: "cut off",
  heard: (time) => `heard for ${time}`,
  unheard: "Cut off before it was heard.",
  paused: (time) => `The recording was paused for ${time}.`,
  live: (time) => `On the line for ${time}. The sound is here when the call is over.`,
  goTo: (time, who) => `Play from ${time}, ${who}`,
});

/** What is marked on the timeline; `ms` may be missing. */
export const MARK = Object.freeze({
  interruption: (ms) =>
    `The caller interrupted the agent${ms ? `, of whom ${ms} were heard` : ""}`,
  answer: (ms) => (ms ? `The agent answered after ${ms}` : "The agent answered"),
  pause: (ms) => (ms ? `Recording paused for ${ms}` : "Recording paused"),
  handover: () => "Another agent took over",
  trouble: () => "Something went wrong",
});

export const RATING = Object.freeze({
  stars: (count) => `${count} ${count === 1 ? "star" : "stars"}`,
  saving: "Saving…",
  saved: "Saved.",
});

/** Where a meeting is known from; keys are its sources. */
export const SOURCE = Object.freeze({
  tool: () => "Booked by the agent",
  transcript: (sure) => `Understood from what was said${sure}`,
  page: () => "As somebody corrected it",
});

/** How sure that is, from a confidence of so much. */
export const SURE = Object.freeze([
  [0.9, ", and quite sure"],
  [0.7, ", and fairly sure"],
  [0, ", and not sure"],
]);

export const MEETINGS = Object.freeze({
  calendar: "Download for a calendar (.ics)",
  evidence: "What was said",
});

export const DELETION = Object.freeze({ busy: "Deleting…", done: "Delete for good" });
