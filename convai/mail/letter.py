"""Letter: a mail about a meeting, complete as it will be sent. Pure.

Two readers, two letters: the desk, for which the agent works, and the attendee. Both
are told what was agreed on and discussed; the call in the history is the desk's alone.

Nothing that anybody said, typed or was called gets into the head of a letter but as one
printable line, and addresses are taken whole or not at all: there is no way to inject a
header.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256
from typing import Literal

from ..meeting.meeting import Meeting
from .address import Mailbox, address, domain, mailbox
from .invitation import Method, invitation
from .occasion import Occasion
from .spoken import heading
from .wording import Role, Wording, wording

__all__ = ["Letter", "letters"]

LONGEST_NAME = 64
"Characters in front of an address: of more, some servers make two headers."
_EMPTY = re.compile(rb"^([A-Za-z-]+):\r\n[ ]", re.MULTILINE)

LONGEST_SUBJECT = 160
"Characters: nobody's list of mails shows more."


@dataclass(frozen=True, slots=True)
class Letter:
    """The same meeting, sequence, role and method: the same letter."""

    id: str
    "As a `Parcel` wants it."
    role: Role
    sender: str = field(repr=False)
    "Of the envelope."
    recipients: tuple[str, ...] = field(repr=False)
    message: bytes = field(repr=False)
    "RFC 5322, lines end in CRLF."
    message_id: str
    "With its angle brackets."


def letters(
    meeting: Meeting,
    occasion: Occasion,
    *,
    method: Literal["REQUEST", "CANCEL"],
    now: datetime,
    host: str,
    update: bool | None = None,
) -> list[Letter]:
    """For the desk and, if the address is known, for the attendee.

    `host`: domain of the Message-IDs. `update`: whether something of this meeting was
    sent before; None: if it was ever changed. Raises ValueError for a meeting without a
    time, and when the sender is no address.
    """
    sender = mailbox(occasion.sender)
    if sender is None:
        raise ValueError("the sender of mails is no address")
    desk = _boxes(occasion.desk)
    guest = address(meeting.email)
    if guest in {it.address for it in desk}:
        guest = None
    # RFC 5546, 3.2.1 and 3.2.2: who is not named cannot be asked to come.
    form: Method = "PUBLISH" if method == "REQUEST" and not guest else method
    guests = [Mailbox(meeting.attendee, guest)] if guest else []
    made = []
    roles: list[tuple[Role, list[Mailbox]]] = [("desk", desk), ("attendee", guests)]
    for role, recipients in roles:
        if recipients:
            changed = meeting.sequence > 0 if update is None else update
            words = wording(meeting, occasion, role, method, changed=changed)
            named = guests if role == "attendee" or not guests else desk + guests
            calendar = invitation(
                meeting,
                method=form,
                organizer=sender,
                attendees=[it for it in named if it.address != sender.address],
                now=now,
                description=words.description,
                url=words.link,
            )
            draft = _Draft(meeting, role, method, sender, recipients, desk, host)
            made.append(draft.letter(words, calendar, form, now))
    return made


@dataclass(frozen=True, slots=True)
class _Draft:
    meeting: Meeting
    role: Role
    method: str
    sender: Mailbox
    recipients: Sequence[Mailbox]
    desk: Sequence[Mailbox]
    host: str

    def letter(
        self, words: Wording, calendar: bytes, form: Method, now: datetime
    ) -> Letter:
        message = EmailMessage(policy=SMTP)
        message["From"] = _address(self.sender)
        message["To"] = [_address(it) for it in self.recipients]
        if self.role == "attendee" and self.desk:
            # Who answers wants to reach people, not the machine that sends.
            message["Reply-To"] = _address(self.desk[0])
        message["Subject"] = heading(words.subject, LONGEST_SUBJECT)
        message["Date"] = now
        message["Message-ID"] = self.message_id
        # One conversation in the mail program for all letters of a meeting.
        message["References"] = f"<{self._key}.{self.role}@{self._domain}>"
        # RFC 3834: no out-of-office replies to this.
        message["Auto-Submitted"] = "auto-generated"
        _fill(message, words, calendar, form)
        message["Content-Language"] = "en"
        self._bound(message)
        return Letter(
            id=self._id,
            role=self.role,
            sender=self.sender.address,
            recipients=tuple(it.address for it in self.recipients),
            message=_begun_at_once(message.as_bytes()),
            message_id=self.message_id,
        )

    @property
    def message_id(self) -> str:
        return f"<{self._id}@{self._domain}>"

    @property
    def _id(self) -> str:
        return f"{self._key}-{self.meeting.sequence}-{self.role}-{self.method.lower()}"

    @property
    def _key(self) -> str:
        """The meeting's id in characters that file names and Message-IDs have."""
        own = self.meeting.id.lower().replace("_", "-")
        fine = own.isascii() and own.replace("-", "").isalnum() and len(own) <= 40
        if own == self.meeting.id and fine:
            return own
        return sha256(self.meeting.id.encode(errors="replace")).hexdigest()[:32]

    @property
    def _domain(self) -> str:
        return domain(self.host) or self.sender.address.rpartition("@")[2]

    def _bound(self, message: EmailMessage) -> None:
        """Borders of the parts that are the same whenever the letter is made."""
        mark = sha256(self.message_id.encode()).hexdigest()[:24]
        parts = (part for part in message.walk() if part.is_multipart())
        for number, part in enumerate(parts):
            # "=_" occurs in no quoted-printable and in no base64.
            part.set_boundary(f"=_{mark}_{number}")


def _fill(message: EmailMessage, words: Wording, calendar: bytes, form: Method) -> None:
    """The layout of which mail programs make buttons, and a file for the others."""
    message.set_content(words.text, cte="quoted-printable")
    message.add_alternative(words.html, subtype="html", cte="quoted-printable")
    message.add_alternative(
        calendar.decode(), subtype="calendar", cte="base64", params={"method": form}
    )
    message.add_attachment(
        calendar, maintype="application", subtype="ics", filename="invite.ics"
    )


def _begun_at_once(message: bytes) -> bytes:
    """Headers with something in their first line.

    Python leaves it empty when what follows is long; to many readers that is a space.
    """
    head, gap, body = message.partition(b"\r\n\r\n")
    return _EMPTY.sub(rb"\1: ", head) + gap + body


def _boxes(texts: Sequence[str]) -> list[Mailbox]:
    """Each address once; what is none is left out."""
    found = {box.address: box for text in texts if (box := mailbox(text))}
    return list(found.values())


def _address(box: Mailbox) -> Address:
    return Address(heading(box.name, LONGEST_NAME), addr_spec=box.address)
