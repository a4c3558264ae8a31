"""Transcripts: what people hand to the command, as lines of a talk. Pure.

Either text, a line a turn (`agent: ...`, `caller: ...`; a line that names nobody goes
on with the one before), or the JSON of a call's `transcript.json`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..agent import AgentProtocolError
from ..events import Party
from ..untrusted import parse, plain
from .detect import Line

__all__ = ["TranscriptError", "lines_of"]

_SPEAKER = re.compile(r"\s*([A-Za-z]+)\s*:\s*(.*)", re.DOTALL)
_PARTIES: Mapping[str, Party] = {
    "agent": "agent",
    "assistant": "agent",
    "bot": "agent",
    "caller": "caller",
    "user": "caller",
    "customer": "caller",
    "client": "caller",
}
MOST_LINES = 20_000
"A talk of days."


class TranscriptError(ValueError):
    """It is no transcript; the text says where and why."""


def lines_of(content: bytes) -> list[Line]:
    """The turns with words, in their order. Raises TranscriptError."""
    if content.lstrip().startswith(b"{"):
        found = list(_from_json(content))
    else:
        found = _from_text(content)
    if not found:
        raise TranscriptError("there is nothing said in it")
    if len(found) > MOST_LINES:
        raise TranscriptError(f"it has over {MOST_LINES} turns")
    return found


def _from_text(content: bytes) -> list[Line]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TranscriptError(f"it is not UTF-8: {error.reason}") from None
    found: list[Line] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        said = _SPEAKER.fullmatch(line)
        who = _PARTIES.get(said[1].lower()) if said else None
        if said and who:
            found.append(Line(who, said[2].strip()))
        elif found:
            last = found[-1]
            found[-1] = last._replace(text=f"{last.text} {line.strip()}")
        else:
            raise TranscriptError(
                f"line {number} does not say who speaks: write `agent: ...` or"
                " `caller: ...`"
            )
    return [line for line in found if line.text]


def _from_json(content: bytes) -> Iterator[Line]:
    try:
        turns = plain(parse(content)).get("turns")
    except AgentProtocolError as error:
        raise TranscriptError(f"it is not JSON: {error}") from None
    if not isinstance(turns, list):
        raise TranscriptError("it is not a transcript.json: there are no turns in it")
    for number, turn in enumerate(turns, 1):
        line = _turn(turn)
        if line is None:
            raise TranscriptError(f"turn {number} is none: who and text are wanted")
        if line.text.strip():
            yield line


def _turn(turn: Any) -> Line | None:
    if not isinstance(turn, Mapping) or not isinstance(turn.get("text"), str):
        return None
    who = _PARTIES.get(str(turn.get("who")).lower())
    if who is None:
        return None
    return Line(who, turn["text"], _ms(turn, "start_ms"), _ms(turn, "end_ms"))


def _ms(turn: Mapping[str, Any], name: str) -> int | None:
    value = turn.get(name)
    return value if type(value) is int and value >= 0 else None
