"""The settings of meetings and mail: a part of `rtc.startup.settings`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from .option import About
from .values import Folder, Seconds, blank_is_none
from .values_meetings import (
    Address,
    Addresses,
    MailUrl,
    SigningKey,
    WebhookUrl,
    WebUrl,
)

__all__ = ["MEETINGS", "MeetingSettings"]

MEETINGS = "Meetings and e-mail"
"Heading of the help."

_blank = BeforeValidator(blank_is_none)


class MeetingSettings(BaseSettings):
    """Inherited by `Settings`, which says how they are read."""

    model_config = SettingsConfigDict(use_attribute_docstrings=True)

    meeting_confirm: Annotated[
        Literal["auto", "review", "off"], About(MEETINGS, "auto, review or off")
    ] = "auto"
    """When a meeting was agreed on, send its invitations by themselves after a moment
    to correct it, when somebody approves it in the call history, or never."""

    meeting_delay_s: Annotated[
        Seconds, Field(le=3600), About(MEETINGS, "0 to 3600")
    ] = 30
    """Seconds in which the caller can correct or undo a meeting before its invitations
    leave; each change gives as many again."""

    meeting_desk: Annotated[
        Addresses,
        About(
            MEETINGS,
            "e-mail addresses, with commas",
            default="the user of SMTP_URL, if that is an address",
        ),
    ] = ()
    "Who gets a mail about every meeting, beside the attendee."

    mail_from: Annotated[
        Address | None,
        _blank,
        About(
            MEETINGS,
            "an e-mail address",
            default="the user of SMTP_URL, if that is an address, else the first desk",
        ),
    ] = None
    "Whom mails come from, and who invites."

    smtp_url: Annotated[
        MailUrl | None,
        _blank,
        About(
            MEETINGS,
            "smtp://USER:PASSWORD@HOST:PORT, or smtps://",
            variable="SMTP_URL",
            secret=True,
        ),
    ] = None
    """Mail server for invitations; smtp is encrypted by STARTTLS. Without one mails
    are put into the outbox folder."""

    outbox: Annotated[
        Folder | None,
        _blank,
        About(MEETINGS, "a folder", default="outbox in the recordings folder"),
    ] = None
    "Where mails are put as .eml files when there is no mail server."

    public_url: Annotated[
        WebUrl | None,
        _blank,
        About(
            MEETINGS,
            "an https URL; http for this machine",
            default="made of this machine's address and the port",
        ),
    ] = None
    "Under which people reach this server: for the links in mails."

    meeting_webhook_url: Annotated[
        WebhookUrl | None,
        _blank,
        About(
            MEETINGS,
            "an https URL; http for this machine",
            variable="MEETING_WEBHOOK_URL",
            secret=True,
        ),
    ] = None
    "Told of each meeting whose invitations leave, such as a CRM: signed JSON by POST."

    meeting_webhook_secret: Annotated[
        SigningKey | None,
        _blank,
        About(
            MEETINGS,
            "16 characters or more",
            variable="MEETING_WEBHOOK_SECRET",
            secret=True,
        ),
    ] = None
    "Key of that signature; must be set with the URL."
