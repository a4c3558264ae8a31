"""Timezone: the VTIMEZONE that a calendar reads a meeting's local time by. Pure.

icalendar makes one of seventy years of changes, some of them an hour late (7.3.2 writes
the hour that clocks show after a change where RFC 5545, 3.6.5 wants the one before it),
and Outlook reads no lists of dates. This one holds for the years about the meeting, as
yearly rules wherever the changes follow one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard, vRecur

__all__ = ["timezone"]

YEARS = 2
"Before and after the meeting: enough to tell a rule, too few for most to be changed."

_STEP = timedelta(days=7)
"Shorter than any two changes are apart; Ramadan in Morocco lasts four weeks."

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class _Change(NamedTuple):
    onset: datetime
    "What the clocks show when it comes, before they are set."
    before: timedelta
    after: timedelta
    name: str
    summer: bool


def timezone(name: str, zone: tzinfo, about: datetime) -> Timezone:
    """It holds for times within a year of `about`."""
    component = Timezone()
    component.add("tzid", name)
    for group in _groups(list(_changes(zone, about)), about.replace(tzinfo=None)):
        rule = _rule(group)
        for change in group[:1] if rule else group:
            component.add_component(_observance(change, rule))
    return component


def _changes(zone: tzinfo, about: datetime) -> Iterator[_Change]:
    """How the clocks stand at the beginning, then each change."""
    at = about.astimezone(UTC).replace(microsecond=0)
    last, at = (
        at.replace(year=at.year + YEARS, day=1),
        at.replace(year=at.year - YEARS, month=1, day=1, hour=0, minute=0, second=0),
    )
    there = at.astimezone(zone)
    yield _change(there, there, there.replace(tzinfo=None))
    while at < last:
        then = min(at + _STEP, last)
        if then.astimezone(zone).utcoffset() != at.astimezone(zone).utcoffset():
            moment = _moment(zone, at, then)
            earlier = (moment - timedelta(seconds=1)).astimezone(zone)
            shown = earlier.replace(tzinfo=None) + timedelta(seconds=1)
            yield _change(earlier, moment.astimezone(zone), shown)
        at = then


def _moment(zone: tzinfo, low: datetime, high: datetime) -> datetime:
    """The first second of another offset, after `low` and not after `high`."""
    offset = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high


def _change(earlier: datetime, later: datetime, onset: datetime) -> _Change:
    before, after = (it.utcoffset() or timedelta() for it in (earlier, later))
    # By the offset where there is one: Ireland's law calls winter the exception.
    summer = after > before if after != before else bool(later.dst())
    return _Change(onset, before, after, later.tzname() or "LMT", summer)


def _groups(changes: Sequence[_Change], about: datetime) -> list[list[_Change]]:
    """Changes to the same time together.

    How the clocks stood at the beginning matters only until the first change.
    """
    groups: dict[tuple[timedelta, timedelta, str], list[_Change]] = {}
    for change in changes[1:]:
        key = (change.before, change.after, change.name)
        groups.setdefault(key, []).append(change)
    if len(changes) > 1 and changes[1].onset < about - timedelta(days=366):
        return list(groups.values())
    return [[changes[0]], *groups.values()]


def _rule(group: Sequence[_Change]) -> vRecur | None:
    """By which they come each year; None when they follow none."""
    first = group[0].onset
    regular = all(
        (it.onset.month, it.onset.weekday(), it.onset.time())
        == (first.month, first.weekday(), first.time())
        and it.onset.year == first.year + years
        for years, it in enumerate(group)
    )
    if not regular or len(group) < 2 * YEARS:
        return None
    weeks = {(it.onset.day - 1) // 7 + 1 for it in group}
    if all((it.onset + timedelta(days=7)).month != it.onset.month for it in group):
        weeks = {-1}
    if len(weeks) > 1:
        return None
    day = f"{weeks.pop()}{_DAYS[first.weekday()]}"
    return vRecur(freq="yearly", bymonth=first.month, byday=day)


def _observance(
    change: _Change, rule: vRecur | None
) -> TimezoneStandard | TimezoneDaylight:
    component = TimezoneDaylight() if change.summer else TimezoneStandard()
    component.add("dtstart", change.onset)
    component.add("tzoffsetfrom", change.before)
    component.add("tzoffsetto", change.after)
    component.add("tzname", change.name)
    if rule is not None:
        component.add("rrule", rule)
    return component
