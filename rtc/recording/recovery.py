"""Recovery: the folder of a call whose server died, finished as if it had not.

Done again, it finds nothing to do; interrupted, it begins anew. At every moment in
between the sound can be played at least as far as before: its end is put over what was
torn, and only then the head tells of it.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from .. import call_id
from ..audio import CLOCK_HZ, SLOT
from ..opus import silence
from . import clusters
from .files import (
    AUDIO,
    EVENTS,
    LEGS,
    META,
    TRANSCRIPT,
    draft_of,
    load,
    save,
    sync_folder,
)
from .matroska import VOID_BYTES, Chapter, Matroska, void_head
from .sound import MOST_PAUSES, PAUSED

__all__ = ["DIED", "recover"]

log = logging.getLogger(__name__)

DIED = "server-died"
"The reason why such a call ended."

PIECE = 65_536
"Bytes that are read at a time where a line's end is looked for."

MOST_LINE = 1_000_000
"Bytes of an event; a longer line is damage, and not to be read into memory."


class Told(NamedTuple):
    """What the events say of the call."""

    length_ms: int
    pauses: list[Chapter]
    failed: bool
    "The recording could not go on."


def recover(folder: Path, meta: Mapping[str, Any]) -> bool:
    """Finish what a crash left of a call; `meta` is what its marker says.

    True if anything had to be mended. Raises OSError; BlockingIOError when somebody
    else is at it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in (META, TRANSCRIPT):
        draft_of(folder / name).unlink(missing_ok=True)
    mended = _mend_events(folder / EVENTS)
    told = _told(folder / EVENTS)
    length = 0
    if (folder / AUDIO).exists():
        sound_mended, length = _mend_sound(folder / AUDIO, told.pauses)
        mended |= sound_mended
    mended |= _mend_meta(folder, meta, told, length * 1000 // CLOCK_HZ)
    if mended:
        sync_folder(folder)
    return mended


# The events.


def _mend_events(path: Path) -> bool:
    """Drop a last line that is torn; a call that came to no event has none."""
    if not path.exists():
        path.touch()
        return True
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        whole = _line_end(file, size)
        if whole == size:
            return False
        file.truncate(whole)
        os.fsync(file.fileno())
    return True


def _line_end(file: BinaryIO, size: int) -> int:
    """Where the last whole line ends."""
    end = size
    while end:
        begin = max(0, end - PIECE)
        file.seek(begin)
        found = file.read(end - begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        end = begin
    return 0


def _told(path: Path) -> Told:
    length, failed, since = 0, False, -1
    pauses: list[Chapter] = []
    for event in _events(path):
        at_ms, state = event.get("at_ms"), event.get("state")
        if not isinstance(at_ms, int) or not 0 <= at_ms < 1 << 31:
            continue
        length = max(length, at_ms)
        if event.get("type") != "recording.state":
            continue
        failed = failed or state == "failed"
        if since >= 0:
            pauses.append(_pause(since, at_ms))
            del pauses[:-MOST_PAUSES]
        since = at_ms if state == "paused" else -1
    if since >= 0:
        pauses.append(_pause(since, length))
    return Told(length, pauses, failed)


def _pause(begin_ms: int, end_ms: int) -> Chapter:
    return begin_ms * CLOCK_HZ // 1000, end_ms * CLOCK_HZ // 1000, PAUSED


def _events(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        while line := file.readline(MOST_LINE):
            try:
                event = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(event, dict):
                yield event


# The sound.


def _mend_sound(path: Path, pauses: Sequence[Chapter]) -> tuple[bool, int]:
    """Give the file its end; whether it had none, and its length in samples."""
    with path.open("r+b", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        size = file.seek(0, os.SEEK_END)
        matroska = Matroska(LEGS)
        head = os.pread(file.fileno(), len(matroska.head), 0)
        if matroska.complete(head, size):
            return False, matroska.length_of(head)
        if not _headed(file, head, matroska):
            log.warning("%s is not as we write it, and left alone", path)
            return False, 0
        end, length = _whole(file, size, matroska)
        tail = b""
        if not length:  # Matroska without a packet cannot be read
            length = SLOT
            blocks = [(0, track, silence(SLOT)) for track in range(len(LEGS))]
            tail = b"".join(matroska.clusters(blocks))
        ended = [(it[0], min(it[1], length), it[2]) for it in pauses]
        rest, patches = matroska.end([it for it in ended if it[0] < it[1]])
        _finish(file, end, tail + rest, patches)
    return True, length


def _headed(file: BinaryIO, head: bytes, matroska: Matroska) -> bool:
    """See to it that the file has our head; False: it is not ours to touch.

    A power cut can leave a file with less than its head, or zeros instead.
    """
    ours = matroska.head
    if _masked(head, matroska) == _masked(ours, matroska):
        return True
    next_there = os.pread(file.fileno(), clusters.HEAD_BYTES, len(ours))
    torn = ours.startswith(head.rstrip(b"\0")) or not head.strip(b"\0")
    if not torn and not clusters.size(next_there):
        return False
    os.pwrite(file.fileno(), ours, 0)
    return True


def _masked(head: bytes, matroska: Matroska) -> bytes:
    """The head without what is only put in at the end."""
    masked = bytearray(head)
    for begin, end in matroska.patches:
        masked[begin:end] = bytes(end - begin)
    return bytes(masked)


def _whole(file: BinaryIO, size: int, matroska: Matroska) -> tuple[int, int]:
    """Count the clusters that are whole; where they end, in bytes and in samples.

    What is damaged between them becomes a Void: players then find what follows.
    """
    at, length = len(matroska.head), 0
    while at < size:
        found = _cluster(file, at, size)
        if found is None:
            next_one = _next_cluster(file, at + VOID_BYTES, size)
            if next_one is None:
                break
            gap = next_one - at
            os.pwrite(file.fileno(), void_head(gap), at)
            matroska.skip(gap)
            at = next_one
            continue
        matroska.count(found.begin, found.end, found.size)
        at, length = at + found.size, max(length, found.end)
    return at, length


def _cluster(file: BinaryIO, at: int, size: int) -> clusters.Found | None:
    head = os.pread(file.fileno(), clusters.HEAD_BYTES, at)
    length = clusters.size(head)
    if not length or at + length > size:
        return None
    return clusters.content(os.pread(file.fileno(), length, at), len(LEGS))


def _next_cluster(file: BinaryIO, at: int, size: int) -> int | None:
    """Where behind `at` the next whole cluster begins."""
    while at < size:
        piece = os.pread(file.fileno(), PIECE, at)
        place = piece.find(clusters.NAME)
        if place < 0:
            at += max(1, len(piece) - len(clusters.NAME) + 1)
        elif _cluster(file, at + place, size):
            return at + place
        else:
            at += place + 1
    return None


def _finish(
    file: BinaryIO, end: int, tail: bytes, patches: Sequence[tuple[int, bytes]]
) -> None:
    """Put `tail` at `end` and forget what is behind; then change the head."""
    rest, at, descriptor = memoryview(tail), end, file.fileno()
    while rest:
        count = os.pwrite(descriptor, rest, at)
        rest, at = rest[count:], at + count
    file.truncate(at)
    # In this order on the disk, too: first what the head will tell of, then the head.
    os.fdatasync(descriptor)
    for position, patch in patches:
        os.pwrite(descriptor, patch, position)
    os.fsync(descriptor)


# call.json


def _mend_meta(
    folder: Path, meta: Mapping[str, Any], told: Told, sound_ms: int
) -> bool:
    """Complete `call.json`."""
    path = folder / META
    old = _read(path)
    content = {"reason": None, **meta, **old}
    content.setdefault("call", folder.name)
    if call_id.is_call_id(folder.name):
        content.setdefault("began", call_id.began(folder.name).isoformat())
    if content["reason"] is None:
        content["reason"] = DIED
        content["length_ms"] = max(told.length_ms, sound_ms)
    content["recording"] = {**_mapping(meta), **_mapping(old)}
    content["recording"] |= _state(folder, content["recording"], told)
    if content == old:
        return False
    save(path, content, fsync=True)
    return True


def _state(folder: Path, report: Mapping[str, Any], told: Told) -> dict[str, str]:
    """What has to be set right of the recording's state."""
    if report.get("state", "kept") != "kept":
        return {}
    if told.failed or not (folder / AUDIO).exists():
        return {"state": "failed"}
    return {"state": "kept"}


def _mapping(content: Mapping[str, Any]) -> dict[str, Any]:
    report = content.get("recording")
    return dict(report) if isinstance(report, dict) else {}


def _read(path: Path) -> dict[str, Any]:
    """The file as it is; {} when there is none, or none that can be read."""
    try:
        return load(path)
    except (FileNotFoundError, ValueError):
        return {}
