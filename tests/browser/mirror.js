/*
 * For tests: the page sends back each Opus packet as it comes, payload untouched.
 *
 * What arrives waits in a queue until the microphone's encoder produces its next packet,
 * whose content is then replaced. The size of each
 * and how long it waited is noted in `window.waited`: silence is one byte.
 */
window.waited = [];
const queue = [];

window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(configuration) {
    super({ ...configuration, encodedInsertableStreams: true });
    this.addEventListener("track", ({ receiver }) => take(receiver));
  }

  addTrack(...args) {
    return give(super.addTrack(...args));
  }

  addTransceiver(...args) {
    const transceiver = super.addTransceiver(...args);
    give(transceiver.sender);
    return transceiver;
  }
};

function take(receiver) {
  const { readable, writable } = receiver.createEncodedStreams();
  const note = new TransformStream({
    transform(frame, controller) {
      queue.push({ at: performance.now(), data: frame.data.slice(0) });
      controller.enqueue(frame);
    },
  });
  readable.pipeThrough(note).pipeTo(writable);
}

function give(sender) {
  const { readable, writable } = sender.createEncodedStreams();
  const replace = new TransformStream({
    transform(frame, controller) {
      const next = queue.shift();
      if (next) {
        frame.data = next.data;
        const size = next.data.byteLength;
        window.waited.push([size, performance.now() - next.at]);
      }
      controller.enqueue(frame);
    },
  });
  readable.pipeThrough(replace).pipeTo(writable);
  return sender;
}
