"""Recording: the files of one call, written by the writer's thread.

    recording.mka     two Opus tracks, caller and agent, on one timeline
    events.jsonl      the conversation's events, one JSON object a line
    transcript.json   the turns, rewritten whole whenever one is complete
    call.json         who, when, how it ended

Matroska is written in clusters of a third of a second, each complete in itself: after
`kill -9` the file opens, and what was lost is less than a second.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, TextIO

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer

from .audio import CLOCK_HZ
from .leg import Piece

__all__ = ["AUDIO", "EVENTS", "LEGS", "META", "TRANSCRIPT", "Recording"]

AUDIO = "recording.mka"
EVENTS = "events.jsonl"
TRANSCRIPT = "transcript.json"
META = "call.json"

LEGS = ("caller", "agent")
"The tracks of a recording, in their order."

CLUSTER_MS = 300
"Length of a Matroska cluster: what `kill -9` can cost at most, small against 1 s."


class Recording:
    """The open files of one call. All methods raise OSError or av.FFmpegError."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._events: TextIO = (folder / EVENTS).open("w", encoding="utf-8")
        self._container: OutputContainer = av.open(
            str(folder / AUDIO),
            "w",
            format="matroska",
            options={"cluster_time_limit": str(CLUSTER_MS), "flush_packets": "1"},
        )
        self._streams = [self._add_stream(name) for name in LEGS]
        self._container.start_encoding()

    def _add_stream(self, name: str) -> AudioStream:
        # The encoder encodes nothing: it is what writes the header of an Opus track.
        stream = self._container.add_stream("libopus", rate=CLOCK_HZ, layout="mono")
        stream.metadata["title"] = name
        stream.time_base = Fraction(1, CLOCK_HZ)
        return stream

    def write(self, leg: int, pieces: Iterable[Piece]) -> None:
        """Append packets to a leg, 0 the caller, 1 the agent."""
        stream = self._streams[leg]
        for payload, at in pieces:
            packet: av.Packet[Any] = av.Packet(payload)
            packet.stream = stream
            packet.time_base = Fraction(1, CLOCK_HZ)
            packet.pts = packet.dts = at
            self._container.mux_one(packet)

    def note(self, lines: Iterable[str]) -> None:
        """Append lines of JSON to the events."""
        self._events.writelines(f"{line}\n" for line in lines)
        self._events.flush()

    def save(self, name: str, content: Mapping[str, Any]) -> None:
        """Write a JSON file whole or not at all."""
        path = self.folder / name
        draft = path.with_suffix(".tmp")
        draft.write_text(
            json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )
        os.replace(draft, path)

    def close(self) -> None:
        """Finish the files."""
        try:
            self._container.close()
        finally:
            self._events.close()
