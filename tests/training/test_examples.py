"""Examples: what the reader is taught must be true of the talk it is given."""

from __future__ import annotations

import json
import random
from datetime import date

from convai.meeting.digest import Mark
from convai.meeting.tokens import SPECIAL, Vocabulary
from tests.dialogues import _dialogue

from .examples import STATUS, Example, _example, begun, joined, varied


def example(status: str, *turns: str, **expect: str) -> Example:
    said = [["agent" if at % 2 == 0 else "caller", it] for at, it in enumerate(turns)]
    about = {"id": "x-1", "now": "2026-11-25T10:00", "zone": "Europe/Vienna"}
    wanted = {"status": status, **expect}
    return _example(
        _dialogue(json.loads(json.dumps({**about, "turns": said, "expect": wanted})))
    )


AGREED = example(
    "agreed",
    *("Hello, are you free on Friday?", "No, on Thursday.", "At three, then?"),
    *("Perfect.", "See you then."),
    start="2026-11-26T15:00",
)
REFUSED = example("none", "How about Monday at two?", "No, thank you.", "Goodbye.")


def test_an_example_knows_what_is_meant() -> None:
    assert (STATUS[AGREED.status], AGREED.whole) == ("agreed", True)
    assert AGREED.digest.days[AGREED.day] == date(2026, 11, 26)
    assert AGREED.digest.hours[AGREED.hour].minutes == 15 * 60
    assert (REFUSED.day, REFUSED.hour) == (-1, -1)
    draft = example("draft", "Thursday?", "Yes.", day="2026-11-26")
    assert draft.digest.days[draft.day] == date(2026, 11, 26) and draft.hour == -1


def test_in_a_beginning_nobody_has_agreed_yet() -> None:
    rng = random.Random(0)
    lengths = set()
    for _ in range(50):
        found = begun(AGREED, rng)
        assert found is not None and not found.whole
        lengths.add(len(found.digest.turns))
    assert max(lengths) == 3, "the question is asked, and not answered"
    found = begun(REFUSED, rng)
    assert found is not None and len(found.digest.turns) == 1
    gone = example("none", "Monday at two?", "Yes. Oh, I have to cancel that.", "Okay.")
    assert begun(gone, rng) is None, "there it may have been agreed on"
    assert begun(example("none", "Hello."), rng) is None


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
    today = example(
        "agreed", "Call me today at five?", "Yes.", start="2026-11-25T17:00"
    )
    assert (today.day, joined(REFUSED, today).day) == (0, 0)


def test_days_change_places_and_stay_the_same() -> None:
    known = Vocabulary([*SPECIAL, "friday", "free", "on", "no", "at", "then", "?", "."])
    plain = known.encode(AGREED.digest)
    places = set()
    for seed in range(20):
        found = varied(plain, random.Random(seed))
        assert len(found.ids) == len(found.days) == len(found.hours)
        at = found.days.index(AGREED.day)
        assert SPECIAL[found.ids[at]].startswith("[DAY")
        places.add(found.ids[at])
    assert len(places) > 3
