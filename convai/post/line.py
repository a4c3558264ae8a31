"""Line: which of the waiting parcels is to be tried next. Pure, of one thread.

Times are seconds of any steady clock. Kinds do not stand in each other's way: a mail
server that hangs holds up no webhook.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from .parcel import Kind

__all__ = ["Line"]


class _Place(NamedTuple):
    due: float
    kind: Kind


class _Rest(NamedTuple):
    until: float
    why: str


class Line:
    def __init__(self, at_once: int) -> None:
        """`at_once`: how many of a kind may be under way."""
        self._at_once = at_once
        self._waiting: dict[str, _Place] = {}
        self._busy: dict[str, Kind] = {}
        self._rests: dict[Kind, _Rest] = {}

    def __len__(self) -> int:
        """Those under way count."""
        return len(self._waiting.keys() | self._busy.keys())

    def busy(self, name: str) -> bool:
        return name in self._busy

    def add(self, name: str, kind: Kind, due: float) -> None:
        """Have it wait; if it waits already, for another time."""
        self._waiting[name] = _Place(due, kind)

    def drop(self, name: str) -> None:
        """It waits no more; what is under way goes on."""
        self._waiting.pop(name, None)

    def rest(self, kind: Kind, until: float, why: str) -> None:
        """Try none of that kind before then."""
        self._rests[kind] = _Rest(until, why)

    def resting(self, kind: Kind, now: float) -> str:
        """Why none of that kind is tried; empty when it is."""
        rest = self._rests.get(kind)
        return rest.why if rest is not None and rest.until > now else ""

    def take(self, now: float) -> list[str]:
        """Those whose time has come, longest due first; they are under way now."""
        under_way = Counter(self._busy.values())
        taken = []
        for name, (_, kind) in sorted(self._waiting.items(), key=self._order):
            if self._due(self._waiting[name]) > now or name in self._busy:
                continue
            if under_way[kind] < self._at_once:
                under_way[kind] += 1
                taken.append(name)
        for name in taken:
            self._busy[name] = self._waiting.pop(name).kind
        return taken

    def done(self, name: str) -> None:
        """It is not under way any more."""
        del self._busy[name]

    def wait(self, now: float) -> float | None:
        """Seconds until another is due; None: not before something changes.

        To be asked after `take`: what is due and not taken waits for one under way.
        """
        dues = (self._due(place) for place in self._waiting.values())
        return min((due - now for due in dues if due > now), default=None)

    def _due(self, place: _Place) -> float:
        rest = self._rests.get(place.kind)
        return place.due if rest is None else max(place.due, rest.until)

    @staticmethod
    def _order(item: tuple[str, _Place]) -> float:
        return item[1].due
