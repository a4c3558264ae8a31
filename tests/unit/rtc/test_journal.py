"""Journal: each event once to the page and once to disk, with its time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from convai.events import (
    ApprovalAsked,
    Corrected,
    Ended,
    Event,
    MeetingFound,
    Ready,
    RecordingState,
    ReplyBegun,
    ReplyDone,
    Said,
    Speech,
    Stats,
    Talking,
    ToolCall,
    ToolDone,
    Trouble,
    Usage,
    VoiceScore,
)
from convai.metrics.metrics import Metrics
from convai.metrics.prices_file import shipped
from rtc.archive.row import Kept, fold
from rtc.journal import Journal
from tests import virtual

CALL = "20261123-140509-0123456789ab"
READY = Ready("conv_1", 16_000, 16_000)
PAUSED, ON = RecordingState("paused", "caller"), RecordingState("on", "caller")
MEETING = {
    "status": "agreed",
    "start": "2026-11-26T15:00+01:00",
    "zone": "Europe/Vienna",
    "duration_min": 30,
    "attendee": "secret",
    "topic": "secret",
    "source": "tool",
}
WORDS: list[Event] = [
    Said("caller", "secret", False),
    Said("caller", "secret", True),
    Said("caller", "secret", True, typed=True),
    Said("agent", "secret", True, 5),
    Speech(5, bytes(32_000)),
    Corrected(5, "secret"),
    ToolCall("t1", "pay", {"card": "secret"}, ours=True),
    ToolDone("t1", "pay", "secret"),
    ApprovalAsked("t2", "pay", "secret", {"card": "secret"}, 5.0),
    MeetingFound(MEETING),
]
"Everything in which words can stand."


class FakeRecorder:
    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []
        self.transcripts: list[Mapping[str, Any]] = []
        self.metas: list[Mapping[str, Any]] = []
        self.pauses: list[tuple[str, int]] = []

    def event(self, line: str) -> None:
        self.lines.append(json.loads(line))

    def transcript(self, content: Mapping[str, Any]) -> None:
        self.transcripts.append(content)

    def meta(self, content: Mapping[str, Any]) -> None:
        self.metas.append(dict(content))

    def pause(self, at: int) -> None:
        self.pauses.append(("pause", at))

    def resume(self, at: int) -> None:
        self.pauses.append(("resume", at))

    def kinds(self) -> list[str]:
        return [line["type"] for line in self.lines]

    def disk(self) -> str:
        """All that was ever to be written, as one text."""
        return json.dumps([self.lines, self.transcripts, self.metas])


class Desk:
    """A journal with its page and its recorder."""

    def __init__(self, **options: Any) -> None:
        self.page: list[dict[str, Any]] = []
        self.recorder = FakeRecorder()
        self.journal = Journal(0.0, agent="local", page=self.page.append, **options)
        self.journal.recorder = self.recorder  # type: ignore[assignment]

    async def at(self, seconds: float, *events: Event) -> None:
        """Note these events at that time of the call."""
        await asyncio.sleep(seconds - asyncio.get_running_loop().time())
        for event in events:
            self.journal.note(event)


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
            (1250, "recording.state"),
            (1250, "transcript.agent"),
            (1250, "talking"),
            (2250, "transcript.corrected"),
            (2250, "conversation.ended"),
        ]
        assert "Hello there" in json.dumps(recorder.transcripts[0])
        assert "Hello there" not in json.dumps(recorder.transcripts[-1])
        begun, meta = recorder.metas[0], recorder.metas[-1]
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


@pytest.mark.parametrize(
    ("code", "state"),
    [("recording-stopped", "failed"), ("recording-refused", "refused")],
)
def test_a_lost_recording_is_told_and_the_call_goes_on(code: str, state: str) -> None:
    async def main() -> None:
        desk = Desk(call=CALL)
        await desk.at(1, READY, Said("caller", "before", True))
        desk.journal.lost(code, "No space left on device")
        await desk.at(2, Said("caller", "after", True))
        desk.journal.lost(code, "again")
        await desk.at(3, RecordingState("on", "caller"), Ended("caller-hung-up"))
        told = [(m["type"], m.get("state")) for m in desk.page]
        told.remove(("turn.measured", None))
        assert told == [
            ("conversation.started", None),
            ("recording.state", "on"),
            ("transcript.user", None),
            ("recording.state", "failed"),
            ("error", None),
            ("transcript.user", None),
            ("error", None),
            ("conversation.ended", None),
        ]
        assert desk.page[4]["code"] == code
        assert "before" in desk.recorder.disk() and "after" not in desk.recorder.disk()
        assert desk.recorder.metas[-1]["recording"] == {
            "state": state,
            "why": "No space left on device",
        }
        assert desk.recorder.metas[-1]["trouble"] == code
        assert desk.recorder.kinds()[-1] == "conversation.ended"

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
        assert journal.meta["metrics"]["cost"]["usd"] == 0.25
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


def test_a_call_is_known_before_anything_happens_and_if_it_never_connects() -> None:
    async def main() -> None:
        desk = Desk(call=CALL, zone="Europe/Vienna", profile="sarah")
        (begun,) = desk.recorder.metas
        assert begun == desk.journal.meta
        assert begun["recording"] == {"state": "kept"}
        await desk.at(2, Trouble("agent-quota", "no more"), Ended("agent-failed"))
        meta = desk.recorder.metas[-1]
        assert {key: meta[key] for key in meta if key not in ("began", "metrics")} == {
            "call": CALL,
            "agent": "local",
            "profile": "sarah",
            "zone": "Europe/Vienna",
            "reason": "agent-failed",
            "length_ms": 2000,
            "trouble": "agent-quota",
            "recording": {"state": "kept"},
        }
        row = fold(meta)
        assert (row.reason, row.trouble) == ("agent-failed", "agent-quota")
        assert (row.recording, row.length_ms) == ("kept", 2000)
        assert desk.recorder.kinds() == ["error", "conversation.ended"]

    virtual.run(main())


def test_a_running_call_can_be_looked_at() -> None:
    async def main() -> None:
        desk = Desk(call=CALL, profile="sarah")
        await desk.at(1.5)
        so_far = desk.journal.so_far()
        assert so_far.pop("began") == desk.journal.meta["began"]
        assert so_far == {
            "call": CALL,
            "agent": "local",
            "profile": "sarah",
            "length_ms": 1500,
        }

    virtual.run(main())


def test_in_a_pause_no_word_is_kept_and_the_page_gets_all() -> None:
    late = [event for event in WORDS if not getattr(event, "typed", False)]

    async def main() -> None:
        desk = Desk(call=CALL)
        await desk.at(1, READY, Said("caller", "before", True))
        await desk.at(2, PAUSED, PAUSED)
        await desk.at(3, *WORDS)
        await desk.at(8.5, ON, ON, *late)
        await desk.at(11, *late[:2])
        await desk.at(30, Said("caller", "after", True))
        await desk.at(31, ToolCall("t3", "pay", {"sum": "five"}, ours=True))
        await desk.at(32, ToolDone("t3", "pay", "paid"))
        await desk.at(33, Ended("caller-hung-up"))
        disk = desk.recorder.disk()
        assert "secret" not in disk
        for kept in ("before", "after", "five", "paid", "Europe/Vienna"):
            assert kept in disk
        assert desk.recorder.pauses == [("pause", 96_000), ("resume", 408_000)]
        shown = [message for message in desk.page if "secret" in json.dumps(message)]
        assert len(shown) == len(WORDS) - 1 + len(late) - 1 + 2, "all but sound"
        states = [m["state"] for m in desk.page if m["type"] == "recording.state"]
        assert states == ["on", "paused", "on"]
        last = desk.recorder.transcripts[-1]
        assert last["pauses"] == [{"start_ms": 2000, "end_ms": 8500}]
        assert [turn["text"] for turn in last["turns"]] == ["before", "after"]
        # That a tool was used is no secret.
        called = [li for li in desk.recorder.lines if li["type"] == "tool.called"]
        assert called[0]["name"] == "pay" and called[0]["arguments"] == {}

    virtual.run(main())


def test_the_result_of_what_was_asked_for_in_a_pause_is_not_kept() -> None:
    async def main() -> None:
        desk = Desk()
        await desk.at(1, READY, PAUSED)
        await desk.at(2, ToolCall("t1", "pay", {}, ours=True))
        await desk.at(3, ON)
        await desk.at(60, ToolDone("t1", "pay", "paid with card 1234"))
        (done,) = [li for li in desk.recorder.lines if li["type"] == "tool.done"]
        assert (done["name"], done["result"]) == ("pay", "")

    virtual.run(main())


def test_words_in_a_pause_still_count() -> None:
    async def main() -> None:
        desk = Desk()
        await desk.at(1, READY, PAUSED)
        await desk.at(2, Said("caller", "one two three", True))
        await desk.at(9, Ended("caller-hung-up"))
        assert desk.recorder.metas[-1]["metrics"]["words"]["caller"] == 3

    virtual.run(main())


@pytest.mark.parametrize(("kept", "by"), [("off", "server"), ("declined", "caller")])
def test_a_call_that_is_not_recorded_leaves_no_word(kept: Kept, by: str) -> None:
    async def main() -> None:
        desk = Desk(call=CALL, kept=kept)
        await desk.at(1, READY, *WORDS, PAUSED, ON, RecordingState("on", "agent"))
        figures = {"mos": 4.2, "clock_drift_ppm": 3.0}
        await desk.at(9, Stats(figures, final=True), Ended("caller-hung-up"))
        assert "secret" not in desk.recorder.disk()
        assert desk.recorder.transcripts == [] and desk.recorder.pauses == []
        state = {"type": "recording.state", "state": "off", "by": by}
        told = [m for m in desk.page if m["type"] == "recording.state"]
        assert told == [{"at_ms": 1000, **state}]
        meta = desk.recorder.metas[-1]
        assert meta["recording"] == {"state": kept}
        assert meta["figures"] == figures and meta["metrics"]["words"]["caller"] == 1
        assert fold(meta).recording == kept
        assert fold(meta).meeting_ms is not None

    virtual.run(main())


def test_how_true_the_recording_is_stands_in_the_calls_file() -> None:
    async def main() -> None:
        desk = Desk()
        figures = {
            "clock_uncertain_ms": 1.5,
            "clock_drift_ppm": -20.0,
            "packets_lost": 3,
            "caller_concealed_ms": 60,
            "mos": 4.0,
        }
        await desk.at(1, READY, Stats(figures, final=True), Ended("caller-hung-up"))
        assert desk.recorder.metas[-1]["recording"] == {
            "state": "kept",
            "clock_ms": 1.5,
            "drift_ppm": -20.0,
            "lost": 3,
            "concealed_ms": 60,
        }

    virtual.run(main())


def test_what_went_wrong_last_and_what_was_agreed_are_known() -> None:
    async def main() -> None:
        desk = Desk(call=CALL)
        await desk.at(1, READY, Trouble("agent-lost", "x"), MeetingFound(MEETING))
        await desk.at(2, Trouble("echo-heard", "use headphones"), Ended("x"))
        meta = desk.journal.meta
        assert (meta["trouble"], meta["meeting"]) == ("agent-lost", MEETING)
        assert meta == desk.recorder.metas[-1]

    virtual.run(main())


def test_a_recording_refused_before_the_agent_is_there_is_never_said_to_be_on() -> None:
    async def main() -> None:
        desk = Desk()
        desk.journal.lost("recording-refused", "too little space")
        await desk.at(1, READY, Ended("caller-hung-up"))
        states = [m["state"] for m in desk.page if m["type"] == "recording.state"]
        assert states == ["failed"]

    virtual.run(main())


def test_after_so_many_discreet_tools_no_result_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("rtc.journal.MOST_DISCREET", 1)

    async def main() -> None:
        desk = Desk()
        await desk.at(
            1, READY, PAUSED, ToolCall("t1", "a", {}), ToolCall("t2", "a", {})
        )
        await desk.at(2, ON)
        await desk.at(60, ToolDone("t2", "a", "secret"))
        assert "secret" not in desk.recorder.disk()

    virtual.run(main())
