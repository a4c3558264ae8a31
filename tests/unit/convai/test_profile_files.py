from __future__ import annotations

import os
from pathlib import Path

import pytest

from convai.profile import DEFAULT, ProfileError
from convai.profile_files import MOST_BYTES, SHIPPED, load, offered


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "otto.toml").write_text('title = "Otto"\n')
    (tmp_path / "anna.toml").write_text("\ufefftitle = 'Ännä'\n", "utf-8")
    (tmp_path / "notes.txt").write_text("no profile")
    (tmp_path / "deep.toml").mkdir()
    return tmp_path


def test_the_default_changes_nothing() -> None:
    assert load("default") is DEFAULT
    assert next(iter(offered())) == "default"


def test_all_that_ships_can_be_read() -> None:
    names = {path.stem for path in SHIPPED.glob("*.toml")}
    assert set(offered()) == {"default", *names}
    for name in names:
        assert load(name).name == name


def test_ones_own(folder: Path) -> None:
    assert load("otto", folder).title == "Otto"
    assert load("anna", folder).title == "Ännä"
    assert [n for n in offered(folder) if n in ("otto", "anna")] == ["anna", "otto"]
    assert "deep" not in offered(folder)


def test_ones_own_comes_before_the_shipped_one(folder: Path) -> None:
    for path in SHIPPED.glob("*.toml"):
        (folder / path.name).write_text('title = "Mine"')
        assert load(path.stem, folder).title == "Mine"
    (folder / "default.toml").write_text('prompt = "Be brief."')
    assert load("default", folder).prompt == "Be brief."
    assert list(offered(folder))[0] == "default"
    assert offered(folder)["default"].prompt == "Be brief."


def test_by_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(str(folder / "otto.toml")).name == "otto"
    monkeypatch.chdir(folder)
    assert load("otto.toml").title == "Otto"
    monkeypatch.setenv("HOME", str(folder))
    assert load("~/otto.toml").title == "Otto"


@pytest.mark.parametrize("name", ["ottó", "", "../otto", "/etc/passwd", "otto\0"])
def test_an_unknown_name_is_told_with_the_known_ones(name: str, folder: Path) -> None:
    with pytest.raises(ProfileError, match="there are: anna, default, .*otto"):
        load(name, folder)


def test_what_cannot_be_read_is_told(folder: Path) -> None:
    with pytest.raises(ProfileError, match="gone.toml: No such file"):
        load(str(folder / "gone.toml"))
    with pytest.raises(ProfileError, match="deep.toml: Is a directory"):
        load(str(folder / "deep.toml"))
    with pytest.raises(ProfileError, match="no path"):
        load("a\0b.toml")
    with pytest.raises(ProfileError, match="nowhere: No such file"):
        load("otto", folder / "nowhere")
    (folder / "latin.toml").write_bytes(b"title = '\xe4'")
    with pytest.raises(ProfileError, match="latin.toml: not UTF-8"):
        load("latin", folder)
    (folder / "latin.toml").write_text("titel = 'x'")
    with pytest.raises(ProfileError, match="latin: titel: there is no such key"):
        offered(folder)


def test_a_file_without_end_is_not_read_to_its_end(folder: Path) -> None:
    (folder / "long.toml").write_text("#" * (MOST_BYTES + 1))
    with pytest.raises(ProfileError, match="over 512 KiB"):
        load("long", folder)
    os.symlink("/dev/zero", folder / "zero.toml")
    with pytest.raises(ProfileError, match="over 512 KiB"):
        load(str(folder / "zero.toml"))


def test_a_file_name_that_is_no_profile_name(folder: Path) -> None:
    (folder / "a b.toml").write_text("")
    with pytest.raises(ProfileError, match="a b"):
        load("a b", folder)
