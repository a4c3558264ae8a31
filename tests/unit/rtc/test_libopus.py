"""libopus: where it is found, and that it is the one we mean."""

from __future__ import annotations

import ctypes
from pathlib import Path

import av
import pytest

from rtc import libopus


def test_the_copy_that_pyav_brings_is_taken() -> None:
    version = libopus.library.opus_get_version_string
    version.restype = ctypes.c_char_p
    assert version().startswith(b"libopus 1.")
    packages = Path(av.__file__).parent.parent
    assert packages in Path(libopus.library._name).parents


def test_without_any_copy_the_error_says_where_to_get_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(libopus, "_BUNDLED", ())
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: None)
    with pytest.raises(ImportError, match="pip install av.*libopus0"):
        libopus._load()


def test_a_copy_that_cannot_be_loaded_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "libopus.so").write_bytes(b"of another architecture")
    good = libopus.library._name
    monkeypatch.setattr(
        libopus, "_places", lambda: iter([str(tmp_path / "libopus.so"), good])
    )
    assert libopus._load()._name == good
