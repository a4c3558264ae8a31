/* For tests: what the page hears, and when which event reached it (ms, one clock). */
window.heard = [];
window.events = [];

const create = RTCPeerConnection.prototype.createDataChannel;
RTCPeerConnection.prototype.createDataChannel = function (...args) {
  const channel = create.apply(this, args);
  channel.addEventListener("message", ({ data }) =>
    window.events.push({ at: performance.now(), ...JSON.parse(data) }),
  );
  this.addEventListener("track", ({ streams, track }) =>
    listen(streams[0] ?? new MediaStream([track])),
  );
  return channel;
};

let listening = 0;

/** Root mean square of the agent's voice every 10 ms; of the newest call only. */
function listen(stream) {
  clearInterval(listening);
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 512 });
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  listening = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, x) => sum + x * x, 0) / samples.length;
    window.heard.push([performance.now(), Math.sqrt(power)]);
  }, 10);
}
