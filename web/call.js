/**
 * One call: from the tap to the end. Used once.
 *
 * States and moves:
 *
 *     NEW ──start()──> MICROPHONE ──allowed──> OFFERING ──answer──> CONNECTING
 *                                                                       │ media flows
 *                              UNSTABLE <──link wavers / holds──> CONNECTED
 *
 *     every state but NEW ──hangUp(), a failure, the server's farewell──> ENDED
 *
 * Events (all CustomEvents):
 *   `state`    detail: State; also after ENDED, where `reason` and `detail` say why
 *   `message`  detail: one JSON message of the server, see the events channel
 *   `stream`   detail: {who: "caller" | "agent", stream: MediaStream}
 */
import { deleteCall, fetchConfig, postOffer, SignalingError } from "./signaling.js";
import { MicrophoneError } from "./microphone.js";
import { NOTICE } from "./texts.js";

export const State = Object.freeze({
  NEW: "idle",
  MICROPHONE: "microphone",
  OFFERING: "offering",
  CONNECTING: "connecting",
  CONNECTED: "connected",
  UNSTABLE: "unstable",
  ENDED: "ended",
});

const MOVES = Object.freeze({
  [State.NEW]: [State.MICROPHONE],
  [State.MICROPHONE]: [State.OFFERING, State.ENDED],
  [State.OFFERING]: [State.CONNECTING, State.ENDED],
  [State.CONNECTING]: [State.CONNECTED, State.ENDED],
  [State.CONNECTED]: [State.UNSTABLE, State.ENDED],
  [State.UNSTABLE]: [State.CONNECTED, State.ENDED],
  [State.ENDED]: [],
});

/** Host candidates are there in a few ms; a slow STUN server must not delay a call. */
const GATHERING_MS = 300;

/** From the answer to flowing media. ICE on a working network needs below 2 s. */
const CONNECT_DEADLINE_MS = 15_000;

/** Browsers report "disconnected" after 5 s without an answer and often recover. */
const RECOVERY_MS = 10_000;

/** The last words of an agent that hung up are still in the browser's jitter buffer. */
const LAST_WORDS_MS = 400;

/** An agent that asks whether somebody is still there waits longer than this. */
const TYPING_MS = 2_000;

/** The server's farewell travels on the channel that closes right behind it. */
const FAREWELL_MS = 500;

export class Call extends EventTarget {
  #state = State.NEW;
  #microphone;
  #wish;
  #peer = null;
  #channel = null;
  #timer = 0;
  #farewell = "";
  #typingMs = -Infinity;

  /** The server's id of this call, once it answered. */
  id = "";
  /** The name of who is on the line, as far as the server says so. */
  agent = "";
  /** What becomes of the recording, once the server answered; "": it does not say. */
  recording = "";
  /** Once ended: a key of FAREWELL in texts.js or of PROBLEM in problems.js. */
  reason = "";
  /** The code of what went wrong last, or "". */
  trouble = "";
  /** The server's own words about what went wrong last, or "". */
  detail = "";

  /**
   * @param {import("./microphone.js").Microphone} microphone not yet open
   * @param {{agent?: string, profile?: string, record?: boolean}} wish see `postOffer`
   */
  constructor(microphone, wish) {
    super();
    this.#microphone = microphone;
    this.#wish = wish;
  }

  get state() {
    return this.#state;
  }

  /** @returns {RTCPeerConnection | null} */
  get peer() {
    return this.#peer;
  }

  get over() {
    return this.#state === State.ENDED;
  }

  /** Must be called inside a tap. Whatever fails is an end with a reason. */
  async start() {
    this.#move(State.MICROPHONE);
    // Asked for before anything is awaited, while the tap still counts as one.
    const opened = this.#microphone.open();
    // Fresh for each call, since TURN credentials expire; its failure is looked at
    // below, once the microphone is there, and must not count as unhandled till then.
    const config = fetchConfig();
    config.catch(() => {});
    try {
      await opened;
      if (this.over) return;
      this.#tellStream("caller", this.#microphone.stream);
      this.#move(State.OFFERING);
      const { iceServers } = await config;
      if (this.over) return;
      await this.#connect(iceServers);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The caller's wish, or the page goes away. Idempotent. */
  hangUp() {
    this.#end("hung-up");
  }

  /** A typed turn. @returns {boolean} whether it was sent */
  say(text) {
    return this.#send({ type: "text.input", text });
  }

  /** Stop the agent's voice now. */
  interrupt() {
    return this.#send({ type: "conversation.interrupt" });
  }

  /** The result of a tool that the agent asked the page for. */
  answerTool(id, result, error) {
    return this.#send({ type: "tool.result", id, result, error });
  }

  /** The caller's answer to a tool that must not be used without it. */
  approve(id, approved) {
    return this.#send({ type: "tool.approve", id, approved });
  }

  /** @param {boolean | null} liked null takes an earlier opinion back */
  rate(reply, liked) {
    return this.#send({ type: "feedback", reply, liked });
  }

  /** @param {boolean} on false: keep nothing of what is said until it is on again */
  record(on) {
    return this.#send({ type: on ? "recording.resume" : "recording.pause" });
  }

  /** The caller is writing. To be called at each key: it is told now and then. */
  typing() {
    const nowMs = performance.now();
    if (nowMs - this.#typingMs < TYPING_MS) return;
    if (this.#send({ type: "typing" })) this.#typingMs = nowMs;
  }

  /** Must be called inside a tap: take the microphone again after it was unplugged. */
  async reopenMicrophone() {
    try {
      await this.#microphone.open();
    } catch {
      return; // Still none. The agent can be heard and written to: go on without.
    }
    if (this.over) return; // Then the microphone has closed itself again.
    const [sender] = this.#peer.getSenders();
    await sender.replaceTrack(this.#microphone.track);
    this.#tellStream("caller", this.#microphone.stream);
  }

  async #connect(iceServers) {
    const peer = new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle" });
    this.#peer = peer;
    peer.addEventListener("track", ({ track, streams }) =>
      this.#tellStream("agent", streams[0] ?? new MediaStream([track])),
    );
    peer.addEventListener("connectionstatechange", () => this.#follow());
    this.#openChannel(peer);
    peer.addTrack(this.#microphone.track, this.#microphone.stream);

    await peer.setLocalDescription(await peer.createOffer());
    await gathered(peer);
    if (this.over) return;
    const answer = await postOffer(peer.localDescription, this.#wish);
    this.id = answer.call ?? "";
    this.agent = answer.agent ?? "";
    this.recording = answer.recording ?? "";
    if (this.over) {
      // Hung up while the server was answering: it has a call that nobody wants.
      deleteCall(this.id);
      return;
    }
    this.#move(State.CONNECTING);
    this.#deadline(CONNECT_DEADLINE_MS, "connection-failed");
    await peer.setRemoteDescription({ type: "answer", sdp: answer.sdp });
  }

  #openChannel(peer) {
    this.#channel = peer.createDataChannel("events");
    this.#channel.addEventListener("message", ({ data }) => this.#receive(data));
    this.#channel.addEventListener("close", () => {
      if (!this.over) this.#deadline(FAREWELL_MS, "connection-lost");
    });
  }

  /** The browser's view of the link, ICE and DTLS together, becomes ours. */
  #follow() {
    if (this.over) return;
    const was = this.#state;
    switch (this.#peer.connectionState) {
      case "connected":
        clearTimeout(this.#timer);
        if (was !== State.CONNECTED) this.#move(State.CONNECTED);
        break;
      case "disconnected":
        if (was !== State.CONNECTED) break;
        this.#move(State.UNSTABLE);
        this.#deadline(RECOVERY_MS, "connection-lost");
        break;
      case "failed":
        this.#end(was === State.CONNECTING ? "connection-failed" : "connection-lost");
        break;
    }
  }

  #receive(data) {
    let message;
    try {
      message = JSON.parse(data);
    } catch {
      return; // Not for us: the channel carries JSON only.
    }
    if (typeof message?.type !== "string" || this.over) return;
    this.#tell("message", message);
    // What only deserves a notice is not what a call ends by.
    if (message.type === "error" && !Object.hasOwn(NOTICE, message.code)) {
      this.#blame(String(message.code ?? ""), String(message.message ?? ""));
    }
    // What troubled the agent before is not what ends the call with this one.
    if (message.type === "agent.changed") this.#blame("", "");
    if (message.type === "conversation.ended") this.#leave(message.reason || "unknown");
  }

  #blame(trouble, detail) {
    this.trouble = trouble;
    this.detail = detail;
  }

  #leave(reason) {
    // From here on whatever breaks is a part of the end and not its cause.
    this.#farewell = reason;
    if (reason === "agent-ended") this.#deadline(LAST_WORDS_MS, reason);
    else this.#end(reason);
  }

  #send(message) {
    if (this.#channel?.readyState !== "open") return false;
    this.#channel.send(JSON.stringify(message));
    return true;
  }

  /** One deadline at a time: each state has at most one thing to wait for. */
  #deadline(ms, reason) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#end(reason), ms);
  }

  #fail(error) {
    if (this.over) return; // Closing under the hands of what still runs raises, too.
    if (error instanceof MicrophoneError || error instanceof SignalingError) {
      this.#end(error.code, error.detail);
      return;
    }
    this.#end("unknown", String(error.message ?? error));
    throw error; // A bug of ours, or of the browser: it belongs on the console.
  }

  #end(reason, detail = "") {
    if (this.over || this.#state === State.NEW) return;
    clearTimeout(this.#timer);
    this.reason = this.#farewell || reason;
    this.detail ||= detail;
    if (this.id) deleteCall(this.id);
    this.#microphone.close();
    this.#peer?.close();
    this.#move(State.ENDED);
  }

  #move(state) {
    if (!MOVES[this.#state].includes(state)) {
      throw new Error(`call: ${this.#state} -> ${state}`);
    }
    this.#state = state;
    this.#tell("state", state);
  }

  #tellStream(who, stream) {
    this.#tell("stream", { who, stream });
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** Wait until all candidates are known, but not for a slow STUN server. */
function gathered(peer) {
  if (peer.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, GATHERING_MS);
    peer.addEventListener("icegatheringstatechange", () => {
      if (peer.iceGatheringState !== "complete") return;
      clearTimeout(timer);
      resolve();
    });
  });
}
