"""Row: what the history knows of a call, folded from the call's own files. Pure.

The files are the truth and the row is derived: it can be made again from `call.json`
and `transcript.json` at any time, and making it twice gives the same row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

from .. import call_id

__all__ = ["Kept", "Row", "fold", "iso"]

Kept: TypeAlias = Literal["kept", "off", "declined", "refused", "failed"]
"""What became of the recording: `off` by setting, `declined` by the caller, `refused`
for want of space, `failed` in the middle (what came before is there)."""

KEPT: tuple[Kept, ...] = ("kept", "off", "declined", "refused", "failed")

MOST_TEXT = 500_000
"Characters of a call that can be searched: some eight hours of talk."

MOST_NAME = 200
"Characters of a name; they may come from a stranger's file."


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
        content = asdict(self)
        del content["text"], content["began_ms"], content["meeting_ms"]
        meeting = None if self.meeting_ms is None else iso(self.meeting_ms)
        return {**content, "began": iso(self.began_ms), "meeting": meeting}


def fold(meta: Mapping[str, Any], turns: Sequence[Mapping[str, Any]] = ()) -> Row:
    """The row of a call from its `call.json` and the turns of its transcript.

    Raises ValueError when `meta` is not that of a call. Other fields that are missing
    or of another type count as not there: files may be old, or edited by people.
    """
    call = meta.get("call")
    if not isinstance(call, str) or not call_id.is_call_id(call):
        raise ValueError("not the call.json of a call")
    metrics = _mapping(meta.get("metrics"))
    kept = _mapping(meta.get("recording")).get("state")
    return Row(
        call=call,
        agent=_name(meta.get("agent")) or "",
        profile=_name(meta.get("profile")) or "",
        began_ms=_moment(meta.get("began"))
        or int(call_id.began(call).timestamp()) * 1000,
        length_ms=_whole(meta.get("length_ms")),
        reason=_name(meta.get("reason")),
        recording=kept if kept in KEPT else "kept",
        trouble=_name(meta.get("trouble")),
        meeting_ms=_moment(_mapping(meta.get("meeting")).get("start")),
        rating=_whole(_mapping(meta.get("rating")).get("stars")),
        turns=len(turns),
        interruptions=sum(turn.get("interrupted") is True for turn in turns),
        latency_ms=_whole(_mapping(metrics.get("voice_to_voice_ms")).get("p50")),
        cost_usd=_number(_mapping(metrics.get("cost")).get("usd")),
        skew_ms=_number(_mapping(meta.get("recording")).get("skew_ms")),
        text=_text(turns),
    )


def iso(ms: int) -> str:
    """Milliseconds since 1970 as ISO 8601 in UTC."""
    moment = datetime.fromtimestamp(ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _text(turns: Sequence[Mapping[str, Any]]) -> str:
    said = (turn.get("text") for turn in turns)
    whole = "\n".join(text for text in said if isinstance(text, str))
    # PostgreSQL takes no NUL, and no encoder takes half a surrogate pair.
    clean = whole.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")
    return clean[:MOST_TEXT]


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _name(value: object) -> str | None:
    return _text([{"text": value}])[:MOST_NAME] if isinstance(value, str) else None


def _number(value: object) -> float | None:
    fine = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if fine and abs(value) < 1e12 else None  # type: ignore[arg-type]


def _whole(value: object) -> int | None:
    number = _number(value)
    return None if number is None else round(number)


def _moment(value: object) -> int | None:
    """Milliseconds since 1970 of an ISO 8601 text; without a zone it is UTC."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return round(moment.timestamp() * 1000)
    except (ValueError, OverflowError):
        return None
