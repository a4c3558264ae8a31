"""Book: the records of all parcels, found by meeting and by call. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from .record import Record

__all__ = ["Book"]


class Book:
    """In the order in which they were first put."""

    def __init__(self) -> None:
        self._records: dict[str, Record] = {}
        self._meetings: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._calls: defaultdict[str, dict[str, None]] = defaultdict(dict)

    def __contains__(self, name: str) -> bool:
        return name in self._records

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def get(self, name: str) -> Record | None:
        return self._records.get(name)

    def put(self, name: str, record: Record) -> None:
        """A newer record of the same parcel takes the place of the older."""
        self._records[name] = record
        self._meetings[record.meeting][name] = None
        self._calls[record.call][name] = None

    def drop(self, name: str) -> None:
        """No error when it is not there."""
        record = self._records.pop(name, None)
        if record is not None:
            for names, key in (
                (self._meetings, record.meeting),
                (self._calls, record.call),
            ):
                names[key].pop(name, None)
                if not names[key]:
                    del names[key]

    def of_meeting(self, meeting: str) -> list[str]:
        return list(self._meetings.get(meeting, ()))

    def of_call(self, call: str) -> list[str]:
        return list(self._calls.get(call, ()))

    def oldest_settled(self) -> str | None:
        settled = (name for name, it in self._records.items() if it.settled)
        return next(settled, None)
