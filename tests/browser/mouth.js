/**
 * A microphone that speaks on demand: `await mouth.say(pcm)` plays 16 kHz s16le, given in
 * base64, into the page's stream and returns when it is over. Silence otherwise.
 */
window.mouth = {
  context: null,
  out: null,

  stream() {
    mouth.context = new AudioContext();
    mouth.out = mouth.context.createMediaStreamDestination();
    // A source that never ends: a stream without one sends no packets in some versions.
    const silence = new ConstantSourceNode(mouth.context, { offset: 0 });
    silence.connect(mouth.out);
    silence.start();
    return mouth.out.stream;
  },

  /** @param {string} base64 @returns {Promise<void>} */
  say(base64) {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    const samples = Float32Array.from(new Int16Array(bytes.buffer), (s) => s / 32768);
    const buffer = mouth.context.createBuffer(1, samples.length, 16000);
    buffer.copyToChannel(samples, 0);
    const source = new AudioBufferSourceNode(mouth.context, { buffer });
    source.connect(mouth.out);
    return new Promise((resolve) => {
      source.addEventListener("ended", () => resolve());
      source.start();
    });
  },
};

navigator.mediaDevices.getUserMedia = async () => mouth.stream();
