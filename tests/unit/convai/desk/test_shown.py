from __future__ import annotations

from convai.desk.entry import Entry
from convai.desk.rules import Rules
from convai.desk.shown import fields, plain, shown
from tests.meetings import ID, OTHER, agreed, draft, talk

RULES = Rules(desk=("desk@firm.example",))


def test_who_gets_it_is_told_by_role() -> None:
    entry = Entry(meeting=agreed(), talk=talk(), phase="review")
    assert shown(entry, RULES, 5.0)["standing"] == {
        "state": "review",
        "to": ["desk", "attendee"],
    }
    for more, to in (({"email": ""}, ["desk"]), ({}, ["desk", "attendee"])):
        entry = Entry(meeting=agreed(**more), talk=talk(), phase="waiting")
        assert shown(entry, RULES, 5.0)["standing"]["to"] == to
    assert shown(entry, Rules(), 5.0)["standing"]["to"] == ["attendee"]
    assert "firm.example" not in str(shown(entry, RULES, 5.0))


def test_what_is_in_nobodys_words() -> None:
    meeting = {**agreed().to_json(), "standing": {"state": "sent"}}
    kept = plain(meeting)
    assert kept["id"] == ID and kept["standing"] == {"state": "sent"}
    assert kept["start"] == meeting["start"]
    assert not {"attendee", "email", "topic", "evidence"} & set(kept)
    assert plain(meeting, wordless=False) == meeting
    assert plain(draft().to_json())["missing"] == ["time"]


def test_a_calls_file_has_the_last_one_agreed_on() -> None:
    waiting = {"state": "waiting", "leaves_in_s": 12.5, "to": []}
    meetings = [
        {**agreed().to_json(), "standing": waiting},
        agreed(OTHER, status="cancelled").to_json(),
        draft("3").to_json(),
    ]
    found = fields(meetings)
    assert found["meeting"]["id"] == ID
    assert found["meeting"]["standing"] == {"state": "waiting", "to": []}
    assert [it["id"] for it in found["meetings"]] == [ID, OTHER, "3"]
    assert fields([]) == {"meeting": None, "meetings": []}
