/**
 * Looks again and again at what the server still works on: ever more rarely, not while
 * nobody sees the page, and not for ever.
 */

/** Between the first two looks. */
const FIRST_MS = 1_000;

/** Between the last ones. */
const LONGEST_MS = 30_000;

/** A quarter of an hour of looks. A mail server that takes longer takes hours. */
const MOST_LOOKS = 40;

export class Watch {
  #look;
  #looks = 0;
  #timer = 0;
  #resume = () => this.#now();

  /**
   * @param {() => Promise<number | null>} look takes a look, and tells in how many ms
   *   something may have happened: 0 if that is not known, null if nothing ever will
   */
  constructor(look) {
    this.#look = look;
  }

  /** Begin, or begin anew. @param {number} inMs as of `look` */
  start(inMs = 0) {
    this.#looks = 0;
    this.#later(inMs);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    document.removeEventListener("visibilitychange", this.#resume);
  }

  #later(ms) {
    this.stop();
    if (this.#looks >= MOST_LOOKS) return;
    const pause = ms > 0 ? ms : FIRST_MS * 1.25 ** this.#looks;
    this.#timer = setTimeout(
      () => this.#now(),
      Math.min(LONGEST_MS, Math.max(FIRST_MS, pause)),
    );
  }

  async #now() {
    if (document.hidden) {
      document.addEventListener("visibilitychange", this.#resume);
      return;
    }
    document.removeEventListener("visibilitychange", this.#resume);
    this.#looks += 1;
    const mine = this.#timer;
    const next = await this.#look();
    // Stopped or begun anew meanwhile.
    if (mine === this.#timer && next !== null) this.#later(next);
  }
}
