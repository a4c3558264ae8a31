"""Watch: pings, and the limits that end a conversation. Pure: `now` is in seconds."""

from __future__ import annotations

import math
from collections import OrderedDict

from . import messages
from .config import Config
from .messages import Message

__all__ = ["Over", "Watch"]

STOOD_STILL_S = 0.3
"Between two looks that should be a tenth of a second apart."

PINGS_REMEMBERED = 16
"Unanswered ones; a client that answers none of so many is measured no more."


class Over(Exception):
    """The conversation ends: with this close code, for this reason."""

    def __init__(self, code: int, reason: str, error: Message | None = None) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.error = error
        "What the client is told before the end, when there is more to tell."


class Watch:
    """The clock of one conversation."""

    def __init__(self, config: Config, now: float) -> None:
        self._config = config
        self._began = now
        self._heard_from = now
        self._pinged = now
        self._pings = 0
        self._open: OrderedDict[int, float] = OrderedDict()
        self._stop: Over | None = None
        self._looked = now
        self._late = False
        self.round_trip_ms: int | None = None
        "As last measured."

    def message(self, now: float) -> None:
        """The client sent something."""
        self._heard_from = now

    def pong(self, event: int, now: float) -> None:
        """The client answered a ping; made-up and repeated answers are ignored."""
        sent = self._open.pop(event, None)
        if sent is not None:
            # Up, never to 0: the official client takes that for "not measured".
            self.round_trip_ms = math.ceil((now - sent) * 1000)

    def ping(self, now: float) -> Message | None:
        """The next ping, when it is time; `ping_ms` is null until one was answered."""
        if self._pings and now - self._pinged < self._config.ping_every_s:
            return None
        self._pings += 1
        self._pinged = now
        self._open[self._pings] = now
        if len(self._open) > PINGS_REMEMBERED:
            self._open.popitem(last=False)
        return messages.ping(self._pings, self.round_trip_ms)

    def stood_still(self, now: float) -> bool:
        """Whether the process did, and what came meanwhile has yet to be read.

        Until then nothing is known of who spoke. Never said twice in a row: a machine
        that is always late must not put off the end of a turn for ever.
        """
        self._late = not self._late and now - self._looked > STOOD_STILL_S
        self._looked = now
        return self._late

    def stop(self, over: Over) -> None:
        """End at the next check; the first reason counts."""
        self._stop = self._stop or over

    def check(self, now: float) -> None:
        """Raise Over when the conversation has to end."""
        if self._stop is not None:
            raise self._stop
        if now - self._began >= self._config.max_duration_s:
            kind = "max_duration_exceeded"
            raise Over(1000, kind, messages.error(1000, kind, "Maximum duration"))
        if now - self._heard_from >= self._config.inactivity_s:
            text = f"No user input received for {self._config.inactivity_s:g} seconds"
            kind = "transport_receive_timeout"
            raise Over(1002, text, messages.error(1002, kind, text))
