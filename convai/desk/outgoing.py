"""Outgoing: what leaves of a meeting, as parcels for the post. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from ..mail.letter import Letter, letters
from ..mail.occasion import Occasion
from ..meeting.meeting import Meeting
from ..post.parcel import Parcel
from .entry import Entry
from .rules import Rules

__all__ = ["parcels"]


def parcels(entry: Entry, url: str, rules: Rules, now: datetime) -> list[Parcel]:
    """Of what is parting: an invitation, an update of it, or its cancellation.

    `url` is where people reach the server, empty when nobody knows. Raises ValueError.
    """
    meeting = entry.parting
    if meeting is None:
        return []
    link = f"{url}/calls/{entry.talk.call}" if url else ""
    found = [_mail(entry, it) for it in _letters(entry, meeting, link, rules, now)]
    return [*found, _webhook(entry, meeting, link)] if rules.webhook else found


def _letters(
    entry: Entry, meeting: Meeting, link: str, rules: Rules, now: datetime
) -> Iterator[Letter]:
    talk, former = entry.talk, entry.former
    occasion = Occasion(
        call=talk.call,
        agent=talk.speaker,
        profile=talk.profile,
        began=talk.began,
        length_s=talk.length_s,
        link=link,
        turns=talk.turns,
        sender=rules.sender,
        desk=rules.desk,
    )
    yield from letters(
        meeting,
        occasion,
        method="CANCEL" if meeting.status == "cancelled" else "REQUEST",
        now=now,
        host=rules.host,
        update=former is not None,
    )
    if former is not None and former.status == "agreed" and _uninvited(former, meeting):
        # Who is not invited any more is to take it out of their calendar.
        gone = replace(former, status="cancelled", sequence=meeting.sequence)
        last = letters(gone, occasion, method="CANCEL", now=now, host=rules.host)
        yield from (it for it in last if it.role == "attendee")


def _uninvited(former: Meeting, meeting: Meeting) -> bool:
    another = former.email.lower() != meeting.email.lower()
    return bool(former.email) and another and meeting.status == "agreed"


def _mail(entry: Entry, letter: Letter) -> Parcel:
    return Parcel(
        letter.id,
        "mail",
        entry.talk.call,
        entry.id,
        letter.message,
        letter.sender,
        letter.recipients,
    )


def _webhook(entry: Entry, meeting: Meeting, link: str) -> Parcel:
    name = f"{meeting.id}-{meeting.sequence}-webhook"
    before = entry.former is not None and entry.former.status == "agreed"
    what = "changed" if before else "agreed"
    content: dict[str, Any] = {
        "event": f"meeting.{'cancelled' if meeting.status == 'cancelled' else what}",
        "id": name,
        "call": entry.talk.call,
        "agent": entry.talk.agent,
        "profile": entry.talk.profile,
        "meeting": meeting.to_json(),
        "link": link,
    }
    body = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
    return Parcel(name, "webhook", entry.talk.call, entry.id, body)
