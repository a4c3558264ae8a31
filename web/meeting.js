/**
 * A meeting that caller and agent agreed on, as a card: when it is, what becomes of its
 * invitation, and what can be done about it.
 *
 * A card is drawn once and then changed where it stands, so that the focus, an open
 * form and the place in a list survive whatever the server says meanwhile.
 */
import { Correction } from "./correction.js";
import { button, element, isText } from "./element.js";
import { moment } from "./moment.js";
import { StandingLine, told } from "./standing.js";
import { ACT, MEETING, sentence } from "./texts.js";

/**
 * @typedef {{action: string}} Act what the server is asked to do, and what that needs
 *
 * @typedef {object} Ways what a card can do
 * @property {(act: Act) => Promise<string>} send resolves to why it did not work, or ""
 * @property {(meeting: object) => string[]} acts keys of `ACT` that it offers now
 * @property {boolean} own whether the attendee is who looks at it
 */

/** Acts that open the form, and the other ones' names for the server. */
const FORM = new Set(["correct", "complete"]);
const ACTION = Object.freeze({ dismiss: "undo" });

export class MeetingCard {
  /** For a list. */
  element = element("li", "card meeting");
  #ways;
  #face = element("div", "face");
  #standing = new StandingLine();
  #foot = element("div");
  #buttons = element("div", "answers");
  #trouble = element("p", "trouble");
  /** @type {Correction | null} while it is open */
  #form = null;
  #meeting = null;
  #drawn = "";
  #busy = false;

  /** @param {Ways} ways */
  constructor(ways) {
    this.#ways = ways;
    this.element.tabIndex = -1;
    this.#trouble.setAttribute("role", "alert");
    this.element.append(this.#face, this.#foot);
  }

  /** Have something more below all the rest. */
  extend(more) {
    this.element.append(more);
  }

  /**
   * @param {object} meeting as the server gives it
   * @returns {boolean} false when it is not said when it is: then nothing changes
   */
  show(meeting) {
    const when = moment(meeting);
    if (!when) return false;
    this.#meeting = meeting;
    const { status, standing } = meeting;
    this.element.dataset.status = isText(status) ? status : "other";
    this.element.dataset.standing = standing?.state ?? "";
    this.#drawFace(when);
    if (standing) this.#drawFoot(standing);
    return true;
  }

  /** It goes away. */
  release() {
    this.#standing.stop();
  }

  /** All of it in a sentence or two, for the ears. */
  get words() {
    const { day, hours } = moment(this.#meeting);
    const when = hours ? `${day}, ${hours}` : day;
    const { standing } = this.#meeting;
    const what = sentence(`${title(this.#meeting)}: ${when}`);
    return standing ? `${what} ${told(standing, this.#meeting)}` : what;
  }

  #drawFace(when) {
    const { topic, attendee, email } = this.#meeting;
    const lines = [
      ["title", title(this.#meeting)],
      ["hours", when.hours],
      ["", when.here],
      ["", isText(topic) ? topic : ""],
      ["", people(attendee, email)],
    ];
    const content = JSON.stringify([when, lines]);
    if (content === this.#drawn) return;
    this.#drawn = content;
    const made = lines
      .filter(([, words]) => words)
      .map(([kind, words]) => element("p", kind, words));
    const day = element("p", "day");
    day.append(when.start ? time(when) : when.day);
    made.splice(1, 0, day);
    this.#face.replaceChildren(...made);
  }

  #drawFoot(standing) {
    this.#standing.show(standing, this.#meeting);
    if (!this.element.contains(this.#standing.element)) {
      this.#face.after(this.#standing.element);
    }
    this.#drawButtons(this.#ways.acts(this.#meeting));
  }

  /** What stays, stays as it is: it may have the focus. */
  #drawButtons(acts) {
    const focused = this.#buttons.contains(document.activeElement);
    const known = new Map([...this.#buttons.children].map((it) => [it.dataset.act, it]));
    for (const [act, old] of known) if (!acts.includes(act)) old.remove();
    acts.forEach((act, at) => {
      const made = known.get(act) ?? this.#button(act);
      const there = this.#buttons.children[at];
      if (there !== made) this.#buttons.insertBefore(made, there ?? null);
    });
    if (!acts.length) this.#buttons.remove();
    else if (!this.#foot.contains(this.#buttons)) this.#foot.prepend(this.#buttons);
    if (focused && !this.#buttons.contains(document.activeElement)) this.focus();
  }

  #button(act) {
    const made = button(ACT[act], () => this.#press(act));
    made.dataset.act = act;
    if (act === "approve") made.classList.add("primary");
    if (FORM.has(act)) made.setAttribute("aria-expanded", String(this.#form !== null));
    return made;
  }

  #press(act) {
    if (!FORM.has(act)) this.#ask({ action: ACTION[act] ?? act });
    else if (this.#form) this.#close();
    else this.#open();
  }

  /** Ask the server; it is the server's answer that changes the card. */
  async #ask(act) {
    if (this.#busy) return;
    this.#setBusy(true);
    let trouble;
    try {
      trouble = await this.#ways.send(act);
    } finally {
      this.#setBusy(false);
    }
    if (this.#form && act.action === "correct") {
      if (trouble) this.#form.complain(trouble);
      else this.#close();
    } else {
      this.#complain(trouble);
    }
  }

  #setBusy(on) {
    this.#busy = on;
    this.element.toggleAttribute("data-busy", on);
    if (this.#form) this.#form.busy = on;
    if (on) this.#complain("");
  }

  #complain(words) {
    this.#trouble.textContent = words;
    if (!words) this.#trouble.remove();
    else this.#foot.append(this.#trouble);
  }

  #open() {
    this.#complain("");
    this.#form = new Correction(this.#meeting, {
      save: (change) => this.#ask(change),
      close: () => this.#close(),
      own: this.#ways.own,
    });
    this.#foot.append(this.#form.element);
    this.#tellOpen(true);
    this.#form.focus();
  }

  #close() {
    if (!this.#form) return;
    const focused = this.#form.element.contains(document.activeElement);
    this.#form.element.remove();
    this.#form = null;
    this.#tellOpen(false);
    if (focused) this.focus();
  }

  /** To where one goes on from. */
  focus() {
    const next = this.#buttons.querySelector("button");
    (next ?? this.element).focus({ preventScroll: true });
  }

  #tellOpen(open) {
    for (const made of this.#buttons.children) {
      if (FORM.has(made.dataset.act)) made.setAttribute("aria-expanded", String(open));
    }
  }
}

function title({ status, standing }) {
  if (standing?.state === "undone") return MEETING.undone;
  return Object.hasOwn(MEETING, status) ? MEETING[status] : MEETING.other;
}

function time({ day, start }) {
  const made = element("time", "", day);
  made.dateTime = start;
  return made;
}

function people(attendee, email) {
  const name = isText(attendee) ? attendee : "";
  const address = isText(email) ? email : "";
  if (name && address) return MEETING.with(`${name}, ${address}`);
  return name || address ? MEETING.with(name || address) : "";
}
