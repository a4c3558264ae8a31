"""Export: the command line; what it says, and with which status it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rtc.render.export import main
from tests.tree import ROOT
from tests.unit.rtc.render.tapes import probed, quiet, record, sounding


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    (tmp_path / "c1").mkdir()
    record(tmp_path / "c1" / "recording.mka", sounding(2, 1), quiet(100))
    return tmp_path


def export(calls: Path, *options: str) -> int:
    return main(["export", "c1", "--recordings", str(calls), *options])


@pytest.mark.parametrize("kind", ["wav", "mp3", "m4a", "mka"])
@pytest.mark.parametrize("leg", ["both", "mix"])
def test_files_lie_beside_the_recording(
    calls: Path, capsys: pytest.CaptureFixture[str], kind: str, leg: str
) -> None:
    assert export(calls, "--leg", leg, "--format", kind) == 0
    output = calls / "c1" / f"{leg}.{kind}"
    assert capsys.readouterr().out == f"{output}: 2.0 s\n"
    assert float(probed(output, "format=duration")) == pytest.approx(2.0, abs=0.05)
    assert sorted(path.name for path in (calls / "c1").iterdir()) == sorted(
        [output.name, "recording.mka"]
    )


def test_peaks_have_a_command_too(calls: Path) -> None:
    assert main(["peaks", "c1", "--recordings", str(calls)]) == 0
    content = json.loads((calls / "c1" / "peaks.json").read_text())
    assert content["length_ms"] == 2000


@pytest.mark.parametrize(
    ("kind", "leg"), [("mp3", "both"), ("m4a", "mix"), ("mka", "both")]
)
def test_to_stdout_comes_the_file_and_nothing_else(
    calls: Path, kind: str, leg: str
) -> None:
    options = ["--leg", leg, "--format", kind, "--recordings", str(calls)]
    command = [sys.executable, "-m", "rtc.recorder", "export", "c1", *options]
    done = subprocess.run(
        [*command, "--output", "-"], cwd=ROOT, capture_output=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert export(calls, *options) == 0
    assert len(done.stdout) == (calls / "c1" / f"{leg}.{kind}").stat().st_size


def test_who_has_enough_may_close_the_pipe(calls: Path) -> None:
    words = sounding(2, 1) * 100
    record(calls / "c1" / "recording.mka", words, words)
    command = [sys.executable, "-m", "rtc.recorder", "export", "c1", "--output", "-"]
    with subprocess.Popen(
        [*command, "--recordings", str(calls)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(4) == b"RIFF"
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 1


def test_what_does_not_work_is_said_in_one_line(
    calls: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (calls / "c2").mkdir()
    (calls / "c2" / "recording.mka").write_bytes(b"RIFF" * 100)
    recordings = ["--recordings", str(calls)]
    for arguments, word in (
        (["c3"], "there is no such recording"),
        (["c2"], "does not begin as a Matroska file"),
        (["c2", "--format", "m4a"], "does not begin as a Matroska file"),
        (["c1", "--output", str(calls / "none" / "x.wav")], "No such file"),
        (["c1", "--format", "m4a", "--output", f"{calls}/none/x"], "No such file"),
        (
            ["c1", "--format", "mka", "--output", f"{calls}/c1/recording.mka"],
            "the recording itself",
        ),
    ):
        assert main(["export", *arguments, *recordings]) == 1
        told = capsys.readouterr()
        assert word in told.err
        assert told.err.count("\n") == 1
        assert told.out == ""
    assert [path.name for path in (calls / "c2").iterdir()] == ["recording.mka"]


def test_a_wrong_command_line_is_status_2(calls: Path) -> None:
    with pytest.raises(SystemExit) as caught:
        export(calls, "--format", "flac")
    assert caught.value.code == 2
