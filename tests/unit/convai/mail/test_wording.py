"""What letters say, to whom."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convai.mail.wording import Wording, wording
from convai.meeting.meeting import Meeting
from tests.pension import TURNS, meeting, occasion

SCRIPT = "<script>alert(1)</script>"


def desk(**changes: object) -> Wording:
    return wording(meeting(**changes), occasion(), "desk", "REQUEST", changed=False)


def readable(page: str) -> str:
    """Text of HTML."""
    body = page.partition("<body")[2]
    bare = re.sub(r"<style.*?</style>|<!--.*?-->|<[^>]*>", " ", f"<body{body}")
    return " ".join(html.unescape(bare).split())


def test_the_desk_is_told_everything() -> None:
    words = desk()
    assert words.subject == (
        "Meeting on Thursday, 26 November 2026, 15:00: Pension plan (Ann Lee)"
    )
    for text in (words.text, readable(words.html)):
        for part in (
            "Ann Lee and Sarah agreed on a meeting:",
            "Thursday, 26 November 2026",
            "15:00 to 15:30",
            "Europe/Vienna (UTC+1), 30 minutes",
            "In UTC: 14:00 to 14:30",
            "ann.lee@example.com",
            "any fee until the end of March",
            "Perfect, Thursday at three.",
            "1:10",
            "Tuesday, 24 November 2026, 10:05, 1:23 long, Sarah (Acme Pensions)",
            "noticed in the conversation, 94% sure",
        ):
            assert part in text, part
    assert words.link == occasion().link
    assert occasion().link in words.text and occasion().link in words.html
    assert "calendar.google.com" in words.text and "calendar.google.com" in words.html


def test_the_attendee_gets_no_link_to_the_history() -> None:
    words = wording(meeting(), occasion(), "attendee", "REQUEST", changed=False)
    assert words.subject == "Meeting on Thursday, 26 November 2026, 15:00: Pension plan"
    assert words.link == ""
    for text in (words.text, words.html, words.description):
        assert "calls.example.com" not in text
        assert "94%" not in text
    assert "You agreed on a meeting with Sarah" in words.text
    assert "You: Perfect, Thursday at three." in words.text
    assert "any fee until the end of March" in words.text


def test_a_change_and_a_cancellation() -> None:
    changed = wording(meeting(), occasion(), "desk", "REQUEST", changed=True)
    assert changed.subject.startswith("Updated: Meeting on Thursday")
    assert "A meeting has changed." in changed.text
    gone = wording(meeting(), occasion(), "attendee", "CANCEL", changed=True)
    assert gone.subject.startswith("Cancelled: Meeting on Thursday")
    assert "is cancelled" in gone.text and "is cancelled" in readable(gone.html)
    assert "calendar.google.com" not in gone.text + gone.html


def test_nothing_known_is_nothing_said() -> None:
    bare = meeting(attendee="", email="", topic="", evidence=(), confidence=0.0)
    about = occasion(turns=(), link="", length_s=None, profile="", agent="")
    words = wording(bare, about, "desk", "REQUEST", changed=False)
    assert words.subject == "Meeting on Thursday, 26 November 2026, 15:00"
    assert "A caller and our agent agreed on a meeting" in words.text
    for text in (words.text, words.html):
        lower = text.lower()
        assert "what was discussed" not in lower and "how it was" not in lower
        assert "sure" not in lower and "listen" not in lower and "()" not in lower
    assert words.description == (
        "Agreed on the phone with our agent, Tuesday, 24 November 2026, 10:05."
    )


def test_the_text_has_no_long_lines_but_links() -> None:
    lines = desk().text.splitlines()
    assert not [it for it in lines if len(it) > 80 and "https://" not in it]
    assert "\n\n\n" not in desk().text and not desk().text.startswith("\n")


def test_only_links_to_the_web() -> None:
    for link in ("javascript:alert(1)", "file:///etc/passwd", "x y", "https://a b"):
        words = wording(
            meeting(), occasion(link=link), "desk", "REQUEST", changed=False
        )
        assert words.link == "" and "Listen" not in words.html


def test_html_is_escaped() -> None:
    turns = [*TURNS[:3], TURNS[3].__class__("caller", f"My pension {SCRIPT} is a", 1)]
    about = occasion(agent=SCRIPT, profile=SCRIPT, call=SCRIPT, turns=turns)
    for role in ("desk", "attendee"):
        words = wording(
            meeting(topic=SCRIPT, attendee=SCRIPT),
            about,
            role,  # type: ignore[arg-type]
            "REQUEST",
            changed=False,
        )
        assert "<script" not in words.html
        assert SCRIPT in words.text


def test_a_draft_has_no_letter() -> None:
    with pytest.raises(ValueError, match="draft"):
        wording(
            Meeting(status="draft", zone="UTC"),
            occasion(),
            "desk",
            "REQUEST",
            changed=False,
        )


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=300))
def test_any_words_leave_the_page_whole(topic: str, name: str, said: str) -> None:
    turn = TURNS[10].__class__("caller", said, TURNS[10].start_ms)
    words = wording(
        meeting(topic=topic, attendee=name),
        occasion(turns=[turn], agent=name),
        "desk",
        "REQUEST",
        changed=False,
    )
    plain = desk()
    assert "\n" not in words.subject and words.subject.isprintable()
    assert words.html.count("<html") == words.html.count("</html>") == 1
    assert words.html.count("<a ") == plain.html.count("<a ")
    words.text.encode()
    words.html.encode()
