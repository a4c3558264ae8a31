/**
 * Calls as rows of a list, under a heading for each day.
 *
 * What has not changed keeps its element: a list that is refreshed every few seconds
 * must not take focus, hover and selection away.
 */
import { element } from "../element.js";
import { BADGE, outcome, RECORDING, trouble } from "./texts.js";
import { day, fullMoment, length, short, shortMoment, timeOfDay } from "./times.js";

/**
 * An answer within so many ms feels prompt, after so many it feels slow: people leave
 * 200 ms on average and wonder after a second or so.
 */
const PROMPT_MS = 1000;
const SLOW_MS = 2000;

/** @param {number} ms @returns {"prompt" | "fair" | "slow"} */
export function pace(ms) {
  if (ms < PROMPT_MS) return "prompt";
  return ms < SLOW_MS ? "fair" : "slow";
}

/** Draw days of rows into `place`. @param {Date} now */
export function drawDays(place, calls, now) {
  const days = new Map();
  for (const call of calls) {
    const name = day(new Date(call.began), now);
    if (!days.has(name)) days.set(name, []);
    days.get(name).push(call);
  }
  const sections = new Map([...place.children].map((it) => [it.dataset.day, it]));
  const wanted = [...days].map(([name, those]) => {
    const section = sections.get(name) ?? makeDay(name);
    drawRows(section.querySelector("ol"), those);
    return section;
  });
  arrange(place, wanted);
}

/** Draw rows into a list. */
export function drawRows(list, calls) {
  const known = new Map([...list.children].map((it) => [it.dataset.call, it]));
  const wanted = calls.map((call) => {
    const content = JSON.stringify(call);
    const old = known.get(call.call);
    if (old?.content === content) return old;
    const made = makeRow(call);
    made.content = content;
    if (old?.contains(document.activeElement)) {
      old.replaceWith(made);
      made.querySelector("a").focus({ preventScroll: true });
    }
    return made;
  });
  arrange(list, wanted);
}

/** Have exactly these children in this order, and touch no more than needed. */
function arrange(place, wanted) {
  const keep = new Set(wanted);
  for (const child of [...place.children]) if (!keep.has(child)) child.remove();
  wanted.forEach((child, at) => {
    if (place.children[at] !== child) place.insertBefore(child, place.children[at] ?? null);
  });
}

function makeDay(name) {
  const section = element("section");
  section.dataset.day = name;
  const heading = element("h2", "", name);
  heading.id = `day-${name.replaceAll(/\W+/g, "-")}`;
  section.setAttribute("aria-labelledby", heading.id);
  const list = element("ol", "rows");
  list.setAttribute("role", "list");
  section.append(heading, list);
  return section;
}

function makeRow(call) {
  const row = element("li");
  row.dataset.call = call.call;
  const link = element("a", "row");
  link.href = `/calls/${encodeURIComponent(call.call)}`;
  const began = new Date(call.began);
  const time = element("time", "when", timeOfDay(began));
  time.dateTime = call.began;
  time.title = fullMoment(began);
  link.append(time, who(call), how(call), ...figures(call));
  row.append(link);
  return row;
}

function who({ agent, profile }) {
  const box = element("span", "who");
  box.append(element("b", "", agent || "?"));
  if (profile && profile !== "default") box.append(element("span", "profile", profile));
  return box;
}

function how(call) {
  const box = element("span", "how");
  if ("live" in call) return box;
  const { text, tone } = outcome(call.reason);
  const words = element("span", "outcome", text);
  words.dataset.tone = tone;
  box.append(words, ...badges(call));
  return box;
}

function badges(call) {
  const made = [];
  const add = (kind, text) => made.push(element("span", `badge ${kind}`, text));
  if (call.meeting) add("meeting", BADGE.meeting(shortMoment(new Date(call.meeting))));
  if (call.interruptions > 0) add("", BADGE.interrupted(call.interruptions));
  if (call.recording !== "kept") {
    const broken = call.recording === "failed" || call.recording === "refused";
    add(broken ? "bad" : "", RECORDING[call.recording]?.text ?? call.recording);
  }
  // What ended a call is said already, and so is what became of its recording.
  const said = call.trouble === call.reason || call.trouble?.startsWith("recording-");
  if (call.trouble && !said) add("odd", trouble(call.trouble));
  if (call.rating) {
    const stars = element("span", "stars");
    stars.setAttribute("role", "img");
    stars.setAttribute("aria-label", BADGE.rating(call.rating));
    stars.textContent = "★".repeat(call.rating) + "☆".repeat(5 - call.rating);
    made.push(stars);
  }
  return made;
}

function figures({ latency_ms, length_ms }) {
  const answer = element("span", "answer");
  if (Number.isFinite(latency_ms)) {
    answer.textContent = BADGE.answers(short(latency_ms));
    answer.dataset.pace = pace(latency_ms);
  }
  const long = Number.isFinite(length_ms) ? length(length_ms) : "";
  return [answer, element("span", "length", long)];
}
