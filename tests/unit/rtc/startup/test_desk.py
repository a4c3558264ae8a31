"""Desk: how meetings are dealt with, from the settings."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from convai.events import Said
from convai.meeting.reader import ReaderError
from convai.post.outbox import Outbox
from convai.post.smtp import Smtp
from convai.post.webhook import Webhook
from rtc.startup.desk import Office, minutes_of, office_of, public_url, shown_of
from rtc.startup.settings import Settings, SettingsError
from tests.meetings import agreed, talk

URL = {"SMTP_URL": "smtp://ann%40firm.example:hunter22@mail.firm.example"}
HOOK = {"MEETING_WEBHOOK_URL": "https://crm.example/hook/t0ken"}
SECRET = {"MEETING_WEBHOOK_SECRET": "0123456789abcdef"}
ASKED = Said("agent", "How about Thursday at three?", True)
ANSWER = Said("caller", "Perfect.", True)


def settings(tmp_path: Path, *argv: str, **environ: str) -> Settings:
    return Settings.load(["--recordings", str(tmp_path), *argv], environ, tmp_path)


def office(tmp_path: Path, *argv: str, **environ: str) -> Office:
    return office_of(settings(tmp_path, *argv, **environ))


def refusal(tmp_path: Path, *argv: str, **environ: str) -> str:
    with pytest.raises(SettingsError) as caught:
        office(tmp_path, *argv, **environ)
    text = str(caught.value)
    assert len(text.splitlines()) == 1
    assert "hunter22" not in text and "t0ken" not in text and "0123456" not in text
    return text


def test_without_a_mail_server_letters_lie_in_the_outbox(tmp_path: Path) -> None:
    found = office(tmp_path)
    assert isinstance(found.carriers["mail"], Outbox)
    assert "webhook" not in found.carriers
    rules = found.rules
    assert (rules.outbox, rules.webhook, rules.host) == (True, False, "localhost")
    assert rules.desk == ("desk@localhost",), "somebody is to look at them"
    assert shown_of(rules) == {"confirm": "auto", "delay_s": 30, "outbox": True}


def test_the_user_of_the_mail_server_may_be_the_desk(tmp_path: Path) -> None:
    rules = office(tmp_path, **URL).rules
    assert rules.desk == ("ann@firm.example",) and rules.sender == "ann@firm.example"
    assert not rules.outbox and rules.host == "firm.example"
    flags = ("--meeting-desk", "a@firm.example,b@firm.example")
    rules = office(tmp_path, *flags, **URL).rules
    assert rules.desk == ("a@firm.example", "b@firm.example")
    assert rules.sender == "ann@firm.example"
    bare = {"SMTP_URL": "smtp://mail.firm.example"}
    assert office(tmp_path, *flags, **bare).rules.sender == "a@firm.example"
    more = ("--mail-from", "p@firm.example")
    assert office(tmp_path, *flags, *more, **URL).rules.sender == "p@firm.example"


def test_mail_and_webhooks_are_carried(tmp_path: Path) -> None:
    found = office(tmp_path, **URL, **HOOK, **SECRET)
    assert isinstance(found.carriers["mail"], Smtp)
    assert isinstance(found.carriers["webhook"], Webhook)
    assert found.rules.webhook


def test_wrong_combinations_name_the_setting(tmp_path: Path) -> None:
    bare = {"SMTP_URL": "smtp://ann:hunter22@mail.firm.example"}
    assert refusal(tmp_path, **bare).startswith("SMTP_URL: needs --meeting-desk")
    odd = {"SMTP_URL": "smtp://ann%40b.at:hunter22@h/path"}
    assert refusal(tmp_path, **odd).startswith("SMTP_URL: ")
    assert refusal(tmp_path, **HOOK).startswith("MEETING_WEBHOOK_URL: needs")
    assert refusal(tmp_path, **SECRET).startswith("MEETING_WEBHOOK_SECRET: needs")


def test_where_people_reach_the_server(tmp_path: Path) -> None:
    found, way_out = [ip_address("192.168.1.5")], ip_address("192.168.1.5")

    def url(*argv: str, port: int = 8443, **environ: str) -> str:
        known = settings(tmp_path, *argv, **environ)
        return public_url(known, port, None, found, way_out)

    assert url() == "http://localhost:8443", "without a password, here only"
    password = {"PARLEY_HISTORY_PASSWORD": "password1"}
    assert url(**password) == "http://192.168.1.5:8443"
    assert url("--host", "calls.example", port=80) == "http://calls.example"
    own = ("--public-url", "https://calls.example/parley/")
    assert url(*own) == "https://calls.example/parley"


async def test_meetings_are_found_without_the_reader_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def damaged() -> None:
        raise ReaderError("it is damaged")

    monkeypatch.setattr("rtc.startup.desk.reader", damaged)
    async with office(tmp_path).opened() as desk:
        async with minutes_of(desk) as make:
            minutes = make(talk(), "Europe/Vienna")
            minutes.begin(tuple, lambda meeting: None)
            minutes.take(ASKED, 10, private=False)
            (found,) = minutes.take(ANSWER, 2000, private=False)
    assert found["status"] == "agreed"
    assert "by the rules alone: it is damaged" in caplog.text


async def test_the_reader_is_asked_in_a_thread(tmp_path: Path) -> None:
    told = asyncio.Queue[Mapping[str, Any]]()
    async with office(tmp_path).opened() as desk, minutes_of(desk) as make:
        minutes = make(talk(), "Europe/Vienna")
        minutes.begin(tuple, told.put_nowait)
        assert minutes.take(ASKED, 10, private=False) == []
        assert minutes.take(ANSWER, 2000, private=False) == []
        found = await asyncio.wait_for(told.get(), 30)
    assert found["status"] == "agreed"


async def test_it_opens_in_the_folder_of_the_recordings(tmp_path: Path) -> None:
    async with office(tmp_path).opened() as desk:
        async with minutes_of(desk) as make:
            minutes = make(talk(), "no zone at all")
            minutes.begin(tuple, lambda meeting: None)
            minutes.take(Said("caller", "hello", True), 10, private=False)
        desk.found(agreed(), talk())
    assert len(list((tmp_path / ".meetings").glob("*.json"))) == 1
