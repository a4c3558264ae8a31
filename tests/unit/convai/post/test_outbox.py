"""The outbox: a file for each mail, however often it is carried."""

from __future__ import annotations

from pathlib import Path

import pytest

from convai.post.outbox import Outbox
from convai.post.parcel import Keeper, Later, Parcel

PARCEL = Parcel("abc-0-desk-request", "mail", "c", "m", b"Subject: x\r\n\r\nwords\r\n")


async def test_one_file_for_one_mail(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "out" / "box")
    assert await outbox.carry(PARCEL) == "outbox"
    assert await outbox.carry(PARCEL) == "outbox"
    (path,) = (tmp_path / "out" / "box").iterdir()
    assert path.name == "abc-0-desk-request.eml"
    assert path.read_bytes() == PARCEL.body
    assert path.stat().st_mode & 0o077 == 0


async def test_thrown_away(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    assert isinstance(outbox, Keeper)
    await outbox.carry(PARCEL)
    await outbox.discard(PARCEL.id)
    await outbox.discard(PARCEL.id)
    assert list(tmp_path.iterdir()) == []


async def test_what_cannot_be_written_waits(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Later, match="the outbox folder: ") as error:
        await Outbox(tmp_path / "file" / "box").carry(PARCEL)
    assert str(tmp_path) not in str(error.value)
