"""The command, as people run it: what it prints, what it says of a wrong input."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from convai.meeting import __main__ as command
from convai.meeting.__main__ import main
from tests.tree import ROOT

TALK = "agent: How about Thursday at three?\ncaller: Perfect.\n"
DRAFT = "agent: How about Thursday?\ncaller: Perfect.\n"
WHEN = ["--now", "2026-11-25T10:00", "--zone", "Europe/Vienna"]
START = "2026-11-26T15:00:00+01:00"


class Stdin:
    def __init__(self, content: bytes) -> None:
        self.buffer = io.BytesIO(content)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "talk.txt"
    path.write_text(TALK)
    return path


def folder_of_a_call(folder: Path, meta: object) -> Path:
    turns = [
        {"who": "agent", "text": "How about Thursday at three?", "start_ms": 100},
        {"who": "caller", "text": "Perfect.", "start_ms": 2000, "end_ms": 2500},
    ]
    path = folder / "transcript.json"
    path.write_text(json.dumps({"turns": turns}))
    (folder / "call.json").write_text(json.dumps(meta))
    return path


def printed(capsys: pytest.CaptureFixture[str], *argv: str) -> dict[str, Any]:
    assert main(argv) == 0
    out, err = capsys.readouterr()
    assert err == "" and out.endswith("}\n") and len(out.splitlines()) == 1
    found: dict[str, Any] = json.loads(out)
    return found


def refusal(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    assert main(argv) == 1
    out, err = capsys.readouterr()
    assert out == "" and len(err.splitlines()) == 1
    return err


def test_it_is_run_as_a_module(file: Path) -> None:
    argv = [sys.executable, "-m", "convai.meeting", *WHEN]
    found = subprocess.run([*argv, file], capture_output=True, cwd=ROOT, check=True)
    assert json.loads(found.stdout)["start"] == START
    piped = subprocess.run(
        [*argv, "-"], input=TALK.encode(), capture_output=True, cwd=ROOT, check=True
    )
    assert piped.stdout == found.stdout and piped.stderr == b""
    wrong = subprocess.run([*argv, "nowhere"], capture_output=True, cwd=ROOT)
    assert (wrong.returncode, wrong.stdout) == (1, b"")
    assert wrong.stderr == b"nowhere: No such file or directory\n"


@pytest.mark.skipif(not command.OURS.is_file(), reason="`make run` made no .venv")
def test_any_python_finds_our_packages(file: Path) -> None:
    bare = Path(sys.executable).resolve()
    argv = ["-m", "convai.meeting", *WHEN, str(file)]
    ours, other = (
        subprocess.run([python, *argv], capture_output=True, cwd=ROOT, check=True)
        for python in (sys.executable, bare)
    )
    assert (other.stdout, other.stderr) == (ours.stdout, b"")


def test_without_packages_the_rules_decide(file: Path, tmp_path: Path) -> None:
    (tmp_path / "onnxruntime.py").write_text("raise ModuleNotFoundError('no onnx')")
    argv = [sys.executable, "-m", "convai.meeting", *WHEN, str(file)]
    away = {**os.environ, "PYTHONPATH": str(tmp_path)}
    found = subprocess.run(argv, capture_output=True, cwd=ROOT, env=away, check=True)
    assert json.loads(found.stdout)["start"] == START
    assert found.stderr == b"by the rules alone: no onnx; `make run` sets all up\n"


def test_agreed(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = printed(capsys, *WHEN, str(file))
    assert 0.5 < found.pop("confidence") <= 1
    assert found == {
        "status": "agreed",
        "start": START,
        "zone": "Europe/Vienna",
        "duration_min": 30,
        "evidence": [
            {"who": "agent", "text": "How about Thursday at three?"},
            {"who": "caller", "text": "Perfect."},
        ],
    }


def test_a_draft_says_what_is_missing(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(DRAFT)
    found = printed(capsys, *WHEN, str(file))
    assert (found["status"], found["start"]) == ("draft", None)
    assert (found["day"], found["time"]) == ("2026-11-26", None)
    assert found["missing"] == ["time"]


def test_nothing_agreed_is_no_error(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text("agent: Thursday at three?\ncaller: No, thank you.\n")
    assert printed(capsys, *WHEN, str(file)) == {
        "status": "none",
        "start": None,
        "zone": "Europe/Vienna",
        "duration_min": None,
        "confidence": 0.0,
        "evidence": [],
    }


def test_stdin(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Stdin(TALK.encode()))
    assert printed(capsys, *WHEN, "-")["start"] == START


def test_a_call_knows_when_and_where_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    meta = {"began": "2026-11-25T09:00:00+00:00", "zone": "America/New_York"}
    path = str(folder_of_a_call(tmp_path, meta))
    found = printed(capsys, path)
    assert found["start"] == "2026-11-26T15:00:00-05:00"
    assert found["zone"] == "America/New_York"
    assert found["evidence"][0]["start_ms"] == 100
    # What is said on the command line counts more.
    assert printed(capsys, *WHEN, path)["start"] == START


def test_a_moment_may_have_an_offset(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    now = ["--now", "2026-11-25T23:30+00:00", "--zone", "Europe/Vienna"]
    assert printed(capsys, *now, str(file))["start"] == "2026-12-03T15:00:00+01:00"


def test_a_call_without_facts_is_of_now_and_here(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder_of_a_call(tmp_path, [])
    assert printed(capsys, str(path))["status"] == "agreed"
    (tmp_path / "call.json").unlink()
    assert printed(capsys, str(path))["status"] == "agreed"


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        (["--zone", "Mars/Olympus"], "--zone: there is no time zone Mars/Olympus"),
        (["--zone", "../../etc/passwd"], "--zone: there is no time zone"),
        (["--now", "soon"], "--now: soon is no moment; write it as 2026-"),
        (["--now", "2026-02-30T10:00"], "--now: 2026-02-30T10:00 is no moment"),
    ],
)
def test_a_wrong_option(
    argv: list[str], why: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refusal(capsys, *argv, str(file)).startswith(why)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "there is nothing said in it"),
        (b"Hello.", "line 1 does not say who speaks: write `agent: ...` or `caller"),
        (b"agent: \xff", "it is not UTF-8"),
        (b"{", "it is not JSON"),
        (b"{}", "it is not a transcript.json"),
    ],
)
def test_a_wrong_file(
    content: bytes, why: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_bytes(content)
    assert refusal(capsys, *WHEN, str(file)).startswith(f"{file}: {why}")


def test_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "No such file" in refusal(capsys, str(tmp_path / "x.txt"))
    assert "directory" in refusal(capsys, str(tmp_path))


def test_too_large(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "MOST_BYTES", 10)
    assert "too large" in refusal(capsys, *WHEN, str(file))


@pytest.mark.parametrize("argv", [[], ["--when", "x", "y"], ["a", "b"]])
def test_a_wrong_command_line(
    argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(argv)
    assert caught.value.code == 2
    assert "usage:" in capsys.readouterr().err
