"""Journal: each event once to the page and once to disk, with its time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from convai.events import (
    Corrected,
    Ended,
    Ready,
    ReplyBegun,
    ReplyDone,
    Said,
    Speech,
    Stats,
    Talking,
    Usage,
    VoiceScore,
)
from convai.metrics.metrics import Metrics
from convai.metrics.prices_file import shipped
from rtc.journal import Journal
from tests import virtual


class FakeRecorder:
    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []
        self.transcripts: list[Mapping[str, Any]] = []
        self.metas: list[Mapping[str, Any]] = []

    def event(self, line: str) -> None:
        self.lines.append(json.loads(line))

    def transcript(self, content: Mapping[str, Any]) -> None:
        self.transcripts.append(content)

    def meta(self, content: Mapping[str, Any]) -> None:
        self.metas.append(dict(content))


def test_events_are_timed_and_audio_stays_inside() -> None:
    async def main() -> None:
        page: list[dict[str, Any]] = []
        recorder = FakeRecorder()
        journal = Journal(0.0, agent="local", page=page.append)
        journal.recorder = recorder  # type: ignore[assignment]
        await asyncio.sleep(1.25)
        for event in (
            Ready("conv_1", 16_000, 24_000),
            Said("agent", "Hello there", True, 1),
            Speech(1, bytes(2000)),
            ReplyDone(1),
            Talking("agent", True),
        ):
            journal.note(event)
        await asyncio.sleep(1)
        journal.note(Corrected(1, "Hello"))
        journal.note(Ended("caller-hung-up"))
        assert page == recorder.lines
        assert [(line["at_ms"], line["type"]) for line in page] == [
            (1250, "conversation.started"),
            (1250, "transcript.agent"),
            (1250, "talking"),
            (2250, "transcript.corrected"),
            (2250, "conversation.ended"),
        ]
        assert "Hello there" in json.dumps(recorder.transcripts[0])
        assert "Hello there" not in json.dumps(recorder.transcripts[-1])
        begun, meta = recorder.metas
        assert begun["reason"] is None  # what a killed server leaves
        assert meta["reason"] == "caller-hung-up"
        assert (meta["agent"], meta["length_ms"]) == ("local", 2250)

    virtual.run(main())


def test_how_the_process_is_stays_on_the_server() -> None:
    async def main() -> None:
        page: list[dict[str, Any]] = []
        recorder = FakeRecorder()
        journal = Journal(0.0, agent="local", page=page.append)
        journal.recorder = recorder  # type: ignore[assignment]
        journal.note(Stats({"mos": 4.2}, final=True, process={"calls": 7}))
        journal.note(Ended("caller-hung-up"))
        assert "calls" not in json.dumps([page, recorder.lines])
        meta = recorder.metas[-1]
        assert (meta["figures"], meta["process"]) == ({"mos": 4.2}, {"calls": 7})

    virtual.run(main())


def test_a_lost_recording_is_told_to_the_page_and_the_call_goes_on() -> None:
    async def main() -> None:
        page: list[dict[str, Any]] = []
        journal = Journal(0.0, agent="local", page=page.append)
        journal.recorder = FakeRecorder()  # type: ignore[assignment]
        journal.lost("No space left on device")
        journal.note(Said("caller", "still here", True))
        assert [m["type"] for m in page] == ["error", "transcript.user"]
        assert page[0]["code"] == "recording-stopped"

    virtual.run(main())


def test_turns_are_measured_for_the_page_and_the_call_for_the_disk() -> None:
    async def main() -> None:
        page: list[dict[str, Any]] = []
        recorder = FakeRecorder()
        journal = Journal(0.0, agent="local", page=page.append)
        journal.recorder = recorder  # type: ignore[assignment]
        journal.note(Ready("conv_1", 16_000, 24_000))
        for event, pause in (
            (Talking("caller", True), 1.0),
            (Talking("caller", False, 200), 0.1),
            (Said("caller", "hello there", True), 0.5),
            (ReplyBegun(1), 0.1),
            (Talking("agent", True), 2.0),
            (Talking("agent", False), 1.0),
        ):
            journal.note(event)
            await asyncio.sleep(pause)
        journal.note(VoiceScore(0.5))
        journal.note(Ended("caller-hung-up"))
        (turn,) = [message for message in page if message["type"] == "turn.measured"]
        assert turn["voice_to_voice_ms"] == 900
        assert "voice.score" not in {message["type"] for message in page}
        assert recorder.metas[-1]["metrics"]["voice_to_voice_ms"]["p50"] == 900
        # What is on disk is what anybody else would make of the events.
        lines = [json.dumps(line) for line in recorder.lines]
        assert Metrics.of(lines, "local").summary() == recorder.metas[-1]["metrics"]

    virtual.run(main())


def test_what_a_call_cost_is_added_when_the_provider_knows(tmp_path: Path) -> None:
    async def main() -> None:
        journal = Journal(
            0.0,
            agent="elevenlabs",
            page=lambda message: None,
            metrics=Metrics("elevenlabs", shipped()),
        )
        journal.note(Ready("conv_1", 16_000, 24_000))
        await asyncio.sleep(60)
        journal.note(Ended("caller-hung-up"))
        await asyncio.sleep(20)
        (tmp_path / "events.jsonl").write_text('{"at_ms": 0}\n')
        (tmp_path / "call.json").write_text('{"reason": "caller-hung-up"}')
        journal.settle([Usage({"cost_usd": 0.25})], tmp_path)()
        last = (tmp_path / "events.jsonl").read_text().splitlines()[-1]
        assert json.loads(last) == {
            "at_ms": 80_000,
            "type": "usage",
            "amounts": {"cost_usd": 0.25},
            "model": "",
        }
        meta = json.loads((tmp_path / "call.json").read_text())
        assert meta["reason"] == "caller-hung-up"
        assert meta["metrics"]["cost"]["usd"] == 0.25

    virtual.run(main())


def test_a_folder_that_is_gone_is_no_error(tmp_path: Path) -> None:
    async def main() -> None:
        journal = Journal(0.0, agent="elevenlabs", page=lambda message: None)
        journal.settle([Usage({"cost_usd": 0.25})], tmp_path / "gone")()

    virtual.run(main())
