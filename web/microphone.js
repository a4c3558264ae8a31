/**
 * The caller's microphone for one call: opened in the tap, closed at hang-up.
 *
 * A new `getUserMedia` for each call: on iPhones a stream kept from an earlier call
 * sends silence. All tracks are stopped at the end, so the browser's microphone
 * indicator goes out.
 *
 * Events: `change` whenever `trouble` changes.
 */

const CONSTRAINTS = Object.freeze({
  audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
  video: false,
});

/** The browser gave no microphone. `code` is a key of problems.js. */
export class MicrophoneError extends Error {
  constructor(code, cause) {
    super(code, { cause });
    this.name = "MicrophoneError";
    this.code = code;
  }
}

export class Microphone extends EventTarget {
  #stream = null;
  #muted = false;
  #closed = false;

  /** "" or a notice of texts.js: "microphone-paused", "microphone-gone". */
  trouble = "";

  /** @returns {MediaStream | null} */
  get stream() {
    return this.#stream;
  }

  /** @returns {MediaStreamTrack | null} */
  get track() {
    return this.#stream?.getAudioTracks()[0] ?? null;
  }

  get muted() {
    return this.#muted;
  }

  /** A muted track stays open and sends silence: Android ends pages that close it. */
  set muted(on) {
    this.#muted = on;
    if (this.track) this.track.enabled = !on;
  }

  /** Must be called inside a tap. Raises MicrophoneError. Opening again replaces. */
  async open() {
    const stream = await ask();
    if (this.#closed) {
      // Hung up while the browser was still asking.
      stop(stream);
      return;
    }
    stop(this.#stream);
    this.#stream = stream;
    this.muted = this.#muted;
    this.#watch(this.track);
  }

  close() {
    this.#closed = true;
    stop(this.#stream);
    useAudioSession("auto");
  }

  #watch(track) {
    const tell = (trouble) => () => {
      if (this.#closed || track !== this.track) return;
      this.trouble = trouble;
      this.dispatchEvent(new Event("change"));
    };
    track.addEventListener("mute", tell("microphone-paused"));
    track.addEventListener("unmute", tell(""));
    track.addEventListener("ended", tell("microphone-gone"));
    tell(track.muted ? "microphone-paused" : "")();
  }
}

/**
 * Why this browser cannot call at all, or "" if it can.
 * Without HTTPS `navigator.mediaDevices` does not exist.
 */
export function obstacle() {
  if (!window.isSecureContext) return "insecure-context";
  if (!navigator.mediaDevices?.getUserMedia) return "no-webrtc";
  if (!window.RTCPeerConnection) return "no-webrtc";
  return "";
}

async function ask() {
  const code = obstacle();
  if (code) throw new MicrophoneError(code);
  useAudioSession("play-and-record");
  try {
    return await navigator.mediaDevices.getUserMedia(CONSTRAINTS);
  } catch (error) {
    useAudioSession("auto");
    throw new MicrophoneError(diagnose(error), error);
  }
}

/** The names are standard; the messages are Chromium's and only refine the advice. */
function diagnose(error) {
  switch (error.name) {
    case "NotAllowedError":
    case "SecurityError":
      if (/system/i.test(error.message)) return "microphone-blocked-by-system";
      if (/dismissed/i.test(error.message)) return "microphone-dismissed";
      return "microphone-denied";
    case "NotFoundError":
    case "OverconstrainedError":
      return "microphone-missing";
    case "NotReadableError":
    case "AbortError":
      return "microphone-busy";
    default:
      return "microphone-missing";
  }
}

/** Safari only: without it an iPhone may play the call like music, or not at all. */
function useAudioSession(type) {
  if (navigator.audioSession) navigator.audioSession.type = type;
}

function stop(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}
