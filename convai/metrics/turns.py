"""Turns: who answered whom, and how fast. Pure.

A turn of the caller is all that is said or typed until the agent answers: a pause does
not split it. It is over when the answer has been heard, or the next turn begins.

          caller speaks           agent audible          agent silent, or next turn
    none ───────────────> asked ───────────────> answered ─────────────────────> told
                           │  ^
                           └──┘ pauses, goes on

What the caller says while the agent speaks on ("mhm") is a turn only if it has words,
and is not measured: nobody can say to what the next sound of the agent is an answer.
"""

from __future__ import annotations

from .turn import Turn, TurnFigures

__all__ = ["Turns"]

SAME_TURN_MS = 3000
"Milliseconds of silence, without a word or an answer, after which a sound was a noise."

CONFIRM_MS = 2000
"""Milliseconds after which nobody takes a sound of the caller for the reason of an
interruption: providers take 0.2 to 1 s."""

AT_ONCE_MS = 200
"Milliseconds by which the agent's silence and the word of its cut may be apart."


class Turns:
    """Feed it in order of time; times in milliseconds of the call."""

    def __init__(self) -> None:
        self.greeting_ms: int | None = None
        "When the agent was first heard, if it spoke first."
        self.agent_turns = 0
        self.caller_turns = 0
        self.typed_turns = 0
        self.unanswered = 0
        "Turns with words, to which no answer was heard."
        self.longest_wait_ms = 0
        "From the caller's end to the answer, or to the end of waiting for it."
        self.by_voice = 0
        self.by_typing = 0
        self.by_button = 0
        "Interruptions without a sound or a word of the caller."
        self.false_alarms = 0
        "Of the interruptions by voice: nobody has said a word."
        self.withdrawn = 0
        "Replies stopped before anything of them was heard."
        self._turn: Turn | None = None
        self._first = True
        "Nobody has said anything yet."
        self._count = 0
        "Turns told."
        self._told: list[TurnFigures] = []
        self._doubt: Turn | None = None
        "The turn before, if the agent gave way to it and its words may still come."
        self._speaking = False
        self._audible = False
        "The agent was heard at all; else nobody told who was audible when."
        self._agent_on: int | None = None
        self._agent_off: int | None = None
        self._cut = False

    def take(self) -> list[TurnFigures]:
        """The turns that were completed since this was last asked."""
        told, self._told = self._told, []
        return told

    def talking(self, who: str, on: bool, at_ms: int) -> None:
        """Somebody begins or ceases to be audible."""
        if who == "caller" and on is not self._speaking:
            self._speaking = on
            if on:
                self._caller_on(at_ms)
            elif self._turn is not None:
                self._turn.pause(at_ms, over=self._agent_on is not None)
        elif who == "agent" and on is (self._agent_on is None):
            if on:
                self._agent_begins(at_ms)
            else:
                self._agent_ends(at_ms)

    def said(self, words: int, at_ms: int) -> None:
        """Final words of the caller."""
        if not words:
            return
        turn = self._turn
        if self._doubt is not None and turn is not None and self._is_late(turn):
            self._doubt.say(words, at_ms)
            self._resolve()
            return
        # Words may come after the answer, but not more often than sounds.
        if turn is None or turn.typed or not turn.expects_words:
            turn = self._open(Turn(), at_ms)
        turn.say(words, at_ms)

    def typed(self, words: int, at_ms: int) -> None:
        """A typed turn: an end of speech without speech."""
        over = self._agent_on is not None
        turn = Turn(True, at_ms, at_ms, ended_over=over, words=words)
        self._open(turn, at_ms)

    def begun(self, at_ms: int) -> None:
        """The first sound of a reply came from the agent."""
        turn = self._turn
        if turn is not None and turn.pending and turn.begun_ms is None:
            turn.begun_ms = at_ms

    def cut(self, at_ms: int) -> None:
        """A reply was stopped."""
        if self._agent_on is not None:
            self._cut = True  # its sound ends at once
        elif self._agent_off is not None and at_ms - self._agent_off <= AT_ONCE_MS:
            self._interrupted(self._agent_off, at_ms)
        else:
            self.withdrawn += 1

    def finish(self, at_ms: int) -> None:
        """The call is over."""
        self._close(at_ms)
        self._resolve()
        self._turn = None

    def figures(self) -> dict[str, int]:
        """Turns by party."""
        return {
            "caller": self.caller_turns,
            "typed": self.typed_turns,
            "agent": self.agent_turns,
            "unanswered": self.unanswered,
        }

    def interruptions(self) -> dict[str, int]:
        """By what, and of those by voice how many were none."""
        return {
            "voice": self.by_voice,
            "typed": self.by_typing,
            "button": self.by_button,
            "false_alarms": self.false_alarms,
            "withdrawn": self.withdrawn,
        }

    # Inside.

    def _caller_on(self, at_ms: int) -> None:
        turn = self._turn
        if turn is None or self._is_over(turn, at_ms):
            turn = self._open(Turn(), at_ms)
        elif turn.words:
            self._wait(turn, at_ms)
        turn.speak(at_ms)

    def _is_late(self, turn: Turn) -> bool:
        """Whether words that come now are of the turn before this one."""
        # While somebody speaks, final words are not of what is being said; nor are
        # there more of them than sounds.
        return (self._speaking and not turn.words) or turn.finals >= turn.spurts

    def _is_over(self, turn: Turn, at_ms: int) -> bool:
        """Whether what the caller begins to say now is another turn."""
        if turn.typed or not turn.pending:
            return True
        if turn.words or turn.end_ms is None:
            return False
        return turn.remark or at_ms - turn.end_ms > SAME_TURN_MS

    def _agent_begins(self, at_ms: int) -> None:
        self._agent_on = at_ms
        self._audible = True
        turn = self._turn
        if turn is None:
            if self._first:
                self._first = False
                self.greeting_ms = at_ms
                self.agent_turns += 1
        elif turn.pending:
            self._wait(turn, at_ms)
            turn.answered_ms = at_ms
            turn.talked_over = self._speaking
            self.agent_turns += turn.words > 0 or not turn.remark

    def _agent_ends(self, at_ms: int) -> None:
        since = self._agent_on
        if self._cut:
            self._cut = False
            self._interrupted(at_ms, at_ms, since)
        self._agent_on, self._agent_off = None, at_ms
        turn = self._turn
        if turn is not None and not turn.pending and not self._speaking:
            self._tell(turn)

    def _interrupted(
        self, silent_ms: int, at_ms: int, audible_ms: int | None = None
    ) -> None:
        """The agent was silenced: by whom, and how long did it take?"""
        turn = self._turn
        if turn is None or turn.told or not self._is_reason(turn, at_ms):
            self.by_button += 1
            return
        turn.cut = True
        turn.ended_over = False
        sounded = turn.spurts > 0 or turn.typed
        if sounded and turn.stop_ms is None and turn.spurt_ms <= silent_ms:
            begun = max(turn.spurt_ms, audible_ms or 0)
            turn.stop_ms = silent_ms - begun
        if not turn.pending:  # it had begun too early: the answer is still to come
            turn.answered_ms, turn.talked_over = None, False

    def _is_reason(self, turn: Turn, at_ms: int) -> bool:
        """Whether the agent gave way to this turn."""
        if not turn.pending and not turn.talked_over:
            return False  # the turn that it answers
        if turn.end_ms is None:
            return turn.spurts > 0 or turn.words > 0
        return at_ms - turn.end_ms <= CONFIRM_MS

    def _open(self, turn: Turn, at_ms: int) -> Turn:
        self._close(at_ms)
        self._turn = turn
        self._first = False
        if turn.typed:
            turn.spurt_ms = at_ms
        return turn

    def _close(self, at_ms: int) -> None:
        turn = self._turn
        if turn is None or turn.told:
            return
        if turn.pending and turn.words and (self._audible or turn.begun_ms is None):
            self.unanswered += 1
            self._wait(turn, at_ms)
        self._resolve()
        if turn.cut and not turn.words:
            self._doubt = turn
        else:
            self._tell(turn)

    def _resolve(self) -> None:
        """No words of the turn before will come any more."""
        turn, self._doubt = self._doubt, None
        if turn is not None:
            self._tell(turn)

    def _tell(self, turn: Turn) -> None:
        if turn.told or not turn.worth:
            return
        self._resolve()
        turn.told = True
        self._count += 1
        figures = turn.figures(self._count)
        self.typed_turns += figures.typed
        self.caller_turns += not figures.typed and not figures.false_alarm
        self.by_typing += figures.typed and figures.interrupted
        self.by_voice += not figures.typed and figures.interrupted
        self.false_alarms += figures.false_alarm
        self._told.append(figures)

    def _wait(self, turn: Turn, at_ms: int) -> None:
        if turn.end_ms is not None and not turn.remark:
            self.longest_wait_ms = max(self.longest_wait_ms, at_ms - turn.end_ms)
