/**
 * The words of both sides, as they come.
 *
 * A guess (`final: false`) stands in a line that screen readers skip, and the final
 * words take its place as a new line, so that each turn is read aloud exactly once.
 */
import { element } from "./element.js";
import { LINE } from "./texts.js";

/** Hours of conversation; older lines leave the page (the server keeps everything). */
const MOST_LINES = 600;

/** Typed turns that wait to be echoed by the agent; more are not worth comparing. */
const MOST_TYPED = 20;

/** An agent that echoes a typed turn does so at once; later, the same words were said. */
const ECHO_MS = 3_000;

/** How near the end counts as "reading along", in CSS pixels. */
const NEAR_END_PX = 48;

export class Transcript {
  #log;
  #list;
  #guess = { caller: null, agent: null };
  #typed = [];
  #interrupted = new Set();
  #following = true;
  #opinions;

  /**
   * @param {HTMLElement} log the scrolling role="log"
   * @param {HTMLElement} list
   * @param {import("./opinions.js").Opinions} opinions offered for the agent's lines
   */
  constructor(log, list, opinions) {
    this.#log = log;
    this.#list = list;
    this.#opinions = opinions;
    // Somebody who scrolled back to read is left in peace; everybody else sees the end,
    // also when a phone's keyboard or a banner takes room away.
    log.addEventListener("scroll", () => {
      const hidden = log.scrollHeight - log.scrollTop - log.clientHeight;
      this.#following = hidden <= NEAR_END_PX;
    });
    new ResizeObserver(() => this.#follow()).observe(log);
  }

  clear() {
    this.#list.replaceChildren();
    this.#guess = { caller: null, agent: null };
    this.#typed = [];
    this.#interrupted.clear();
    this.#following = true;
  }

  /**
   * @param {"caller" | "agent"} who
   * @param {{text: string, final: boolean, reply?: number, typed?: boolean,
   *   atMs?: number}} words
   */
  said(who, { text, final, reply = 0, typed = false, atMs }) {
    if (final && who === "caller" && this.#confirms(text, typed)) return;
    if (typed) {
      // Not from this page, or not as it was typed: the server knows better.
      this.#put(makeLine(who, text, atMs, LINE.typed));
      return;
    }
    // What another reply has begun to say stays: it was cut short, not rephrased.
    const begun = this.#guess[who];
    if (begun && begun.dataset.reply !== String(reply)) this.#settle(who);
    const guess = this.#guess[who];
    if (!text.trim()) {
      // The recogniser takes its guess back: there were no words.
      guess?.remove();
      this.#guess[who] = null;
      return;
    }
    const line = makeLine(who, text, atMs);
    line.dataset.reply = String(reply);
    if (who === "agent" && this.#interrupted.has(reply)) markInterrupted(line);
    if (!final) {
      line.classList.add("guess");
      line.setAttribute("aria-hidden", "true");
    }
    this.#guess[who] = final ? null : line;
    this.#put(line, guess);
    if (final && who === "agent" && reply > 0) this.#opinions.offer(line, reply);
  }

  /** What the caller typed stands at once; some agents echo it, some do not. */
  typed(text, atMs) {
    this.#typed.push({ text, sinceMs: performance.now(), echoed: false });
    if (this.#typed.length > MOST_TYPED) this.#typed.shift();
    this.#put(makeLine("caller", text, atMs, LINE.typed));
  }

  /** The agent's reply was cut off by the caller. */
  interrupted(reply) {
    this.#interrupted.add(reply);
    for (const line of this.#linesOf(reply)) markInterrupted(line);
  }

  /** After an interruption: these are the words of the reply that were heard. */
  corrected(reply, text) {
    this.#interrupted.add(reply);
    const [first, ...rest] = this.#linesOf(reply);
    for (const line of rest) line.remove();
    if (!first) return;
    if (first === this.#guess.agent) this.#settle("agent");
    if (rest.length) this.#opinions.offer(first, reply);
    const words = first.querySelector("p");
    words.textContent = text.trim() || LINE.unheard;
    first.classList.add(text.trim() ? "cut" : "unheard");
    markInterrupted(first);
  }

  /** A remark that nobody said: a tool, the queue. @returns {HTMLElement} its line */
  remark(text) {
    const line = element("li", "remark");
    line.append(element("p", "", text));
    this.#put(line);
    return line;
  }

  /** Change a remark, where it stands. */
  rewrite(line, text) {
    line.querySelector("p").textContent = text;
    this.#follow();
  }

  /** Put a card at the end, or leave it where it is. */
  card(card) {
    if (card.isConnected) this.#follow();
    else this.#put(card);
  }

  /**
   * Whether these words stand here already, as they were typed. The server says once
   * that it has them, and some agents say so too, as if they had been spoken.
   */
  #confirms(text, typed) {
    const nowMs = performance.now();
    this.#typed = this.#typed.filter(
      ({ sinceMs, echoed }) => !echoed || nowMs - sinceMs < ECHO_MS,
    );
    const at = this.#typed.findIndex(
      (one) => one.text.trim() === text.trim() && !(typed && one.echoed),
    );
    if (at < 0) return false;
    if (typed) this.#typed[at].echoed = true;
    else this.#typed.splice(at, 1);
    return true;
  }

  /** A guess that will not change any more. */
  #settle(who) {
    const line = this.#guess[who];
    line.classList.remove("guess");
    line.removeAttribute("aria-hidden");
    this.#guess[who] = null;
  }

  #linesOf(reply) {
    return [...this.#list.querySelectorAll(`.agent[data-reply="${Number(reply)}"]`)];
  }

  #put(line, instead = null) {
    if (instead?.isConnected) instead.replaceWith(line);
    else this.#list.append(line);
    while (this.#list.childElementCount > MOST_LINES) this.#list.firstChild.remove();
    this.#follow();
  }

  #follow() {
    // Without lines there are tips, and tips are read from the top.
    if (!this.#list.childElementCount) return;
    // Who fills in a form must not lose it out of sight.
    if (this.#list.querySelector("form")) return;
    if (this.#following) this.#log.scrollTop = this.#log.scrollHeight;
  }
}

function makeLine(who, text, atMs, note = "") {
  const line = element("li", who);
  const head = element("div", "head");
  head.append(element("span", "who", LINE[who]));
  if (note) head.append(element("span", "note", note));
  if (Number.isFinite(atMs)) head.append(element("time", "", clock(atMs)));
  line.append(head, element("p", "", text));
  return line;
}

function markInterrupted(line) {
  if (line.classList.contains("interrupted")) return;
  line.classList.add("interrupted");
  const note = element("span", "note", LINE.interrupted);
  line.querySelector(".who").after(note);
}

/** @param {number} ms since the call began @returns {string} "2:05" or "1:02:05" */
export function clock(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (number) => String(number).padStart(2, "0");
  const minutes = Math.floor(seconds / 60) % 60;
  const hours = Math.floor(seconds / 3600);
  const tail = two(seconds % 60);
  return hours ? `${hours}:${two(minutes)}:${tail}` : `${minutes}:${tail}`;
}
