"""Books: what is wrong with the history's settings is told at the start."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

import pytest

from rtc.archive.archive import Archive
from rtc.archive.schema import VERSIONS
from rtc.recording.writer import Writer
from rtc.startup.books import announcement_of, opened
from rtc.startup.settings import Settings, SettingsError
from tests.meetings import quiet


def settings(tmp_path: Path, **environ: str) -> Settings:
    return Settings.load(["--recordings", str(tmp_path)], environ, tmp_path)


async def refusal(chosen: Settings) -> str:
    with pytest.raises(SettingsError) as caught, Writer() as writer:
        async with opened(chosen, writer, b"", quiet(chosen.recordings)):
            pass
    return str(caught.value)


@pytest.mark.parametrize("name", ["calls", "calls?", "a?b=c", "100%41", "a b#ä"])
async def test_they_are_opened_in_the_folder_of_the_recordings(
    tmp_path: Path, name: str
) -> None:
    folder = tmp_path / name
    folder.mkdir()
    with Writer() as writer:
        async with opened(settings(folder), writer, b"\0\0", quiet(folder)) as books:
            assert (folder / "history.sqlite").is_file()
            assert books.recordings.announced("kept") == b"\0\0"
            assert books.recordings.announced("declined") == b""


async def test_a_database_of_a_newer_version_stops_the_start(tmp_path: Path) -> None:
    file = tmp_path / "history.sqlite"
    async with Archive(f"sqlite:///{file}"):
        pass
    with sqlite3.connect(file) as database:
        database.execute(f"UPDATE {VERSIONS} SET version_num = '9999'")
    database.close()
    own = await refusal(settings(tmp_path))
    assert own.startswith("--recordings: ") and "newer version" in own
    named = await refusal(settings(tmp_path, DATABASE_URL=f"sqlite:///{file}"))
    assert named.startswith("DATABASE_URL: ") and "newer version" in named


async def test_a_database_that_is_away_does_not_stop_the_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url = "postgresql://ann:hunter22@127.0.0.1:1/calls"
    caplog.set_level(logging.WARNING)
    with Writer() as writer:
        known = settings(tmp_path, DATABASE_URL=url)
        async with opened(known, writer, b"", quiet(tmp_path)):
            pass
    assert "the history waits for its database" in caplog.text
    assert "hunter22" not in caplog.text


async def test_wrong_settings_are_named(tmp_path: Path) -> None:
    url = "mongodb://ann:hunter22@127.0.0.1/calls"
    found = await refusal(settings(tmp_path, DATABASE_URL=url))
    assert found.startswith("DATABASE_URL: ") and "hunter22" not in found
    found = await refusal(settings(tmp_path, PARLEY_STORE="nonsense://calls"))
    assert found.startswith("PARLEY_STORE: ")
    missing = settings(tmp_path, PARLEY_ANNOUNCEMENT="none.wav")
    with pytest.raises(SettingsError, match=r"PARLEY_ANNOUNCEMENT: .*none\.wav"):
        announcement_of(missing)
