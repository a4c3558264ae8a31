/**
 * The sound of a call: which file the browser plays, and where it is.
 *
 * Tells by events: `time` (also when it jumps), `state`.
 */

/**
 * Best first. MP3 of a constant rate is found its way in at once and is a tenth of the
 * size of WAV, which every browser plays.
 */
const FORMATS = Object.freeze([
  { format: "mp3", type: "audio/mpeg" },
  { format: "m4a", type: 'audio/mp4; codecs="mp4a.40.2"' },
  { format: "wav", type: "audio/wav" },
]);

/** What `play` may be refused with. */
const HARMLESS = new Set(["AbortError", "NotSupportedError", "NotAllowedError"]);

/** Seconds: a jump to the very end would end what one wants to hear. */
const TAIL_S = 0.05;

export class Sound extends EventTarget {
  #audio;
  #address;
  #formats;
  #leg = "both";
  #wholeS;
  #frame = 0;
  #wantedS = 0;
  #stuck = false;
  #released = false;

  /**
   * @param {HTMLAudioElement} audio
   * @param {(format: string, leg: string) => string} address
   * @param {number} lengthMs
   */
  constructor(audio, address, lengthMs) {
    super();
    this.#audio = audio;
    this.#address = address;
    this.#wholeS = lengthMs / 1000;
    this.#formats = FORMATS.filter(({ type }) => audio.canPlayType(type));
    const on = (names, act) => {
      for (const name of names) audio.addEventListener(name, act);
    };
    on(["timeupdate", "seeked"], () => this.#tell("time"));
    on(["play", "pause", "ended", "waiting", "playing", "canplay"], () => this.#follow());
    on(["loadedmetadata"], () => this.#resume());
    on(["error"], () => this.#other());
    this.#load();
  }

  /** Milliseconds; where one wants to be counts before the browser is there. */
  get atMs() {
    return 1000 * (this.#ready ? this.#audio.currentTime : this.#wantedS);
  }

  get wholeMs() {
    return 1000 * this.#wholeS;
  }

  get playing() {
    return !this.#audio.paused && !this.#audio.ended;
  }

  /** Whether one waits for sound: it is made on demand. */
  get waiting() {
    return this.playing && this.#audio.readyState < HTMLMediaElement.HAVE_FUTURE_DATA;
  }

  get broken() {
    return this.#stuck;
  }

  set leg(leg) {
    if (leg === this.#leg) return;
    const { playing } = this;
    this.#wantedS = this.atMs / 1000;
    this.#leg = leg;
    this.#load();
    if (playing) this.play();
  }

  /** How fast; the pitch stays. */
  set speed(times) {
    this.#audio.defaultPlaybackRate = times;
    this.#audio.playbackRate = times;
  }

  toggle() {
    if (this.playing) this.#audio.pause();
    else this.play();
  }

  play() {
    if (this.#stuck || this.#released) this.#retry();
    this.#audio.play().catch((error) => {
      // Paused again, or another file: no matter. An error has an event of its own.
      if (!HARMLESS.has(error.name)) throw error;
      this.#tell("state");
    });
  }

  /** Ask for nothing of the file any more, until `play`. */
  release() {
    this.#wantedS = this.atMs / 1000;
    this.#audio.pause();
    this.#released = true;
    this.#audio.removeAttribute("src");
    this.#audio.load();
  }

  seek(ms) {
    const end = Math.max(0, this.#end - TAIL_S);
    this.#wantedS = Math.min(Math.max(0, ms / 1000), end);
    if (this.#ready) this.#audio.currentTime = this.#wantedS;
    this.#tell("time");
  }

  get #ready() {
    return this.#audio.readyState >= HTMLMediaElement.HAVE_METADATA;
  }

  get #end() {
    const { duration } = this.#audio;
    return Number.isFinite(duration) ? Math.min(duration, this.#wholeS) : this.#wholeS;
  }

  #load() {
    const [{ format }] = this.#formats;
    this.#audio.src = this.#address(format, this.#leg);
    this.#tell("state");
  }

  #resume() {
    if (this.#wantedS > 0) this.#audio.currentTime = this.#wantedS;
    this.#tell("time");
  }

  /** This file cannot be had or played: perhaps the next one can. */
  #other() {
    if (this.#formats.length > 1) {
      const { playing } = this;
      this.#wantedS = this.atMs / 1000 || this.#wantedS;
      this.#formats = this.#formats.slice(1);
      this.#load();
      if (playing) this.play();
      return;
    }
    this.#stuck = true;
    this.#tell("state");
  }

  #retry() {
    this.#stuck = this.#released = false;
    this.#formats = FORMATS.filter(({ type }) => this.#audio.canPlayType(type));
    this.#load();
  }

  /** The browser tells the time four times a second; a playhead moves with the screen. */
  #follow() {
    cancelAnimationFrame(this.#frame);
    this.#tell("state");
    const step = () => {
      this.#tell("time");
      if (this.playing) this.#frame = requestAnimationFrame(step);
    };
    if (this.playing) this.#frame = requestAnimationFrame(step);
  }

  #tell(kind) {
    this.dispatchEvent(new Event(kind));
  }
}
