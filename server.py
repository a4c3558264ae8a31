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
from convai.desk.desk import Desk
from convai.local.process import LocalProcess
from convai.profile import Profile
from convai.providers.provider import Provider
from rtc.housekeeping import Housekeeping
from rtc.media import Media, Options
from rtc.meetings import Meetings
from rtc.minutes import MakeMinutes
from rtc.outcome import Limits
from rtc.pages import page_routes, secure
from rtc.problem import problems
from rtc.recording.writer import Writer
from rtc.signaling import MOST_OFFER, Signaling
from rtc.startup import addresses
from rtc.startup.agents import casting_of, profiles_of, provider_of
from rtc.startup.banner import banner, shows_qr
from rtc.startup.books import Books, announcement_of, opened
from rtc.startup.certificate import CertificateError, Https, https
from rtc.startup.desk import minutes_of, office_of, public_url, shown_of
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
        # Each request, candidate pair and step of a migration: too much for people.
        for chatty in ("aiohttp.access", "aioice", "aiortc", "alembic"):
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
    profile, profiles = profiles_of(settings)
    local = LocalProcess(_flags(settings))
    providers = [provider_of(name, settings, profile, local) for name in settings.agent]
    casting = casting_of(settings, providers, profile, profiles)
    announcement, office = announcement_of(settings), office_of(settings)
    secured = https(
        settings.tls,
        settings.certificates,
        addresses.host_names(),
        addresses.local_addresses(),
        datetime.now(UTC),
    )
    with Writer() as writer:
        async with AsyncExitStack() as stack:
            desk = await stack.enter_async_context(office.opened())
            books = await stack.enter_async_context(
                opened(settings, writer, announcement, desk)
            )
            if "local" in settings.agent:
                await stack.enter_async_context(local)
            media = await stack.enter_async_context(_media(settings))
            minutes = await stack.enter_async_context(minutes_of(desk))
            switchboard = await stack.enter_async_context(
                _switchboard(settings, casting, books, media, minutes)
            )
            app = _app(
                settings, switchboard, providers, profiles.values(), profile, desk
            )
            history = books.history(switchboard.live, settings.history_password)
            app.add_routes(history.routes())
            port = await stack.enter_async_context(_listening(settings, app, secured))
            url = _public_url(settings, port, secured)
            await stack.enter_async_context(desk.open(url, books.keeper.amend))
            stop = _stop_on_signals(switchboard)
            _announce(settings, port, secured)
            await stop.wait()
            await _drained(switchboard, settings.drain_s)


async def _drained(switchboard: Switchboard, grace_s: float) -> None:
    if len(switchboard):
        log.info(
            "stopping: calls have %g s to end; ask again to end them now (%d)",
            grace_s,
            len(switchboard),
        )
    await switchboard.drain(grace_s)


@asynccontextmanager
async def _media(settings: Settings) -> AsyncIterator[Media]:
    with Housekeeping(time.perf_counter) as housekeeping:
        async with Media(_options(settings), housekeeping=housekeeping) as media:
            yield media


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
    settings: Settings,
    casting: Casting,
    books: Books,
    media: Media,
    minutes: MakeMinutes,
) -> Switchboard:
    return Switchboard(
        casting,
        books.recordings,
        media,
        limits=Limits(
            setup_s=settings.setup_timeout_s,
            silence_s=settings.silence_timeout_s,
            call_s=settings.max_call_s or NO_LIMIT_S,
        ),
        max_calls=settings.max_calls,
        ice_address=settings.ice_address,
        minutes=minutes,
    )


def _app(
    settings: Settings,
    switchboard: Switchboard,
    providers: Sequence[Provider],
    profiles: Iterable[Profile],
    profile: Profile,
    desk: Desk,
) -> web.Application:
    app = web.Application(middlewares=[secure, problems], client_max_size=MOST_OFFER)
    signaling = Signaling(
        switchboard,
        agents={provider.name: provider.title for provider in providers},
        profiles={one.name: one.shown for one in profiles},
        profile=profile.name,
        ice_servers=settings.ice_servers,
        version=version(),
        recording=settings.recording,
        meetings=shown_of(desk.rules),
    )
    app.add_routes(signaling.routes())
    app.add_routes(Meetings(desk).routes())
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


def _public_url(settings: Settings, port: int, secured: Https | None) -> str:
    found, way_out = addresses.local_addresses(), addresses.routed()
    return public_url(settings, port, secured, found, way_out)


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
