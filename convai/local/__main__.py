"""The command: `python -m convai.local`.

Prints one line, `listening http://HOST:PORT`, to stdout when it takes conversations;
everything else goes to stderr. Ends in good order on SIGTERM, SIGINT and, when asked
to, on the end of stdin.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from . import engines, models
from .config import DEFAULT_AGENT, DEFAULT_SCRIPT, Config, agents
from .formats import FORMATS
from .scripts import SCRIPTS
from .server import AgentServer

__all__ = ["main"]

log = logging.getLogger("convai.local")

SHUTDOWN_S = 1.0
"For running conversations to say good-bye; the whole end takes less than two."


def main(arguments: list[str] | None = None) -> int:
    """Run until told to stop."""
    given = _parser().parse_args(arguments)
    stamp = "" if given.stdin_is_parent else "%(asctime)s "
    logging.basicConfig(
        stream=sys.stderr,
        level=given.log_level.upper(),
        # Whoever started us as a child has a clock, and reads the level first.
        format=f"{stamp}%(levelname)s %(name)s: %(message)s",
    )
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    folder = given.models or models.default_folder(os.environ)
    return asyncio.run(_run(given, _config(given), folder))


async def _run(given: argparse.Namespace, config: Config, folder: Path) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    found = models.locate(folder)
    if None in (found.vosk, found.silero, found.smart_turn):
        log.warning(
            "model files are missing in %s; this gets them: %s",
            folder,
            models.command(folder),
        )
    async with asyncio.TaskGroup() as group:
        if given.stdin_is_parent:
            parent = group.create_task(_parent_gone(stop))
        loaded = await engines.load(found, config)
        fixed = config.agents[DEFAULT_AGENT].fixed
        preparing = group.create_task(loaded.mouth.prepare(fixed))
        status = await _serve(given.host, given.port, AgentServer(config, loaded), stop)
        preparing.cancel()
        if given.stdin_is_parent:
            parent.cancel()
        loaded.close()
    return status


async def _serve(host: str, port: int, server: AgentServer, stop: asyncio.Event) -> int:
    runner = web.AppRunner(server.app(), shutdown_timeout=SHUTDOWN_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        name = f"[{host}]" if ":" in host else host
        sys.stdout.write(f"listening http://{name}:{runner.addresses[0][1]}\n")
        sys.stdout.flush()
        await stop.wait()
    except OSError as error:
        log.error("cannot listen on %s port %s: %s", host, port, error.strerror)
        return 1
    finally:
        await runner.cleanup()
    return 0


async def _parent_gone(stop: asyncio.Event) -> None:
    """Our parent holds the other end of stdin: even its `kill -9` closes it."""
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    try:
        while await reader.read(1024):
            pass
        log.info("the parent process is gone")
        stop.set()
    finally:
        transport.close()


def _config(given: argparse.Namespace) -> Config:
    overrides = None
    if given.allow_overrides != "all":
        names = "" if given.allow_overrides == "none" else given.allow_overrides
        overrides = frozenset(name for name in names.split(",") if name)
    return Config(
        agents=agents(given.script, tuple(given.agent_id)),
        api_key=given.api_key,
        overrides=overrides,
        input=FORMATS[given.input_format],
        output=FORMATS[given.output_format],
        max_conversations=given.max_conversations,
        queue_wait_s=given.queue_wait_s,
        max_duration_s=given.max_duration_s,
        inactivity_s=given.inactivity_s,
    )


def _parser() -> argparse.ArgumentParser:
    default = Config()
    parser = argparse.ArgumentParser(
        prog="python -m convai.local",
        description="A voice agent that speaks the ElevenLabs wire and needs no key.",
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    add("--port", type=int, default=8766, help="0: a free one (%(default)s)")
    add(
        "--script",
        choices=sorted(SCRIPTS),
        default=DEFAULT_SCRIPT,
        help="what the agent `local` follows; every script is also an agent by its"
        " own name (%(default)s)",
    )
    add("--models", type=Path, help="folder of the model files (the user's cache)")
    add("--agent-id", action="append", default=[], help="another agent id to answer")
    add("--api-key", help="makes agents private: a made-up key for tests")
    add(
        "--allow-overrides",
        default="all",
        metavar="all|none|NAME,...",
        help="fields that clients may override, such as first_message,speed (all)",
    )
    _add_limits(add, default)
    return parser


def _add_limits(add: Callable[..., argparse.Action], default: Config) -> None:
    """Formats, limits, and what a parent process wants."""
    for name, given in (("input", default.input), ("output", default.output)):
        add(
            f"--{name}-format",
            choices=FORMATS,
            default=given.name,
            metavar="FORMAT",
            help="pcm_8000 to pcm_48000 or ulaw_8000 (%(default)s)",
        )
    for flag, kind, help_ in (
        ("max_conversations", int, "at once; more have to wait (%(default)s)"),
        ("queue_wait_s", float, "longest wait for a place, seconds (%(default)s)"),
        ("max_duration_s", float, "of a conversation, seconds (%(default)s)"),
        ("inactivity_s", float, "without a message, seconds (%(default)s)"),
    ):
        flags = "--" + flag.replace("_", "-")
        add(flags, type=kind, default=getattr(default, flag), help=help_)
    add("--stdin-is-parent", action="store_true", help="exit when stdin ends")
    add("--log-level", default="info", choices=["debug", "info", "warning", "error"])


if __name__ == "__main__":
    sys.exit(main())
