"""Casting: who begins, who follows, what they are told, and what is unknown."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from convai.agent import AgentUnavailable
from convai.brief import Brief
from convai.cast import UnknownAgent, UnknownProfile, Wish
from convai.casting import Casting, facts
from convai.events import Handover, Ready, Usage
from convai.profile import DEFAULT, Profile
from convai.providers.provider import Provider
from convai.tools.toolbox import ToolboxError

NOW = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)


class Absent:
    """An agent that cannot be reached, and remembers what it was told."""

    input_rate = output_rate = 16_000

    def __init__(self, asked: list[tuple[str, Brief]], name: str, brief: Brief) -> None:
        asked.append((name, brief))

    async def __aenter__(self) -> Absent:
        raise AgentUnavailable("not here")

    async def __aexit__(self, *exc: object) -> None: ...


class Stage:
    def __init__(self, *names: str, **more: Any) -> None:
        self.asked: list[tuple[str, Brief]] = []
        self.paid: list[tuple[str, str]] = []
        self.profiles = {
            "default": DEFAULT,
            "sarah": Profile(name="sarah", first_message="Hi.", tools=("end_call",)),
        }
        self.casting = Casting(
            [self._provider(name) for name in names],
            self.profiles,
            **{"profile": "default", "now": lambda: NOW, **more},
        )

    def _provider(self, name: str) -> Provider:
        def make(brief: Brief) -> Any:
            return Absent(self.asked, name, brief)

        async def bill(conversation: str) -> Usage | None:
            self.paid.append((name, conversation))
            return Usage({"cost_usd": 1.0}) if name == "a" else None

        return Provider(name, name.upper(), make, lambda profile: [], bill=bill)

    async def tried(self, **wish: str) -> list[str]:
        """The agents asked, in order, when none can be reached."""
        cast = self.casting(Wish(**wish))
        with pytest.raises(AgentUnavailable):
            await cast.agent.__aenter__()
        return [name for name, _ in self.asked]


async def test_the_first_begins_and_the_others_follow() -> None:
    assert await Stage("a", "b", "c").tried() == ["a", "b", "c"]


async def test_a_caller_may_choose_who_begins() -> None:
    assert await Stage("a", "b", "c").tried(agent="b") == ["b", "a", "c"]


async def test_the_agent_is_told_its_part_and_the_day_where_the_caller_is() -> None:
    stage = Stage("a")
    await stage.tried(profile="sarah", zone="Europe/Vienna")
    ((_, brief),) = stage.asked
    assert brief.profile is stage.profiles["sarah"]
    assert [tool.name for tool in brief.tools] == ["end_call"]
    assert brief.variables == {
        "today": "2026-11-23",
        "weekday": "Monday",
        "now": "00:30",
        "zone": "Europe/Vienna",
    }


@pytest.mark.parametrize("zone", ["", "Nowhere/At all", "../../etc/passwd", "\0", "a/"])
def test_a_zone_that_nobody_knows_is_utc(zone: str) -> None:
    cast = Stage("a").casting(Wish(zone=zone))
    assert cast.agent_name == "a"
    assert facts(NOW, "UTC")["weekday"] == "Sunday"


def test_what_is_not_on_offer_is_named_and_so_is_what_is() -> None:
    casting = Stage("a", "b").casting
    with pytest.raises(UnknownAgent, match="'c'; known: a, b"):
        casting(Wish(agent="c"))
    with pytest.raises(UnknownProfile, match="'c'; known: default, sarah"):
        casting(Wish(profile="c"))


def test_the_servers_profile_is_played_unless_another_is_asked_for() -> None:
    casting = Stage("a", profile="sarah").casting
    assert casting(Wish()).profile_name == "sarah"
    assert casting(Wish()).greets
    assert casting(Wish(profile="default")).profile_name == "default"
    assert not casting(Wish(profile="default")).greets


def test_every_call_has_the_tools_that_everybody_has() -> None:
    for profile in ("default", "sarah"):
        toolbox = Stage("a").casting(Wish(profile=profile)).toolbox
        assert toolbox.has("book_meeting")
        assert toolbox.has("end_call")
        assert not toolbox.has("dance")


def test_a_tool_that_there_is_not_is_found_at_the_start() -> None:
    wrong = {"wrong": Profile(name="wrong", tools=("no.such:tool",))}
    with pytest.raises(ToolboxError):
        Casting([], wrong, profile="wrong")


async def test_each_conversation_is_paid_at_its_provider() -> None:
    stage = Stage("a", "b")
    cast = stage.casting(Wish())
    cast.note(Ready("conv_1", 16_000, 16_000))
    cast.note(Handover("b", "a", "agent-lost", "conv_2"))
    assert await cast.bills() == [Usage({"cost_usd": 1.0})]
    assert stage.paid == [("a", "conv_1"), ("b", "conv_2")]


async def test_who_was_passed_over_is_not_asked_what_it_cost() -> None:
    stage = Stage("a", "b")
    cast = stage.casting(Wish())
    cast.note(Ready("conv_1", 16_000, 16_000))
    cast.note(Handover("b", "a", "agent-unavailable", "conv_1"))
    assert await cast.bills() == []
    assert stage.paid == [("b", "conv_1")]


def test_a_tool_whose_parameters_nobody_can_check_is_found_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "parley_test_broken.py").write_text(
        "from typing import Annotated\n"
        "from pydantic import Field\n"
        "Odd = Annotated[int, Field(json_schema_extra={'minimum': 'a'})]\n"
        "def it(x: Odd) -> str:\n    'Do.'\n    return ''\n"
    )
    wrong = Profile(name="wrong", tools=("parley_test_broken:it",))
    with pytest.raises(ToolboxError, match="its parameters"):
        Casting([], {"wrong": wrong}, profile="wrong")
