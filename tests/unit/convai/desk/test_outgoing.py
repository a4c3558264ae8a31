from __future__ import annotations

import email
import email.policy
import json
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from icalendar import Calendar

from convai.desk.courier import round_of
from convai.desk.entry import Entry
from convai.desk.outgoing import parcels
from convai.desk.rules import Rules
from convai.post.parcel import Parcel
from tests.meetings import CALL, ID, NOW, THURSDAY, agreed, talk

RULES = Rules(sender="parley@firm.example", desk=("desk@firm.example",), webhook=True)
URL = "https://p.example"


def leaving(**more: Any) -> Entry:
    return Entry(meeting=agreed(**more), talk=talk(), phase="waiting").left()


def made(entry: Entry, rules: Rules = RULES, url: str = URL) -> dict[str, Parcel]:
    """By what follows the meeting in the name."""
    found = parcels(entry, url, rules, NOW)
    return {it.id.removeprefix(f"{ID}-"): it for it in found}


def letter(parcel: Parcel) -> EmailMessage:
    found = email.message_from_bytes(parcel.body, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def calendar(parcel: Parcel) -> Any:
    for part in letter(parcel).walk():
        if part.get_content_type() == "text/calendar":
            return Calendar.from_ical(part.get_content())
    raise AssertionError("no calendar")


def test_a_letter_each_and_a_webhook() -> None:
    found = made(leaving())
    assert list(found) == ["0-desk-request", "0-attendee-request", "0-webhook"]
    assert all(it.id.startswith(round_of(ID, 0)) for it in found.values())
    desk, guest = found["0-desk-request"], found["0-attendee-request"]
    assert (desk.kind, desk.call, desk.meeting) == ("mail", CALL, ID)
    assert desk.sender == "parley@firm.example"
    assert desk.recipients == ("desk@firm.example",)
    assert guest.recipients == ("nat@example.com",)
    assert f"{URL}/calls/{CALL}" in str(letter(desk).get_body(("plain",)))
    assert URL not in str(letter(guest).get_body(("plain",)))
    assert "Sarah" in str(letter(guest).get_body(("plain",)))
    # Made again, it is the same letter.
    assert made(leaving()) == found


def test_the_webhook_says_what_happened() -> None:
    content = json.loads(made(leaving())["0-webhook"].body)
    assert content.pop("meeting")["start"] == "2026-11-26T15:00:00+01:00"
    assert content == {
        "event": "meeting.agreed",
        "id": f"{ID}-0-webhook",
        "call": CALL,
        "agent": "local",
        "profile": "sarah",
        "link": f"{URL}/calls/{CALL}",
    }
    assert "0-webhook" not in made(leaving(), replace(RULES, webhook=False))
    assert json.loads(made(leaving(), url="")["0-webhook"].body)["link"] == ""


def moved(**more: Any) -> Entry:
    gone = leaving().placed(agreed()).delivered("sent", "")
    meeting = agreed(**{"start": THURSDAY + timedelta(hours=1), **more})
    return gone.changed(meeting, "auto", NOW).left()


def test_an_update_has_the_same_uid_and_a_greater_sequence() -> None:
    found = made(moved())
    assert json.loads(found["1-webhook"].body)["event"] == "meeting.changed"
    before, after = (
        calendar(made(leaving())["0-attendee-request"]),
        calendar(found["1-attendee-request"]),
    )
    assert before.walk("VEVENT")[0]["UID"] == after.walk("VEVENT")[0]["UID"]
    assert after.walk("VEVENT")[0]["SEQUENCE"] == 1 and after["METHOD"] == "REQUEST"


def test_a_cancellation_takes_it_out_of_calendars() -> None:
    found = made(moved(start=THURSDAY, status="cancelled"))
    assert list(found) == ["1-desk-cancel", "1-attendee-cancel", "1-webhook"]
    assert json.loads(found["1-webhook"].body)["event"] == "meeting.cancelled"
    assert calendar(found["1-attendee-cancel"])["METHOD"] == "CANCEL"


def test_who_is_no_longer_invited_is_told() -> None:
    found = made(moved(email="bo@example.com"))
    assert found["1-attendee-request"].recipients == ("bo@example.com",)
    assert found["1-attendee-cancel"].recipients == ("nat@example.com",)
    assert "1-desk-cancel" not in found
    assert "1-attendee-cancel" not in made(moved(email="NAT@example.com"))


def test_nothing_parts_from_what_stays() -> None:
    entry = Entry(meeting=agreed(), talk=talk(), phase="waiting")
    assert parcels(entry, URL, RULES, NOW) == []


def test_a_sender_that_is_no_address_is_an_error() -> None:
    with pytest.raises(ValueError):
        made(leaving(), replace(RULES, sender="nobody"))
