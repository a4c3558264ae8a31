/**
 * The words of both sides, as they come.
 *
 * A guess (`final: false`) stands in a line that screen readers skip, and the final
 * words take its place as a new line, so that each turn is read aloud exactly once.
 */
import { LINE } from "./texts.js";

/** Hours of conversation; older lines leave the page (the server keeps everything). */
const MOST_LINES = 600;

/** Typed turns that wait to be echoed by the agent; more are not worth comparing. */
const MOST_TYPED = 20;

/** How near the end counts as "reading along", in CSS pixels. */
const NEAR_END_PX = 48;

export class Transcript {
  #log;
  #list;
  #guess = { caller: null, agent: null };
  #typed = [];
  #interrupted = new Set();
  #following = true;

  /** @param {HTMLElement} log the scrolling role="log" @param {HTMLElement} list */
  constructor(log, list) {
    this.#log = log;
    this.#list = list;
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
   * @param {{text: string, final: boolean, reply?: number, atMs?: number}} words
   */
  said(who, { text, final, reply = 0, atMs }) {
    if (final && who === "caller" && this.#confirms(text)) return;
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
  }

  /** What the caller typed stands at once; some agents echo it, some do not. */
  typed(text, atMs) {
    this.#typed.push(text);
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
    const words = first.querySelector("p");
    words.textContent = text.trim() || LINE.unheard;
    first.classList.add(text.trim() ? "cut" : "unheard");
    markInterrupted(first);
  }

  /** A remark that nobody said: a tool, the queue. */
  remark(text) {
    const line = document.createElement("li");
    line.className = "remark";
    line.append(element("p", "", text));
    this.#put(line);
  }

  #confirms(text) {
    const at = this.#typed.findIndex((typed) => typed.trim() === text.trim());
    if (at < 0) return false;
    this.#typed.splice(at, 1);
    return true;
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
    if (this.#following) this.#log.scrollTop = this.#log.scrollHeight;
  }
}

function makeLine(who, text, atMs, note = "") {
  const line = document.createElement("li");
  line.className = who;
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

function element(name, className, text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text;
  return made;
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
