/**
 * What becomes of a meeting's letters, in a line that counts down while one waits.
 *
 * The clock is for the eyes: what is to be heard is said elsewhere, and once.
 */
import { element, isText } from "./element.js";
import { LETTER, RECIPIENTS, sentence, STANDING, TOLD } from "./texts.js";

const TICK_MS = 250;

/** A letter leaves within so many ms of its time. */
const LEAVING_MS = 500;

/**
 * @typedef {{state: string, leaves_in_s?: number, to?: string[], why?: string}} Standing
 */

export class StandingLine {
  /** For the card. */
  element = element("div", "standing");
  #words = element("p", "words");
  #left = element("span", "left");
  #bar = element("div", "run");
  #to = element("p", "to");
  #letter = "";
  #untilMs = 0;
  #wholeMs = 0;
  #ticking = 0;

  constructor() {
    this.#bar.setAttribute("aria-hidden", "true");
  }

  /**
   * @param {Standing} standing
   * @param {{status?: string, email?: string}} meeting whose it is
   */
  show(standing, meeting) {
    this.stop();
    const waiting = isWaiting(standing);
    const goes = waiting || ["review", "queued"].includes(standing.state);
    this.#letter = letter(meeting);
    this.element.dataset.state = standing.state;
    if (!waiting) {
      this.#wholeMs = 0;
      this.#words.textContent = words(standing, meeting);
    }
    this.#to.textContent = goes ? recipients(standing, meeting) : "";
    const lines = [this.#words, this.#to].filter((line) => waiting || line.textContent);
    this.element.replaceChildren(...(waiting ? [this.#bar] : []), ...lines);
    if (waiting) this.#run(standing.leaves_in_s * 1000);
  }

  /** Of a card that goes away: its clock would run for ever. */
  stop() {
    clearInterval(this.#ticking);
  }

  #run(ms) {
    this.#untilMs = performance.now() + ms;
    this.#wholeMs = Math.max(this.#wholeMs, ms, 1);
    this.#words.replaceChildren(`${STANDING.waiting(this.#letter)} `, this.#left);
    this.#ticking = setInterval(() => this.#tick(), TICK_MS);
    this.#tick();
  }

  #tick() {
    const leftMs = Math.max(0, this.#untilMs - performance.now());
    const seconds = STANDING.left(Math.ceil(leftMs / 1000));
    if (this.#left.textContent !== seconds) this.#left.textContent = seconds;
    this.#bar.style.setProperty("--left", String(leftMs / this.#wholeMs));
    if (leftMs > 0) return;
    this.stop();
    this.#words.textContent = STANDING.leaving(this.#letter);
  }
}

/**
 * For screen readers, and for nobody to look at.
 * @param {Standing} standing
 */
export function told(standing, meeting) {
  if (standing.state === "draft") return TOLD.draft;
  if (!isWaiting(standing)) return sentence(words(standing, meeting));
  return TOLD.waiting(letter(meeting), Math.ceil(standing.leaves_in_s));
}

/**
 * In how many ms a letter may have come on by itself.
 * @param {Standing} [standing]
 * @returns {number | null} 0 if nobody knows, null if it has come to rest
 */
export function due(standing) {
  if (standing?.state !== "waiting") return standing?.state === "queued" ? 0 : null;
  return isWaiting(standing) ? standing.leaves_in_s * 1000 + LEAVING_MS : 0;
}

function words({ state, why }, meeting) {
  if (state === "waiting") return STANDING.leaving(letter(meeting));
  if (!Object.hasOwn(STANDING, state)) return "";
  return STANDING[state](letter(meeting), isText(why) ? why : "");
}

function isWaiting({ state, leaves_in_s: seconds }) {
  return state === "waiting" && Number.isFinite(seconds) && seconds > 0;
}

function letter({ status }) {
  return LETTER[Object.hasOwn(LETTER, status) ? status : "agreed"];
}

function recipients({ to }, { email }) {
  if (!Array.isArray(to)) return "";
  const desk = to.includes("desk");
  if (!to.includes("attendee")) return desk ? RECIPIENTS.desk : RECIPIENTS.none;
  const address = isText(email) ? email : RECIPIENTS.someone;
  return RECIPIENTS[desk ? "both" : "attendee"](address);
}
