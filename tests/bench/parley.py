"""Parley as a server under test. Each use of its constructors is in this file.

The parts are those of `server.py`; only the agent is a stand-in, in the same process
unless `--agent-url` says otherwise.
"""

from __future__ import annotations

import argparse
import asyncio
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
from rtc import recordings
from rtc.housekeeping import Housekeeping
from rtc.media import Media, Options
from rtc.outcome import Limits
from rtc.problem import problems
from rtc.recording.writer import Writer
from rtc.recordings import Recordings
from rtc.signaling import MOST_OFFER, Signaling
from rtc.switchboard import Switchboard

from . import service
from .alternating import Alternating, alternate
from .standin import StandIns

__all__ = ["opened"]

NAME = "stand-in"
MOST_CALLS = 1000


@asynccontextmanager
async def opened(
    chosen: argparse.Namespace, agents: StandIns
) -> AsyncIterator[web.Application]:
    """The application, and the switchboard behind it."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        writer = stack.enter_context(Writer())
        housekeeping = stack.enter_context(Housekeeping(time.perf_counter))
        options = Options(lean=chosen.media == "lean")
        media = await stack.enter_async_context(
            Media(options, housekeeping=housekeeping)
        )
        if chosen.alternate:
            patch = mock.patch.object(recordings, "Recorder", Alternating)
            stack.enter_context(patch)
            tasks = await stack.enter_async_context(asyncio.TaskGroup())
            task = tasks.create_task(alternate(chosen.window, chosen.alternate))
            stack.callback(task.cancel)
        make: Callable[[], Agent] = agents.next
        if chosen.agent_url:
            make = partial(
                elevenlabs_agent, base_url=chosen.agent_url, agent_id="stand-in"
            )
        board = await stack.enter_async_context(
            Switchboard(
                lambda wish: Cast(agent=make(), agent_name=NAME),
                Recordings(
                    folder=folder,
                    writer=writer,
                    mode="off" if chosen.unrecorded else "on",
                ),
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
    parser.add_argument("--alternate", type=Path, help="record every other --window")
    parser.add_argument("--window", type=float, default=4.0, help="seconds")
    service.serve(opened, parser.parse_args())
