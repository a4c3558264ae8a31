"""Agents: from the settings to who can answer a call.

Each function raises SettingsError for what turns out wrong only here.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

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

from .settings import Settings

__all__ = ["casting_of", "profiles_of", "provider_of"]

log = logging.getLogger(__name__)


def profiles_of(settings: Settings) -> tuple[Profile, dict[str, Profile]]:
    """The one that is played unless a caller asks for another, and all on offer."""
    own = settings.profiles if settings.profiles.is_dir() else None
    try:
        chosen = load(settings.profile, own)
        return chosen, {**offered(own), chosen.name: chosen}
    except ProfileError as error:
        raise settings.wrong("profile", str(error)) from error


def provider_of(
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


def casting_of(
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
