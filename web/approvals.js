/**
 * Questions whether a tool of the agent's service may be used: a card each, between the
 * transcript and the field to write in, until it is answered or its time is up.
 *
 * The box is a live region that says additions at once, since time runs; the clock of a
 * card is for the eyes only. The focus stays where the caller has it.
 */
import { button, element } from "./element.js";
import { APPROVAL } from "./texts.js";
import { clock } from "./transcript.js";

/** Nobody can answer more; what else is asked is refused. */
const MOST = 4;

/** A tap that was meant for what stood here before must not allow anything. */
const GUARD_MS = 500;

const TICK_MS = 250;

export class Approvals {
  #box;
  #send;
  #settled;
  #open = new Map();
  #guarding = 0;

  /**
   * @param {HTMLElement} box
   * @param {(id: string, approved: boolean) => void} send
   * @param {(text: string) => void} settled told what became of a question
   */
  constructor(box, send, settled) {
    this.#box = box;
    this.#send = send;
    this.#settled = settled;
  }

  /**
   * @param {{id: string, name: string, description?: string,
   *   arguments?: Record<string, unknown>, limit_s?: number}} question
   */
  ask(question) {
    const { id, name } = question;
    if (this.#open.has(id)) this.#remove(id);
    if (this.#open.size >= MOST) {
      this.#send(id, false);
      return;
    }
    const card = this.#draw(question);
    const ticking = limited(question) ? this.#run(card, question) : 0;
    this.#open.set(id, { card, ticking, name });
    this.#guard();
    this.#box.append(card);
  }

  /** The call is over: nobody waits for an answer any more. */
  clear() {
    for (const id of [...this.#open.keys()]) this.#remove(id);
  }

  #draw(question) {
    const { id, name, description } = question;
    const card = element("div", "card approval");
    const title = element("p", "title", APPROVAL.title(name));
    title.id = `approval-${++made}`;
    card.setAttribute("role", "group");
    card.setAttribute("aria-labelledby", title.id);
    card.append(title);
    if (description) card.append(element("p", "", String(description)));
    const details = Object.entries(question.arguments ?? {});
    if (details.length) card.append(listed(details));
    const answers = element("div", "answers");
    answers.append(
      button(APPROVAL.allow, () => this.#answer(id, true)),
      button(APPROVAL.refuse, () => this.#answer(id, false)),
    );
    if (limited(question)) answers.append(...limits(question.limit_s));
    card.append(answers);
    return card;
  }

  #run(card, { id, name, limit_s: limitS }) {
    const untilMs = performance.now() + limitS * 1000;
    return setInterval(() => {
      const leftMs = untilMs - performance.now();
      card.querySelector(".left").textContent = APPROVAL.left(rounded(leftMs));
      if (leftMs > 0) return;
      this.#remove(id);
      this.#settled(APPROVAL.late(name));
    }, TICK_MS);
  }

  #answer(id, approved) {
    const { name } = this.#open.get(id);
    this.#send(id, approved);
    this.#remove(id);
    this.#settled(approved ? APPROVAL.allowed(name) : APPROVAL.refused(name));
  }

  #remove(id) {
    const { card, ticking } = this.#open.get(id);
    clearInterval(ticking);
    this.#open.delete(id);
    const focused = card.contains(document.activeElement);
    card.remove();
    this.#guard();
    // Not to the next card: a key that was meant for this one must not answer it.
    if (focused) this.#box.focus({ preventScroll: true });
  }

  /** Cards move when one comes or goes. */
  #guard() {
    clearTimeout(this.#guarding);
    this.#box.toggleAttribute("data-moving", true);
    this.#guarding = setTimeout(
      () => this.#box.toggleAttribute("data-moving", false),
      GUARD_MS,
    );
  }
}

/** Cards made, for their ids. */
let made = 0;

function limited({ limit_s: limitS }) {
  return Number.isFinite(limitS) && limitS > 0;
}

/** For the ears once, for the eyes all the time. */
function limits(limitS) {
  const spoken = element("span", "unseen", APPROVAL.limit(Math.round(limitS)));
  const shown = element("span", "left", APPROVAL.left(rounded(limitS * 1000)));
  shown.setAttribute("aria-hidden", "true");
  return [spoken, shown];
}

/** Nothing is left out of what somebody consents to: a long list scrolls. */
function listed(details) {
  const list = element("dl", "details");
  list.tabIndex = 0;
  list.setAttribute("role", "group");
  list.setAttribute("aria-label", APPROVAL.arguments);
  for (const [name, value] of details) {
    const pair = element("div");
    const words = typeof value === "string" ? value : JSON.stringify(value);
    pair.append(element("dt", "", name), element("dd", "", words));
    list.append(pair);
  }
  return list;
}

/** The last second is shown as one, not as none. */
function rounded(ms) {
  return clock(Math.ceil(Math.max(0, ms) / 1000) * 1000);
}
