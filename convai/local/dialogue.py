"""Dialogue: what to say, cut, call and when. Pure: time is an argument, in seconds.

It joins a scripted brain with what happens on the line: the caller's turns, the
estimate of what is being played, tools that take time, and silence. Its methods give
back what is to be done, in order; the session does it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TypeAlias

from .history import lived
from .playing import CutShort, Playing
from .script import Answer, Brain, Move, sentences

__all__ = ["Action", "Dialogue", "Interrupt", "Speak", "Transcript"]

REPROMPT_S = 8.0
"Silence after which the agent speaks up; a little more than the 7 s of the service."

TOOL_WAIT_S = 6.0
"How long a client may take for a tool before the talk goes on without it."

REAL_SPEECH_MS = 500
"Sound of that length without a word was speech that was not understood, not a noise."

# What the recogniser makes of breath, clicks and hum.
_NOISE = frozenset({"", "the", "a", "huh", "uh", "hm", "hmm", "oh", "i"})
# Nobody ends a turn with these; people do breathe after them.
_HANGING = frozenset(
    (
        *("a", "an", "the", "my", "your", "his", "her", "our", "their"),
        *("and", "or", "but", "so", "because", "if", "that", "which", "who", "like"),
        *("of", "to", "for", "from", "with", "at", "in", "on", "by", "about"),
        *("is", "are", "was", "were", "i", "we", "he", "she", "they", "um", "uh"),
    )
)
_UNKNOWN = re.compile(r"\s*\[unk\]\s*")


@dataclass(frozen=True, slots=True)
class Speak:
    """Say an answer, then do what it asks for."""

    reply: int
    answer: Answer


@dataclass(frozen=True, slots=True)
class Interrupt:
    """Whatever was sent up to this reply must not be heard any more."""

    reply: int
    cuts: tuple[CutShort, ...]


@dataclass(frozen=True, slots=True)
class Transcript:
    """What the caller said, or seems to be saying."""

    turn: int
    text: str
    final: bool


Action: TypeAlias = Speak | Interrupt | Transcript


@dataclass(frozen=True, slots=True)
class _Order:
    """A reply that was asked for, and may be owed when the caller spoke too soon."""

    reply: int
    answer: Answer
    news: tuple[str, ...]
    "Its sentences that answer no turn, a tool's result: they stay worth saying."


class Dialogue:
    """One conversation. Every id comes from one counter, so all of them only grow."""

    def __init__(self, brain: Brain) -> None:
        self.brain = brain
        self._opening = brain
        self._first: tuple[str, ...] | None = None
        self.playing = Playing()
        self.turn = 0
        "Id of the caller's turn that goes on, or was last."
        self._ids = 0
        self._stale = 0  # replies up to this id are not worth saying any more
        self._order = _Order(0, Answer(), ())  # the last one
        self._speaking = False
        self._recognising = False  # the turn is over, its words are not there yet
        self._partial = ""
        self._interrupted = False  # the caller's turn cut a reply
        self._answered = False  # the caller has had a turn
        self._active_at = 0.0
        self._silences = 0
        self._tool: tuple[str, float] | None = None  # id and deadline

    @property
    def hanging(self) -> bool:
        """Whether the words so far call for more, however finished they sound."""
        return not self._partial or self._partial.split()[-1] in _HANGING

    @property
    def complete(self) -> bool:
        """Whether the words of the turn so far are a whole turn."""
        return bool(self._partial) and self.brain.complete(self._partial)

    def open(self, first_message: str | None, now: float) -> list[Action]:
        """The conversation begins; an empty first message lets the caller begin."""
        self._active_at = now
        self._first = None if first_message is None else sentences(first_message)
        return self._move(self.brain.greet(self._first))

    def remember(self, history: str) -> bool:
        """What was said before, when we take over; False when it comes too late.

        It changes where we are and nothing of what is being said: whether it comes
        before or after the first message was spoken makes no difference.
        """
        if self._answered:
            return False
        self.brain = lived(self._opening, history)
        if self._first:  # what `say that again` means
            _, self.brain = self.brain.greet(self._first)
        return True

    def onset(self, now: float) -> list[Action]:
        """The caller begins to speak, perhaps over a reply."""
        self._speaking = True
        self._partial = ""
        self.turn = self._next_id()
        self._active_at = now
        return self._cut(now)

    def partial(self, turn: int, text: str) -> list[Action]:
        """The words of a turn so far."""
        text = self._cleaned(text)
        if turn != self.turn or text == self._partial or text in _NOISE:
            return []
        self._partial = text
        return [Transcript(turn, text, final=False)]

    def paused(self) -> None:
        """The caller stopped; `heard` follows when the words are known."""
        self._speaking = False
        self._recognising = True

    def heard(
        self, turn: int, text: str | None, voiced_ms: float, now: float
    ) -> list[Action]:
        """A turn of the caller, recognised; None when nothing here knows words."""
        self._active_at = now
        self._recognising = self._recognising and turn != self.turn
        interrupted, self._interrupted = self._interrupted, False
        words = self._cleaned(text or "")
        if words in _NOISE:
            speech = interrupted or voiced_ms >= REAL_SPEECH_MS
            return self._wordless(text, speech)
        self._silences = 0
        self._answered = True
        said = Transcript(turn, words, final=True)
        return [said, *self._move(self.brain.hear(words))]

    def _wordless(self, text: str | None, speech: bool) -> list[Action]:
        """After sound without words: what it forestalled, or that it was no use."""
        if self._owed is not None:  # its tool, if any, was called all the same
            return self._speak(Answer(self._owed.answer.say), self._owed.news)
        if text is None:
            return self._move(self.brain.wordless()) if speech else []
        if speech or "[unk]" in text:
            return self._move(self.brain.unclear())
        return []

    def typed(self, text: str, now: float) -> list[Action]:
        """A typed turn; it takes the turn from whatever is being said."""
        self._active_at = now
        self._silences = 0
        cut = self._cut(now)
        self._interrupted = False
        if not text.strip():
            return cut
        self._answered = True
        return [*cut, *self._move(self.brain.hear(text), over_speech=True)]

    def active(self, now: float) -> None:
        """The caller is busy, typing perhaps: no reason to speak up."""
        self._active_at = now

    def call(self, now: float) -> str:
        """A tool is being called; gives the id of the call."""
        call = f"call_{self._next_id()}"
        self._tool = (call, now + TOOL_WAIT_S)
        return call

    def tool_answered(self, call: str, result: str | None, now: float) -> list[Action]:
        """The client's answer; one that nobody waits for is ignored."""
        if self._tool is None or self._tool[0] != call:
            return []
        self._tool = None
        self._active_at = now
        return self._move(self.brain.tool_result(result), news=True)

    def tick(self, now: float) -> list[Action]:
        """Time passes."""
        if self._tool is not None and now >= self._tool[1]:
            return self.tool_answered(self._tool[0], None, now)
        quiet_since = max(self.playing.until, self._active_at)
        busy = self._speaking or self._recognising or self._pending
        if busy or now - quiet_since < REPROMPT_S:
            return []
        self._active_at = now
        self._silences += 1
        move = self.brain.silence(self._silences)
        return [] if move is None else self._move(move)

    def wanted(self, reply: int) -> bool:
        """Whether a reply, or the rest of it, is still worth saying."""
        return reply > self._stale

    @property
    def _pending(self) -> bool:
        """Whether the last order is still on its way to the voice.

        A machine that is too busy may take longer for it than a silence may last.
        """
        order = self._order
        ahead = self.wanted(order.reply) and order.reply > self.playing.begun
        return ahead and bool(order.answer.say)

    @property
    def _owed(self) -> _Order | None:
        """The last order, when it went stale before any of it was on its way."""
        order = self._order
        if self.wanted(order.reply) or order.reply <= self.playing.begun:
            return None
        return order

    def _move(
        self, move: Move, *, news: bool = False, over_speech: bool = False
    ) -> list[Action]:
        """Go on, and say so, after the news that nobody has heard yet."""
        answer, self.brain = move
        unheard = self._owed.news if self._owed is not None else ()
        answer = replace(answer, say=unheard + answer.say)
        return self._speak(answer, answer.say if news else unheard, over_speech)

    def _speak(
        self, answer: Answer, news: tuple[str, ...] = (), over_speech: bool = False
    ) -> list[Action]:
        if not answer.say and answer.tool is None and not answer.hang_up:
            return []
        self._order = _Order(self._next_id(), answer, news)
        if self._speaking and not over_speech:  # the caller went on: do not talk over
            self._stale = self._ids
        return [Speak(self._order.reply, answer)]

    def _cut(self, now: float) -> list[Action]:
        self._stale = self._ids
        cuts = self.playing.cut(now)
        self._interrupted = bool(cuts)
        return [Interrupt(cuts[-1].reply, tuple(cuts))] if cuts else []

    def _cleaned(self, text: str) -> str:
        return self.brain.spelled(_UNKNOWN.sub(" ", text).strip())

    def _next_id(self) -> int:
        self._ids += 1
        return self._ids
