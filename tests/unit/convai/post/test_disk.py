"""Files that are there whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from convai.post.disk import move, remove, write


def test_written_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write(path, b"one")
    write(path, b"two")
    assert path.read_bytes() == b"two"
    assert [it.name for it in tmp_path.iterdir()] == ["a"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_full_disk_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    write(path, b"one")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        write(path, b"two")
    assert path.read_bytes() == b"one"
    assert [it.name for it in tmp_path.iterdir()] == ["a"]


def test_moved_and_removed(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write(path, b"one")
    move(path, tmp_path / "b")
    assert not path.exists() and (tmp_path / "b" / "a").read_bytes() == b"one"
    remove(path)
    remove(tmp_path / "b" / "a")
    assert not (tmp_path / "b" / "a").exists()
