"""Servers on loopback for tests: an application, and what stand-ins have in common."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from aiohttp import web

__all__ = ["Loopback", "StandIn"]


class Loopback:
    """An application that is served; an async context. Its handlers end with it."""

    def __init__(self, app: web.Application, path: str = "") -> None:
        self.url = ""
        "Base URL, http://, with the path at its end."
        self._path = path
        self._runner = web.AppRunner(
            app, shutdown_timeout=1.0, handler_cancellation=True
        )

    async def __aenter__(self) -> Self:
        return await self.open(0)

    async def open(self, port: int) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}{self._path}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._runner.cleanup()


class StandIn(Loopback):
    """A provider of conversations; what is wrong is raised when it is left."""

    def __init__(self, app: web.Application, path: str = "") -> None:
        super().__init__(app, path)
        self.conversations: list[Any] = []
        "Each with its `socket`."
        self.faults: list[Exception] = []
        "What the client, or the script of the test, did wrong."

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for conversation in self.conversations:
            await conversation.socket.close(code=1001, message=b"the test is over")
        await super().__aexit__(kind, error, trace)
        if error is not None:
            for fault in self.faults:
                error.add_note(f"the fake saw: {fault!r}")
        elif self.faults:
            raise ExceptionGroup("the client or the script broke a rule", self.faults)
