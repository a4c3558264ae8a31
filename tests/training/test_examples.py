"""Examples: what the reader is taught must be true of the talk it is given."""

from __future__ import annotations

import random
from datetime import date

from convai.meeting.digest import Mark
from convai.meeting.tokens import SPECIAL

from .examples import (
    DOES,
    STATUS,
    UNKNOWN,
    begun,
    joined,
    taught,
    varied,
)
from .samples import AGREED, KNOWN, REFUSED, example


def test_an_example_knows_what_is_meant() -> None:
    assert STATUS[AGREED.status] == "agreed"
    assert AGREED.digest.days[AGREED.day] == date(2026, 11, 26)
    assert AGREED.digest.hours[AGREED.hour].minutes == 15 * 60
    assert (REFUSED.day, REFUSED.hour) == (-1, -1)
    draft = example("draft", "Thursday?", "Yes.", day="2026-11-26")
    assert draft.digest.days[draft.day] == date(2026, 11, 26) and draft.hour == -1


def test_a_beginning_stands_as_the_talk_stood_then() -> None:
    rng = random.Random(0)
    found = [begun(AGREED, rng) for _ in range(50)]
    known = {len(it.does): it for it in found if it is not None}
    assert sorted(known) == [1, 2, 3, 4]
    names = {end: STATUS[it.status] for end, it in known.items()}
    assert names == {1: "none", 2: "draft", 3: "draft", 4: "agreed"}
    assert (known[4].day, known[4].hour) == (AGREED.day, AGREED.hour)
    assert (known[3].day, known[3].hour) == (-1, -1), "the question has no answer yet"
    assert all(len(it.digest.turns) == end for end, it in known.items())


def test_what_was_agreed_on_and_changed_later_was_agreed_on() -> None:
    talk = ("Monday at two?", "Yes.", "Oh, I have to cancel that.", "Okay.")
    gone = example("none", *talk, does="pyxs", stands="nbnn")
    ends = [begun(gone, random.Random(seed)) for seed in range(20)]
    yes = next(it for it in ends if it is not None and it.stands == "nb")
    assert STATUS[yes.status] == "agreed"
    assert (yes.day, yes.hour) == (-1, -1), "what it was is not known"


def test_of_some_talks_there_is_no_beginning() -> None:
    rng = random.Random(0)
    assert begun(example("none", "Hello.", does="s", stands="n"), rng) is None
    late = example("none", "Hi.", "Monday at two?", does="sp", stands="nn")
    assert begun(late, rng) is None, "before its end there is nothing to read"
    assert begun(example("none", "Monday at two?", "Pardon?"), rng) is None, "unknown"


def test_the_turns_are_taught_where_they_begin() -> None:
    row = taught(AGREED, KNOWN)
    assert len(set(map(len, row))) == 1
    begins = [
        at
        for at, id in enumerate(row.ids)
        if SPECIAL[id : id + 1] in (("[AGENT]",), ("[CALLER]",))
    ]
    assert [DOES[row.does[at]] for at in begins] == list("pcpys")
    stands = [STATUS[row.stands[at]] for at in begins]
    assert stands == ["none", "draft", "draft", "agreed", "agreed"]
    assert sum(it != UNKNOWN for it in row.does) == len(begins)


def test_of_two_talks_the_second_counts() -> None:
    both = joined(REFUSED, AGREED)
    assert both.digest.days[both.day] == AGREED.digest.days[AGREED.day]
    assert both.digest.hours[both.hour] == AGREED.digest.hours[AGREED.hour]
    assert len(both.digest.turns) == 8
    marks = [it for _, said in both.digest.turns for it in said if isinstance(it, Mark)]
    for kind, known in (("day", both.digest.days), ("hour", both.digest.hours)):
        numbers = [
            it.number for it in marks if it.kind == kind and it.number is not None
        ]
        assert numbers and max(numbers) == len(known) - 1
    assert (both.does, both.stands) == ("prspcpys", "nnnnddaa")
    today = example(
        "agreed", "Call me today at five?", "Yes.", start="2026-11-25T17:00"
    )
    assert (today.day, joined(REFUSED, today).day) == (0, 0)


def test_days_change_places_and_stay_the_same() -> None:
    plain = taught(AGREED, KNOWN)
    places = set()
    for seed in range(20):
        found = varied(plain, random.Random(seed))
        assert len(set(map(len, found))) == 1
        at = found.days.index(AGREED.day)
        assert SPECIAL[found.ids[at]].startswith("[DAY")
        places.add(found.ids[at])
    assert len(places) > 3
