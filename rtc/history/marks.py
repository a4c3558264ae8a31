"""Marks: what is drawn on the timeline of a call, folded from its events. Pure.

Latencies are those of `convai.metrics`, found by the same code from the same lines;
what that code does not need for them is not even parsed, since a call of an hour has
tens of thousands of lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from convai.agent import AgentProtocolError
from convai.metrics.metrics import Metrics
from convai.metrics.moments import LONGEST_MS, number
from convai.untrusted import Fields, optional_text, parse

__all__ = ["marks"]

MOST = 2000
"Marks of one call: more than the timeline has room for."

MOST_TEXT = 500
"Characters of a mark's text."

TOLD = (
    "agent.changed",
    "conversation.ended",
    "conversation.interrupted",
    "conversation.started",
    "error",
    "recording.state",
    "reply.begun",
    "talking",
    "transcript.user",
)
"Types of events that make a mark, or a latency."

_TOLD = re.compile(rb'"type"\s*:\s*"(?:' + "|".join(TOLD).encode() + rb')"')


def marks(lines: Iterable[bytes]) -> list[dict[str, Any]]:
    """The marks of an `events.jsonl`, in order of time; odd lines are left out.

    {"at_ms", "kind"[, "ms"][, "text"]}: what `ms` and `text` are depends on the kind,
    as the schema of the API says.
    """
    metrics = Metrics()
    fold = _Fold()
    for line in lines:
        if _TOLD.search(line) is None:
            continue
        try:
            message = parse(line)
        except AgentProtocolError:
            continue
        metrics.note(message)
        fold.note(message)
    metrics.finish()
    answers = [
        _mark(turn.answer_ms, "answer", ms=turn.voice_to_voice_ms)
        for turn in metrics.turns
        if turn.answer_ms is not None and turn.voice_to_voice_ms is not None
    ]
    found = fold.end() + answers[:MOST]
    return sorted(found, key=lambda mark: mark["at_ms"])[:MOST]


class _Fold:
    """What is told of in so many words."""

    def __init__(self) -> None:
        self._found: list[dict[str, Any]] = []
        self._paused_ms: int | None = None
        self._now_ms = 0

    def note(self, message: Fields) -> None:
        at = number(message, "at_ms")
        if at is None or not 0 <= at <= LONGEST_MS or len(self._found) >= MOST:
            return
        at_ms = round(at)
        self._now_ms = max(self._now_ms, at_ms)
        match message.get("type"):
            case "conversation.interrupted":
                heard = number(message, "heard_ms")
                # Of what was queued behind it nobody heard anything to interrupt.
                if heard is None or heard > 0:
                    self._add(at_ms, "interruption", ms=heard)
            case "recording.state":
                self._recording(message.get("state"), at_ms)
            case "agent.changed":
                self._add(at_ms, "handover", text=optional_text(message, "agent"))
            case "error":
                words = optional_text(message, "message")
                code = optional_text(message, "code")
                self._add(at_ms, "trouble", text=words or code)

    def end(self) -> list[dict[str, Any]]:
        """What was found, when nothing more will come."""
        self._recording("on", self._now_ms)
        return self._found

    def _recording(self, state: object, at_ms: int) -> None:
        if state == "paused":
            if self._paused_ms is None:
                self._paused_ms = at_ms
        elif self._paused_ms is not None:
            length_ms = max(0, at_ms - self._paused_ms)
            self._add(self._paused_ms, "pause", ms=length_ms)
            self._paused_ms = None

    def _add(self, at_ms: int, kind: str, **more: Any) -> None:
        self._found.append(_mark(at_ms, kind, **more))


def _mark(
    at_ms: int, kind: str, *, ms: float | None = None, text: str | None = None
) -> dict[str, Any]:
    found: dict[str, Any] = {"at_ms": at_ms, "kind": kind}
    if ms is not None:
        found["ms"] = round(ms)
    if text is not None:
        found["text"] = text[:MOST_TEXT]
    return found
