"""Recording: all that is kept of one call, on the writer's thread.

The sound may be lost, or never be wanted: events, transcript and `call.json` go on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias

from ..audio import CLOCK_HZ
from .files import META, TRANSCRIPT, Fsync
from .leg import Leg
from .papers import Papers
from .sound import Legs, Packets, Pause, Sound
from .space import CHECK_S, free, may_begin, may_go_on
from .spool import Marker, Spool
from .writer import SYNC_S, Writer

__all__ = ["REFUSED", "STOPPED", "Batch", "Loss", "Rules", "Recording"]

log = logging.getLogger(__name__)

REFUSED = "recording-refused"
STOPPED = "recording-stopped"

STATES: Mapping[str, Literal["refused", "failed"]] = {
    REFUSED: "refused",
    STOPPED: "failed",
}
"The `state` in `call.json` by the code of the loss."

MB = 1_000_000

Loss: TypeAlias = tuple[str, str]
"Why there is no sound (any more): a code, a text for people."


class Rules(NamedTuple):
    """How a call is recorded."""

    sound: bool
    fsync: Fsync
    spool: Spool | None
    floor_bytes: int
    "Free on the disk for a recording to begin."


class Batch(NamedTuple):
    """What a call hands over at a time."""

    packets: Packets | None
    "None: the sound was given up."
    at: int | None
    "Samples of the call that are over; None: it is, altogether."
    lines: list[str]
    files: Mapping[str, Mapping[str, Any]]


class Recording:
    """The files of one call. No method raises."""

    def __init__(
        self, folder: Path, writer: Writer, rules: Rules, lost: Callable[[Loss], None]
    ) -> None:
        self.legs: Legs = (Leg(), Leg())
        self.pauses: list[Pause] = []
        "Changed by the call, read here: an entry at a time, which is safe."
        self.loss: Loss | None = None
        "Set by either thread, once."
        self._folder = folder
        self._writer = writer
        self._rules = rules
        self._lost = lost
        self._papers = Papers(folder, rules.fsync)
        self._sound: Sound | None = None
        self._marker: Marker | None = None
        self._unsaved: dict[str, Mapping[str, Any]] = {}
        "JSON files that are to be replaced."
        self._look_at = CHECK_S * CLOCK_HZ
        "Samples of the call at which is looked for room next."

    def open(self, meta: Mapping[str, Any]) -> None:
        """Begin; `meta` is what is known of the call so far."""
        self._mark(meta)
        if self._rules.sound:
            try:
                self._begin_sound()
            except OSError as error:
                self._lose(STOPPED, f"the recording stopped: {error}")
        self._papers.open()
        if self._rules.fsync != "off":
            self._writer.later(self.settle)

    def settle(self) -> None:
        """Force it through to the disk that there is such a call."""
        try:
            if self._marker is not None:
                self._marker.sync()
        except OSError as error:
            log.error("%s cannot be marked as running: %s", self._folder.name, error)
        if self._rules.fsync == "second":
            self._papers.sync_names()

    def write(self, batch: Batch) -> None:
        """Write what was handed over."""
        if self._sound is not None:
            self._write_sound(self._sound, batch)
        self._papers.note(batch.lines)
        self._unsaved.update(batch.files)
        if self._rules.fsync == "off":
            self.save()
            return
        if self._unsaved:
            self._writer.later(self.save)
        if self._rules.fsync == "second":
            self._writer.later(self.sync, SYNC_S)

    def save(self) -> None:
        """Replace the JSON files of which there are newer ones."""
        files, self._unsaved = self._unsaved, {}
        for name, content in files.items():
            if name == META:
                content = {**content, "recording": self._report(content)}
            # A transcript goes with the sound: who did not want the one gets neither.
            if name != TRANSCRIPT or self._rules.sound:
                self._papers.save(name, content)

    def sync(self) -> None:
        """Force what was written through to the disk."""
        if self._sound is not None:
            try:
                self._sound.sync()
            except OSError as error:
                self._lose(STOPPED, f"the recording stopped: {error}")
        self._papers.sync()

    def close(self) -> None:
        """Finish all files, and let go of the call."""
        for job in (self.settle, self.save, self.sync):
            self._writer.never(job)
        self._close_sound()
        self.save()
        self._papers.close()
        marker, self._marker = self._marker, None
        if marker is not None:
            marker.release()

    def counters(self) -> dict[str, int]:
        """What was not as it should be, so far as it is written."""
        caller, agent = self.legs
        return {
            "caller_silence_filled": caller.filled,
            "caller_not_recorded": caller.dropped,
            "agent_silence_filled": agent.filled,
            "agent_not_recorded": agent.dropped,
            "papers_not_written": self._papers.lost,
        }

    def _mark(self, meta: Mapping[str, Any]) -> None:
        if self._rules.spool is None:
            return
        try:
            self._marker = self._rules.spool.begin(self._folder.name, meta)
        except OSError as error:
            log.error("%s cannot be marked as running: %s", self._folder.name, error)

    def _begin_sound(self) -> None:
        if may_begin(self._folder, self._rules.floor_bytes):
            self._sound = Sound(self._folder, self.legs)
        else:
            text = f"only {self._free_mb()} MB are free, see --least-free-mb"
            self._lose(REFUSED, text)

    def _write_sound(self, sound: Sound, batch: Batch) -> None:
        if batch.packets is None:  # the call gave it up
            self._close_sound()
            return
        try:
            sound.write(batch.packets, batch.at, tuple(self.pauses))
            if batch.at is not None and batch.at >= self._look_at:
                self._look_at = batch.at + CHECK_S * CLOCK_HZ
                if not may_go_on(self._folder, self._rules.floor_bytes):
                    text = f"only {self._free_mb()} MB are left on the disk"
                    self._lose(STOPPED, f"the recording stopped: {text}")
        except OSError as error:
            self._lose(STOPPED, f"the recording stopped: {error}")

    def _free_mb(self) -> int:
        return free(self._folder) // MB

    def _lose(self, code: str, text: str) -> None:
        self._close_sound()
        if self.loss is None:
            self.loss = code, text
            self._lost(self.loss)

    def _close_sound(self) -> None:
        """Finish the sound; after an error this mostly fails as well."""
        sound, self._sound = self._sound, None
        if sound is not None:
            try:
                sound.close(tuple(self.pauses), fsync=self._rules.fsync != "off")
            except OSError as error:
                log.warning("%s could not be finished: %s", self._folder, error)

    def _report(self, content: Mapping[str, Any]) -> Mapping[str, Any]:
        """What `call.json` says of the recording."""
        told = content.get("recording", {})
        if not self._rules.sound:
            return dict(told)
        report = {**told, **self.counters(), "skew_ms": self._skew_ms(told)}
        if self.loss is not None:  # the call may not have heard of it in time
            code, why = self.loss
            report |= {"state": STATES[code], "why": why}
        return report

    def _skew_ms(self, told: Mapping[str, Any]) -> float:
        """By how much the legs may be apart: the clock's error and the placement's."""
        misplaced = sum(leg.misplaced for leg in self.legs) * 1000 / CLOCK_HZ
        clock: float = told.get("clock_ms") or 0.0
        return round(clock + misplaced, 1)
