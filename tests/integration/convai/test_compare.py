"""The comparison of agents, as a command, against real servers and the embedded agent.

Nothing is asserted about how fast the agent was: on a busy machine the comparison says
itself that its times do not count.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import jiwer
import pytest

from tests.server_process import OURS, ROOT, server
from tests.sound import silence, spoken, write

SCRIPT = ("Please tell me a story.", "Stop, that is enough for now, thank you.")
AGENTS = ("local:default", "local:sarah")


def compare(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "convai.compare", *map(str, arguments)]
    return subprocess.run(
        command,
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=280,
    )


def environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith(OURS)}


@pytest.fixture(scope="module")
def turns(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("caller")
    for number, text in enumerate(SCRIPT):
        write(folder / f"{number}.wav", silence(0.4), spoken(text), silence(0.6))
    (folder / "script.txt").write_text("\n".join(SCRIPT))
    return folder


@pytest.fixture(scope="module")
def compared(
    turns: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, dict[str, Any]]]:
    """One run with the embedded agent in two profiles."""
    out = tmp_path_factory.mktemp("compared") / "out"
    agents = ("--agents", ",".join(AGENTS))
    done = compare(*agents, "--caller", turns, "--runs", 1, "--out", out)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"report {out / 'report.html'}\n"
    yield out, json.loads((out / "report.json").read_text("utf-8"))


def events(out: Path, call: dict[str, Any]) -> list[dict[str, Any]]:
    lines = (out / call["events_from"]).read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def server_latencies(told: Sequence[dict[str, Any]]) -> list[int]:
    """From the caller's last end of speech to the agent's next sound, plainly told."""
    found, ended = [], None
    moments = [
        (e["at_ms"] - e.get("ago_ms", 0), e["who"], e["on"])
        for e in told
        if e["type"] == "talking"
    ]
    for at_ms, who, on in sorted(moments):
        if who == "caller":
            ended = None if on else at_ms
        elif on and ended is not None:
            found.append(at_ms - ended)
            ended = None
    return found


@pytest.mark.timeout(300)
def test_two_agents_are_called_with_the_same_turns(
    compared: tuple[Path, dict[str, Any]],
) -> None:
    out, report = compared
    assert [call["agent"] for call in report["calls"]] == list(AGENTS)
    for call in report["calls"]:
        assert call["failure"] == ""
        assert [turn["turn"] for turn in call["turns"]] == [1, 2]
        assert call["received"]["voice_s"] > 3
        lengths = [turn["end_s"] - turn["begin_s"] for turn in call["turns"]]
        wanted = [turn["speech_s"] for turn in report["caller"]]
        assert lengths == pytest.approx(wanted, abs=0.03)
        assert (out / call["audio"]).stat().st_size > 10_000
    assert "<audio" in (out / "report.html").read_text("utf-8")


@pytest.mark.timeout(300)
def test_the_numbers_are_those_of_the_servers_own_files(
    compared: tuple[Path, dict[str, Any]],
) -> None:
    """Recomputed from `events.jsonl` without the code that made the report."""
    out, report = compared
    said = " ".join(SCRIPT).lower().replace(".", "").replace(",", "")
    for call in report["calls"]:
        told = events(out, call)
        heard = " ".join(
            e["text"] for e in told if e["type"] == "transcript.user" and e["final"]
        )
        assert call["words"]["wer"] == pytest.approx(jiwer.wer(said, heard), abs=1e-4)
        cuts = [e for e in told if e["type"] == "conversation.interrupted"]
        assert call["server"]["interruptions"] == len(cuts)
        assert call["server"]["reason"] == told[-1]["reason"] == "caller-hung-up"
        plain = server_latencies(told)
        for ms in call["bill"]["latencies_ms"]:
            assert min(abs(ms - other) for other in plain) <= 40
        assert call["bill"]["usd_per_min"] == 0
    for name in AGENTS:
        calls = [c for c in report["calls"] if c["agent"] == name]
        values = [
            turn["latency_ms"]
            for call in calls
            if not call["disturbed"]
            for turn in call["turns"]
            if turn["latency_ms"] is not None
        ]
        shown = report["summary"][name]["latency_ms"]
        assert shown["n"] == len(values)
        if values:
            assert shown["median"] == median(values)
            text = f"<b>{median(values):,.0f}</b> ms"
            assert text in (out / "report.html").read_text("utf-8")


@pytest.mark.timeout(300)
def test_votes_join_the_report(compared: tuple[Path, dict[str, Any]]) -> None:
    out, report = compared
    assert report["pairs"]
    vote = {"pair": report["pairs"][0]["pair"], "a": 4, "b": 2, "prefer": "a"}
    ballot = {"comparison": report["id"], "rater": "r", "votes": [vote]}
    (out / "votes.json").write_text(json.dumps(ballot))
    done = compare("rate", out, out / "votes.json")
    assert done.returncode == 0, done.stderr
    assert "1 votes by 1 raters" in (out / "report.html").read_text("utf-8")
    ballot["comparison"] = "another"
    (out / "votes.json").write_text(json.dumps(ballot))
    done = compare("rate", out, out / "votes.json")
    assert done.returncode == 2 and "another comparison" in done.stderr


def test_what_cannot_be_compared_is_told_before_anything_is_called(
    turns: Path, tmp_path: Path
) -> None:
    (tmp_path / "text.wav").write_text("no sound")
    ok = ("--agents", "local", "--out", tmp_path / "out")
    for arguments, why in (
        ((*ok, "--caller", tmp_path / "none.wav"), "there is no such file"),
        ((*ok, "--caller", tmp_path / "text.wav"), "this is not a WAV file"),
        (("--agents", "a b", "--caller", turns), "is not NAME or NAME:PROFILE"),
        ((*ok, "--caller", turns, "--runs", 0), "--runs"),
        ((*ok, "--caller", turns, "--url", "ftp://x"), "--url"),
        (("rate", tmp_path, tmp_path / "v.json"), "there is no comparison"),
    ):
        done = compare(*arguments)
        assert done.returncode == 2, done.stderr
        assert why in done.stderr
        assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_an_agent_that_the_server_does_not_know(turns: Path, tmp_path: Path) -> None:
    out = ("--out", tmp_path / "out")
    done = compare("--agents", "nobody", "--caller", turns, *out)
    assert done.returncode == 2, done.stderr
    assert "the server does not start: --agent" in done.stderr
    assert "'nobody'" in done.stderr


@pytest.mark.timeout(180)
def test_a_running_server_is_asked_in_its_own_words(
    turns: Path, tmp_path: Path
) -> None:
    with server(tmp_path, "--agent", "local") as running:
        out = ("--out", tmp_path / "out", "--url", running.url)
        done = compare("--agents", "nobody", "--caller", turns, *out)
        assert done.returncode == 2, done.stderr
        assert "(unknown-agent)" in done.stderr
        done = compare("--agents", "local:nobody", "--caller", turns, *out)
        assert done.returncode == 2, done.stderr
        assert "(unknown-profile)" in done.stderr


def test_a_server_that_is_not_there(turns: Path, tmp_path: Path) -> None:
    out = ("--out", tmp_path / "out", "--url", "http://127.0.0.1:9")
    done = compare("--agents", "local", "--caller", turns, *out)
    assert done.returncode == 1
    assert "http://127.0.0.1:9 cannot be reached" in done.stderr
    assert "Traceback" not in done.stderr
