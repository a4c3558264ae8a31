"""The command: `python -m convai.provision PROFILE`.

Exit status: 0 done, also when nothing was to be done; 1 ElevenLabs could not be read or
written; 2 the command, the profile or the environment is not right.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values  # comes with pydantic-settings

from .. import profile_files as profiles
from ..elevenlabs.hosts import REGIONS
from ..profile import ProfileError
from ..tools.registry import resolve
from ..tools.toolbox import ToolboxError
from .account import Account, AccountError
from .dialect import DialectError
from .wanted import OUTPUT_FORMATS
from .work import Order, provision

__all__ = ["main"]


NO_KEY = (
    "ELEVENLABS_API_KEY is not set; a key is made at"
    " https://elevenlabs.io/app/settings/api-keys"
)


def main(
    arguments: list[str] | None = None, environ: Mapping[str, str] | None = None
) -> int:
    """Run the command; returns its exit status."""
    environ = _environment() if environ is None else environ
    given = _parser().parse_args(arguments)
    try:
        order = _order(given)
    except (ProfileError, ToolboxError) as error:
        return _failed(error, 2)
    key = environ.get("ELEVENLABS_API_KEY", "").strip()
    if not key:
        return _failed(NO_KEY, 2)
    base_url = given.base_url or environ.get("ELEVENLABS_BASE_URL") or "global"
    try:
        agent_id = asyncio.run(_provision(base_url, key, order))
    except DialectError as error:
        return _failed(f"a tool cannot be told to ElevenLabs: {error}", 2)
    except AccountError as error:
        return _failed(error, 1)
    if order.agent_id is None and agent_id is not None:
        _say(f"Made agent {agent_id}. To talk with it:")
        _say(f"export ELEVENLABS_AGENT_ID={agent_id}")
    return 0


async def _provision(base_url: str, key: str, order: Order) -> str | None:
    async with Account(base_url, key) as account:
        return await provision(account, order, _say)


def _order(given: argparse.Namespace) -> Order:
    """Raises ProfileError, ToolboxError."""
    own = given.profiles if given.profiles.is_dir() else None
    profile = profiles.load(given.profile, own)
    # Only descriptions of the tools are wanted here; none of them is used.
    tools = resolve(profile.tools, zone="UTC", now=lambda: datetime.now(UTC))
    return Order(
        profile=profile,
        tools=tools,
        agent_id=given.agent_id or profile.elevenlabs.agent_id,
        name=given.name,
        output_format=given.output_format,
        dry_run=given.dry_run,
    )


def _environment() -> dict[str, str]:
    """The process's, and what a file `.env` here adds to it, as for the server."""
    try:
        text = Path(".env").read_text("utf-8-sig")
    except (OSError, ValueError):
        text = ""  # the server says what is wrong with it; here the key is missing
    found = dotenv_values(stream=StringIO(text), interpolate=False)
    return {key: value for key, value in found.items() if value} | dict(os.environ)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _failed(why: object, status: int) -> int:
    sys.stderr.write(f"error: {why}\n")
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m convai.provision",
        description="Create or update an ElevenLabs agent from a profile. What the"
        " profile does not say stays as it is. Needs ELEVENLABS_API_KEY, from the"
        " environment or a file .env here.",
    )
    add = parser.add_argument
    add("profile", metavar="PROFILE", help="name of a profile, or path of a .toml file")
    add(
        "--agent-id",
        metavar="ID",
        help="the agent to update (agent_id in the profile; without, a new one)",
    )
    add("--dry-run", action="store_true", help="show what would change, change nothing")
    add("--name", help="of the agent (a new one gets the profile's title)")
    add(
        "--output-format",
        choices=OUTPUT_FORMATS,
        help="of the agent's voice (what it has, if that will do)",
    )
    add(
        "--profiles",
        type=Path,
        metavar="DIR",
        default=Path("profiles"),
        help="a folder of your own profiles (%(default)s)",
    )
    add(
        "--base-url",
        metavar="URL",
        help=f"one of {', '.join(REGIONS)}, or a URL (ELEVENLABS_BASE_URL)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
