/**
 * Keeps the screen on during a call: a locked phone stops the microphone.
 *
 * The browser drops the lock whenever the page is hidden, so it is taken again when the
 * page comes back. Where there is no Wake Lock nothing happens: the call works anyway.
 */
export class WakeLock {
  #lock = null;
  #wanted = false;

  constructor() {
    document.addEventListener("visibilitychange", () => this.#take());
  }

  hold() {
    this.#wanted = true;
    this.#take();
  }

  release() {
    this.#wanted = false;
    this.#lock?.release();
    this.#lock = null;
  }

  async #take() {
    if (!this.#wanted || document.visibilityState !== "visible") return;
    if (this.#lock && !this.#lock.released) return;
    try {
      const lock = await navigator.wakeLock?.request("screen");
      if (this.#wanted) this.#lock = lock ?? null;
      else lock?.release();
    } catch {
      // Refused: low battery, or a policy. Not worth a word to the caller.
    }
  }
}
