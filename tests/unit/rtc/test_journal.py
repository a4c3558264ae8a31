"""Journal: each event once to the page and once to disk, with its time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from convai.events import (
    Corrected,
    Ended,
    Ready,
    ReplyDone,
    Said,
    Speech,
    Stats,
    Talking,
)
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
