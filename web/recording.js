/**
 * Shows during a call whether what is said is kept, with a button to pause that.
 *
 * It says what the server says: a press only asks, and changes nothing here.
 */
import { element } from "./element.js";
import { RECORDING } from "./texts.js";

/** How an answer to an offer says that it begins. */
const FIRST = Object.freeze({ kept: "on", off: "off", declined: "off" });

export class Recording {
  #state = "";
  #box;
  #word;
  #button;
  #refuge;

  /**
   * @param {HTMLElement} box with a word and a button
   * @param {HTMLElement} refuge takes the focus when the button goes away under it
   * @param {(on: boolean) => void} wish the caller wants it to go on, or to pause
   */
  constructor(box, refuge, wish) {
    this.#box = box;
    this.#word = box.querySelector("[role=status]");
    this.#button = box.querySelector("button");
    this.#refuge = refuge;
    this.#button.addEventListener("click", () => wish(this.#state === "paused"));
  }

  /** @param {string} kept of the server's answer; "" from one that does not say */
  begin(kept) {
    this.show(FIRST[kept] ?? "");
  }

  /** @param {string} state "on", "paused", "off" or "failed"; others are for newer pages */
  show(state) {
    const known = Object.hasOwn(RECORDING, state);
    if (!known && state) return;
    this.#state = state;
    this.#box.dataset.recording = state;
    this.#box.hidden = !known;
    this.#word.textContent = known ? RECORDING[state].word : "";
    const label = RECORDING[state]?.button ?? "";
    if (!label && document.activeElement === this.#button) this.#refuge.focus();
    this.#button.hidden = !label;
    // The light beside it says of what; who hears the button alone is told as well.
    const of = element("span", "unseen", " recording");
    this.#button.replaceChildren(...(label ? [label, of] : []));
  }

  /** The call is over. */
  hide() {
    this.show("");
  }
}
