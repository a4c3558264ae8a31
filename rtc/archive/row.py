"""Row: what the history knows of a call, folded from the call's own files. Pure.

The files are the truth and the row is derived: it can be made again from `call.json`
and `transcript.json` at any time, and making it twice gives the same row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypeAlias

from .. import call_id

__all__ = ["KEPT", "Kept", "Row", "fold", "iso", "plain"]

Kept: TypeAlias = Literal["kept", "off", "declined", "refused", "failed"]
"""What became of the recording: `off` by setting, `declined` by the caller, `refused`
for want of space, `failed` in the middle (what came before is there)."""

KEPT: tuple[Kept, ...] = ("kept", "off", "declined", "refused", "failed")

MOST_TEXT = 500_000
"Characters of a call that can be searched: some eight hours of talk."

MOST_NAME = 200
"Characters of a name; they may come from a stranger's file."

MOST_COUNT = 1_000_000
"Of anything that people do in a call."

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_MS, LAST_MS = 0, 253_402_300_799_999
"1970 to 9999."


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One call."""

    call: str
    agent: str
    profile: str
    began_ms: int
    "Since 1970."
    length_ms: int | None = None
    "From the offer to the end; None while it runs."
    reason: str | None = None
    "How it ended (`rtc.outcome`); None while it runs."
    recording: Kept = "kept"
    trouble: str | None = None
    "Code of the last thing that went wrong."
    meeting_ms: int | None = None
    "When the agreed meeting begins, since 1970; None: none was agreed."
    rating: int | None = None
    "1 to 5, by who listened."
    turns: int = 0
    interruptions: int = 0
    latency_ms: int | None = None
    "Median from the end of the caller's speech to the agent's first sound."
    cost_usd: float | None = None
    skew_ms: float | None = None
    "The largest misalignment that the recording may have."
    text: str = ""
    "What was said, for searching."

    @property
    def key(self) -> int:
        """The primary key; sorts in time."""
        return call_id.key(self.call)

    def to_json(self) -> dict[str, Any]:
        """As the HTTP API gives it: times in ISO 8601, the text left out."""
        content = {name: getattr(self, name) for name in SHOWN}
        meeting = None if self.meeting_ms is None else iso(self.meeting_ms)
        return {**content, "began": iso(self.began_ms), "meeting": meeting}


SHOWN = [
    it.name for it in fields(Row) if it.name not in ("text", "began_ms", "meeting_ms")
]
"What the HTTP API gives as it is."


def fold(meta: Mapping[str, Any], turns: Sequence[Mapping[str, Any]] = ()) -> Row:
    """The row of a call from its `call.json` and the turns of its transcript.

    Raises ValueError when `meta` is not that of a call. Other fields that are missing
    or of another type count as not there: files may be old, or edited by people. So
    any JSON may be given for either, whatever the types say.
    """
    meta = _mapping(meta)
    call = meta.get("call")
    if not isinstance(call, str) or not call_id.is_call_id(call):
        raise ValueError("not the call.json of a call")
    turns = [it for it in _sequence(turns) if isinstance(it, Mapping)]
    metrics = _mapping(meta.get("metrics"))
    kept = _mapping(meta.get("recording")).get("state")
    return Row(
        call=call,
        agent=_name(meta.get("agent")) or "",
        profile=_name(meta.get("profile")) or "",
        began_ms=_began_ms(meta.get("began"), call),
        length_ms=_whole(meta.get("length_ms")),
        reason=_name(meta.get("reason")),
        recording=kept if kept in KEPT else "kept",
        trouble=_name(meta.get("trouble")),
        meeting_ms=_agreed_ms(_mapping(meta.get("meeting"))),
        rating=_stars(_mapping(meta.get("rating")).get("stars")),
        turns=len(turns),
        interruptions=_interruptions(_mapping(metrics.get("interruptions"))),
        latency_ms=_whole(_mapping(metrics.get("voice_to_voice_ms")).get("p50")),
        cost_usd=_number(_mapping(metrics.get("cost")).get("usd")),
        skew_ms=_number(_mapping(meta.get("recording")).get("skew_ms")),
        text=_text(turns),
    )


def _interruptions(counted: Mapping[str, Any]) -> int:
    """Those of the agent, by whatever the caller did; not what the end cut off."""
    found = (_whole(counted.get(how)) for how in ("voice", "typed", "button"))
    return sum(count for count in found if count and 0 < count < MOST_COUNT)


def _agreed_ms(meeting: Mapping[str, Any]) -> int | None:
    """When it begins; drafts and what was cancelled are no meeting."""
    agreed = meeting.get("status", "agreed") == "agreed"
    return _moment(meeting.get("start")) if agreed else None


def plain(name: str) -> str:
    """A name as it stands in a row."""
    return _writable(name[:MOST_NAME])


def iso(ms: int) -> str:
    """Milliseconds since 1970 as ISO 8601 in UTC."""
    # Not by way of a float: it would be cut off a little below the millisecond.
    moment = EPOCH + timedelta(milliseconds=ms)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _text(turns: Sequence[Mapping[str, Any]]) -> str:
    said = (turn.get("text") for turn in turns)
    whole = "\n".join(text for text in said if isinstance(text, str))
    return _writable(whole[:MOST_TEXT])


def _writable(text: str) -> str:
    # PostgreSQL takes no NUL, and no encoder takes half a surrogate pair.
    return text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _sequence(value: object) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def _name(value: object) -> str | None:
    return plain(value) if isinstance(value, str) else None


def _stars(value: object) -> int | None:
    stars = _whole(value)
    return stars if stars in range(1, 6) else None


def _number(value: object) -> float | None:
    fine = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if fine and abs(value) < 1e12 else None  # type: ignore[arg-type]


def _whole(value: object) -> int | None:
    number = _number(value)
    return None if number is None else round(number)


def _began_ms(value: object, call: str) -> int:
    moment = _moment(value)
    return round(call_id.began(call).timestamp() * 1000) if moment is None else moment


def _moment(value: object) -> int | None:
    """Milliseconds since 1970 of an ISO 8601 text; without a zone it is UTC."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        ms = round(moment.timestamp() * 1000)
    except (ValueError, OverflowError):
        return None
    # Outside, `iso` could not write it in UTC any more.
    return ms if FIRST_MS <= ms <= LAST_MS else None
