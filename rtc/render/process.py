"""Process: one rendering in a process of its own, read line by line.

See `rtc.render.__main__` for what it says. It is ended by its own id and never left
behind.
"""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path

from .growth import RenderError

__all__ = ["render"]

ROOT = Path(__file__).parents[2]
"From here the process finds us, wherever the server was started."

STALL_S = 60.0
"""Seconds without a word, which otherwise comes for each ten seconds of sound: the disk
hangs, or the machine has no time for this at all."""

END_S = 5.0
"Seconds for a killed process to be gone; only a hanging disk takes longer."


async def render(
    recording: Path, kind: str, leg: str, output: Path
) -> AsyncGenerator[tuple[int | None, int], None]:
    """Have it made; yields its size, None while unknown, and the bytes that are there.

    Raises RenderError. Close it, and the process is killed.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *_command(recording, kind, leg, output),
            cwd=ROOT,
            stdin=DEVNULL,
            stdout=PIPE,  # its complaints go where ours go
        )
    except OSError as error:
        raise RenderError(f"no process for rendering: {error.strerror}") from error
    try:
        async for size, rest in _lines(process):
            if size == "failed":
                raise RenderError(rest)
            yield (int(size) if size.isdecimal() else None), int(rest)
        async with asyncio.timeout(END_S):
            status = await process.wait()
        if status:
            raise RenderError(f"rendering was cut off (status {status})")
    except TimeoutError as error:
        raise RenderError("rendering came to a halt; is the disk busy?") from error
    finally:
        await _end(process)


def _command(recording: Path, kind: str, leg: str, output: Path) -> list[str]:
    """Absolute, since it starts in another folder."""
    paths = os.path.abspath(recording), kind, leg, os.path.abspath(output)
    return [sys.executable, "-m", "rtc.render", *paths]


async def _lines(process: Process) -> AsyncIterator[tuple[str, str]]:
    """What it says: the first word, and the rest."""
    assert process.stdout is not None
    while True:
        # Not `wait_for`, which in Python 3.11 may swallow that we are to stop.
        async with asyncio.timeout(STALL_S):
            line = await process.stdout.readline()
        if not line:
            break
        first, _, rest = line.decode(errors="replace").strip().partition(" ")
        yield first, rest


async def _end(process: Process) -> None:
    """Kill it if it still runs, and wait."""
    if process.returncode is None:
        try:
            process.kill()
        except ProcessLookupError:
            pass  # just gone
    try:
        # Also what it has said and nobody read: its pipe is open as long.
        async with asyncio.timeout(END_S):
            await process.communicate()
    except TimeoutError:
        pass  # killed it is: it goes as soon as its disk lets it
