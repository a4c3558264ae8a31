"""Desk: from the settings to what becomes of meetings, opened together.

Nothing is started by `office_of`: whatever is wrong with a setting is told before.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from convai.desk.desk import Desk
from convai.desk.diary import Diary
from convai.desk.entry import Talk
from convai.desk.outgoing import parcels
from convai.desk.rules import Rules
from convai.mail.address import address
from convai.meeting.agenda import Agenda
from convai.meeting.reader import ReaderError, reader
from convai.post.outbox import Outbox
from convai.post.parcel import Carrier, Kind
from convai.post.post import Post
from convai.post.server import server
from convai.post.smtp import Smtp
from convai.post.webhook import Webhook

from ..minutes import MakeMinutes, Minutes
from ..opinions import Opinions
from .addresses import IPAddress
from .banner import urls
from .certificate import Https
from .settings import Settings

__all__ = ["Office", "minutes_of", "office_of", "public_url", "shown_of"]

log = logging.getLogger(__name__)

MEETINGS = ".meetings"
"Folder in that of the recordings: the desk's diary."
POST = ".post"
"Folder in that of the recordings: letters that are to be delivered."
OUTBOX = "outbox"
"Folder in that of the recordings, unless another one is named."

NOBODY = "desk@localhost"
"Whom letters in the outbox are for when no desk is set: somebody looks at them there."
SENDER = "parley@localhost"


@dataclass(frozen=True, slots=True)
class Office:
    """How this server deals with meetings."""

    recordings: Path
    rules: Rules
    carriers: dict[Kind, Carrier]

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Desk]:
        """The desk, and the post behind it. Raises OSError."""
        post = Post(
            self.recordings / POST,
            self.carriers,
            tell=lambda report: desk.reported(report),
        )
        desk = Desk(
            Diary(self.recordings / MEETINGS),
            post,
            self.rules,
            compose=lambda entry, url: parcels(
                entry, url, self.rules, datetime.now(UTC)
            ),
        )
        async with post, desk:
            yield desk


def office_of(settings: Settings) -> Office:
    """Raises SettingsError."""
    rules = _rules(settings)
    carriers: dict[Kind, Carrier] = {"mail": _mail(settings)}
    url, secret = settings.meeting_webhook_url, settings.meeting_webhook_secret
    if url is not None and secret is None:
        why = "needs MEETING_WEBHOOK_SECRET, which is not set"
        raise settings.wrong("meeting_webhook_url", why)
    if url is not None and secret is not None:
        carriers["webhook"] = Webhook(url.get_secret_value(), secret.get_secret_value())
    elif secret is not None:
        why = "needs MEETING_WEBHOOK_URL, which is not set"
        raise settings.wrong("meeting_webhook_secret", why)
    return Office(settings.recordings, rules, carriers)


@asynccontextmanager
async def minutes_of(desk: Desk) -> AsyncIterator[MakeMinutes]:
    """Who finds the meetings of a call, given its talk and the caller's zone."""
    opinions = _opinions()

    def minutes(talk: Talk, zone: str) -> Minutes:
        opinion = None if opinions is None else opinions.of_call()
        agenda = Agenda(talk.began, zone, lambda: secrets.token_hex(16), opinion)
        return Minutes(agenda, desk, talk, opinion)

    async with opinions.open() if opinions else nullcontext():
        yield minutes


def _opinions() -> Opinions | None:
    """Second opinions; without them the rules decide alone."""
    try:
        return Opinions(reader())
    except ReaderError as error:
        log.error("meetings are found by the rules alone: %s", error)
        return None


def shown_of(rules: Rules) -> dict[str, Any]:
    """What the page needs to know before it calls."""
    return {
        "confirm": rules.confirm,
        "delay_s": rules.delay_s,
        "outbox": rules.outbox,
    }


def public_url(
    settings: Settings,
    port: int,
    secured: Https | None,
    found: Iterable[IPAddress],
    way_out: IPAddress | None,
) -> str:
    """Under which people reach the server, for links in mails.

    Without a password the history is for this machine only, whatever its address.
    """
    if settings.public_url is not None:
        return settings.public_url
    known = urls(settings.host, port, secured, found, way_out)
    return known[0] if settings.history_password is None else known[-1]


def _rules(settings: Settings) -> Rules:
    own = _user(settings)
    desk = settings.meeting_desk or ((own,) if own else ())
    if settings.smtp_url is not None and not desk:
        why = "needs --meeting-desk: its user name is no address to send mails to"
        raise settings.wrong("smtp_url", why)
    if settings.smtp_url is None and not desk:
        desk = (NOBODY,)
    sender = settings.mail_from or own
    if sender is None:
        sender = desk[0] if settings.smtp_url is not None else SENDER
    return Rules(
        confirm=settings.meeting_confirm,
        delay_s=settings.meeting_delay_s,
        sender=sender,
        desk=desk,
        outbox=settings.smtp_url is None,
        webhook=settings.meeting_webhook_url is not None,
    )


def _user(settings: Settings) -> str | None:
    """The user of the mail server, if that is an address."""
    if settings.smtp_url is None:
        return None
    user = urlsplit(settings.smtp_url.get_secret_value()).username
    return address(unquote(user)) if user else None


def _mail(settings: Settings) -> Carrier:
    if settings.smtp_url is None:
        return Outbox(settings.outbox or settings.recordings / OUTBOX)
    try:
        return Smtp(server(settings.smtp_url.get_secret_value()))
    except ValueError as error:
        raise settings.wrong("smtp_url", str(error)) from None
