/**
 * The meetings of a call: what became of them, how they are known, and what can be done.
 */
import { isText } from "../element.js";
import { MeetingCard } from "../meeting.js";
import { due } from "../standing.js";
import { sentence } from "../texts.js";
import { Watch } from "../watch.js";
import { Failure, post } from "./api.js";
import { Origin } from "./origin.js";

/** What can be done, by what becomes of its letters. */
const ACTS = Object.freeze({
  draft: ["complete", "discard"],
  review: ["approve", "correct", "discard"],
  waiting: ["correct", "discard"],
  queued: ["correct"],
  sent: ["correct"],
  outbox: ["correct"],
  failed: ["resend", "correct"],
  off: ["correct"],
});

export class Meetings {
  #parts;
  #address;
  #reload;
  #go;
  #watch;
  /** @type {Map<string, {card: MeetingCard, origin: Origin}>} by id */
  #open = new Map();

  /**
   * @param {{section: HTMLElement, list: HTMLElement, status: HTMLElement}} parts
   * @param {{address: (file: string) => string, reload: () => Promise<object>,
   *   go: ((ms: number) => void) | null}} call where its files are; how it is now; plays
   *   from there, null: there is no sound
   */
  constructor(parts, { address, reload, go }) {
    this.#parts = parts;
    this.#address = address;
    this.#reload = reload;
    this.#go = go;
    this.#watch = new Watch(() => this.#look());
  }

  /** @param {object} call as the server gives it */
  show(call) {
    this.#draw(call);
    const ms = soonest(all(call));
    if (ms !== null) this.#watch.start(ms);
  }

  #draw(call) {
    for (const meeting of all(call)) this.#show(meeting);
    this.#parts.section.hidden = !this.#open.size;
  }

  #show(meeting) {
    const id = isText(meeting?.id) ? meeting.id : "";
    const one = this.#open.get(id) ?? this.#make(id);
    if (!one.card.show(meeting)) return;
    one.origin.show(meeting, this.#calendar(meeting, id));
    if (this.#open.has(id)) return;
    this.#open.set(id, one);
    this.#parts.list.append(one.card.element);
  }

  #make(id) {
    const origin = new Origin(this.#go);
    const card = new MeetingCard({
      send: (act) => this.#send(id, act),
      acts: ({ standing }) => (id && ACTS[standing?.state]) || [],
      own: false,
    });
    card.extend(origin.element);
    return { card, origin };
  }

  /** Its address as a file for calendars, or "". */
  #calendar({ status, standing }, id) {
    const agreed = id && status === "agreed" && standing?.state !== "undone";
    return agreed ? this.#address(`meeting.ics?id=${encodeURIComponent(id)}`) : "";
  }

  async #send(id, act) {
    try {
      await post(this.#address(`meetings/${encodeURIComponent(id)}`), act);
      this.show(await this.#reload());
      this.#parts.status.textContent = this.#open.get(id).card.words;
      return "";
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#watch.start(); // Perhaps somebody else was quicker.
      return `${error.words.title}. ${sentence(error.words.advice)}`;
    }
  }

  /** @returns {Promise<number | null>} see `Watch` */
  async #look() {
    try {
      const call = await this.#reload();
      this.#draw(call);
      return soonest(all(call));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return error.code === "not-found" ? null : 0;
    }
  }
}

/** @returns {object[]} */
function all({ meetings, meeting }) {
  if (meetings?.length) return meetings;
  return meeting ? [meeting] : []; // of a call that is older than all the rest
}

/** @returns {number | null} as `due`, of the first one */
function soonest(meetings) {
  const known = meetings.map((meeting) => due(meeting?.standing));
  const moving = known.filter((ms) => ms !== null);
  return moving.length ? Math.min(...moving) : null;
}
