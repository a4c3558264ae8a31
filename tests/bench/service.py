"""What the servers under test have in common: arguments, HTTP on loopback, the end.

It says `ready PORT` when calls may come, and on SIGTERM writes the agents' log.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from aiohttp import web

from .standin import Behaviour, StandIns

__all__ = ["Opening", "arguments", "serve"]

Opening = Callable[
    [argparse.Namespace, StandIns], AbstractAsyncContextManager[web.Application]
]
"Opens a server: its application, which takes `POST /offer`, as a context."


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--interrupts", action="store_true")
    parser.add_argument("--kept", type=int, default=2)
    return parser


def serve(opening: Opening, chosen: argparse.Namespace) -> None:
    logging.basicConfig(level=logging.WARNING)
    agents = StandIns(Behaviour(chosen.interrupts, chosen.kept))
    asyncio.run(_serve(opening, chosen, agents))
    agents.save(chosen.log)


async def _serve(
    opening: Opening, chosen: argparse.Namespace, agents: StandIns
) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with opening(chosen, agents) as app:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            sys.stdout.write(f"ready {runner.addresses[0][1]}\n")
            sys.stdout.flush()
            await stop.wait()
        finally:
            await runner.cleanup()
