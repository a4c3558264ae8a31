/**
 * The figures of a call in words; what is not known is left out.
 */
import { element } from "../element.js";
import { pace } from "./rows.js";
import { length, short } from "./times.js";

/** What people would say of a line with such a MOS (ITU-T P.800). */
const MOS = Object.freeze([
  [4, "good"],
  [3.6, "fair"],
  [3.1, "weak"],
  [0, "poor"],
]);

/** A leg that is this far off is heard as an echo or as talking over each other. */
const SKEW_MS = 20;

/** @param {object} call as the server gives it; anything of it may be missing */
export function drawFigures(place, call) {
  const groups = [
    ["Answers", answers(call.metrics ?? {})],
    ["Conversation", conversation(call.metrics ?? {})],
    ["Line", line(call.figures ?? {})],
    ["Recording", recording(call.recording_report ?? {})],
    ["Cost", cost(call.metrics?.cost, call.cost_usd)],
  ];
  const drawn = groups
    .filter(([, lines]) => lines.length)
    .map(([name, lines]) => group(name, lines));
  const talk = talkBar(call.metrics?.talk);
  if (talk) drawn.splice(Math.min(1, drawn.length), 0, talk);
  place.replaceChildren(...drawn);
  if (!drawn.length) place.append(element("p", "quiet", "None are known of this call."));
}

function answers({ voice_to_voice_ms: spread, greeting_ms, longest_wait_ms }) {
  const lines = [];
  if (spread) {
    lines.push(figure("Half of them within", short(spread.p50), pace(spread.p50)));
    lines.push(figure("Nine of ten within", short(spread.p90), pace(spread.p90)));
    lines.push(figure("The slowest after", short(spread.max), pace(spread.max)));
  }
  if (known(greeting_ms)) lines.push(figure("Greeting after", short(greeting_ms)));
  if (known(longest_wait_ms)) {
    lines.push(figure("Longest silence for the caller", short(longest_wait_ms)));
  }
  return lines;
}

function conversation({ turns, interruptions, words, tools, handovers }) {
  const lines = [];
  if (turns) {
    const typed = turns.typed ? ` (and ${turns.typed} typed)` : "";
    lines.push(figure("Turns of the caller", `${turns.caller}${typed}`));
    lines.push(figure("Turns of the agent", turns.agent));
    if (turns.unanswered) lines.push(figure("Turns without an answer", turns.unanswered));
  }
  if (interruptions) {
    const { voice = 0, typed = 0, button = 0, false_alarms: none = 0 } = interruptions;
    const alarms = none ? ` (${none} by mere noise)` : "";
    lines.push(figure("Interruptions", `${voice + typed + button}${alarms}`));
  }
  if (words) {
    lines.push(figure("Words of the caller", rate(words.caller, words.caller_per_min)));
    lines.push(figure("Words of the agent", rate(words.agent, words.agent_per_min)));
  }
  if (tools?.used) {
    const failed = tools.failed ? ` (${tools.failed} failed)` : "";
    lines.push(figure("Tools used", `${tools.used}${failed}`));
  }
  if (handovers) lines.push(figure("Handovers", handovers));
  return lines;
}

function line(figures) {
  const lines = [];
  const { mos } = figures;
  if (known(mos)) {
    const [, word] = MOS.find(([least]) => mos >= least);
    lines.push(figure("Quality (MOS, 1 to 4.5)", `${mos.toFixed(1)}, ${word}`));
  }
  const add = (name, value, write) => {
    if (known(value)) lines.push(figure(name, write(value)));
  };
  add("Lost from the caller", figures.loss_up_pct, percent);
  add("Lost to the caller", figures.loss_down_pct, percent);
  add("Jitter from the caller", figures.jitter_up_ms, exact);
  add("Jitter to the caller", figures.jitter_down_ms, exact);
  add("Round trip", figures.rtt_ms, exact);
  return lines;
}

function recording({ skew_ms, drift_ppm, lost, concealed_ms }) {
  const lines = [];
  if (known(skew_ms)) {
    const look = skew_ms > SKEW_MS ? "slow" : "";
    lines.push(figure("Both in step to within", exact(skew_ms), look));
  }
  if (known(drift_ppm)) {
    const way = drift_ppm < 0 ? "slow" : "fast";
    const size = Math.abs(drift_ppm).toFixed(0);
    lines.push(figure("Caller’s clock", size === "0" ? "right" : `${size} ppm ${way}`));
  }
  if (known(lost)) lines.push(figure("Packets lost", lost));
  if (known(concealed_ms)) lines.push(figure("Of the caller made up", short(concealed_ms)));
  return lines;
}

function cost(of, usd) {
  const all = known(of?.usd) ? of.usd : usd;
  if (!known(all)) return [];
  const lines = [figure(of?.estimated ? "Estimated" : "In all", dollars(all))];
  if (known(of?.usd_per_min) && of.usd_per_min > 0) {
    lines.push(figure("Each minute", dollars(of.usd_per_min)));
  }
  return lines;
}

/** Who talked how much, as one bar. */
function talkBar(talk) {
  if (!talk || !known(talk.caller_ms) || !(talk.caller_ms + talk.agent_ms > 0)) return null;
  // What both said at once is in the time of either.
  const both = talk.overlap_ms ?? 0;
  const parts = [
    ["caller", "Caller", talk.caller_ms - both],
    ["both", "both", both],
    ["agent", "Agent", talk.agent_ms - both],
    ["silence", "silence", talk.silence_ms ?? 0],
  ].filter(([, , ms]) => ms > 0);
  const whole = parts.reduce((sum, [, , ms]) => sum + ms, 0);
  const box = element("div", "talk");
  const bar = element("div", "talk-bar");
  bar.setAttribute("aria-hidden", "true");
  const key = element("ul", "talk-key");
  key.setAttribute("role", "list");
  for (const [kind, name, ms] of parts) {
    const part = element("span", kind);
    part.style.flexGrow = String(ms / whole);
    bar.append(part);
    const told = element("li", kind, `${name} ${percent((ms / whole) * 100, 0)}`);
    told.title = length(ms);
    key.append(told);
  }
  box.append(element("h3", "", "Who talked"), bar, key);
  return box;
}

function group(name, lines) {
  const box = element("div", "group");
  const list = element("dl");
  list.append(...lines);
  box.append(element("h3", "", name), list);
  return box;
}

function figure(name, value, look = "") {
  const box = element("div");
  const told = element("dd", "", String(value));
  if (look) told.dataset.pace = look;
  box.append(element("dt", "", name), told);
  return box;
}

const known = (value) => Number.isFinite(value);
const exact = (ms) => (Math.abs(ms) < 10 ? `${Number(ms.toFixed(1))} ms` : short(ms));

/** To tenths where a tenth says something. */
function percent(value, digits = value > 0 && value < 10 ? 1 : 0) {
  return `${value.toFixed(digits)} %`;
}

function rate(words, perMinute) {
  return perMinute ? `${words} (${Math.round(perMinute)} a minute)` : words;
}

function dollars(usd) {
  if (usd === 0) return "nothing";
  return usd < 0.0005 ? "under 0.1 ¢" : `$${usd.toFixed(usd < 1 ? 3 : 2)}`;
}
