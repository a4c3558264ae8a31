/**
 * How good the line is: judges the server's `call.stats`, one message every two seconds.
 * No DOM and no clock.
 *
 * People should see a connection that is bad, and not each packet that is lost: a level
 * is judged by the last messages together, and to rise again takes a little more than to
 * have stayed.
 */

/** Messages that count, 6 s. In one alone, a single lost packet looks like a bad line. */
const WINDOW = 3;

/**
 * Opinion scores (ITU-T G.107, annex B) from which a line has this name: 4.0 is
 * "satisfied", 3.6 "some dissatisfied", 3.1 "many dissatisfied".
 */
const LEVELS = Object.freeze([
  { level: "good", bars: 4, from: 4.0 },
  { level: "fair", bars: 3, from: 3.6 },
  { level: "weak", bars: 2, from: 3.1 },
  { level: "poor", bars: 1, from: -Infinity },
]);

/** A level is entered from below only with this much to spare, or bars would flicker. */
const CLIMB = 0.1;

/** Per cent of a voice: less is not what makes a line bad. */
const LEAST_MISSING = 1;

/** There and back: up to 150 ms each way disturbs hardly anybody (ITU-T G.114). */
const LONG_WAY_MS = 300;

/** A mean deviation as long as a packet: sound comes in lumps. */
const UNEVEN_MS = 20;

/**
 * @typedef {{kind: "" | "up" | "down" | "way" | "uneven", amount: number}} Cause
 *   amount: per cent of the caller's (up) or agent's (down) voice that is missing; ms
 *   one way (way)
 * @typedef {{rttMs: number?, jitterMs: number?, upPct: number?, downPct: number?}} Details
 * @typedef {{level: string, bars: number, cause: Cause, details: Details}} Reading
 */

export class Quality {
  /** @type {object[]} */
  #recent = [];
  #rank = null;
  #cause = none();

  /**
   * @param {object} stats one `call.stats`
   * @returns {Reading | null} null as long as nothing is known
   */
  update(stats) {
    this.#recent.push(taken(stats));
    if (this.#recent.length > WINDOW) this.#recent.shift();
    const mos = this.#mean("mos");
    if (mos === null) return null;
    this.#rank = ranked(mos, this.#rank);
    const { level, bars } = LEVELS[this.#rank];
    this.#cause = level === "good" ? none() : calmed(this.#why(), this.#cause);
    return { level, bars, cause: this.#cause, details: this.#details() };
  }

  #why() {
    const { rttMs, jitterMs, upPct, downPct } = this.#details();
    const up = (this.#mean("mosUp") ?? 5) <= (this.#mean("mosDown") ?? 5);
    const missing = up ? upPct : downPct;
    if (missing >= LEAST_MISSING) return { kind: up ? "up" : "down", amount: missing };
    if (rttMs >= LONG_WAY_MS) return { kind: "way", amount: rttMs / 2 };
    if (jitterMs >= UNEVEN_MS) return { kind: "uneven", amount: 0 };
    return none();
  }

  #details() {
    return {
      rttMs: this.#mean("rttMs"),
      jitterMs: this.#mean("jitterMs"),
      upPct: this.#mean("upPct"),
      downPct: this.#mean("downPct"),
    };
  }

  /** Of the messages that had it. */
  #mean(name) {
    const known = this.#recent.map((one) => one[name]).filter(Number.isFinite);
    return known.length ? known.reduce((sum, x) => sum + x, 0) / known.length : null;
  }
}

/** What counts of one message. Whatever is no number is not known. */
function taken(stats) {
  const { mos, mos_up: mosUp, mos_down: mosDown, rtt_ms: rttMs } = stats;
  const jitters = [stats.jitter_up_ms, stats.jitter_down_ms].filter(Number.isFinite);
  const jitterMs = jitters.length ? Math.max(...jitters) : NaN;
  const downPct = stats.loss_down_pct;
  return { mos, mosUp, mosDown, rttMs, jitterMs, upPct: unheard(stats), downPct };
}

/** Per cent of the caller's voice that the agent did not hear, not even by a copy. */
function unheard({ loss_up_pct: lost, delivered, recovered, concealed }) {
  const frames = delivered + recovered + concealed;
  if (!(frames > 0)) return lost;
  // A long gap is given up after a few frames: then only the packets tell of it.
  return Math.max(100 * concealed, lost * frames - 100 * recovered, 0) / frames;
}

/** The index in LEVELS. */
function ranked(mos, before) {
  const rank = LEVELS.findIndex(({ from }) => mos >= from);
  if (before === null || rank >= before) return rank;
  return Math.min(before, LEVELS.findIndex(({ from }) => mos >= from + CLIMB));
}

/** The same cause keeps its number until that is clearly wrong: nobody reads a ticker. */
function calmed(cause, before) {
  const apart = Math.abs(cause.amount - before.amount);
  const same = cause.kind === before.kind && apart <= Math.max(1, before.amount / 10);
  return same ? before : cause;
}

function none() {
  return { kind: "", amount: 0 };
}
