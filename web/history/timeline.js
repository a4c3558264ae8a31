/**
 * The waveform as a control: pointer and keys go to a place in the call, and what is
 * pointed at is told.
 */
import { clock } from "../transcript.js";
import { PLAYER } from "./texts.js";

/** Of the arrow keys, and of Page Up and Down. */
const STEP_MS = 5_000;
const LEAP_MS = 30_000;

export class Timeline {
  #slider;
  #head;
  #hover;
  #sound;
  #held = false;
  #spokenS = -1;

  /**
   * @param {{slider: HTMLElement, head: HTMLElement, hover: HTMLElement}} parts
   * @param {import("./sound.js").Sound} sound
   */
  constructor({ slider, head, hover }, sound) {
    this.#slider = slider;
    this.#head = head;
    this.#hover = hover;
    this.#sound = sound;
    slider.setAttribute("aria-valuemax", String(Math.round(sound.wholeMs / 1000)));
    slider.addEventListener("keydown", (event) => this.#key(event));
    slider.addEventListener("pointerdown", (event) => this.#hold(event));
    slider.addEventListener("pointermove", (event) => this.#move(event));
    slider.addEventListener("pointerup", (event) => this.#drop(event));
    slider.addEventListener("pointercancel", () => this.#release());
    slider.addEventListener("pointerleave", () => {
      if (!this.#held) hover.hidden = true;
    });
    this.show(0);
  }

  /** @param {number} ms where the sound is */
  show(ms) {
    const share = Math.min(1, ms / this.#sound.wholeMs);
    this.#head.style.left = `${share * 100}%`;
    const seconds = Math.floor(ms / 1000);
    if (seconds === this.#spokenS) return;
    this.#spokenS = seconds;
    const words = PLAYER.position(clock(ms), clock(this.#sound.wholeMs));
    this.#slider.setAttribute("aria-valuenow", String(seconds));
    this.#slider.setAttribute("aria-valuetext", words);
  }

  #key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const { atMs, wholeMs } = this.#sound;
    const places = {
      ArrowLeft: atMs - STEP_MS,
      ArrowDown: atMs - STEP_MS,
      ArrowRight: atMs + STEP_MS,
      ArrowUp: atMs + STEP_MS,
      PageDown: atMs - LEAP_MS,
      PageUp: atMs + LEAP_MS,
      Home: 0,
      End: wholeMs,
    };
    if (!Object.hasOwn(places, event.key)) return;
    event.preventDefault();
    this.#sound.seek(places[event.key]);
  }

  #hold(event) {
    if (event.button !== 0) return;
    this.#held = true;
    this.#slider.setPointerCapture(event.pointerId);
    // A finger that goes up or down scrolls the page: until then it may be a tap.
    if (event.pointerType === "mouse") this.#sound.seek(this.#ms(event));
    this.#point(event);
  }

  #move(event) {
    this.#point(event);
    if (this.#held && event.pointerType === "mouse") this.#sound.seek(this.#ms(event));
  }

  #drop(event) {
    if (this.#held) this.#sound.seek(this.#ms(event));
    this.#release();
    if (event.pointerType !== "mouse") this.#hover.hidden = true;
  }

  #release() {
    this.#held = false;
    this.#hover.hidden = true;
  }

  #point(event) {
    const ms = this.#ms(event);
    this.#hover.hidden = false;
    this.#hover.style.left = `${(ms / this.#sound.wholeMs) * 100}%`;
    this.#hover.dataset.time = clock(ms);
    this.#hover.dataset.side = ms * 2 > this.#sound.wholeMs ? "left" : "right";
  }

  #ms(event) {
    const { left, width } = this.#slider.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - left) / width));
    return share * this.#sound.wholeMs;
  }
}
