"""Journal: what everybody but the call itself learns of its events.

One listener that gives each event its time and hands it on: as a line to
`events.jsonl`, as a message to the page, and folded into the transcript.
"""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from convai.event_json import to_json
from convai.events import (
    Corrected,
    Cut,
    Ended,
    Event,
    Ready,
    Said,
    Stats,
    Trouble,
    Usage,
    VoiceScore,
)
from convai.metrics.metrics import Metrics
from convai.transcript import Transcript

from .recorder import Recorder
from .recording.files import amend
from .recording.writer import Job

__all__ = ["Journal"]

PAGE_FIGURES = 2
"""Of so many of the call's figures the page gets one. The data channel is SCTP in pure
Python: a message costs 0.4 ms of CPU, a tenth of what a second of the call costs."""

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
    ) -> None:
        self.recorder: Recorder | None = None
        "Where lines and transcript go; None while there is none."
        self._started = started
        self._page = page
        self._transcript = Transcript()
        self._metrics = metrics or Metrics(agent)
        self._figures = 0
        "How often the call's figures came."
        self._meta: dict[str, Any] = {
            "agent": agent,
            "profile": profile,
            "began": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "reason": None,
        }

    def note(self, event: Event) -> None:
        """Take an event of the call as it happens."""
        now = asyncio.get_running_loop().time()
        at_ms = round((now - self._started) * 1000)
        self._transcript.note(event, at_ms)
        message = to_json(event)
        if message is None:
            return
        message = {"at_ms": at_ms, **message}
        if not self._spared(event):
            self._page(message)
        for turn in self._metrics.note(message):
            self._page({"at_ms": at_ms, "type": "turn.measured", **turn.to_json()})
        if self.recorder is not None:
            self._keep(self.recorder, event, message)

    def settle(self, bills: Iterable[Usage], folder: Path) -> Job:
        """What is to be written into the folder of a call that is over and paid."""
        now = asyncio.get_running_loop().time()
        at_ms = round((now - self._started) * 1000)
        messages = [{"at_ms": at_ms, **(to_json(bill) or {})} for bill in bills]
        for message in messages:
            self._metrics.note(message)
        self._metrics.finish()
        lines = [json.dumps(message) for message in messages]
        found = {"metrics": self._metrics.summary()}
        return functools.partial(amend, folder, lines, found)

    def _spared(self, event: Event) -> bool:
        """Whether the page is spared this event: every other of the call's figures."""
        if isinstance(event, VoiceScore):
            return True
        if not isinstance(event, Stats) or event.final:
            return False
        self._figures += 1
        return self._figures % PAGE_FIGURES != 1

    def lost(self, reason: str) -> None:
        """The recording cannot go on: say so to the page, and go on without it."""
        self.recorder = None
        self.note(Trouble("recording-stopped", reason))

    def _keep(self, recorder: Recorder, event: Event, message: dict[str, Any]) -> None:
        recorder.event(json.dumps(message, ensure_ascii=False))
        match event:
            case Ready():
                recorder.meta(self._meta)  # what is known if we do not live to the end
            case Stats(figures, final=True, process=process):
                found = {"figures": dict(figures), "process": dict(process)}
                self._meta = {**self._meta, **found}
            case Said(final=True) | Corrected() | Cut():
                recorder.transcript(self._transcript.to_json())
            case Ended(reason):
                recorder.transcript(self._transcript.to_json())
                ended = {"reason": reason, "length_ms": message["at_ms"]}
                found = {"metrics": self._metrics.summary()}
                recorder.meta({**self._meta, **ended, **found})
