from __future__ import annotations

import asyncio
import contextvars
import threading

import pytest

from convai.tools import thread as tools_thread
from convai.tools.thread import MOST_THREADS, in_thread
from convai.tools.tool import ToolError

word = contextvars.ContextVar("word", default="")


async def test_what_comes_of_it() -> None:
    assert await in_thread("x", lambda: 3) == 3
    with pytest.raises(ZeroDivisionError):
        await in_thread("x", lambda: 1 / 0)


async def test_it_knows_the_context() -> None:
    token = word.set("here")
    try:
        assert await in_thread("x", word.get) == "here"
    finally:
        word.reset(token)


async def test_nobody_has_to_wait_for_a_thread_that_hangs() -> None:
    go, gone = threading.Event(), threading.Event()

    def hang() -> None:
        go.wait(10)
        gone.set()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await in_thread("x", hang)
    go.set()
    assert await asyncio.to_thread(gone.wait, 10)


async def test_threads_are_few_and_come_back() -> None:
    go = threading.Event()
    async with asyncio.TaskGroup() as group:
        for _ in range(MOST_THREADS):
            group.create_task(in_thread("x", lambda: go.wait(10)))
        await asyncio.sleep(0)
        with pytest.raises(ToolError, match="Too many"):
            await in_thread("x", lambda: None)
        go.set()
    assert await in_thread("x", lambda: 1) == 1


async def test_a_system_without_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(tools_thread.threading.Thread, "start", full)
        for _ in range(MOST_THREADS + 1):
            with pytest.raises(ToolError, match="Too many"):
                await in_thread("x", lambda: None)
    assert await in_thread("x", lambda: 1) == 1
