"""Two dialogues as examples, for the tests of this folder."""

from __future__ import annotations

import json

from convai.meeting.tokens import SPECIAL, Vocabulary
from tests.dialogues import _dialogue

from .examples import Example
from .examples import example as _example

__all__ = ["AGREED", "KNOWN", "REFUSED", "example"]


def example(
    status: str, *turns: str, does: str = "", stands: str = "", **expect: str
) -> Example:
    said = [["agent" if at % 2 == 0 else "caller", it] for at, it in enumerate(turns)]
    about = {"id": "x-1", "now": "2026-11-25T10:00", "zone": "Europe/Vienna"}
    known = {"does": does, "stands": stands, "expect": {"status": status, **expect}}
    return _example(
        _dialogue(json.loads(json.dumps({**about, **known, "turns": said})))
    )


AGREED = example(
    "agreed",
    *("Hello, are you free on Friday?", "No, on Thursday.", "At three, then?"),
    *("Perfect.", "See you then."),
    start="2026-11-26T15:00",
    does="pcpys",
    stands="nddaa",
)
REFUSED = example(
    "none",
    *("How about Monday at two?", "No, thank you.", "Goodbye."),
    does="prs",
    stands="nnn",
)
KNOWN = Vocabulary([*SPECIAL, "friday", "free", "on", "no", "at", "then", "?", "."])
