/**
 * The transcript beside the sound: shows what is being said, and goes where one clicks.
 *
 * Who scrolls away to read is left in peace until they ask to follow again.
 */
import { element } from "../element.js";
import { clock } from "../transcript.js";
import { MARK, PARTY, PLAYER } from "./texts.js";
import { meaning } from "./marks.js";
import { length, short } from "./times.js";

/** Marks that belong between the turns; the others are seen in the turns themselves. */
const REMARKS = new Set(["handover", "trouble"]);

/** How near to its end a growing transcript counts as read along, in CSS pixels. */
const NEAR_END_PX = 48;

const STEP = Object.freeze({ ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity });
const SCROLL_KEYS = new Set(["PageUp", "PageDown", " "]);

export class Turns {
  #box;
  #list;
  #button;
  #go;
  #lines = [];
  #current = null;
  #following = true;
  #search;
  #drawn = "";

  /**
   * @param {{box: HTMLElement, list: HTMLElement, button: HTMLButtonElement}} parts
   * @param {(ms: number) => void} go plays from there; null: there is no sound
   * @param {string} search words that led here
   */
  constructor({ box, list, button }, go, search = "") {
    this.#box = box;
    this.#list = list;
    this.#button = button;
    this.#go = go;
    this.#search = pattern(search);
    for (const kind of ["wheel", "touchmove"]) {
      box.addEventListener(kind, () => this.#leave(), { passive: true });
    }
    // The scroll bar lies in the box but in no line of it.
    box.addEventListener("pointerdown", (event) => {
      if (event.target === box) this.#leave();
    });
    box.addEventListener("keydown", (event) => {
      if (SCROLL_KEYS.has(event.key) && event.target === box) this.#leave();
    });
    list.addEventListener("click", (event) => this.#click(event));
    list.addEventListener("keydown", (event) => this.#walk(event));
    button.addEventListener("click", () => this.follow());
  }

  /** @returns {number[]} where turns begin, in ms */
  get starts() {
    return this.#lines.map(({ startMs }) => startMs);
  }

  /**
   * @param {{turns?: object[], pauses?: object[]}} transcript
   * @param {import("./marks.js").Mark[]} marks
   */
  draw(transcript, marks, emptyWords) {
    const content = JSON.stringify([transcript, marks]);
    if (content === this.#drawn) return;
    this.#drawn = content;
    const { scrollHeight, scrollTop, clientHeight } = this.#box;
    const hidden = scrollHeight - scrollTop - clientHeight;
    const turns = (transcript.turns ?? []).filter(({ text }) => text);
    this.#lines = turns.map((turn) => this.#make(turn));
    const all = [...this.#lines, ...remarks(transcript.pauses ?? [], marks)];
    all.sort((one, other) => one.startMs - other.startMs);
    const none = turns.length ? [] : [element("li", "remark", emptyWords)];
    this.#list.replaceChildren(...none, ...all.map(({ line }) => line));
    this.#stop(this.#lines[0]?.line.querySelector("button"));
    const growing = this.#go === null;
    if (growing && hidden < NEAR_END_PX) this.#box.scrollTop = this.#box.scrollHeight;
  }

  /** @param {number} ms where the sound is */
  at(ms) {
    const current = this.#lines.findLast(({ startMs }) => startMs <= ms + 1) ?? null;
    if (current === this.#current) return;
    this.#current?.line.removeAttribute("aria-current");
    this.#current = current;
    current?.line.setAttribute("aria-current", "true");
    if (this.#following) this.#scroll();
  }

  follow() {
    const focused = document.activeElement === this.#button;
    this.#following = true;
    this.#button.hidden = true;
    this.#scroll();
    // The button goes; who pressed it by keyboard goes on where the sound is.
    const time = focused && this.#current?.line.querySelector("button");
    if (time) time.focus({ preventScroll: true });
  }

  #leave() {
    if (!this.#go || this.#box.scrollHeight <= this.#box.clientHeight) return;
    this.#following = false;
    this.#button.hidden = false;
  }

  #scroll() {
    const line = this.#current?.line;
    if (!line) return;
    const box = this.#box.getBoundingClientRect();
    const { top, height } = line.getBoundingClientRect();
    const offset = top - box.top - Math.max(8, (box.height - height) / 3);
    const smooth = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.#box.scrollBy({ top: offset, behavior: smooth ? "smooth" : "instant" });
  }

  #click(event) {
    const line = event.target.closest("li.turn");
    // Who marks words wants to copy them.
    const marking = getSelection()?.type === "Range" && !event.target.closest("button");
    if (!line || !this.#go || marking) return;
    this.#go(Number(line.dataset.startMs));
    this.#stop(line.querySelector("button"));
    this.follow();
  }

  #walk(event) {
    const step = STEP[event.key];
    const all = this.#lines.map(({ line }) => line.querySelector("button"));
    const here = all.indexOf(event.target);
    if (!step || here < 0) return;
    event.preventDefault();
    const next = all[Math.min(all.length - 1, Math.max(0, here + step))];
    this.#leave();
    this.#stop(next);
    next.focus();
  }

  #stop(here) {
    for (const { line } of this.#lines) {
      const made = line.querySelector("button");
      if (made) made.tabIndex = made === here ? 0 : -1;
    }
  }

  #make(turn) {
    const startMs = turn.start_ms ?? 0;
    const line = element("li", `turn ${turn.who === "caller" ? "caller" : "agent"}`);
    line.dataset.startMs = String(startMs);
    line.classList.toggle("cut", turn.interrupted === true);
    line.classList.toggle("guess", turn.final === false);
    const head = element("div", "turn-head");
    const who = PARTY[turn.who] ?? turn.who;
    head.append(element("span", "who", who), this.#time(startMs, who));
    if (turn.interrupted) head.append(element("span", "badge odd", cutWords(turn)));
    const words = element("p");
    words.append(...highlighted(turn.text, this.#search));
    line.append(head, words);
    return { line, startMs };
  }

  #time(startMs, who) {
    if (!this.#go) return element("span", "time", clock(startMs));
    const made = element("button", "time", clock(startMs));
    made.type = "button";
    made.setAttribute("aria-label", PLAYER.goTo(clock(startMs), who));
    return made;
  }
}

function cutWords({ heard_ms }) {
  if (!Number.isFinite(heard_ms)) return PLAYER.cut;
  return heard_ms > 0 ? `${PLAYER.cut}, ${PLAYER.heard(short(heard_ms))}` : PLAYER.unheard;
}

function remarks(pauses, marks) {
  const made = pauses.map(({ start_ms, end_ms }) => {
    const words = PLAYER.paused(length((end_ms ?? start_ms) - start_ms));
    return { startMs: start_ms, line: element("li", "remark pause", words) };
  });
  for (const mark of marks) {
    if (!REMARKS.has(mark.kind) || !Object.hasOwn(MARK, mark.kind)) continue;
    const line = element("li", `remark ${mark.kind}`, meaning(mark));
    made.push({ startMs: mark.at_ms, line });
  }
  return made;
}

/** @returns {RegExp | null} finds the words, in whatever case */
function pattern(search) {
  const words = search.split(/\s+/).filter(Boolean);
  if (!words.length) return null;
  const plain = words.map((word) => word.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`(${plain.join("|")})`, "giu");
}

function highlighted(text, search) {
  if (!search) return [text];
  // Every second part is what was found, as the pattern has one group.
  return text.split(search).map((part, at) => (at % 2 ? element("mark", "", part) : part));
}
