"""Journal: what everybody but the call itself learns of its events.

One listener that gives each event its time and hands it on: as a line to
`events.jsonl`, as a message to the page, and folded into the transcript. What the
caller does not want to be kept ends here: the page is the caller's own and gets all,
the disk gets what `rtc.consent` leaves of it.
"""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from convai.desk.shown import fields
from convai.event_json import to_json
from convai.events import (
    ApprovalAsked,
    Corrected,
    Cut,
    Ended,
    Event,
    MeetingFound,
    Ready,
    RecordingState,
    Said,
    Stats,
    ToolCall,
    ToolDone,
    Trouble,
    Usage,
    VoiceScore,
)
from convai.metrics.metrics import Metrics
from convai.transcript import Transcript
from convai.turn import Turn

from .archive.row import Kept
from .audio import CLOCK_HZ
from .consent import Consent, wordless
from .minutes import Minutes
from .recorder import Recorder
from .recording.files import amend
from .recording.writer import Job

__all__ = ["Journal"]

PAGE_FIGURES = 2
"""Of so many of the call's figures the page gets one. The data channel is SCTP in pure
Python: a message costs 0.4 ms of CPU, a tenth of what a second of the call costs."""

MOST_DISCREET = 1000
"Uses of tools remembered for their arguments; beyond, no result is kept either."

ADVICE = frozenset({"echo-heard"})
"Codes that tell the caller what to do better; nothing went wrong."

CLOCK_FIGURES = {
    "clock_ms": "clock_uncertain_ms",
    "drift_ppm": "clock_drift_ppm",
    "lost": "packets_lost",
    "concealed_ms": "caller_concealed_ms",
}
"How true the recording is: names in `call.json`, and among the call's figures."

Page = Callable[[dict[str, Any]], None]


class Journal:
    """The events of one call, on their way to page and disk."""

    def __init__(
        self,
        started: float,
        *,
        agent: str,
        page: Page,
        profile: str = "default",
        metrics: Metrics | None = None,
        call: str = "",
        zone: str = "",
        kept: Kept = "kept",
        minutes: Minutes | None = None,
    ) -> None:
        """`zone` is the caller's; `kept`: what is to become of the recording;
        `minutes`: who finds the call's meetings."""
        self._recorder: Recorder | None = None
        self._started = started
        self._page = page
        self._consent = Consent(kept)
        self._transcript = Transcript()
        self._metrics = metrics or Metrics(agent)
        self._figures = 0
        "How often the call's figures came."
        self._discreet: set[str] = set()
        "Tools that were asked for in a pause, by the id of the use."
        self._minutes = minutes
        self._meetings: dict[str, Mapping[str, Any]] = {}
        "As they are kept, by id."
        self._clock: dict[str, float] = {}
        self._meta: dict[str, Any] = {
            "call": call,
            "agent": agent,
            "profile": profile,
            **({"zone": zone} if zone else {}),
            "began": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "reason": None,
        }
        if minutes is not None:
            minutes.begin(self._words, self._found)

    @property
    def meta(self) -> Mapping[str, Any]:
        """What `call.json` is to hold, as far as known now."""
        recording = {**self._consent.to_json(), **self._clock}
        found = fields(self._meetings.values()) if self._meetings else {}
        agreed = {key: it for key, it in found.items() if it is not None}
        return {**self._meta, **agreed, "recording": recording}

    @property
    def recorder(self) -> Recorder | None:
        """Where lines and files go; None while there is none."""
        return self._recorder

    @recorder.setter
    def recorder(self, recorder: Recorder) -> None:
        self._recorder = recorder
        # At once: a call that fails before it is answered was a call, too.
        recorder.meta(self.meta)

    def so_far(self) -> dict[str, Any]:
        """The running call, for lists of them."""
        known = {key: self._meta[key] for key in ("call", "agent", "profile", "began")}
        return {**known, "length_ms": self._now_ms()}

    def note(self, event: Event) -> None:
        """Take an event of the call as it happens."""
        if isinstance(event, RecordingState) and not self._consent.take(event):
            return
        at_ms = self._now_ms()
        if isinstance(event, Ended):
            # A reader that still thinks has to answer while the page listens.
            self._look_for_meetings(event, at_ms)
        self._pass_on(event, at_ms)
        if isinstance(event, Ready) and self._consent.state in ("on", "off"):
            self._pass_on(self._consent.first, at_ms)
        # At the same time: else the words of a meeting are not those that are kept.
        if not isinstance(event, Ended):
            self._look_for_meetings(event, at_ms)
        elif self._minutes is not None:
            self._minutes.end(at_ms)

    def lost(self, code: str, reason: str) -> None:
        """The sound cannot be kept, or no longer: say so, and go on without it."""
        self._consent.lost(code, reason)
        self.note(RecordingState("failed"))
        self.note(Trouble(code, reason))

    def settle(self, bills: Iterable[Usage], folder: Path) -> Job:
        """What is to be written into the folder of a call that is over and paid."""
        at_ms = self._now_ms()
        messages = [{"at_ms": at_ms, **(to_json(bill) or {})} for bill in bills]
        for message in messages:
            self._metrics.note(message)
        self._metrics.finish()
        lines = [json.dumps(message) for message in messages]
        found = {"metrics": self._metrics.summary()}
        self._meta.update(found)
        return functools.partial(amend, folder, lines, found)

    def close(self) -> None:
        """The call is over, however it ended; may be called again."""
        if self._minutes is not None:
            self._minutes.end()

    def _look_for_meetings(self, event: Event, at_ms: int) -> None:
        if self._minutes is None:
            return
        private = self._secret(at_ms)
        for meeting in self._minutes.take(event, at_ms, private=private):
            self._found(meeting)

    def _found(self, meeting: Mapping[str, Any]) -> None:
        self._pass_on(MeetingFound(meeting), self._now_ms())

    def _words(self) -> list[Turn]:
        """What was said so far and may be kept."""
        return self._transcript.turns

    def _secret(self, at_ms: int) -> bool:
        """Whether what is found out now may have been said in private."""
        return self._consent.state != "on" or self._transcript.pauses.late(at_ms)

    def _now_ms(self) -> int:
        now = asyncio.get_running_loop().time()
        return round((now - self._started) * 1000)

    def _pass_on(self, event: Event, at_ms: int) -> None:
        said = self._transcript.note(event, at_ms)
        message = to_json(event)
        if message is None:
            return
        message = {"at_ms": at_ms, **message}
        if not self._spared(event):
            self._page(message)
        for turn in self._metrics.note(message):
            self._page({"at_ms": at_ms, "type": "turn.measured", **turn.to_json()})
        line = message if self._public(event, at_ms, said) else wordless(message)
        self._learn(event, at_ms, line)
        if self._recorder is not None:
            if line is not None:
                self._recorder.event(json.dumps(line, ensure_ascii=False))
            self._keep(self._recorder, event, at_ms)

    def _spared(self, event: Event) -> bool:
        """Whether the page is spared this event: every other of the call's figures."""
        if isinstance(event, VoiceScore):
            return True
        if not isinstance(event, Stats) or event.final:
            return False
        self._figures += 1
        return self._figures % PAGE_FIGURES != 1

    def _public(self, event: Event, at_ms: int, said: bool) -> bool:
        """Whether the words of an event may be kept; `said`: so the transcript."""
        public = said and self._consent.state == "on"
        if isinstance(event, ToolCall | ToolDone | ApprovalAsked | MeetingFound):
            public = public and not self._secret(at_ms)
        full = len(self._discreet) >= MOST_DISCREET
        match event:
            case ToolCall(use) if not public and not full:
                self._discreet.add(use)
            case ToolDone(use):
                return public and not full and use not in self._discreet
            case MeetingFound(meeting) if self._minutes is not None:
                private = self._minutes.private(str(meeting.get("id", "")))
                return public if private is None else not private
        return public

    def _learn(self, event: Event, at_ms: int, line: Mapping[str, Any] | None) -> None:
        """What the call as a whole is known by."""
        match event:
            case Stats(figures, final=True, process=process):
                self._meta.update(figures=dict(figures), process=dict(process))
                self._clock = {
                    name: figures[figure]
                    for name, figure in CLOCK_FIGURES.items()
                    if figure in figures and self._consent.state != "off"
                }
            case Trouble(code) if code not in ADVICE:
                self._meta["trouble"] = code
            case MeetingFound(meeting) if line is not None:
                self._meetings[str(meeting.get("id", ""))] = line["meeting"]
            case Ended(reason):
                self._meta.update(reason=reason, length_ms=at_ms)
                self._meta["metrics"] = self._metrics.summary()

    def _keep(self, recorder: Recorder, event: Event, at_ms: int) -> None:
        position = at_ms * CLOCK_HZ // 1000
        match event:
            case RecordingState("paused"):
                recorder.pause(position)
            case RecordingState("on", by) if by != "server":
                recorder.resume(position)
        match event:
            case (
                Said(final=True)
                | Corrected()
                | Cut()
                | RecordingState("paused" | "failed")
                | Ended()
            ) if self._consent.state != "off":
                recorder.transcript(self._transcript.to_json())
        match event:
            case Ready() | RecordingState() | Trouble() | MeetingFound() | Ended():
                recorder.meta(self.meta)
