/**
 * The form that corrects a meeting, or completes one of which something is missing.
 */
import { button, element, isText } from "./element.js";
import { fields, place } from "./moment.js";
import { CORRECTION } from "./texts.js";

/** Minutes to choose among; what the meeting has is added. */
const LENGTHS = Object.freeze([15, 20, 30, 45, 60, 90, 120, 180, 240]);

/** The longest that the server takes, in characters. */
const LONGEST_TEXT = 200;

/** Forms made, for their ids. */
let made = 0;

export class Correction {
  /** For the card. */
  element = element("form", "correction");
  #zone;
  /** Fields of which the server keeps to itself what is in them. */
  #hidden = new Set();
  #inputs = {};
  #save;
  #trouble = element("p", "trouble");

  /**
   * @param {object} meeting
   * @param {{save: (change: object) => void, close: () => void, own: boolean}} how
   *   `own`: who fills it in is the attendee, and the browser may help
   */
  constructor(meeting, { save, close, own }) {
    made += 1;
    this.#zone = isText(meeting.zone) ? meeting.zone : "";
    for (const name of ["attendee", "email"]) {
      if (!Object.hasOwn(meeting, name)) this.#hidden.add(name);
    }
    this.#trouble.setAttribute("role", "alert");
    this.#save = element("button", "primary", CORRECTION.save);
    this.#save.type = "submit";
    this.#draw(meeting, own, button(CORRECTION.close, close));
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.busy) save(this.#change());
    });
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      close();
    });
  }

  get busy() {
    return this.element.getAttribute("aria-busy") === "true";
  }

  /** While the server is asked, nothing is sent again. */
  set busy(on) {
    this.element.setAttribute("aria-busy", String(on));
    this.#save.textContent = on ? CORRECTION.saving : CORRECTION.save;
    if (on) this.#trouble.textContent = "";
  }

  /** Say why it was not taken. */
  complain(words) {
    this.#trouble.textContent = words;
    this.#save.scrollIntoView({ block: "nearest" });
    this.#trouble.scrollIntoView({ block: "nearest" });
  }

  /** To the first field that wants to be filled in. */
  focus() {
    const all = Object.values(this.#inputs);
    const first = all.find((input) => input.required && !input.value) ?? all[0];
    this.element.scrollIntoView({ block: "nearest" });
    first.focus(); // Where the form is higher than what shows it, this is what is seen.
  }

  #draw(meeting, own, cancel) {
    const { day, time } = fields(meeting);
    const zoned = this.#zone ? CORRECTION.zoned(place(this.#zone)) : CORRECTION.time;
    const text = { maxLength: LONGEST_TEXT };
    this.#add("day", CORRECTION.day, { type: "date", value: day, required: true });
    this.#add("time", zoned, { type: "time", value: time, required: true });
    this.#addLength(meeting.duration_min);
    this.#add("attendee", CORRECTION.attendee, {
      ...text,
      value: isText(meeting.attendee) ? meeting.attendee : "",
      autocomplete: own ? "name" : "off",
    });
    this.#add("email", CORRECTION.email, {
      ...text,
      type: "email",
      value: isText(meeting.email) ? meeting.email : "",
      autocomplete: own ? "email" : "off",
    });
    const answers = element("div", "answers");
    answers.append(this.#save, cancel);
    this.element.setAttribute("aria-label", CORRECTION.name);
    this.element.append(this.#trouble, answers);
  }

  #add(name, words, attributes) {
    this.#place(name, words, Object.assign(element("input"), attributes));
  }

  #addLength(minutes) {
    const select = element("select");
    const known = Number.isInteger(minutes) && minutes > 0;
    const all = new Set(known ? [...LENGTHS, minutes] : LENGTHS);
    for (const one of [...all].sort((a, b) => a - b)) {
      select.append(new Option(CORRECTION.minutes(one), String(one)));
    }
    select.value = String(known ? minutes : 30);
    this.#place("duration_min", CORRECTION.length, select);
  }

  #place(name, words, input) {
    const box = element("div", "field");
    box.dataset.field = name;
    const label = element("label", "", words);
    input.name = name;
    input.id = `correction-${made}-${name}`;
    label.htmlFor = input.id;
    box.append(label, input);
    this.#inputs[name] = input;
    this.element.append(box);
  }

  /** As the server takes it. */
  #change() {
    const { day, time, duration_min: length, attendee, email } = this.#inputs;
    const people = { attendee: attendee.value.trim(), email: email.value.trim() };
    // What one was not shown and has not filled in is not to be emptied.
    for (const name of this.#hidden) if (!people[name]) delete people[name];
    return {
      action: "correct",
      day: day.value,
      time: time.value.slice(0, 5), // Some browsers add seconds.
      ...(this.#zone && { zone: this.#zone }),
      duration_min: Number(length.value),
      ...people,
    };
  }
}
