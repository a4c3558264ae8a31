/**
 * How loud both were, over time: the caller above the middle line, the agent below.
 *
 * Drawn twice, faint and full; what has been played shows the full one, so that a
 * moving playhead costs no drawing.
 */

/** CSS pixels of a bar and between two. */
const BAR_PX = 2;
const GAP_PX = 1;

/** Around the middle line. */
const MIDDLE_PX = 1;

/** Share of full strength of what was not played yet. */
const FAINT = 0.38;

/** CSS pixels between the stripes of a pause. */
const HATCH_PX = 7;

export class Waveform {
  #ahead;
  #played;
  #peaks = null;
  #pauses = [];
  #wholeMs;

  /** @param {HTMLCanvasElement} ahead @param {HTMLCanvasElement} played lies above it */
  constructor(ahead, played, wholeMs) {
    this.#ahead = ahead;
    this.#played = played;
    this.#wholeMs = wholeMs;
    new ResizeObserver(() => this.draw()).observe(ahead.parentElement);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", () => this.draw());
    this.at(0);
  }

  /** @param {{step_ms: number, caller: number[], agent: number[]}} peaks 0 to 255 */
  set peaks(peaks) {
    this.#peaks = peaks;
    this.draw();
  }

  /** @param {{start_ms: number, end_ms: number}[]} pauses */
  set pauses(pauses) {
    this.#pauses = pauses;
    this.draw();
  }

  /** @param {number} ms up to where it was played */
  at(ms) {
    const share = Math.min(1, Math.max(0, ms / this.#wholeMs));
    this.#played.style.clipPath = `inset(0 ${(1 - share) * 100}% 0 0)`;
  }

  draw() {
    for (const canvas of [this.#ahead, this.#played]) {
      const { clientWidth: width, clientHeight: height } = canvas;
      const scale = devicePixelRatio || 1;
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
      const pen = canvas.getContext("2d");
      pen.scale(scale, scale);
      pen.globalAlpha = canvas === this.#ahead ? FAINT : 1;
      this.#draw(pen, width, height);
    }
  }

  #draw(pen, width, height) {
    const colours = getComputedStyle(this.#ahead);
    const middle = height / 2;
    for (const [leg, up] of [["caller", -1], ["agent", 1]]) {
      pen.fillStyle = colours.getPropertyValue(`--${leg}`);
      const tall = middle - MIDDLE_PX;
      for (let x = 0; x < width; x += BAR_PX + GAP_PX) {
        const loud = this.#loudest(leg, x / width, (x + BAR_PX + GAP_PX) / width);
        const long = Math.max(0.5, (loud / 255) * tall);
        const from = up < 0 ? middle - MIDDLE_PX / 2 - long : middle + MIDDLE_PX / 2;
        pen.fillRect(x, from, BAR_PX, long);
      }
    }
    for (const pause of this.#pauses) this.#hatch(pen, pause, width, height, colours);
  }

  /** Between two shares of the call. */
  #loudest(leg, from, to) {
    const points = this.#peaks?.[leg];
    if (!points?.length) return 0;
    const perShare = this.#wholeMs / this.#peaks.step_ms;
    const last = Math.max(from * perShare + 1, to * perShare);
    let most = 0;
    for (let at = Math.floor(from * perShare); at < last && at < points.length; at += 1) {
      if (points[at] > most) most = points[at];
    }
    return most;
  }

  #hatch(pen, { start_ms, end_ms }, width, height, colours) {
    const from = (start_ms / this.#wholeMs) * width;
    const wide = Math.max(2, ((end_ms - start_ms) / this.#wholeMs) * width);
    pen.save();
    pen.beginPath();
    pen.rect(from, 0, wide, height);
    pen.clip();
    pen.strokeStyle = colours.getPropertyValue("--quiet");
    pen.lineWidth = 1.5;
    pen.beginPath();
    for (let x = from - height; x < from + wide; x += HATCH_PX) {
      pen.moveTo(x, height);
      pen.lineTo(x + height, 0);
    }
    pen.stroke();
    pen.restore();
  }
}
