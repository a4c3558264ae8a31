"""Media for tests in virtual time: a clock on the loop's own timers, and no thread."""

from __future__ import annotations

from collections.abc import Sequence

from rtc.clock import Clock
from rtc.encoding import Encoding
from rtc.frame import Frame
from rtc.media import Media, Options

__all__ = ["virtual_media"]


class _Virtual(Media):
    def __init__(self, options: Options | None) -> None:
        super().__init__(options)
        self.clock = Clock(precise=False)

    def encode(self, encoding: Encoding, frames: Sequence[Frame]) -> None:
        for frame in frames:
            encoding.make(frame)


def virtual_media(options: Options | None = None) -> Media:
    """Enter its `clock`, not itself."""
    return _Virtual(options)
