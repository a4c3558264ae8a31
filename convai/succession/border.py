"""Border: between one agent's numbers and rates, and those of the whole conversation.

Each agent counts its replies from where it likes, names its tool calls as it likes and
works at its own rates. Listeners and the call see one conversation: its replies only
grow, no two calls have the same id, its sound has one rate.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..events import (
    ApprovalAsked,
    Corrected,
    Event,
    Interrupted,
    ReplyBegun,
    ReplyDone,
    Said,
    Speech,
    ToolCall,
)
from ..notes import Approval, Feedback, Note
from ..resampler import Resampler

__all__ = ["Border", "Rates"]


@dataclass(frozen=True, slots=True)
class Rates:
    """Hz."""

    input: int
    "Of the caller's sound, for the agent."
    output: int
    "Of the agent's voice."


class Border:
    """One agent's. The first agent of a conversation passes unchanged."""

    def __init__(
        self, call: Rates, agent: Rates, *, newest: int | None = None, prefix: str = ""
    ) -> None:
        """`newest`: the last reply of those before, None for the first agent;
        `prefix`: what its tool calls get before their ids."""
        self.newest = -1 if newest is None else newest
        "The greatest number of a reply so far."
        self._base = newest
        self._prefix = prefix
        self._first: int | None = None
        "The agent's number of its first reply."
        self._to_agent = Resampler(call.input, agent.input)
        self._to_call = Resampler(agent.output, call.output)
        self._sounding = -1
        "The reply of which some sound may still be inside `_to_call`."

    # Out of the agent.

    def out(self, event: Event) -> Iterator[Event]:
        """The event as the conversation sees it, and what had to come before it."""
        match event:
            case Speech(reply, pcm):
                yield from self._speech(self._number(reply), pcm, event)
            case ReplyDone(reply):
                number = self._number(reply)
                if number == self._sounding:
                    yield from self.rest()
                yield replace(event, reply=number)
            case Said("agent", _, _, reply) | Corrected(reply) | ReplyBegun(reply):
                yield replace(event, reply=self._number(reply))
            case Interrupted(reply):
                upto = self._up_to(reply)
                if self._sounding <= upto:
                    self._to_call.rest()  # not to be heard either
                yield Interrupted(upto)
            case ToolCall(call) | ApprovalAsked(call) if self._prefix:
                yield replace(event, id=self._prefix + call)
            case _:
                yield event

    def rest(self) -> Iterator[Event]:
        """The last sound of a reply that is over."""
        if pcm := self._to_call.rest():
            yield Speech(self._sounding, pcm)

    def _speech(self, number: int, pcm: bytes, event: Speech) -> Iterator[Event]:
        if self._to_call.idle:
            yield event if number == event.reply else Speech(number, pcm)
            return
        if number != self._sounding:
            yield from self.rest()
            self._sounding = number
        if converted := self._to_call.feed(pcm):
            yield Speech(number, converted)

    def _number(self, reply: int) -> int:
        if self._base is not None:
            if self._first is None:
                self._first = reply
            # An agent that counts down would get among the replies of those before.
            reply = self._base + 1 + max(0, reply - self._first)
        self.newest = max(self.newest, reply)
        return reply

    def _up_to(self, reply: int) -> int:
        if self._base is None:
            return reply
        if self._first is None or reply < self._first:
            # Nothing of its own: the caller talks into the last words of another.
            return self._base
        # Not counted as a reply: the agent may name one that will never come.
        return min(self.newest, self._base + 1 + reply - self._first)

    # Into the agent.

    def hear(self, pcm: bytes) -> bytes:
        """The caller's sound at the agent's rate."""
        return self._to_agent.feed(pcm)

    def reply(self, number: int) -> int | None:
        """The agent's own number; None for a reply of another."""
        if self._base is None:
            return number
        if self._first is None or number <= self._base:
            return None
        return number - self._base - 1 + self._first

    def call(self, number: str) -> str | None:
        """The agent's own id of a tool call; None for a call of another."""
        if not number.startswith(self._prefix):
            return None
        return number[len(self._prefix) :]

    def note(self, note: Note) -> Note | None:
        """The note as the agent understands it; None when it concerns another."""
        match note:
            case Feedback(number):
                reply = self.reply(number)
                return None if reply is None else replace(note, reply=reply)
            case Approval(call):
                own = self.call(call)
                return None if own is None else replace(note, call=own)
        return note
