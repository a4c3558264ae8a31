"""LocalProcess: the embedded agent as a child process that is kept alive.

    async with LocalProcess() as local:
        ...  # local.url is where it answers

In a process of its own its speech work cannot make a media loop stumble. It dies with
us, whatever kills us: it exits when its stdin, whose other end we hold, is closed.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from convai.agent import AgentUnavailable

from .config import DEFAULT_AGENT

__all__ = ["LocalProcess"]

log = logging.getLogger(__name__)

START_S = 30.0
"Loading takes 2 s, on a busy small machine ten; more means that it hangs."

STOP_S = 3.0
"It promises to end within two; then it is killed."

BACKOFF_S = (0.1, 0.5, 2.0, 5.0, 15.0)
"Waits between restarts; a child that lived a minute starts from the first again."

STEADY_S = 60.0

LINE_BYTES = 64 * 1024
"Longest line of its log that is passed on whole."

HOME = Path(__file__).resolve().parents[2]
"Where `python -m convai.local` finds the package, wherever we were started."


class LocalProcess:
    """Used once: enter, use `url`, leave."""

    agent_id = DEFAULT_AGENT
    "The id under which the child's agent answers."

    def __init__(self, arguments: Sequence[str] = ()) -> None:
        self._arguments = tuple(arguments)
        self._group = asyncio.TaskGroup()
        self._keeper: asyncio.Task[None] | None = None
        self._url = ""
        "Empty while there is no child that answers."
        self.pid = 0
        "Of the child that runs, or ran last."
        self.restarts = 0
        "Times that the child had to be started again."

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`; another port after a restart.

        Raises AgentUnavailable while the child is being restarted.
        """
        if not self._url:
            raise AgentUnavailable("The embedded agent is starting again, try shortly")
        return self._url

    async def __aenter__(self) -> Self:
        """Start the child and wait for it. Raises AgentUnavailable."""
        await self._group.__aenter__()
        ready = asyncio.get_running_loop().create_future()
        self._keeper = self._group.create_task(self._keep(ready))
        started = False
        try:
            async with asyncio.timeout(START_S):
                await ready
            started = True
        except TimeoutError:
            raise AgentUnavailable("The embedded agent did not start in time") from None
        finally:
            if not started:
                await self._leave()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the child: asked first, killed when it does not listen."""
        await self._leave()

    async def _leave(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
        await self._group.__aexit__(None, None, None)

    async def _keep(self, ready: asyncio.Future[None]) -> None:
        """Start the child again whenever it dies, but not the first time."""
        loop = asyncio.get_running_loop()
        failures = 0
        while True:
            born = loop.time()
            try:
                ending = f"ended with status {await self._live(ready)}"
            except OSError as error:  # no memory, files or processes left, for now
                ending = f"could not be started: {error}"
            if not ready.done():
                text = f"The embedded agent is not there: it {ending}"
                ready.set_exception(AgentUnavailable(text))
                return
            self._url = ""
            failures = 0 if loop.time() - born > STEADY_S else failures + 1
            wait_s = BACKOFF_S[min(failures, len(BACKOFF_S) - 1)]
            log.error("embedded agent %s, restart in %s s", ending, wait_s)
            await asyncio.sleep(wait_s)
            self.restarts += 1

    async def _live(self, ready: asyncio.Future[None]) -> int:
        """One child from birth to death; gives its exit status."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "convai.local", "--host", "127.0.0.1"),
            *("--port", "0", "--stdin-is-parent", *self._arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=LINE_BYTES,
            cwd=HOME,
        )
        self.pid = process.pid
        assert process.stdout is not None and process.stderr is not None
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._listen(process.stdout, ready))
                group.create_task(_pass_on(process.stderr))
            return await process.wait()
        finally:
            await _end(process)

    async def _listen(
        self, stdout: asyncio.StreamReader, ready: asyncio.Future[None]
    ) -> None:
        async for line in _lines(stdout):
            word, _, url = line.partition(" ")
            if word == "listening":
                self._url = url
                log.info("embedded agent listens at %s", url)
                if not ready.done():
                    ready.set_result(None)


async def _pass_on(stderr: asyncio.StreamReader) -> None:
    """The child's log as ours, each line at its own level."""
    levels = logging.getLevelNamesMapping()
    level = logging.INFO
    async for line in _lines(stderr):
        word, _, rest = line.partition(" ")
        if word in levels:
            level, line = levels[word], rest
        log.log(level, "%s", line)  # a line without a level goes on with the last


async def _lines(reader: asyncio.StreamReader) -> AsyncIterator[str]:
    while True:
        try:
            line = await reader.readline()
        except ValueError:  # longer than LINE_BYTES: asyncio dropped it
            continue
        if not line:
            return
        yield line.decode(errors="replace").rstrip()


async def _end(process: asyncio.subprocess.Process) -> None:
    """Terminate, then kill; `communicate` also closes the pipes."""
    try:
        for stop in (process.terminate, process.kill):
            _signal(process, stop)
            # Not asyncio.timeout: in a task that was cancelled, as this one was,
            # Python 3.11.2 lets its CancelledError out instead of a TimeoutError.
            with suppress(TimeoutError):
                await asyncio.wait_for(process.communicate(), STOP_S)
                return
    finally:
        _signal(process, process.kill)


def _signal(process: asyncio.subprocess.Process, send: Callable[[], None]) -> None:
    with suppress(ProcessLookupError):  # it may end by itself between the two lines
        if process.returncode is None:
            send()
