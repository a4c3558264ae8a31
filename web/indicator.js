/**
 * Shows how good the line is: bars with a word, and figures for who taps them.
 *
 * Nothing here is a live region. Who cannot see it finds it where it is; to be told of
 * it again and again in the middle of a call would be worse than the line.
 */
import { Quality } from "./quality.js";
import { ANSWER, CAUSE, FIGURE, QUALITY } from "./texts.js";

/** Two messages missed: what the server told last is no longer true. */
const STALE_MS = 5_000;

/** Of a figure that is not known. */
const NONE = "–";

export class Indicator {
  #quality = new Quality();
  #button;
  #word;
  #why;
  #details;
  #answer;
  #stale = 0;

  /** @param {HTMLElement} line what the indicator's elements are in */
  constructor(line) {
    const at = (id) => line.querySelector(`#${id}`);
    this.#button = at("quality");
    this.#word = at("quality-word");
    this.#why = at("quality-why");
    this.#details = at("quality-details");
    this.#answer = at("answer-after");
    this.#button.addEventListener("click", () => this.#open(this.#details.hidden));
  }

  /** @param {object} stats a `call.stats` message */
  update(stats) {
    if (stats.final) return; // Of the whole call, when that is over.
    const reading = this.#quality.update(stats);
    if (!reading) return;
    this.#show(reading);
    clearTimeout(this.#stale);
    this.#stale = setTimeout(() => this.#showStale(), STALE_MS);
  }

  /** @param {number | null} ms from the caller's last sound to the agent's first */
  answered(ms) {
    if (Number.isFinite(ms) && ms >= 0) write(this.#answer, ANSWER(ms));
  }

  /** The call is over. */
  hide() {
    clearTimeout(this.#stale);
    this.#quality = new Quality();
    this.#button.hidden = true;
    this.#open(false);
    write(this.#why, "");
    write(this.#answer, NONE);
  }

  #show({ level, bars, cause, details }) {
    this.#label(level, bars);
    write(this.#why, CAUSE[cause.kind]?.(cause.amount) ?? "");
    for (const [name, text] of Object.entries(FIGURE)) {
      write(this.#details.querySelector(`[data-figure=${name}]`), text(details[name]));
    }
    this.#button.hidden = false;
  }

  #showStale() {
    this.#label("none", 0);
    write(this.#why, CAUSE.none());
  }

  #label(level, bars) {
    this.#button.dataset.level = level;
    this.#button.dataset.bars = String(bars);
    write(this.#word, QUALITY[level]);
  }

  #open(on) {
    this.#details.hidden = !on;
    this.#button.setAttribute("aria-expanded", String(on));
  }
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
