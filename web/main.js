/**
 * Wires the parts of the page together; what each does is in its own module.
 */
import { Approvals } from "./approvals.js";
import { Call, State } from "./call.js";
import { Choice } from "./choice.js";
import { Consent } from "./consent.js";
import { Indicator } from "./indicator.js";
import { Levels } from "./levels.js";
import { Meters } from "./meters.js";
import { Meetings } from "./meetings.js";
import { Microphone, obstacle } from "./microphone.js";
import { Opinions } from "./opinions.js";
import { Recording } from "./recording.js";
import { Reminder } from "./reminder.js";
import { fetchConfig } from "./signaling.js";
import { Speaker } from "./speaker.js";
import { handover, LINE, NO_TOOLS } from "./texts.js";
import { ToolLines } from "./tools.js";
import { Transcript } from "./transcript.js";
import { View } from "./view.js";
import { WakeLock } from "./wake.js";

const at = (id) => document.getElementById(id);

const view = new View();
const wake = new WakeLock();
const levels = new Levels();
const speaker = new Speaker(at("remote"));
const choice = new Choice(at("agent"), at("profile"));
const opinions = new Opinions(at("lines"), (reply, liked) => call.rate(reply, liked));
const transcript = new Transcript(at("transcript"), at("lines"), opinions);
const tools = new ToolLines(transcript);
const approvals = new Approvals(
  at("approvals"),
  (id, approved) => call.approve(id, approved),
  (words) => transcript.remark(words),
);
const reminder = new Reminder(at("transcript"), at("reminder"));
const meetings = new Meetings(transcript, at("told"), reminder);
const meters = new Meters(levels, at("line"));
const indicator = new Indicator(at("line"));
const consent = new Consent(at("recording-rule"), at("recording-change"), at("consent"));
const recording = new Recording(at("recording"), at("hang-up"), (on) => call.record(on));

/** @type {Call | null} the running call, or the last one */
let call = null;
/** @type {Microphone | null} of the same call */
let microphone = null;
const talking = { caller: false, agent: false };

const running = () => call !== null && !call.over;

/** Everything here happens inside the tap: phones forbid it any later. */
function startCall() {
  if (running() || !view.settled) return;
  if (consent.open) {
    consent.ask(startCall); // The answer is a tap as well.
    return;
  }
  transcript.clear();
  opinions.clear();
  meetings.clear();
  view.showAgent(choice.title(choice.agent));
  talking.caller = talking.agent = false;
  microphone = new Microphone();
  const { agent, profile } = choice;
  call = new Call(microphone, { agent, profile, record: consent.record });
  call.addEventListener("state", follow);
  call.addEventListener("stream", hear);
  call.addEventListener("message", read);
  microphone.addEventListener("change", showMicrophone);
  levels.open();
  call.start();
  speaker.unlock();
}

function follow({ target }) {
  view.showState(target);
  switch (target.state) {
    case State.MICROPHONE:
      wake.hold();
      meters.muted = false;
      meters.start();
      break;
    case State.CONNECTING:
      view.showAgent(choice.title(target.agent));
      recording.begin(target.recording);
      break;
    case State.CONNECTED:
      showPresence();
      break;
    case State.ENDED:
      tools.leave();
      approvals.clear();
      opinions.close();
      meetings.close();
      indicator.hide();
      recording.hide();
      meters.stop();
      levels.close();
      speaker.stop();
      wake.release();
      break;
  }
}

function hear({ detail: { who, stream } }) {
  levels.attach(who, stream);
  if (who === "agent") speaker.attach(stream);
}

/** What the server says on the events channel; unknown kinds are for newer pages. */
const READERS = {
  "conversation.started": () => view.showWaiting(false),
  "conversation.queued": ({ status }) => {
    view.showWaiting(status === "waiting");
    if (status === "waiting") transcript.remark(LINE.queued);
  },
  "transcript.user": (message) => transcript.said("caller", words(message)),
  "transcript.agent": (message) => transcript.said("agent", words(message)),
  "transcript.corrected": ({ reply, text }) => transcript.corrected(reply, String(text)),
  "conversation.interrupted": ({ reply }) => transcript.interrupted(reply),
  "tool.called": ({ id, name, server }) => {
    const ours = server === true;
    tools.called(String(id), String(name), ours);
    // An agent waits for the answer, so it is told that there will be none.
    if (!ours) call.answerTool(String(id), NO_TOOLS, true);
  },
  "tool.done": ({ id, name, failed }) =>
    tools.done(String(id), String(name), failed === true),
  "tool.approval": (question) =>
    approvals.ask({ ...question, id: String(question.id), name: String(question.name) }),
  "meeting.detected": ({ meeting }) => meetings.show(meeting),
  "agent.changed": showHandover,
  "turn.measured": ({ voice_to_voice_ms: ms }) => indicator.answered(ms),
  "recording.state": ({ state }) => recording.show(String(state)),
  talking: showTalking,
  "call.stats": (stats) => indicator.update(stats),
  error: ({ code, message }) => view.notice(String(code), String(message)),
};

function read({ detail: message }) {
  if (Object.hasOwn(READERS, message.type)) READERS[message.type](message);
}

function words({ text, final, reply, typed, at_ms: atMs }) {
  return {
    text: String(text),
    final: final !== false,
    reply: Number.isInteger(reply) ? reply : 0,
    typed: typed === true,
    atMs,
  };
}

function showHandover({ agent, previous, why }) {
  const named = (name) => ({ name: String(name), title: choice.title(String(name)) });
  view.showAgent(named(agent).title);
  view.withdrawTroubles();
  if (why === "renewed") return;
  transcript.remark(handover(named(previous), named(agent), String(why)));
}

function showTalking({ who, on }) {
  talking[who] = on;
  showPresence();
}

function showPresence() {
  if (talking.agent) view.showPresence("agent");
  else if (microphone.muted) view.showPresence("muted");
  else view.showPresence(talking.caller ? "caller" : "listening");
}

function showMicrophone() {
  view.withdraw("microphone-paused");
  view.withdraw("microphone-gone");
  const { trouble } = microphone;
  if (!trouble || !running()) return;
  const gone = trouble === "microphone-gone";
  view.notice(trouble, "", gone ? () => call.reopenMicrophone() : null);
}

function toggleMute() {
  if (!running()) return;
  microphone.muted = !microphone.muted;
  meters.muted = microphone.muted;
  view.showMuted(microphone.muted);
  if (call.state === State.CONNECTED) showPresence();
}

function sendText(event) {
  event.preventDefault();
  const field = at("text");
  const text = field.value.trim();
  if (!text || !call?.say(text)) return;
  transcript.typed(text, view.callMs);
  field.value = "";
}

/** A held Enter repeats its click, and would hang up the call that it began. */
function ignoreRepeats(event) {
  if (event.repeat && event.target.closest("button")) event.preventDefault();
}

async function loadConfig() {
  const code = obstacle();
  if (code) view.showProblem(code);
  try {
    const config = await fetchConfig();
    view.showVersion(config.version);
    consent.offer(config.recording);
    const absent = choice.offer(config, new URLSearchParams(location.search));
    for (const code of absent) view.notice(code);
  } catch (error) {
    if (!code) view.showProblem(error.code, error.detail);
  }
}

at("call").addEventListener("click", startCall);
at("hang-up").addEventListener("click", () => view.settled && call?.hangUp());
at("mute").addEventListener("click", toggleMute);
at("interrupt").addEventListener("click", () => call?.interrupt());
at("composer").addEventListener("submit", sendText);
at("text").addEventListener("input", () => running() && call.typing());
choice.addEventListener("change", () => view.showAgent(choice.title(choice.agent)));
document.addEventListener("keydown", ignoreRepeats);
window.addEventListener("pagehide", () => call?.hangUp());

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "visible" || !running()) return;
  levels.resume();
  speaker.play();
});

meters.addEventListener("silence", ({ detail: silent }) => {
  if (silent) view.notice("microphone-silent");
  else view.withdraw("microphone-silent");
});

speaker.addEventListener("change", () => {
  if (speaker.blocked) view.notice("audio-blocked", "", () => speaker.play());
  else view.withdraw("audio-blocked");
});

/**
 * Read-only, for tests and for a curious developer's console: statistics of the real
 * connection (levels, packets) are the only proof that sound arrives, and nothing on the
 * page itself shows them.
 */
window.parley = Object.freeze({
  get peer() {
    return call?.peer ?? null;
  },
  get call() {
    return call?.id ?? "";
  },
  get state() {
    return call?.state ?? State.NEW;
  },
});

loadConfig();
