"""Casting: for each call, an agent made of providers, a profile and tools.

The agents on offer stand in the order in which they go on when one of them fails; a
caller may choose who begins, and the profile that they all play.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from .brief import Brief
from .cast import Cast, UnknownAgent, UnknownProfile, Wish
from .events import Event, Handover, Ready, Usage
from .meeting.meeting import known_zone
from .metrics.metrics import Metrics
from .metrics.prices import Prices
from .profile import Profile, Value
from .providers.provider import Provider
from .succession.succession import Candidate, Succession
from .tools.booking import WEEKDAYS
from .tools.registry import BUILT_IN, resolve
from .tools.toolbox import Toolbox

__all__ = ["Casting", "facts"]

log = logging.getLogger(__name__)


def _utc() -> datetime:
    return datetime.now(UTC)


class Casting:
    """Of one server; call it with a caller's wish."""

    def __init__(
        self,
        providers: Sequence[Provider],
        profiles: Mapping[str, Profile],
        *,
        profile: str,
        prices: Prices | None = None,
        now: Callable[[], datetime] = _utc,
    ) -> None:
        """`profile` is whose part is played when nobody asks for another.

        Raises ToolboxError when a profile names a tool that there is not, or that
        cannot be offered.
        """
        self._providers = {provider.name: provider for provider in providers}
        self._profiles = profiles
        self._profile = profile
        self._prices = prices
        self._now = now
        self._candidates = {
            it.name: Candidate(name=it.name, make=it.make, renew_s=it.renew_s)
            for it in providers
        }
        for one in profiles.values():
            Toolbox(resolve(one.tools, zone="UTC", now=now))

    def __call__(self, wish: Wish) -> Cast:
        """Who plays in a call. Raises CastingError."""
        order = self._order(wish.agent)
        profile = self._wanted(wish.profile)
        # Strangers may send any text; a meeting without a zone of its own is in UTC.
        zone = wish.zone if wish.zone and known_zone(wish.zone) else "UTC"
        tools = resolve(profile.tools, zone=zone, now=self._now)
        # Agents may have been set up elsewhere with the tools that everybody has.
        taken = {tool.name for tool in tools}
        more = [name for name in BUILT_IN if name not in taken]
        brief = Brief(profile=profile, tools=tools, facts=facts(self._now(), zone))
        agent = Succession([self._candidates[name] for name in order], brief)
        payer = _Payer(self._providers, order[0])
        return Cast(
            agent=agent,
            agent_name=order[0],
            leader=lambda: agent.leader,
            profile_name=profile.name,
            speaker=profile.speaker or "",
            greets=bool(brief.first_message),
            toolbox=Toolbox(tools + resolve(more, zone=zone, now=self._now)),
            metrics=Metrics(order[0], self._prices),
            fail=agent.fail,
            note=payer.note,
            bills=payer.bills,
        )

    def _order(self, wanted: str) -> list[str]:
        """The one who begins, and those who follow when it fails."""
        names = list(self._providers)
        if not wanted:
            return names
        if wanted not in names:
            known = ", ".join(names)
            raise UnknownAgent(f"there is no agent {wanted!r}; known: {known}")
        return [wanted, *(name for name in names if name != wanted)]

    def _wanted(self, name: str) -> Profile:
        profile = self._profiles.get(name or self._profile)
        if profile is None:
            known = ", ".join(self._profiles)
            raise UnknownProfile(f"there is no profile {name!r}; known: {known}")
        return profile


class _Payer:
    """Remembers the conversations of one call, and asks what they cost."""

    def __init__(self, providers: Mapping[str, Provider], first: str) -> None:
        self._providers = providers
        self._first = first
        self._conversations: list[tuple[str, str]] = []

    def note(self, event: Event) -> None:
        match event:
            case Ready(conversation):
                self._conversations.append((self._first, conversation))
            case Handover(agent, conversation=conversation):
                # The one who was to begin was not there: no conversation of its own.
                self._conversations = [
                    it for it in self._conversations if it[1] != conversation
                ]
                self._conversations.append((agent, conversation))

    async def bills(self) -> list[Usage]:
        found = []
        for agent, conversation in self._conversations:
            bill = self._providers[agent].bill
            if bill is not None and (usage := await bill(conversation)) is not None:
                found.append(usage)
        return found


def facts(now: datetime, zone: str) -> dict[str, Value]:
    """What every agent is told of the world: variables of its prompt."""
    here = now.astimezone(known_zone(zone))
    return {
        "today": here.date().isoformat(),
        "weekday": WEEKDAYS[here.weekday()],
        "now": f"{here:%H:%M}",
        "zone": zone,
    }
