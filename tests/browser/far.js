/**
 * The far end of a call, inside the page itself: a second RTCPeerConnection that answers
 * the page's offer. So the page makes real calls, with sound and events, and no server.
 */
window.far = {
  /** Messages that the page sent on its events channel. */
  received: [],
  peer: null,
  /** @type {Promise<RTCDataChannel>} the events channel, once it is open */
  opened: null,
  gain: null,

  /** @param {string} offer SDP @returns {Promise<string>} the answer's SDP */
  async answer(offer) {
    const peer = new RTCPeerConnection();
    far.peer = peer;
    far.opened = new Promise((resolve) => {
      peer.addEventListener("datachannel", ({ channel }) => {
        channel.addEventListener("message", ({ data }) =>
          far.received.push(JSON.parse(data)),
        );
        channel.addEventListener("open", () => resolve(channel));
      });
    });
    await peer.setRemoteDescription({ type: "offer", sdp: offer });
    const voice = far.voice();
    peer.addTrack(voice.getAudioTracks()[0], voice);
    await peer.setLocalDescription();
    await far.gathered(peer);
    return far.loopback(peer.localDescription.sdp);
  },

  /** A tone that stands for the agent's voice; silent until `far.gain` is raised. */
  voice() {
    const context = new AudioContext();
    const tone = new OscillatorNode(context, { frequency: 300 });
    far.gain = new GainNode(context, { gain: 0 });
    const out = context.createMediaStreamDestination();
    tone.connect(far.gain).connect(out);
    tone.start();
    return out.stream;
  },

  gathered(peer) {
    return new Promise((resolve) => {
      const look = () => peer.iceGatheringState === "complete" && resolve();
      peer.addEventListener("icegatheringstatechange", look);
      look();
    });
  },

  /** Only the candidates on 127.0.0.1, if there are any: tests stay on loopback. */
  loopback(sdp) {
    const lines = sdp.split("\r\n");
    const local = lines.filter((line) => / 127\.0\.0\.1 \d+ typ /.test(line));
    if (!local.length) return sdp;
    return lines
      .filter((line) => !line.startsWith("a=candidate:") || local.includes(line))
      .join("\r\n");
  },

  /** Waits for the channel if need be. */
  async send(message) {
    const channel = await far.opened;
    channel.send(JSON.stringify(message));
  },
};
