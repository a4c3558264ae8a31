"""Tool: something an agent may have done, described so that any provider knows it.

ToolError    the tool could not do it; the text is what the agent is told
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ..events import Event

__all__ = ["Done", "Run", "Tool", "ToolError"]


class ToolError(Exception):
    """The tool could not do it; the text is what the agent is told."""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it."""

    result: str
    "For the agent, in words or JSON."
    events: tuple[Event, ...] = ()
    "What everybody else should learn: a meeting, or the end of the call."


Run: TypeAlias = Callable[[Mapping[str, Any]], Awaitable[Done]]
"Takes arguments that fit the parameters' schema. Raises ToolError."


@dataclass(frozen=True, slots=True)
class Tool:
    name: str
    "Letters, digits, `_` and `-`, 64 at most: what all providers take."
    description: str
    "For the agent: when to use it, and what comes back."
    parameters: Mapping[str, Any]
    "JSON Schema of an object."
    run: Run = field(repr=False)
    limit_s: float = 10.0
    "Then it counts as failed; the agent waits, and the caller with it."
