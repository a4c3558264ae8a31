"""Legacy: what a conversation leaves to the next agent that leads it.

the history     what was said and heard, in its Brief
the bridge      what to say first, if something was lost; in its Brief
notes           what the call told the agent beside the talk, and what tools did
typed words     that found no agent
sound           of the caller, of which no words have come yet
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from ..agent import Agent
from ..brief import Brief
from ..events import Corrected, Event, Said, ToolCall
from ..notes import Background
from ..profile import filled
from .border import Border, Rates
from .floor import Floor
from .history import History
from .lately import Lately

__all__ = ["Legacy"]

_MOST_TYPED = 20
"Messages typed during one handover: more than anybody writes in ten seconds."

_MOST_NOTES = 50
"Topics of background."

_MOST_CALLS = 64
"Of tools, that have no result yet; agents make a few at a time."

_LONGEST_RESULT = 1000
"Characters of what a tool did that a successor needs: a booking in full, and more."


class Legacy:
    """Told all that happens; asked when an agent takes over."""

    def __init__(self, rates: Rates) -> None:
        self.rates = rates
        "Of the conversation."
        self.floor = Floor(rates.output)
        self.lately = Lately(rates.input)
        self._history = History(rates.output)
        self._typed: deque[str] = deque(maxlen=_MOST_TYPED)
        self._notes: dict[str, Background] = {}
        self._calls: dict[str, str] = {}
        "Tools that are at work: id of the call -> name."

    def note(self, event: Event, now: float) -> None:
        """An event of the agent, numbered as in the conversation."""
        self._history.note(event)
        self.floor.note(event, now)
        if isinstance(event, Said) and event.who == "caller" and event.final:
            self.lately.forget()
        if isinstance(event, ToolCall):
            self._calls[event.id] = event.name
            if len(self._calls) > _MOST_CALLS:
                del self._calls[next(iter(self._calls))]

    def cut(self, reply: int, heard_ms: int, now: float) -> None:
        """The call stopped playing a reply."""
        self._history.cut(reply, heard_ms)
        self.floor.cut(now)

    def typed(self, text: str) -> None:
        """The caller wrote something to the agent."""
        self._history.note(Said("caller", text, True, typed=True))
        self.floor.asked()

    def keep_typed(self, text: str) -> None:
        """The caller wrote something, and no agent was there."""
        self._typed.append(text)

    def told(self, note: Background) -> None:
        """The agent was told something that its successor should know, too."""
        key = note.topic or note.text
        self._notes.pop(key, None)
        self._notes[key] = note
        if len(self._notes) > _MOST_NOTES:
            del self._notes[next(iter(self._notes))]

    def done(self, call_id: str, result: str, failed: bool) -> Background | None:
        """A tool did its work: whoever leads next must not have it done again."""
        name = self._calls.pop(call_id, None)
        if name is None:
            return None
        how = "failed" if failed else "was used"
        text = f"In this conversation the tool {name} {how}: {result}"
        self.told(Background(text[:_LONGEST_RESULT], f"tool {call_id}"))
        return self._notes[f"tool {call_id}"]

    def broke_off(self) -> Corrected | None:
        """The agent is gone in the middle of a reply: what is left of that."""
        return self._history.broke_off()

    def brief(self, first: Brief, *, lost: bool) -> Brief:
        """For the next agent; `first` was for the first one of the conversation."""
        bridge = filled(first.profile.bridge, first.variables) if lost else None
        return replace(first, history=self._history.utterances, bridge=bridge)

    @property
    def length(self) -> int:
        """Grows with whatever is said."""
        return self._history.length

    def quiet(self, now: float) -> bool:
        """Whether nobody is speaking, as far as agent and sound tell."""
        return self.floor.quiet(now) and self.lately.hush()

    async def give(self, agent: Agent, border: Border) -> None:
        """Hand all that is not in the brief to the next agent, who is ready."""
        for note in self._notes.values():
            await agent.note(note)
        for pcm in self.lately.take():
            await agent.hear(border.hear(pcm))
        while self._typed:
            text = self._typed.popleft()
            self.typed(text)
            await agent.say(text)
