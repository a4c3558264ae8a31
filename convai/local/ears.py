"""Ears: from a caller's sound to words, in worker threads.

`VoskEars` recognises as one speaks; `DeafEars` is the stand-in when there is no model:
it knows that somebody spoke (the voice activity tells) but not what.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Executor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from .formats import HEARING_RATE
from .lanes import Lanes

__all__ = ["DeafEars", "Ear", "Ears", "VoskEars", "load"]

log = logging.getLogger(__name__)

Partial: TypeAlias = Callable[[int, str], None]
"Turn and its words so far; called on the event loop."

WAITING_WINDOWS = 300
"Most windows of one caller that may wait for a thread: ten seconds behind the caller\
 there is no conversation any more, so later ones are dropped and counted."


class Ear(Protocol):
    """Listens to one caller, turn by turn."""

    def begin(self, turn: int, grammar: tuple[str, ...]) -> None:
        """A turn begins; with a grammar, its phrases are what is expected."""

    def feed(self, pcm: bytes) -> None:
        """Sound of the turn, s16le at 16 kHz; never waits."""

    def finish(self) -> Awaitable[str | None]:
        """The turn is over: its words, or None from an ear that knows none.

        What is fed after this call belongs to the next turn, even before the words
        are there.
        """


class Ears(Protocol):
    """The engine, shared by all callers."""

    def ear(self, partial: Partial) -> AbstractContextManager[Ear]:
        """An ear for one caller."""

    def close(self) -> None:
        """Let the threads go."""


class DeafEars:
    """Knows no words."""

    @contextmanager
    def ear(self, partial: Partial) -> Iterator[Ear]:
        yield _DeafEar()

    def close(self) -> None:
        """Nothing to let go."""


class _DeafEar:
    def begin(self, turn: int, grammar: tuple[str, ...]) -> None:
        """Nothing to prepare."""

    def feed(self, pcm: bytes) -> None:
        """Nothing to hear with."""

    def finish(self) -> Awaitable[str | None]:
        return _nothing()


async def _nothing() -> None:
    return None


class VoskEars:
    """vosk: true partials, and a final text some 30 ms after it is asked for."""

    def __init__(self, model: Any, vosk: Any, threads: int) -> None:
        self._model = model
        self._vosk = vosk
        self._lanes = Lanes("ears", threads)

    def recognizer(self, grammar: tuple[str, ...]) -> Any:
        """70 ms without a grammar, 1 ms with one; some 28 MB each."""
        if not grammar:
            return self._vosk.KaldiRecognizer(self._model, HEARING_RATE)
        phrases = json.dumps([*grammar, "[unk]"])
        return self._vosk.KaldiRecognizer(self._model, HEARING_RATE, phrases)

    @contextmanager
    def ear(self, partial: Partial) -> Iterator[Ear]:
        with self._lanes.lane() as lane:
            yield _VoskEar(self, lane, partial)

    def close(self) -> None:
        self._lanes.close()


class _VoskEar:
    """The methods without underscore run on the loop, the others in the lane."""

    def __init__(self, ears: VoskEars, lane: Executor, partial: Partial) -> None:
        self._ears = ears
        self._lane = lane
        self._partial = partial
        self._loop = asyncio.get_running_loop()
        self._fed = 0  # windows; counted here on the loop, `_done` in the lane
        self._dropped = 0
        # Only written in the lane:
        self._done = 0
        self._free: Any = None  # made once: it costs 70 ms
        self._recognizer: Any = None
        self._turn = 0
        self._segments: list[str] = []  # ended by vosk itself, within the turn
        self._shown = ""
        lane.submit(self._begin, 0, ())  # ready before the caller's first word

    def begin(self, turn: int, grammar: tuple[str, ...]) -> None:
        self._lane.submit(self._begin, turn, grammar)

    def feed(self, pcm: bytes) -> None:
        if self._fed - self._done >= WAITING_WINDOWS:
            self._dropped += 1
            return
        self._fed += 1
        self._lane.submit(self._feed, pcm)

    def finish(self) -> Awaitable[str | None]:
        if self._dropped:
            log.warning("recognition is too slow: %s windows lost", self._dropped)
            self._dropped = 0
        return self._loop.run_in_executor(self._lane, self._finish)

    def _begin(self, turn: int, grammar: tuple[str, ...]) -> None:
        if grammar:
            self._recognizer = self._ears.recognizer(grammar)
        else:
            self._free = self._free or self._ears.recognizer(())
            self._recognizer = self._free
        self._turn, self._segments, self._shown = turn, [], ""

    def _feed(self, pcm: bytes) -> None:
        self._done += 1
        if self._recognizer.AcceptWaveform(pcm):
            self._segments.append(_text(self._recognizer.Result(), "text"))
        partial = _text(self._recognizer.PartialResult(), "partial")
        shown = _joined([*self._segments, partial])
        if shown and shown != self._shown:
            self._shown = shown
            self._loop.call_soon_threadsafe(self._partial, self._turn, shown)

    def _finish(self) -> str:
        last = _text(self._recognizer.FinalResult(), "text")
        return _joined([*self._segments, last])


def load(model: Path | None, threads: int) -> Ears:
    """Ears as good as the files allow."""
    if model is None:
        log.warning("ears: no recognition model, the agent will not understand words")
        return DeafEars()
    try:
        import vosk
    except (ImportError, OSError) as error:  # OSError: its library does not load here
        log.warning("ears: vosk does not work here, no words understood: %s", error)
        return DeafEars()
    vosk.SetLogLevel(-1)
    return VoskEars(vosk.Model(str(model)), vosk, threads)


def _text(answer: str, key: str) -> str:
    return str(json.loads(answer).get(key, ""))


def _joined(parts: list[str]) -> str:
    return " ".join(part for part in parts if part)
