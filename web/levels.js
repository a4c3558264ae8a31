/**
 * How loud caller and agent are, measured beside the sound and not in its way.
 */

/** 1024 samples are 21 ms at 48 kHz: about one frame of the screen, one of the call. */
const WINDOW_SAMPLES = 1024;

/** Speech on a meter: below -60 dBFS is room noise, above -12 dBFS is very loud. */
const QUIET_DBFS = -60;
const LOUD_DBFS = -12;

/**
 * A quiet microphone still sends a little noise; digital zero means that something is
 * switched off. Three seconds tell it from a slow start.
 */
const SILENT_FROM_START_MS = 3_000;

/** A headset that gates its noise sends true zeros between words: be patient then. */
const SILENT_AFTER_SOUND_MS = 15_000;

/** @typedef {{level: number, zero: boolean}} Reading level 0 to 1; zero: no bit set */

export class Levels {
  #context = null;
  #probes = new Map();
  #samples = new Float32Array(WINDOW_SAMPLES);

  /** Call inside a tap: phones keep an AudioContext suspended otherwise. */
  open() {
    this.#context = new AudioContext({ latencyHint: "interactive" });
    this.resume();
  }

  /** After a phone call Safari leaves the context "interrupted". */
  resume() {
    if (this.#context && this.#context.state !== "running") {
      this.#context.resume().catch(() => {});
    }
  }

  /** @param {"caller" | "agent"} who @param {MediaStream} stream */
  attach(who, stream) {
    if (!this.#context) return;
    this.#probes.get(who)?.source.disconnect();
    const source = this.#context.createMediaStreamSource(stream);
    const analyser = this.#context.createAnalyser();
    analyser.fftSize = WINDOW_SAMPLES;
    source.connect(analyser);
    this.#probes.set(who, { source, analyser });
  }

  /** @returns {Reading | null} null while there is nothing to measure */
  read(who) {
    const probe = this.#probes.get(who);
    if (!probe || this.#context?.state !== "running") return null;
    probe.analyser.getFloatTimeDomainData(this.#samples);
    return measure(this.#samples);
  }

  close() {
    for (const { source } of this.#probes.values()) source.disconnect();
    this.#probes.clear();
    this.#context?.close().catch(() => {});
    this.#context = null;
  }
}

/** @param {Float32Array} samples -1 to 1 @returns {Reading} */
export function measure(samples) {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  if (sum === 0) return { level: 0, zero: true };
  const dbfs = 10 * Math.log10(sum / samples.length);
  const level = (dbfs - QUIET_DBFS) / (LOUD_DBFS - QUIET_DBFS);
  return { level: Math.min(1, Math.max(0, level)), zero: false };
}

/** Tells a microphone that is switched off from a caller who listens. */
export class SilenceWatch {
  #zeroSinceMs = null;
  #heard = false;

  /**
   * @param {boolean} zero the latest reading was digital zero
   * @param {number} nowMs any monotonic clock
   * @returns {boolean} whether to warn
   */
  update(zero, nowMs) {
    if (!zero) {
      this.#heard = true;
      this.#zeroSinceMs = null;
      return false;
    }
    this.#zeroSinceMs ??= nowMs;
    const patience = this.#heard ? SILENT_AFTER_SOUND_MS : SILENT_FROM_START_MS;
    return nowMs - this.#zeroSinceMs >= patience;
  }

  /** While muted, zeros are what we send on purpose. */
  pause() {
    this.#zeroSinceMs = null;
  }
}
