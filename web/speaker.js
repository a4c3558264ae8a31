/**
 * The agent's voice, played through the page's one audio element.
 *
 * Through an element and not through Web Audio: only then does the browser's echo
 * canceller know what the loudspeaker plays, and only then does Chromium give sound to
 * an analyser of a remote stream. The element is the same for all calls, because a
 * phone that once let it play inside a tap lets it play again.
 *
 * Events: `change` whenever `blocked` changes.
 */
export class Speaker extends EventTarget {
  #element;

  /** The browser refused to play without another tap. */
  blocked = false;

  /** @param {HTMLAudioElement} element */
  constructor(element) {
    super();
    this.#element = element;
    // The browser may refuse at the track and agree once there is something to hear.
    element.addEventListener("canplay", () => this.play());
  }

  /**
   * Call inside the tap, before there is anything to hear: this is what permits the
   * later `play`. An empty stream gives the element something to be playing.
   */
  unlock() {
    this.#element.srcObject = new MediaStream();
    this.play();
  }

  /** @param {MediaStream} stream */
  attach(stream) {
    this.#element.srcObject = stream;
    this.play();
  }

  /** Never raises; a refusal shows in `blocked`. */
  async play() {
    if (!this.#element.srcObject) return;
    try {
      await this.#element.play();
      this.#tell(false);
    } catch (error) {
      // AbortError: a newer stream took this one's place. Its own `play` reports.
      if (error.name === "NotAllowedError") this.#tell(true);
    }
  }

  stop() {
    this.#element.pause();
    this.#element.srcObject = null;
    this.#tell(false);
  }

  #tell(blocked) {
    if (blocked === this.blocked) return;
    this.blocked = blocked;
    this.dispatchEvent(new Event("change"));
  }
}
