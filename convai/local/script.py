"""What a scripted brain is: a value with no clock and no I/O.

A `Brain` is one moment of a conversation. Each thing that can happen gives an `Answer`
and the next moment, so a brain can be tested, stored and stepped back like any value.
Another script (a sales call, say) is another brain beside `demo`, named in `scripts`.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from .occasion import Occasion

__all__ = ["Answer", "Brain", "Move", "Script", "ToolRequest", "sentences"]

PIECE_LENGTH = 300
"Characters; some 20 s of speech, synthesised in 0.2 s. Longer sentences are split."


@dataclass(frozen=True, slots=True)
class ToolRequest:
    """Something that the client is asked to do."""

    name: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the agent says and does next."""

    say: tuple[str, ...] = ()
    "Sentences; each is synthesised, and may be cut, on its own."
    tool: ToolRequest | None = None
    "Asked for once the sentences are on their way."
    hang_up: bool = False
    "The conversation ends after the sentences."

    @property
    def text(self) -> str:
        return " ".join(self.say)


class Brain(Protocol):
    """One moment of a scripted conversation."""

    @property
    def grammar(self) -> tuple[str, ...]:
        """Phrases that are likely now; empty when anything may be said."""

    def greet(self, instead: tuple[str, ...] | None = None) -> Move:
        """The conversation begins; `instead` of its greeting when the client wishes."""

    def hear(self, text: str) -> Move:
        """The caller said, or typed, a whole turn."""

    def unclear(self) -> Move:
        """The caller spoke, but no word was recognised."""

    def wordless(self) -> Move:
        """The caller spoke, and there is no recogniser at all."""

    def silence(self, times: int) -> Move | None:
        """Nobody spoke for a while, for the `times`-th time; None says nothing."""

    def tool_result(self, result: str | None) -> Move:
        """The client did what it was asked; None: it failed, or took too long."""

    def overhear(self, text: str) -> Brain:
        """Another agent said this to the caller, before we took over from it."""

    def complete(self, text: str) -> bool:
        """Whether these words are a whole turn already: a short pause ends it then."""

    def spelled(self, text: str) -> str:
        """Recognised words with what this script knows better, such as names."""


Move: TypeAlias = tuple[Answer, Brain]


@dataclass(frozen=True, slots=True)
class Script:
    """A conversation to be had, and what is sure to be said in it."""

    name: str
    opening: Callable[[Occasion], Brain]
    "Gives the first moment."
    fixed: tuple[str, ...]
    "Sentences worth synthesising before anybody calls, the greeting's first."


def sentences(text: str) -> tuple[str, ...]:
    """A text in pieces that can be spoken, and cut, one by one."""
    parts = re.split(r"(?<=[.!?])\s+", text.strip())
    return tuple(line for part in parts for line in textwrap.wrap(part, PIECE_LENGTH))
