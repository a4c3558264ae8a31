"""The real server as a process of our own, on loopback, for as long as we compare."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from .trouble import ServerTrouble, WrongInput

__all__ = ["server"]

COMMAND = Path(__file__).resolve().parents[2] / "server.py"

START_S = 120.0
"The first start of all unpacks the embedded agent's models."

STOP_S = 20.0
"Calls are over by then; SIGTERM ends it in two."

LOOK_S = 0.05

WRONG_SETTING = 2
"The server's exit status when a setting is wrong."

LAST_WORDS = 5
"Lines of the log that tell why."


@asynccontextmanager
async def server(
    agent: str, recordings: Path, log: Path, flags: Sequence[str] = ()
) -> AsyncIterator[str]:
    """Its URL. The environment, with keys and addresses of providers, is passed on.

    It has one agent only: no other can take over its calls, as they do for people.

    Raises WrongInput when it does not take its settings, such as an agent's name, and
    ServerTrouble when it does not start for another reason.
    """
    command = [
        *(str(COMMAND), "--host", "127.0.0.1", "--port", "0", "--tls", "off"),
        *("--ice-address", "127.0.0.1", "--recordings", str(recordings)),
        *("--agent", agent, *flags),
    ]
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        yield await _ready(process, log)
    finally:
        await _stop(process)


async def _ready(process: asyncio.subprocess.Process, log: Path) -> str:
    """The URL in its line `ready URL`."""
    try:
        async with asyncio.timeout(START_S):
            while process.returncode is None:
                for line in _text(log).splitlines(keepends=True):
                    # Half a line may have been written: wait for its end.
                    if line.startswith("ready ") and line.endswith("\n"):
                        return line.split()[1].rstrip("/")
                await asyncio.sleep(LOOK_S)
    except TimeoutError:
        why = f"it was not ready after {START_S:g} s"
        raise ServerTrouble(f"the server does not start: {why}") from None
    why = "\n".join(_text(log).strip().splitlines()[-LAST_WORDS:])
    text = f"the server does not start: {why}"
    wrong = process.returncode == WRONG_SETTING
    raise WrongInput(text) if wrong else ServerTrouble(text)


def _text(log: Path) -> str:
    return log.read_text("utf-8", errors="replace")


async def _stop(process: asyncio.subprocess.Process) -> None:
    for stop in (process.terminate, process.kill):
        if process.returncode is not None:
            return
        try:
            stop()
        except ProcessLookupError:
            return
        try:
            await asyncio.wait_for(process.wait(), STOP_S)
        except TimeoutError:
            continue
