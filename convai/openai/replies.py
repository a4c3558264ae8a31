"""Replies: the responses of a conversation by number, and what of them may be heard."""

from __future__ import annotations

from .. import untrusted
from ..events import Corrected, Event, Interrupted, ReplyDone, Said, Speech
from ..untrusted import Fields
from .reply import LONGEST_TEXT, MS, Item, Reply
from .session import RATE

__all__ = ["Replies"]

BEHIND_S = 0.5
"""Playing may end so much later than the earliest moment: the playout's lead (60 to
400 ms). Later, the caller does not interrupt but answers."""
MOST = 64
"Replies remembered; at most two or three are waiting to be played."


class Replies:
    def __init__(self) -> None:
        self.late = 0
        "Pieces of sound that came after their reply was stopped."
        self._count = 0
        self._ends = 0.0
        "When all sound given out so far has been played, at the earliest; seconds."
        self._by_response: dict[str, Reply] = {}

    def of(self, response_id: str) -> Reply:
        """Made when it is first heard of: not every response is announced."""
        reply = self._by_response.get(response_id)
        if reply is None:
            self._count += 1
            reply = self._by_response[response_id] = Reply(self._count)
            if len(self._by_response) > MOST:
                del self._by_response[next(iter(self._by_response))]
        return reply

    def item_added(self, message: Fields, now: float) -> list[Event]:
        item = untrusted.inner(message, "item")
        if untrusted.optional_text(item, "type") == "message":
            reply = self.of(untrusted.text(message, "response_id"))
            reply.item(untrusted.text(item, "id"))
        return []

    def sound(self, message: Fields, now: float) -> list[Event]:
        reply, item = self._place(message)
        data = untrusted.base64(message, "delta")
        if reply.stopped:
            self.late += 1
            item.done = False  # what was given out is not all there is
            return []
        pcm = reply.add(item, data)
        if not pcm:
            return []
        self._ends = max(self._ends, now) + len(pcm) / 2 / RATE
        reply.ends = self._ends
        return [Speech(reply.number, pcm)]

    def sound_done(self, message: Fields, now: float) -> list[Event]:
        reply, item = self._place(message)
        if not reply.stopped:
            item.done = True
        return []

    def words(self, message: Fields, now: float) -> list[Event]:
        """A piece of a transcript, which runs ahead of the sound."""
        reply, item = self._place(message)
        return _written(reply, item, item.text + untrusted.text(message, "delta"))

    def transcript(self, message: Fields, now: float) -> list[Event]:
        """All of an item's."""
        return _written(*self._place(message), untrusted.text(message, "transcript"))

    def ended(self, response_id: str) -> tuple[list[Event], list[Fields]]:
        """The response is over."""
        reply = self.of(response_id)
        if reply.done:
            return [], []
        reply.done = True
        if reply.stopped:
            return [], reply.unheard()
        for item in reply.items.values():
            item.done = True
        events: list[Event] = []
        if text := reply.text:
            events.append(Said("agent", text, True, reply.number))
        if reply.samples:
            events.append(ReplyDone(reply.number))
        return events, []

    def _place(self, message: Fields) -> tuple[Reply, Item]:
        """What a piece belongs to."""
        reply = self.of(untrusted.text(message, "response_id"))
        return reply, reply.item(untrusted.text(message, "item_id"))

    def stop_all(self, now: float, active: str) -> list[Event]:
        """Somebody else speaks: give way with all that may still be heard.

        Each reply by itself, the oldest first: how much was heard is told for each.
        """
        events: list[Event] = []
        for response_id, reply in self._by_response.items():
            running = response_id == active and not reply.done
            if reply.stopped or not (running or now < reply.ends + BEHIND_S):
                continue
            reply.stopped, reply.broken = True, running
            if reply.samples:
                events.append(Interrupted(reply.number))
            elif reply.text:
                events.append(Corrected(reply.number, ""))
        return events

    def spoken_over(self, now: float, active: str) -> list[Event]:
        """The same for the caller's voice, which stops whatever is heard.

        Only the call knows what that is: the last words of an agent that led before,
        and what waits behind them, are played later than they should be.
        """
        events = self.stop_all(now, active)
        if not any(isinstance(event, Interrupted) for event in events):
            heard = (it.number for it in self._by_response.values() if it.samples)
            events.append(Interrupted(max(heard, default=0)))
        return events

    def settle(self) -> tuple[list[Fields], list[Event]]:
        """A new response begins: the call has nothing more to tell of what is over.

        What it did not cut had been played as far as it came, while the model, which
        was broken off, believes that it said more.
        """
        told: list[Fields] = []
        events: list[Event] = []
        for reply in self._by_response.values():
            if reply.broken and reply.samples and not reply.cut:
                messages, corrected = reply.stop_at(reply.samples // MS + 1)
                told += messages + reply.unheard()
                events += [corrected] if corrected else []
        return told, events

    def cut(
        self, number: int, heard_ms: int
    ) -> tuple[list[Fields], Corrected | None, str]:
        """The call stopped a reply: what to tell; and the response, if it runs."""
        for response_id, reply in self._by_response.items():
            if reply.number == number:
                running = "" if reply.done else response_id
                return *reply.stop_at(heard_ms), running
        return [], None, ""


def _written(reply: Reply, item: Item, text: str) -> list[Event]:
    if reply.stopped:
        return []
    known, item.text = item.text, text[:LONGEST_TEXT]
    if item.text.strip() == known.strip():
        return []
    return [Said("agent", reply.text, False, reply.number)]
