/**
 * Draws the two level meters while a call runs.
 *
 * Events: `silence` (detail: boolean) when the microphone turns out to be dead, or alive.
 */
import { SilenceWatch } from "./levels.js";

/** A meter falls from full to empty in 0.4 s: readable, and no flicker in a pause. */
const FALL_PER_MS = 1 / 400;

/** With reduced motion the bars are still information, but they move in calm steps. */
const CALM_STEP_MS = 250;

/** Screen readers ask for a value now and then; the attribute need not follow faster. */
const ARIA_STEP_MS = 500;

export class Meters extends EventTarget {
  #levels;
  #panel;
  #shown = { caller: 0, agent: 0 };
  /** Since the screen readers were told last: a moment's value would say nothing. */
  #peak = { caller: 0, agent: 0 };
  #silence = new SilenceWatch();
  #silent = false;
  #frame = 0;
  #drawnMs = 0;
  #ariaMs = 0;
  #calm = matchMedia("(prefers-reduced-motion: reduce)");

  /** Set by the owner: while true, silence of the microphone is meant. */
  muted = false;

  /**
   * @param {import("./levels.js").Levels} levels
   * @param {HTMLElement} panel gets the levels as `--caller-level` and `--agent-level`
   *   for its style; its #caller-level and #agent-level are told for screen readers
   */
  constructor(levels, panel) {
    super();
    this.#levels = levels;
    this.#panel = panel;
  }

  start() {
    this.#silence = new SilenceWatch();
    this.#silent = false;
    this.#drawnMs = performance.now();
    this.#next();
  }

  stop() {
    cancelAnimationFrame(this.#frame);
    this.#peak = { caller: 0, agent: 0 };
    for (const who of ["caller", "agent"]) this.#draw(who, 0, true);
  }

  #next() {
    this.#frame = requestAnimationFrame((nowMs) => {
      this.#step(nowMs);
      this.#next();
    });
  }

  #step(nowMs) {
    const passedMs = nowMs - this.#drawnMs;
    const caller = this.#levels.read("caller");
    if (caller) this.#listen(caller.zero, nowMs);
    if (this.#calm.matches && passedMs < CALM_STEP_MS) return;
    const aria = nowMs - this.#ariaMs >= ARIA_STEP_MS;
    const fall = passedMs * FALL_PER_MS;
    this.#draw("caller", this.#fallen("caller", caller, fall), aria);
    this.#draw("agent", this.#fallen("agent", this.#levels.read("agent"), fall), aria);
    if (aria) this.#ariaMs = nowMs;
    this.#drawnMs = nowMs;
  }

  #fallen(who, reading, fall) {
    return Math.max(reading?.level ?? 0, this.#shown[who] - fall, 0);
  }

  #draw(who, level, aria) {
    this.#shown[who] = level;
    this.#peak[who] = Math.max(this.#peak[who], level);
    this.#panel.style.setProperty(`--${who}-level`, level.toFixed(3));
    if (!aria) return;
    const meter = this.#panel.querySelector(`#${who}-level`);
    meter.setAttribute("aria-valuenow", String(Math.round(this.#peak[who] * 100)));
    this.#peak[who] = 0;
  }

  #listen(zero, nowMs) {
    if (this.muted) this.#silence.pause();
    const silent = !this.muted && this.#silence.update(zero, nowMs);
    if (silent === this.#silent) return;
    this.#silent = silent;
    this.dispatchEvent(new CustomEvent("silence", { detail: silent }));
  }
}
