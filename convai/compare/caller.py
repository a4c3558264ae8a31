"""Caller: one call to a Parley server over WebRTC, driven by what it hears."""

from __future__ import annotations

import asyncio
import functools
import ipaddress
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from .. import untrusted
from ..agent import AgentProtocolError
from ..untrusted import Fields
from .contender import Contender
from .ear import Ear
from .ledger import events_of
from .microphone import Microphone
from .script import Line
from .take import Heard, Take
from .trouble import CallFailed, ServerTrouble, WrongInput
from .turns import Phase, TurnTaking

__all__ = ["Caller"]

CONNECT_S = 20.0
"For the server's answer: it has its own deadlines, which are shorter."

MEDIA_S = 10.0
"From the answer to an open line."

GOODBYE_S = 3.0
"For the server's last words after hanging up."

CALL_S = 900.0
"A comparison's call that is longer goes in circles."

LOOK_S = 0.02
"How often it is looked whether the call is over."

MOST_EVENTS = 20_000
MOST_MESSAGE = 1024 * 1024
"Characters of an event."
MOST_ANSWER = 1024 * 1024
"Bytes of the server's answer."

WRONG = {"unknown-agent", "unknown-profile"}
"Refusals that say that the comparison was asked for wrongly; none is worth a run."


class Caller:
    """One call: `await Caller(...).call()` gives what came of it, whatever that is."""

    def __init__(
        self,
        url: str,
        contender: Contender,
        run: int,
        lines: Sequence[Line],
        *,
        interrupt: int | None = None,
    ) -> None:
        self._url = url
        self._contender = contender
        self._run = run
        turns = [(line.begin_s, line.end_s, line.length_s) for line in lines]
        self._taking = TurnTaking(turns, interrupt=interrupt)
        self._ear = Ear(self._taking.hear)
        self._microphone = Microphone(lines, self._taking)
        self._call = ""
        self._events: list[dict[str, Any]] = []
        self._ended = ""
        "The reason for which the server ended the call."
        self._over = asyncio.Event()
        self._dropped = 0
        "Events beyond the bound."

    async def call(self) -> Take:
        """Raises WrongInput and ServerTrouble only; all else is in the take."""
        failure = ""
        loop = asyncio.get_running_loop()
        pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        try:
            # The certificate is the server's own; nothing secret is sent.
            connector = aiohttp.TCPConnector(ssl=False)
            async with aiohttp.ClientSession(connector=connector) as session:
                try:
                    await self._connect(pc, session)
                    await self._talk(pc)
                finally:
                    if self._call:
                        await self._hang_up(session)
        except CallFailed as error:
            failure = str(error)
        finally:
            end = loop.time()
            self._microphone.stop()
            await pc.close()
        return self._take(failure, end)

    async def _connect(
        self, pc: RTCPeerConnection, session: aiohttp.ClientSession
    ) -> None:
        pc.addTrack(self._microphone)
        channel = pc.createDataChannel("events")
        channel.on("message", self._message)
        clock = asyncio.get_running_loop().time
        for transceiver in pc.getTransceivers():
            self._ear.listen(transceiver.receiver, clock)
        if _is_loopback(self._url):
            _gather_on_loopback(pc)
        await pc.setLocalDescription(await pc.createOffer())
        answer = await self._offer(session, pc.localDescription.sdp)
        self._call = str(answer.get("call", ""))
        if (given := answer.get("agent", self._contender.agent)) != (
            wanted := self._contender.agent
        ):
            raise CallFailed(f"the server gave {given} instead of {wanted}")
        try:
            description = RTCSessionDescription(str(answer["sdp"]), "answer")
            await pc.setRemoteDescription(description)
        except (KeyError, ValueError) as error:
            raise CallFailed("the server's answer cannot be understood") from error
        await self._line_open()

    async def _offer(self, session: aiohttp.ClientSession, sdp: str) -> dict[str, Any]:
        body: dict[str, Any] = {"sdp": sdp, "type": "offer"}
        body["agent"] = self._contender.agent
        if self._contender.profile:
            body["profile"] = self._contender.profile
        try:
            async with asyncio.timeout(CONNECT_S):
                async with session.post(f"{self._url}/offer", json=body) as answer:
                    content = await answer.content.read(MOST_ANSWER)
                    while piece := await answer.content.read(MOST_ANSWER):
                        content += piece
                        if len(content) > MOST_ANSWER:
                            raise CallFailed("the server's answer does not end")
                    return _answered(answer.status, content)
        except TimeoutError:
            raise CallFailed(f"no answer from the server in {CONNECT_S:g} s") from None
        except aiohttp.ClientConnectorError as error:
            why = (error.os_error.strerror or "no connection").lower()
            raise ServerTrouble(f"{self._url} cannot be reached: {why}") from None
        except (aiohttp.ClientError, OSError):
            raise CallFailed("the connection to the server broke off") from None
        except ValueError as error:
            raise ServerTrouble(f"{self._url} is not a server's address") from error

    async def _line_open(self) -> None:
        try:
            async with asyncio.timeout(MEDIA_S):
                await self._microphone.open.wait()
        except TimeoutError:
            text = f"no media connection within {MEDIA_S:g} s"
            raise CallFailed(text) from None

    async def _talk(self, pc: RTCPeerConnection) -> None:
        """Until the last answer is over. Raises CallFailed."""
        try:
            async with asyncio.timeout(CALL_S):
                while self._taking.phase is not Phase.DONE:
                    await asyncio.sleep(LOOK_S)
                    self._check_line(pc)
        except TimeoutError:
            raise CallFailed(f"the call was not over after {CALL_S:g} s") from None

    def _check_line(self, pc: RTCPeerConnection) -> None:
        closed = pc.connectionState in ("closed", "failed")
        if not (closed or self._ended):
            return
        spoken, turns = len(self._taking.spoken), self._taking.turns
        why = self._trouble() or self._ended or "the line broke"
        after = f"after turn {spoken} of {turns}" if spoken else "before any turn"
        if spoken < turns:
            raise CallFailed(f"the call ended {after}: {why}")
        if closed or not self._trouble():
            self._taking.stop()  # said good-bye after our last turn: well done
        else:
            raise CallFailed(f"the call ended {after}: {why}")

    def _trouble(self) -> str:
        """What the server said last of what went wrong."""
        for event in reversed(self._events):
            if event.get("type") == "error":
                return f"{event.get('message', '')} ({event.get('code', '')})"
        return ""

    async def _hang_up(self, session: aiohttp.ClientSession) -> None:
        """Ask for the end, and wait a moment for the server's last words."""
        try:
            async with asyncio.timeout(GOODBYE_S):
                async with session.delete(f"{self._url}/calls/{self._call}"):
                    pass
                await self._over.wait()
        except (TimeoutError, aiohttp.ClientError, OSError):
            pass  # then the closed connection tells it

    def _message(self, text: str | bytes) -> None:
        if len(self._events) >= MOST_EVENTS or len(text) > MOST_MESSAGE:
            self._dropped += 1
            return
        for event in events_of([text]):
            self._events.append(event)
            if event.get("type") == "conversation.ended":
                self._ended = str(event.get("reason", "ended"))
                self._over.set()

    def _take(self, failure: str, end: float) -> Take:
        start = self._microphone.start
        take = Take(self._contender, self._run, self._call, failure=failure)
        take.events = self._events
        take.notes = [*self._taking.notes]
        if self._dropped:
            take.notes = [*take.notes, f"{self._dropped} events were too many"]
        if start is None:
            return take
        take.length = end - start
        take.spoken = [spoken.since(start) for spoken in self._taking.spoken]
        take.heard = [Heard(at - start, n, level) for at, n, level in self._ear.slots]
        take.caller_pcm = self._microphone.recording()
        take.agent_pcm = self._ear.recording(start)
        take.lost = self._ear.lost
        take.late_ms = self._microphone.late_s * 1000
        take.late_before_ms = self._microphone.late_before_s * 1000
        return take


def _answered(status: int, content: bytes) -> dict[str, Any]:
    """The body of a good answer; the server's own words for a bad one."""
    try:
        body: Fields = untrusted.plain(untrusted.parse(content))
    except AgentProtocolError:
        text = f"the server's answer (HTTP {status}) is not JSON"
        raise CallFailed(text) from None
    if status == 200:
        return body
    code = str(body.get("code", f"HTTP {status}"))
    text = f"{body.get('detail', body.get('title', 'refused'))} ({code})"
    raise WrongInput(text) if code in WRONG else CallFailed(text)


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _gather_on_loopback(pc: RTCPeerConnection) -> None:
    """aioice leaves loopback addresses out; a server on one can be reached from it."""
    transports: Iterable[Any] = [t.sender.transport for t in pc.getTransceivers()]
    if pc.sctp is not None:
        transports = [*transports, pc.sctp.transport]
    for dtls in transports:
        connection = dtls.transport.iceGatherer._connection
        gather = connection.get_component_candidates
        there = functools.partial(_gather_there, gather)
        setattr(connection, "get_component_candidates", there)


async def _gather_there(
    gather: Any, component: int, addresses: list[str], timeout: int = 5
) -> Any:
    return await gather(component, ["127.0.0.1"], timeout)
