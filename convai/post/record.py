"""Record: what is known of one parcel's way, as it is kept on disk. Pure.

    waiting ──taken──> sent, outbox
       │  ^
       │  └──retried── failed
       └──given up──────^

`trying` is set before each attempt and cleared after it: a process that finds it set
does not know whether the last attempt came through.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, get_args

from .parcel import Kind, Later, Parcel, Report, State

__all__ = ["Record", "fresh", "recorded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    kind: Kind
    call: str
    meeting: str
    since: datetime
    "UTC; when its state began."
    state: State = "waiting"
    attempts: int = 0
    failures: int = 0
    "Attempts that count: those that failed for want of a right setting do not."
    due: datetime
    "UTC; of the next attempt. Waiting itself is done by the loop's clock."
    why: str = ""
    refused: str = ""
    "Of recipients that will never take it."
    left: tuple[str, ...] | None = None
    "Recipients that do not have it yet; None: all of them."
    trying: bool = False
    slow: bool = False
    "It waits for a person to mend something."

    @property
    def settled(self) -> bool:
        return self.state != "waiting"

    def begun(self, due: datetime) -> Record:
        """An attempt begins; `due`: of the next, should this one never be heard of."""
        return replace(self, attempts=self.attempts + 1, trying=True, due=due)

    def taken(self, state: State, at: datetime, why: str = "") -> Record:
        why = "; ".join(it for it in (self.refused, why) if it)
        return replace(
            self, state=state, since=at, why=why, trying=False, left=(), slow=False
        )

    def postponed(self, later: Later, due: datetime) -> Record:
        return replace(
            self,
            failures=self.failures + (0 if later.slow else 1),
            due=due,
            why=str(later),
            refused="; ".join(it for it in (self.refused, later.refused) if it),
            left=self.left if later.left is None else later.left,
            trying=False,
            slow=later.slow,
        )

    def given_up(self, why: str, at: datetime) -> Record:
        return replace(self, state="failed", since=at, why=why, trying=False)

    def retried(self, at: datetime) -> Record:
        """Somebody wants a failed one to be tried again, as if it were new."""
        return replace(self, state="waiting", since=at, failures=0, due=at, why="")

    def report(self, parcel: str) -> Report:
        return Report(
            parcel,
            self.kind,
            self.call,
            self.meeting,
            self.state,
            self.attempts,
            self.why,
        )

    def to_json(self) -> dict[str, Any]:
        times = {"since": self.since.isoformat(), "due": self.due.isoformat()}
        return {**asdict(self), **times}


def fresh(parcel: Parcel, now: datetime) -> Record:
    """Of a parcel that nobody has tried to deliver."""
    return Record(
        kind=parcel.kind, call=parcel.call, meeting=parcel.meeting, since=now, due=now
    )


def recorded(content: Mapping[str, Any]) -> Record:
    """What `to_json` wrote. Raises ValueError when it is something else."""
    try:
        left = content["left"]
        record = Record(
            **{
                **content,
                "since": datetime.fromisoformat(content["since"]),
                "due": datetime.fromisoformat(content["due"]),
                "left": None if left is None else tuple(left),
            }
        )
        sound = _sound(record)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a record: {error}") from None
    if not sound:
        raise ValueError("not a record")
    return record


def _sound(record: Record) -> bool:
    left = record.left or ()
    texts = (record.call, record.meeting, record.why, record.refused, *left)
    return (
        record.kind in get_args(Kind)
        and record.state in get_args(State)
        and all(isinstance(text, str) for text in texts)
        and all(type(it) is int for it in (record.attempts, record.failures))
        and None not in (record.since.tzinfo, record.due.tzinfo)
    )
