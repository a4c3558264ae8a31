/**
 * The meetings of the call on the page: a card for each in the transcript, told to
 * screen readers once for each thing that happens, and kept up to date after the call.
 */
import { isText } from "./element.js";
import { MeetingCard } from "./meeting.js";
import { fetchMeeting, postMeeting, SignalingError } from "./signaling.js";
import { due } from "./standing.js";
import { REFUSAL, REMINDER, sentence } from "./texts.js";
import { Watch } from "./watch.js";

/** More than anybody agrees on in a call; what else is said to be agreed is not shown. */
const MOST = 20;

/** What can still be corrected and taken back: nothing has left. */
const OPEN = new Set(["waiting", "review", "off"]);

export class Meetings {
  #transcript;
  #status;
  #reminder;
  /**
   * By id; with what was told of it, and its standing.
   * @type {Map<string, {card: MeetingCard, watch: Watch, heard: string, state: string}>}
   */
  #open = new Map();
  #over = false;

  /**
   * @param {import("./transcript.js").Transcript} transcript
   * @param {HTMLElement} status what screen readers say politely
   * @param {import("./reminder.js").Reminder} reminder
   */
  constructor(transcript, status, reminder) {
    this.#transcript = transcript;
    this.#status = status;
    this.#reminder = reminder;
  }

  /** Of a meeting, or of what becomes of it. */
  show(meeting) {
    const id = isText(meeting?.id) ? meeting.id : "";
    const one = this.#open.get(id) ?? this.#make(id);
    if (this.#open.size >= MOST && !this.#open.has(id)) return;
    if (!one.card.show(meeting)) return;
    this.#open.set(id, one);
    this.#transcript.card(one.card.element);
    this.#tell(one, meeting);
    one.state = meeting.standing?.state ?? "";
    this.#remind(one);
  }

  /** The call is over: from now on the server has to be asked. */
  close() {
    this.#over = true;
    for (const [id, one] of this.#open) {
      if (id) one.watch.start();
      this.#remind(one);
    }
  }

  /** Another call begins. */
  clear() {
    for (const { card, watch } of this.#open.values()) {
      card.release();
      this.#reminder.set(card, "");
      watch.stop();
    }
    this.#open.clear();
    this.#over = false;
  }

  #make(id) {
    const card = new MeetingCard({
      send: (act) => this.#send(id, act),
      acts: (meeting) => acts(meeting, id),
      own: true,
    });
    // What is to be heard of it is said by `#tell`, and not each second anew.
    card.element.setAttribute("aria-live", "off");
    return { card, watch: new Watch(() => this.#look(id)), heard: "", state: "" };
  }

  /** What is half said may well be completed in the call itself. */
  #remind({ card, state }) {
    const early = state === "draft" && !this.#over;
    const words = Object.hasOwn(REMINDER, state) && !early ? REMINDER[state] : "";
    this.#reminder.set(card, words);
  }

  /** In one sentence, and only when something has happened. */
  #tell(one, { standing, ...meeting }) {
    const { start, day, time, status, duration_min, attendee, email } = meeting;
    const state = standing?.state;
    const when = [start, day, time, status, duration_min];
    const what = JSON.stringify([...when, attendee, email, state]);
    // On its way is where it is for a moment only.
    if (what === one.heard || state === "queued") return;
    one.heard = what;
    this.#status.textContent = one.card.words;
  }

  async #send(id, act) {
    try {
      const { meeting } = await postMeeting(id, act);
      this.show(meeting);
      if (this.#over) this.#follow(id, meeting.standing);
      return "";
    } catch (error) {
      if (!(error instanceof SignalingError)) throw error;
      // Somebody, or time, was quicker: what stands on the card is old.
      if (error.code === "meeting-settled") this.#open.get(id)?.watch.start();
      return refusal(error);
    }
  }

  /** @returns {Promise<number | null>} see `Watch` */
  async #look(id) {
    try {
      const { meeting } = await fetchMeeting(id);
      if (this.#open.has(id)) this.show(meeting);
      return due(meeting.standing);
    } catch (error) {
      if (!(error instanceof SignalingError)) throw error;
      return error.code === "not-found" ? null : 0;
    }
  }

  #follow(id, standing) {
    const ms = due(standing);
    if (ms !== null) this.#open.get(id)?.watch.start(ms);
  }
}

function acts({ standing }, id) {
  if (!id) return [];
  if (standing?.state === "draft") return ["complete", "dismiss"];
  return OPEN.has(standing?.state) ? ["correct", "undo"] : [];
}

/** The server's own words as a sentence, or ours. */
function refusal({ code, detail }) {
  if (Object.hasOwn(REFUSAL, code)) return REFUSAL[code];
  return isText(detail) ? sentence(detail) : REFUSAL.other;
}
