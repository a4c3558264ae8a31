"""Letters: read back by the standard library, whatever people were called."""

from __future__ import annotations

import email.policy
import re
from email import message_from_string
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import getaddresses

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from convai.mail.address import mailbox
from convai.mail.letter import Letter, letters
from convai.meeting.meeting import Meeting
from convai.post.parcel import Parcel
from tests.pension import NOW, TURNS, meeting, occasion

HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "References",
    "Auto-Submitted",
    "Content-Language",
    "MIME-Version",
    "Content-Type",
]


def made(it: Meeting | None = None, **more: object) -> list[Letter]:
    return letters(
        it or meeting(),
        occasion(**more),
        method="REQUEST",
        now=NOW,
        host="parley.example.com",
    )


def read(letter: Letter) -> EmailMessage:
    policy = email.policy.SMTP.clone(raise_on_defect=True)
    message = BytesParser(policy=policy).parsebytes(letter.message)
    assert isinstance(message, EmailMessage)
    return message


def parts(message: EmailMessage) -> list[str]:
    return [part.get_content_type() for part in message.walk()]


def test_one_for_the_desk_and_one_for_the_attendee() -> None:
    desk, guest = made()
    assert (desk.role, desk.recipients) == ("desk", ("desk@example.com",))
    assert (guest.role, guest.recipients) == ("attendee", ("ann.lee@example.com",))
    for letter in (desk, guest):
        assert letter.sender == "parley@example.com"
        message = read(letter)
        assert parts(message) == [
            "multipart/mixed",
            "multipart/alternative",
            "text/plain",
            "text/html",
            "text/calendar",
            "application/ics",
        ]
        assert str(message["From"]) == "Parley <parley@example.com>"
        assert message["Message-ID"] == letter.message_id
        assert message["Date"].datetime == NOW
        assert message["Auto-Submitted"] == "auto-generated"
        Parcel(letter.id, "mail", "c", "m", letter.message)
    assert read(desk)["Subject"].endswith("Pension plan (Ann Lee)")
    assert str(read(guest)["To"]) == "Ann Lee <ann.lee@example.com>"
    assert str(read(guest)["Reply-To"]) == "desk@example.com"
    assert "Reply-To" not in read(desk)
    assert b"calls.example.com" not in guest.message


def test_the_invitation_in_it() -> None:
    desk, guest = made()
    calendar = next(
        p for p in read(guest).walk() if p.get_content_type() == "text/calendar"
    )
    assert calendar.get_param("method") == "REQUEST"
    assert calendar.get_param("charset") == "utf-8"
    attached = next(read(guest).iter_attachments())
    assert attached.get_filename() == "invite.ics"
    content = calendar.get_payload(decode=True)
    assert content == attached.get_payload(decode=True)
    event = Calendar.from_ical(content).walk("VEVENT")[0]
    assert str(event["ATTENDEE"]) == "mailto:ann.lee@example.com"
    assert str(event["ORGANIZER"]) == "mailto:parley@example.com"
    attached = next(read(desk).iter_attachments())
    event = Calendar.from_ical(attached.get_payload(decode=True)).walk("VEVENT")[0]
    guests = [str(it) for it in event["ATTENDEE"]]
    assert guests == ["mailto:desk@example.com", "mailto:ann.lee@example.com"]


def test_without_the_attendees_address_it_is_published_to_the_desk() -> None:
    for address in ("", "ann at example", "a@b.example, c@d.example"):
        (desk,) = made(meeting(email=address))
        assert desk.role == "desk"
        calendar = read(desk).get_body(("plain",))
        assert calendar is not None
        attached = next(read(desk).iter_attachments()).get_payload(decode=True)
        assert isinstance(attached, bytes)
        assert b"METHOD:PUBLISH" in attached and b"ATTENDEE" not in attached
        assert b'method="PUBLISH"' in desk.message


def test_the_same_letter_again_is_the_same_letter() -> None:
    assert made() == made()
    ids = {it.message_id for it in made() + made(meeting(sequence=1))}
    gone = letters(
        meeting(sequence=1), occasion(), method="CANCEL", now=NOW, host="x.example"
    )
    assert len(ids | {it.message_id for it in gone}) == 6
    assert len({it.id for it in made() + made(meeting(sequence=1)) + gone}) == 6
    assert made()[0].message_id == (
        "<5f0c6d2a9b7e4c1d8a3f0e9d7c6b5a41-0-desk-request@parley.example.com>"
    )
    threads = {read(it)["References"] for it in made() + made(meeting(sequence=1))}
    assert len(threads) == 2, "one for each reader"


def test_what_was_never_sent_is_not_updated() -> None:
    def subject(update: bool | None) -> str:
        found = letters(
            meeting(sequence=2),
            occasion(),
            method="REQUEST",
            now=NOW,
            host="x.example",
            update=update,
        )
        return str(read(found[0])["Subject"])

    assert subject(None).startswith("Updated: ") and subject(True) == subject(None)
    assert subject(False).startswith("Meeting on ")


def test_headers_begin_in_their_first_line() -> None:
    found = made(meeting(sequence=1, attendee="Maximiliane von Hohenstauffen"))
    for letter in found:
        head = letter.message.partition(b"\r\n\r\n")[0]
        assert b":\r\n" not in head


def test_a_cancellation() -> None:
    found = letters(
        meeting(sequence=2), occasion(), method="CANCEL", now=NOW, host="x.example"
    )
    assert [it.role for it in found] == ["desk", "attendee"]
    for letter in found:
        assert b'method="CANCEL"' in letter.message
        assert str(read(letter)["Subject"]).startswith("Cancelled: Meeting on")


def test_addresses_of_the_desk_count_once_and_only_good_ones() -> None:
    desk = ("a@example.com", "nonsense", "A <a@example.com>", "b@example.com")
    found = made(desk=desk)
    assert found[0].recipients == ("a@example.com", "b@example.com")
    assert [it.role for it in made(desk=())] == ["attendee"]
    assert [it.role for it in made(desk=("ann.lee@example.com",))] == ["desk"]


def test_what_cannot_be() -> None:
    with pytest.raises(ValueError, match="sender"):
        made(sender="nobody")
    with pytest.raises(ValueError, match="draft"):
        made(Meeting(status="draft", zone="UTC", id="x"))


def test_ids_and_hosts_of_any_kind() -> None:
    one, two = (made(meeting(id=it))[0] for it in ("AbC_d", "abc-d"))
    assert one.id != two.id
    for letter in (one, two, made(meeting(id="x\r\nBcc: a@b.example"))[0]):
        assert re.fullmatch("[a-z0-9-]{1,80}", letter.id)
    found = letters(
        meeting(), occasion(), method="REQUEST", now=NOW, host="a b\r\nBcc: x"
    )
    assert found[0].message_id.endswith("@example.com>")


EVIL = st.sampled_from(
    [
        "x\r\nBcc: evil@example.com",
        "x\nBcc: evil@example.com\n\nbody",
        "x\rBcc: evil@example.com",
        "x\0y",
        "x\u2028Bcc: evil@example.com",
        "x\u2029y\x85Bcc: evil@example.com\x0bz\x0cq\x1c\x1d\x1e",
        "x\udc80\ud800y",
        "\u202eEvil\u202c \u200f\u200e\u2066x\u2069",
        "é" * 10_000,
        "a" * 10_000,
        "日本" * 100,
        "=?utf-8?q?=0D=0ABcc:_evil@example.com?=",
        'Lee, Ann "the" <evil@example.com>',
        "🎉" * 200,
        "x" * 70 + " " + "é" * 30,
        "ann@example.com",
        "",
    ]
)
WORDS = EVIL | st.text(max_size=120)


@settings(max_examples=300, deadline=None)
@given(WORDS, WORDS, WORDS, WORDS)
@example("x\r\nBcc: a@b.example", "x\nTo: a@b.example", "a@b.example\nBcc: c@d.e", "")
def test_nobody_adds_a_header(topic: str, name: str, address: str, said: str) -> None:
    turn = TURNS[10].__class__("caller", said, TURNS[10].start_ms)
    named = f"{name} <parley@example.com>"
    found = letters(
        meeting(topic=topic, attendee=name, email=address),
        occasion(
            agent=name,
            profile=topic,
            turns=[turn],
            sender=named if mailbox(named) else "parley@example.com",
            desk=("desk@example.com",),
        ),
        method="REQUEST",
        now=NOW,
        host=address,
    )
    for letter in found:
        head = letter.message.partition(b"\r\n\r\n")[0]
        names = [it.partition(b":")[0].decode() for it in re.split(rb"\r\n(?! )", head)]
        guest = ["Reply-To"] if letter.role == "attendee" else []
        assert sorted(names) == sorted(HEADERS + guest)
        message = read(letter)
        to = [it.addr_spec for it in message["To"].addresses]
        assert to == list(letter.recipients)
        assert to == ["desk@example.com"] or to == [address.strip()]
        assert [it.addr_spec for it in message["From"].addresses] == [letter.sender]
        assert "\n" not in message["Subject"] and len(message["Subject"]) <= 160
        assert parts(message).count("text/calendar") == 1
        assert letter.message.isascii()
        lines = letter.message.split(b"\r\n")
        assert max(len(line) for line in lines) <= 998
        assert not any({10, 13, 0} & set(line) for line in lines)


@settings(max_examples=200, deadline=None)
@given(WORDS)
def test_any_name_of_an_attendee(name: str) -> None:
    _, guest = made(meeting(attendee=name))
    message = read(guest)
    (to,) = message["To"].addresses
    assert to.addr_spec == "ann.lee@example.com"
    head = guest.message.partition(b"\r\n\r\n")[0].decode()
    assert "\nBcc" not in head
    # By the older parser, too, which most mail programs are like.
    ((_, plain),) = getaddresses([message_from_string(head)["To"]])
    assert plain == "ann.lee@example.com"
