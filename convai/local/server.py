"""AgentServer: the HTTP side of the embedded agent, a conversation for each WebSocket.

    GET /v1/convai/conversation                 the WebSocket
    GET /v1/convai/conversation/get-signed-url  a URL that opens a private agent
    GET /v1/convai/conversation/get_signed_url  its older spelling

What goes wrong inside a conversation goes up to aiohttp, which logs it and goes on:
the socket was closed with 1011 before, and no other conversation notices.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import secrets
from datetime import UTC, datetime
from urllib.parse import urlencode

from aiohttp import web

from . import messages
from .admission import Admission, Full, Left, Waited
from .config import Config
from .engines import Engines
from .formats import Inlet
from .hearing import Hearing
from .intake import Opening, Refusal
from .line import Line
from .occasion import Occasion
from .script import Script
from .session import Session, over_refusal
from .tickets import Tickets
from .watch import Over

__all__ = ["PATH", "AgentServer"]

log = logging.getLogger(__name__)

PATH = "/v1/convai/conversation"

OPENING_S = 5.0
"For the client's first message; without it the configured conversation begins."


WAITING_PING = 0
"Id of pings in the queue: a late answer must not be taken for one to a session's."


class AgentServer:
    """Answers conversations with the given engines."""

    def __init__(self, config: Config, engines: Engines) -> None:
        self._config = config
        self._engines = engines
        self._admission = Admission(config.max_conversations)
        self._tickets = Tickets()
        self._sessions: set[Session] = set()

    def app(self) -> web.Application:
        """The routes; on shutdown, running conversations are told and end."""
        app = web.Application()
        app.router.add_get(PATH, self._conversation)
        app.router.add_get(f"{PATH}/get-signed-url", self._signed_url)
        app.router.add_get(f"{PATH}/get_signed_url", self._signed_url)
        app.on_shutdown.append(self._going_away)
        return app

    async def _going_away(self, app: web.Application) -> None:
        for session in self._sessions:
            session.hang_up(Over(1001, "The server is going away"))

    async def _signed_url(self, request: web.Request) -> web.Response:
        agent = request.query.get("agent_id", "")
        if not self._has_key(request):
            return _problem(401, "invalid_api_key", "Invalid API key")
        if agent not in self._config.agents:
            return _problem(404, "agent_not_found", "There is no such agent")
        named = request.query.get("include_conversation_id", "").lower() == "true"
        now = asyncio.get_running_loop().time()
        signature = self._tickets.issue(agent, _new_id() if named else "", now)
        query = urlencode({"agent_id": agent, "conversation_signature": signature})
        return web.json_response({"signed_url": f"ws://{request.host}{PATH}?{query}"})

    async def _conversation(self, request: web.Request) -> web.WebSocketResponse:
        line = Line()
        await line.open(request)
        over = Over(1011, "Internal error")
        try:
            over = await self._admitted(request, line)
        except Over as raised:
            over = raised
        finally:
            await line.close(over, request.transport)
        return line.response

    async def _admitted(self, request: web.Request, line: Line) -> Over:
        name = self._name(request)
        script = self._config.agents[request.query["agent_id"]]
        try:
            opening = await line.opening(OPENING_S)
            opening.check(self._config.overrides)
        except Refusal as refusal:
            over = over_refusal(refusal)
            if over.error is not None:
                await line.put(over.error)
            return over
        # First and before any queueing: the official clients take nothing else first.
        formats = (self._config.output.name, self._config.input.name)
        await line.put(messages.metadata(name, *formats))

        async def wait() -> None:
            await _patiently(line, self._config.ping_every_s)

        try:
            async with self._admission.place(self._config.queue_wait_s, wait) as waited:
                if waited:
                    await line.put(messages.queue_status("admitted"))
                return await self._converse(line, opening, script, name)
        except Full:
            return Over(3008, "Too many concurrent connections")
        except Waited:
            await line.put(messages.queue_status("timed_out"))
            return Over(4300, "No agent became free in time")
        except Left:
            return Over(1000, "The client left")

    async def _converse(
        self, line: Line, opening: Opening, script: Script, name: str
    ) -> Over:
        brain = script.opening(Occasion.of(opening.variables, _here()))
        hearing = Hearing(Inlet(self._config.input), self._engines.vad())
        session = Session(
            *(line, self._config, opening, brain),
            *(hearing, self._engines.pauses, self._engines.mouth),
        )
        self._sessions.add(session)
        log.info("%s: begins, %s running", name, len(self._sessions))
        over = Over(1011, "Internal error")
        try:
            with self._engines.ears.ear(session.partial) as ear:
                over = await session.run(ear)
        finally:
            self._sessions.discard(session)
            log.info("%s: over, %s %s", name, over.code, over.reason)
        return over

    def _name(self, request: web.Request) -> str:
        """The conversation's id, for a client that may have one. Raises Over.

        Refused on the open socket instead of by HTTP status: a browser would show
        neither status nor text.
        """
        agent = request.query.get("agent_id", "")
        if agent not in self._config.agents:
            raise Over(1008, "The AI agent you are trying to reach does not exist.")
        signature = request.query.get("conversation_signature", "")
        now = asyncio.get_running_loop().time()
        ticket = self._tickets.admit(signature, agent, now)
        if ticket is not None:
            return ticket.conversation or _new_id()
        if self._config.api_key is None or self._has_key(request):
            return _new_id()
        raise Over(1008, "Authorization is required for this agent.")

    def _has_key(self, request: web.Request) -> bool:
        given = request.headers.get("xi-api-key", "")
        wanted = self._config.api_key
        if wanted is None:  # a public agent: any key will do, none will not
            return bool(given)
        return hmac.compare_digest(given.encode(), wanted.encode())


async def _patiently(line: Line, ping_every_s: float) -> None:
    """What a client gets while it waits; returns when it has left."""
    try:
        async with asyncio.TaskGroup() as group:
            pinging = group.create_task(_ping(line, ping_every_s))
            await line.put(messages.queue_status("waiting"))
            await line.discard()
            pinging.cancel()
    except* Over as several:
        log.debug("left the queue: %s", several.exceptions)


async def _ping(line: Line, every_s: float) -> None:
    """Keep a waiting client from taking us for dead: it may expect pings by now."""
    while True:
        await asyncio.sleep(every_s)
        await line.put(messages.ping(WAITING_PING, None))


def _here() -> Occasion:
    """What this machine knows of place and time."""
    now = datetime.now(UTC).astimezone()
    return Occasion(today=now.date(), now=f"{now:%H:%M}")


def _new_id() -> str:
    return f"conv_{secrets.token_hex(13)}"


def _problem(status: int, code: str, message: str) -> web.Response:
    """An error as the service words it."""
    detail = {"detail": {"status": code, "message": message}}
    return web.json_response(detail, status=status)
