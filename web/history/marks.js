/**
 * What happened, as marks under the waveform: one stop of the Tab key, arrow keys go
 * from one to the next, Enter plays from there.
 */
import { element } from "../element.js";
import { clock } from "../transcript.js";
import { pace } from "./rows.js";
import { MARK } from "./texts.js";
import { short } from "./times.js";

const STEP = Object.freeze({
  ArrowLeft: -1,
  ArrowRight: 1,
  Home: -Infinity,
  End: Infinity,
});

/** Before what is marked: one wants to hear how it came about. */
const LEAD_MS = Object.freeze({
  interruption: 1500,
  trouble: 1500,
  handover: 1500,
  answer: 1500,
});

/** A call of an hour with a mark each second is a block of colour; these are enough. */
const MOST = 500;

/** @typedef {{at_ms: number, kind: string, ms?: number, text?: string}} Mark */

/** @param {Mark} mark @returns {string} what it means, without the time */
export function meaning({ kind, ms, text }) {
  const words = MARK[kind]?.(Number.isFinite(ms) ? short(ms) : "") ?? kind;
  return text ? `${words}: ${text}` : words;
}

/** @param {Mark} mark @returns {string} how it looks */
export function look({ kind, ms }) {
  return kind === "answer" && Number.isFinite(ms) ? `answer ${pace(ms)}` : kind;
}

export class Marks {
  #place;
  #tip;

  /**
   * @param {HTMLElement} place @param {HTMLElement} tip told of the mark pointed at
   * @param {Mark[]} marks @param {number} wholeMs @param {(ms: number) => void} go
   */
  constructor({ place, tip }, marks, wholeMs, go) {
    this.#place = place;
    this.#tip = tip;
    const known = marks
      .filter(({ kind, at_ms }) => Object.hasOwn(MARK, kind) && at_ms >= 0)
      .sort((one, other) => one.at_ms - other.at_ms)
      .slice(0, MOST);
    place.replaceChildren(...known.map((mark) => this.#make(mark, wholeMs, go)));
    place.hidden = !known.length;
    this.#stop(place.firstElementChild);
    place.addEventListener("keydown", (event) => this.#walk(event));
  }

  #make(mark, wholeMs, go) {
    const made = element("button", `mark ${look(mark)}`);
    made.type = "button";
    const words = `${clock(mark.at_ms)}  ${meaning(mark)}`;
    made.setAttribute("aria-label", words);
    const share = Math.min(1, mark.at_ms / wholeMs);
    made.style.left = `${share * 100}%`;
    const tell = () => this.#tell(made, words, share);
    const hush = () => this.#hush(made);
    made.addEventListener("pointerenter", tell);
    made.addEventListener("focus", tell);
    made.addEventListener("pointerleave", hush);
    made.addEventListener("blur", hush);
    made.addEventListener("click", () => {
      this.#stop(made);
      go(mark.at_ms - (LEAD_MS[mark.kind] ?? 0));
    });
    return made;
  }

  #tell(mark, words, share) {
    this.#tip.textContent = words;
    this.#tip.hidden = false;
    // As near to the mark as it can be without leaving the timeline.
    const room = this.#place.clientWidth - this.#tip.offsetWidth;
    const left = share * this.#place.clientWidth - this.#tip.offsetWidth / 2;
    this.#tip.style.left = `${Math.max(0, Math.min(room, left))}px`;
    this.#tip.mark = mark;
  }

  #hush(mark) {
    if (this.#tip.mark === mark) this.#tip.hidden = true;
  }

  #walk(event) {
    const step = STEP[event.key];
    const all = [...this.#place.children];
    const here = all.indexOf(event.target);
    if (!step || here < 0) return;
    event.preventDefault();
    const next = all[Math.min(all.length - 1, Math.max(0, here + step))];
    this.#stop(next);
    next.focus();
  }

  /** Where the Tab key stops. */
  #stop(here) {
    for (const mark of this.#place.children) mark.tabIndex = mark === here ? 0 : -1;
  }
}

/** What the marks of this call mean. */
export function drawLegend(list, marks) {
  const looks = new Set(marks.map(look));
  const lines = Object.entries(LEGEND).filter(([kind]) => looks.has(kind));
  list.replaceChildren(
    ...lines.map(([kind, words]) => {
      const line = element("li");
      const sample = element("span", `sample ${kind}`);
      sample.setAttribute("aria-hidden", "true");
      line.append(sample, words);
      return line;
    }),
  );
  list.hidden = !list.childElementCount;
}

const LEGEND = Object.freeze({
  "answer prompt": "answer within 1 s",
  "answer fair": "answer within 2 s",
  "answer slow": "later answer",
  interruption: "interruption",
  pause: "recording paused",
  handover: "other agent",
  trouble: "trouble",
});
