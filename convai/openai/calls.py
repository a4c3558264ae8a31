"""Calls: the tools that the model wants used. Pure.

A response may ask for several. The model goes on only when it is asked to, and is asked
once: when all of them are answered and their response is over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .. import untrusted
from ..agent import AgentProtocolError
from ..events import ToolCall
from ..untrusted import Fields

__all__ = ["Calls", "calls_of"]

MOST = 256
"Calls remembered; conversations have a handful."


@dataclass(slots=True)
class _Batch:
    """The calls of one response; there is at least one."""

    open: set[str] = field(default_factory=set)
    over: bool = False
    "The response is."

    @property
    def complete(self) -> bool:
        return self.over and not self.open


class Calls:
    def __init__(self) -> None:
        self._batches: dict[str, _Batch] = {}
        "By response."
        self._known: dict[str, str] = {}
        "Response of each call."

    def asked(
        self, response_id: str, item: Fields, *, whole: bool
    ) -> tuple[ToolCall | None, str]:
        """A call, told in several ways: the event for the first, or a call to refuse.

        `whole` is False when the response was cancelled before the call was complete.
        """
        call_id = untrusted.text(item, "call_id")
        name = untrusted.text(item, "name")
        if call_id in self._known:
            return None, ""
        self._known[call_id] = response_id
        if len(self._known) > MOST:
            del self._known[next(iter(self._known))]
        self._batches.setdefault(response_id, _Batch()).open.add(call_id)
        if len(self._batches) > MOST:
            del self._batches[next(iter(self._batches))]
        arguments = _object(untrusted.optional_text(item, "arguments"))
        if arguments is None or not whole:
            return None, call_id
        return ToolCall(call_id, name, arguments), ""

    def answered(self, call_id: str) -> tuple[bool, bool]:
        """Whether the call waits for this, and whether it was the last one."""
        batch = self._batches.get(self._known.get(call_id, ""))
        if batch is None or call_id not in batch.open:
            return False, False
        batch.open.discard(call_id)
        return True, batch.complete

    def ended(self, response_id: str) -> bool:
        """The response is over; True if all its calls are answered already."""
        batch = self._batches.get(response_id)
        if batch is None or batch.over:
            return False
        batch.over = True
        return batch.complete


def calls_of(output: Any) -> list[Fields]:
    """The calls among the items of a response that is over."""
    items = output if isinstance(output, list) else []
    return [
        item
        for item in items
        if isinstance(item, dict) and item.get("type") == "function_call"
    ]


def _object(text: str) -> Mapping[str, Any] | None:
    """Arguments, which the model writes: JSON in most cases; empty is no arguments."""
    if not text.strip():
        return {}
    try:
        found: Fields = untrusted.plain(untrusted.parse(text))
    except AgentProtocolError:
        return None
    return found
