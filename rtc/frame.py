"""Frame: 20 ms of a reply, and the Opus packet that it becomes. Pure.

A frame is cut from the agent's audio when it arrives and encoded ahead of its time.
What it is to sound like can still change until it is sent: then another frame takes
its place, with the same number, and the encoder goes back to before that number.
"""

from __future__ import annotations

from .gain import ramp

__all__ = ["AS_IT_CAME", "Frame"]

AS_IT_CAME = (1.0, 1.0)
"The gain of nearly every frame: one tuple for all of them."


class Frame:
    """Not a dataclass: fifty a second of each call are made, one by one."""

    __slots__ = ("fresh", "gain", "number", "packet", "pcm", "reply", "samples")

    def __init__(self, number: int, reply: int, pcm: bytes, samples: int) -> None:
        self.number = number
        "Grows by one with each frame of a call."
        self.reply = reply
        self.pcm = pcm
        "Mono s16le, exactly as long as a tick."
        self.samples = samples
        "How many of them belong to the reply; the rest is silence."
        self.fresh = False
        "Nothing was sent right before it, so the encoder starts anew with it."
        self.gain: tuple[float, float] | None = None
        "Gain at the beginning and at the end; None while that is not settled."
        self.packet: bytes | None = None
        "None until it is encoded; empty when it will never be sent."

    def again(self, gain: tuple[float, float]) -> Frame:
        """The same frame, not encoded yet, with another gain; this one is dropped."""
        self.drop()
        other = Frame(self.number, self.reply, self.pcm, self.samples)
        other.fresh = self.fresh
        other.gain = gain
        return other

    def drop(self) -> None:
        """Nobody needs to encode it any more."""
        if self.packet is None:
            self.packet = b""

    def sound(self) -> bytes:
        """The PCM with its gain."""
        gain = self.gain
        if gain is None or gain == AS_IT_CAME:
            return self.pcm
        return ramp(self.pcm, *gain)
