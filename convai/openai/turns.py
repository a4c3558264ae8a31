"""Caller's turns: what was recognised, in the order in which it was said. Pure.

Recognition is a model of its own. It answers late, after the agent even, and the words
of a short turn may come before those of a long one that was said earlier. A later turn
waits for the earlier ones, but not for ever.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from .. import untrusted
from ..events import Event, Said, Usage
from ..untrusted import Fields
from . import usage as openai_usage
from .fault import Fault

__all__ = ["CallerTurns"]

_log = logging.getLogger(__name__)

WAIT_S = 5.0
"Recognition takes 0.3 to 2 s; what takes longer comes out of order or never."
MOST = 16
"Turns without words so far."
LONGEST_TEXT = 64 * 1024
"Characters."


@dataclass(slots=True)
class _Turn:
    id: str
    previous: str
    "The item before it."
    since: float
    "When it was committed; seconds, as `now`."
    text: str = ""
    done: bool = False
    told: str = ""
    "The guess given out last."
    late: bool = False
    "The agent is answering it."


class CallerTurns:
    def __init__(self, model: str) -> None:
        """`model` recognises; it has prices of its own."""
        self._model = model
        self._open: list[_Turn] = []
        "By position; nothing final was said of any."

    def committed(self, message: Fields, now: float) -> list[Event]:
        item_id = untrusted.text(message, "item_id")
        previous = untrusted.optional_text(message, "previous_item_id")
        if any(turn.id == item_id for turn in self._open):
            return []
        places = [i for i, turn in enumerate(self._open) if turn.previous == item_id]
        place = places[0] if places else len(self._open)
        self._open.insert(place, _Turn(item_id, previous, now))
        return self.settled(now)

    def guess(self, message: Fields, now: float) -> list[Event]:
        """Some more of a turn's words."""
        turn = self._find(message, now)
        if not turn.done:
            delta = untrusted.optional_text(message, "delta")
            turn.text = (turn.text + delta)[:LONGEST_TEXT]
        return self.settled(now)

    def recognised(self, message: Fields, now: float) -> list[Event]:
        turn = self._find(message, now)
        turn.text = untrusted.text(message, "transcript")[:LONGEST_TEXT]
        turn.done = True
        events = self.settled(now)
        if amounts := openai_usage.of_transcription(message.get("usage")):
            events.append(Usage(amounts, self._model))
        return events

    def unrecognised(self, message: Fields, now: float) -> list[Event]:
        fault = Fault.read(message.get("error"))
        _log.warning("a turn of the caller was not written down: %.80r", fault.native)
        turn = self._find(message, now)
        turn.text, turn.done = "", True
        return self.settled(now)

    def answered(self) -> None:
        """The agent speaks: it answers all that was said so far."""
        for turn in self._open:
            turn.late = True

    def settled(self, now: float) -> list[Event]:
        """What can be said by now."""
        events: list[Event] = []
        while self._open:
            first = self._open[0]
            if first.done:
                if text := first.text.strip():
                    events.append(Said("caller", text, True, late=first.late))
            elif not self._given_up(first, now):
                break
            del self._open[0]
        if self._open:
            first = self._open[0]
            guess = first.text.strip()
            if guess != first.told:
                first.told = guess
                events.append(Said("caller", guess, False, late=first.late))
        return events

    def _given_up(self, first: _Turn, now: float) -> bool:
        """Whether others have waited long enough for it; alone it may take its time."""
        waiting = any(turn.done for turn in self._open)
        return (waiting and now - first.since > WAIT_S) or len(self._open) > MOST

    def _find(self, message: Fields, now: float) -> _Turn:
        """The turn; one that was given up, or never announced, is the newest."""
        item_id = untrusted.text(message, "item_id")
        for turn in self._open:
            if turn.id == item_id:
                return turn
        turn = _Turn(item_id, "", now, late=True)
        self._open.append(turn)
        return turn
