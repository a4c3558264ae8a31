"""Words: how much each party said, as far as it was heard. Pure."""

from __future__ import annotations

from ..untrusted import Fields, optional_text
from .moments import number

__all__ = ["Words"]

MOST = 10_000
"Replies remembered; a call has some ten in a minute."

PER_S = 2.5
"An unhurried voice: for what was cut and nobody said how much of it was heard."


class Words:
    """Counts words in `transcript.*` and what cuts of replies leave of them."""

    def __init__(self) -> None:
        self.caller = 0
        "Spoken."
        self.typed = 0
        self._replies: dict[float, int] = {}
        self._corrected: set[float] = set()
        "Replies of which the agent told what was heard."
        self._heard: dict[float, int] = {}
        "Most words that can have been heard of a reply that was cut."

    @property
    def agent(self) -> int:
        """Heard, as far as known."""
        heard = self._heard
        return sum(
            count if reply in self._corrected else min(count, heard.get(reply, count))
            for reply, count in self._replies.items()
        )

    def user(self, fields: Fields) -> int:
        """Words of the caller; returns how many are final."""
        if fields.get("final") is not True:
            return 0
        count = len(optional_text(fields, "text").split())
        if fields.get("typed") is True:
            self.typed += count
        else:
            self.caller += count
        return count

    def reply(self, fields: Fields) -> None:
        """Words that the agent means to say; the newest of a reply count."""
        reply = number(fields, "reply")
        if reply is not None and reply not in self._corrected and self._room(reply):
            self._replies[reply] = len(optional_text(fields, "text").split())

    def corrected(self, fields: Fields) -> None:
        """What of a reply was heard."""
        reply = number(fields, "reply")
        if reply is not None and self._room(reply):
            self._replies[reply] = len(optional_text(fields, "text").split())
            self._corrected.add(reply)

    def cut(self, fields: Fields) -> None:
        """A reply was stopped; its correction may come, or not."""
        reply, heard_ms = number(fields, "reply"), number(fields, "heard_ms")
        if reply is None or heard_ms is None:
            return
        if reply in self._heard or len(self._heard) < MOST:
            self._heard[reply] = round(max(0.0, heard_ms) / 1000 * PER_S)

    def _room(self, reply: float) -> bool:
        return reply in self._replies or len(self._replies) < MOST
