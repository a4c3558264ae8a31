"""Threads for tools that users wrote, so that no tool can hold up anybody's sound.

A tool that blocks, or never ends, costs one thread and nothing else: whoever waits for
it can stop waiting. The threads are daemons: a tool that hangs does not keep the server
from ending.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import Generic, TypeVar

from .tool import ToolError

__all__ = ["MOST_THREADS", "in_thread"]

T = TypeVar("T")

MOST_THREADS = 32
"Of all calls together, those that hang included; each has a stack of some megabytes."

_free = threading.BoundedSemaphore(MOST_THREADS)


async def in_thread(name: str, work: Callable[[], T]) -> T:
    """What `work` returns or raises. Raises ToolError when no thread is free.

    Cancelled, it stops waiting; the work itself goes on unseen.
    """
    if not _free.acquire(blocking=False):
        raise ToolError("Too many tools are at work. Try again later.")
    outcome = _Outcome[T]()
    context = contextvars.copy_context()
    thread = threading.Thread(
        target=context.run, args=(outcome.of, work), name=f"tool {name}", daemon=True
    )
    try:
        thread.start()
    except RuntimeError:  # the system has no thread left
        _free.release()
        raise ToolError("Too many tools are at work. Try again later.") from None
    return await asyncio.wrap_future(outcome.future)


class _Outcome(Generic[T]):
    """Carries what came of the work to the one who waits, errors of any kind too."""

    def __init__(self) -> None:
        self.future: Future[T] = Future()
        # From now on nobody's cancelling makes it impossible to set a result.
        self.future.set_running_or_notify_cancel()

    def of(self, work: Callable[[], T]) -> None:
        with self:
            self.future.set_result(work())

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        _free.release()
        if error is not None:
            self.future.set_exception(_portable(error))
        return True  # nothing is lost: it is raised where the result is awaited


def _portable(error: BaseException) -> Exception:
    """The error in a form that does not mean something else where it arrives.

    A SystemExit would end the server, a CancelledError the call, and asyncio's futures
    refuse a StopIteration.
    """
    if isinstance(error, Exception) and not isinstance(error, StopIteration):
        return error
    wrapped = RuntimeError(f"ended with {type(error).__name__}")
    wrapped.__cause__ = error
    return wrapped
