"""Parley as a server under test. Each use of its constructors is in this file.

The parts are those of `server.py`; only the agent is a stand-in, in the same process
unless `--agent-url` says otherwise.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from unittest import mock

from aiohttp import web

from convai.agent import Agent
from convai.cast import Cast
from convai.providers.elevenlabs import elevenlabs_agent
from rtc import recorder, switchboard
from rtc.housekeeping import Housekeeping
from rtc.media import Media, Options
from rtc.outcome import Limits
from rtc.problem import problems
from rtc.recording.writer import Writer
from rtc.signaling import MOST_OFFER, Signaling
from rtc.switchboard import Switchboard

from . import service
from .standin import StandIns

__all__ = ["opened"]

NAME = "stand-in"
MOST_CALLS = 1000


class Unrecorded(recorder.Recorder):
    """A recorder that keeps nothing: what recording costs is left out."""

    def caller(self, payload: bytes, at: int) -> None:
        pass

    def agent(self, payload: bytes, at: int) -> None:
        pass

    def _post(self, job: object) -> None:
        pass


@asynccontextmanager
async def opened(
    chosen: argparse.Namespace, agents: StandIns
) -> AsyncIterator[web.Application]:
    """The application, and the switchboard behind it."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if chosen.unrecorded:
            patch = mock.patch.object(switchboard, "Recorder", Unrecorded)
            stack.enter_context(patch)
        writer = stack.enter_context(Writer())
        housekeeping = stack.enter_context(Housekeeping(time.perf_counter))
        options = Options(lean=chosen.media == "lean")
        media = await stack.enter_async_context(
            Media(options, housekeeping=housekeeping)
        )
        make: Callable[[], Agent] = agents.next
        if chosen.agent_url:
            make = partial(
                elevenlabs_agent, base_url=chosen.agent_url, agent_id="stand-in"
            )
        board = await stack.enter_async_context(
            Switchboard(
                lambda wish: Cast(agent=make(), agent_name=NAME),
                writer,
                folder,
                media,
                limits=Limits(),
                max_calls=MOST_CALLS,
                ice_address="127.0.0.1",
            )
        )
        yield application(board)


def application(board: Switchboard) -> web.Application:
    """The routes of `server.py` that calls need."""
    app = web.Application(middlewares=[problems], client_max_size=MOST_OFFER)
    signaling = Signaling(
        board,
        agents={NAME: NAME},
        profiles={},
        profile="",
        ice_servers=[],
        version="bench",
    )
    app.add_routes(signaling.routes())
    return app


if __name__ == "__main__":
    parser = service.arguments()
    parser.add_argument("--media", choices=("lean", "stock"), default="lean")
    parser.add_argument("--agent-url", help="of a stand-in behind ElevenLabs' wire")
    parser.add_argument("--unrecorded", action="store_true")
    service.serve(opened, parser.parse_args())
