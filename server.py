"""Parley's command: settings, certificate, wiring of the parts, signals.

    python server.py --help

Only this file reads the environment. It exits with 0 after an orderly stop, with 2
when a setting is wrong, with 1 when the server could not start for another reason.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from ipaddress import ip_address

from aiohttp import web

from convai.agent import AgentError
from convai.casting import Casting
from convai.local.process import LocalProcess
from convai.metrics import prices_file
from convai.metrics.prices import PricesError
from convai.profile import Profile, ProfileError
from convai.profile_files import load, offered
from convai.providers import (
    elevenlabs as provider_elevenlabs,
)
from convai.providers import (
    local as provider_local,
)
from convai.providers import (
    openai as provider_openai,
)
from convai.providers.provider import Provider
from convai.tools.toolbox import ToolboxError
from rtc.housekeeping import Housekeeping
from rtc.media import Media, Options
from rtc.outcome import Limits
from rtc.pages import page_routes, secure
from rtc.problem import problems
from rtc.recording.writer import Writer
from rtc.signaling import MOST_OFFER, Signaling
from rtc.startup import addresses
from rtc.startup.banner import banner, shows_qr
from rtc.startup.certificate import CertificateError, Https, https
from rtc.startup.manual import version
from rtc.startup.settings import Settings, SettingsError
from rtc.switchboard import Switchboard

__all__ = ["main"]

log = logging.getLogger("parley")

NO_LIMIT_S = 30 * 24 * 3600.0
"A call without a time limit still ends within a month."

CLOSE_S = 2.0
"Seconds that HTTP requests under way are given at the end."


def main() -> int:
    """Run the server until it is told to stop; returns the exit status."""
    try:
        _run(Settings.load(sys.argv[1:], os.environ))
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except (AgentError, OSError) as error:
        sys.stderr.write(f"the server cannot start: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _run(settings: Settings) -> None:
    """Raises SettingsError for a setting that turns out wrong only now."""
    try:
        logging.basicConfig(
            level=settings.log_level.upper(),
            format="%(asctime)s %(levelname)-7s %(name)s: %(message)s",
        )
        # aiohttp logs each request, aioice each candidate pair: too much for people.
        for chatty in ("aiohttp.access", "aioice", "aiortc"):
            logging.getLogger(chatty).setLevel(logging.WARNING)
        for unused in settings.unused():
            log.warning("%s is set, but this version does not use it yet", unused)
        asyncio.run(_serve(settings))
    except CertificateError as error:
        raise settings.wrong(error.setting, str(error)) from error


def _check(settings: Settings) -> None:
    """What can only be known here. Raises SettingsError."""
    media = settings.ice_address
    if media and not addresses.belongs_here(ip_address(media)):
        text = f"{media} is not an address of this machine"
        raise settings.wrong("ice_address", text)
    try:
        settings.recordings.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.recordings):
            pass
    except OSError as error:
        why = f"{settings.recordings} cannot be written to: {error.strerror}"
        raise settings.wrong("recordings", why) from error


async def _serve(settings: Settings) -> None:
    _check(settings)
    # Whatever is wrong with a setting is told before anything is started.
    profile, profiles = _profiles(settings)
    local = LocalProcess(_flags(settings))
    providers = [_provider(name, settings, profile, local) for name in settings.agent]
    casting = _casting(settings, providers, profile, profiles)
    secured = https(
        settings.tls,
        settings.certificates,
        addresses.host_names(),
        addresses.local_addresses(),
        datetime.now(UTC),
    )
    with Writer() as writer:
        async with AsyncExitStack() as stack:
            if "local" in settings.agent:
                await stack.enter_async_context(local)
            housekeeping = stack.enter_context(Housekeeping(time.perf_counter))
            media = await stack.enter_async_context(
                Media(_options(settings), housekeeping=housekeeping)
            )
            switchboard = await stack.enter_async_context(
                _switchboard(settings, casting, writer, media)
            )
            app = _app(settings, switchboard, providers, profiles.values(), profile)
            port = await stack.enter_async_context(_listening(settings, app, secured))
            stop = _stop_on_signals(switchboard)
            _announce(settings, port, secured)
            await stop.wait()
            if len(switchboard):
                log.info(
                    "stopping: calls have %g s to end; ask again to end them now (%d)",
                    settings.drain_s,
                    len(switchboard),
                )
            await switchboard.drain(settings.drain_s)


def _stop_on_signals(switchboard: Switchboard) -> asyncio.Event:
    """Set by the first SIGTERM or SIGINT; another one ends the calls at once."""
    stop = asyncio.Event()

    def ask() -> None:
        if stop.is_set():
            switchboard.end_all()
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ask)
    return stop


def _profiles(settings: Settings) -> tuple[Profile, dict[str, Profile]]:
    """The one that is played unless a caller asks for another, and all on offer."""
    own = settings.profiles if settings.profiles.is_dir() else None
    try:
        chosen = load(settings.profile, own)
        return chosen, {**offered(own), chosen.name: chosen}
    except ProfileError as error:
        raise settings.wrong("profile", str(error)) from error


def _provider(
    name: str, settings: Settings, profile: Profile, local: LocalProcess
) -> Provider:
    if name == "local":
        return provider_local.provider(lambda: local.url)
    if name == "elevenlabs":
        return _elevenlabs(settings, profile)
    return _openai(settings)


def _elevenlabs(settings: Settings, profile: Profile) -> Provider:
    key = settings.elevenlabs_api_key
    if not settings.elevenlabs_agent_id and not profile.elevenlabs.agent_id:
        why = "elevenlabs needs ELEVENLABS_AGENT_ID, or a profile with an agent_id"
        raise settings.wrong("agent", why)
    return provider_elevenlabs.provider(
        agent_id=settings.elevenlabs_agent_id or "",
        api_key=key.get_secret_value() if key else None,
        base_url=settings.elevenlabs_base_url,
    )


def _openai(settings: Settings) -> Provider:
    key = settings.openai_api_key
    if key is None:
        raise settings.wrong("agent", "openai needs OPENAI_API_KEY, which is not set")
    return provider_openai.provider(
        api_key=key.get_secret_value(),
        base_url=settings.openai_base_url,
        model=settings.openai_model,
    )


def _casting(
    settings: Settings,
    providers: Sequence[Provider],
    profile: Profile,
    profiles: dict[str, Profile],
) -> Casting:
    try:
        table = prices_file.read(settings.prices or prices_file.SHIPPED)
        casting = Casting(providers, profiles, profile=profile.name, prices=table)
    except PricesError as error:
        raise settings.wrong("prices", str(error)) from error
    except ToolboxError as error:
        raise settings.wrong("profile", str(error)) from error
    shipped = offered()
    for one in profiles.values():
        # Nobody asked for the example that ships: no word of it until somebody does.
        if one is profile or one != shipped.get(one.name):
            _report(one, providers)
    return casting


def _report(profile: Profile, providers: Sequence[Provider]) -> None:
    for provider in providers:
        if lines := provider.left_out(profile):
            told = "".join(f"\n    {line}" for line in lines)
            title = provider.title
            log.warning("%s leaves out of profile %s:%s", title, profile.name, told)


def _flags(settings: Settings) -> list[str]:
    """What the embedded agent has to know of ours."""
    flags = ["--max-conversations", str(settings.max_calls)]
    flags += ["--max-duration-s", str(settings.max_call_s or NO_LIMIT_S)]
    return flags + (["--models", str(settings.models)] if settings.models else [])


def _options(settings: Settings) -> Options:
    return Options(
        lean=settings.media == "lean",
        bit_rate=settings.opus_bit_rate,
        complexity=settings.opus_complexity,
        chunk_ms=settings.agent_chunk_ms,
        barge_in=settings.barge_in,
    )


def _switchboard(
    settings: Settings, casting: Casting, writer: Writer, media: Media
) -> Switchboard:
    return Switchboard(
        casting,
        writer,
        settings.recordings,
        media,
        limits=Limits(
            setup_s=settings.setup_timeout_s,
            silence_s=settings.silence_timeout_s,
            call_s=settings.max_call_s or NO_LIMIT_S,
        ),
        max_calls=settings.max_calls,
        ice_address=settings.ice_address,
    )


def _app(
    settings: Settings,
    switchboard: Switchboard,
    providers: Sequence[Provider],
    profiles: Iterable[Profile],
    profile: Profile,
) -> web.Application:
    app = web.Application(middlewares=[secure, problems], client_max_size=MOST_OFFER)
    signaling = Signaling(
        switchboard,
        agents={provider.name: provider.title for provider in providers},
        profiles={one.name: one.shown for one in profiles},
        profile=profile.name,
        ice_servers=settings.ice_servers,
        version=version(),
    )
    app.add_routes(signaling.routes())
    app.add_routes(page_routes())
    return app


@asynccontextmanager
async def _listening(
    settings: Settings, app: web.Application, secured: Https | None
) -> AsyncIterator[int]:
    """The app, served; gives the port, which may have been any free one."""
    runner = web.AppRunner(app, shutdown_timeout=CLOSE_S)
    await runner.setup()
    try:
        site = web.TCPSite(
            runner,
            settings.host,
            settings.port,
            ssl_context=secured.context if secured else None,
        )
        try:
            await site.start()
        except OSError as error:
            raise _not_listening(settings, error) from error
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


def _not_listening(settings: Settings, error: OSError) -> SettingsError:
    """Why the port or the host cannot be had, in one line."""
    name = "host" if isinstance(error, socket.gaierror) else "port"
    # asyncio puts the address once more into a text of its own.
    known = error.errno is not None and error.errno > 0
    why = os.strerror(error.errno) if known and error.errno else str(error.strerror)
    where = f"{settings.host}:{settings.port}"
    return settings.wrong(name, f"cannot listen on {where}: {why.lower()}")


def _announce(settings: Settings, port: int, secured: Https | None) -> None:
    text = banner(
        settings.host,
        port,
        secured,
        addresses.local_addresses(),
        addresses.routed(),
        qr=shows_qr(sys.stdout),
    )
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
