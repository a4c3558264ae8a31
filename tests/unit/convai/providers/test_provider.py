"""A provider in a list of them."""

from __future__ import annotations

from convai.agent import Agent, AgentUnavailable
from convai.brief import Brief
from convai.profile import Profile
from convai.providers.provider import Provider


def closed(brief: Brief) -> Agent:
    raise AgentUnavailable("closed")


def test_fields_that_are_left_out_for_one_reason_are_told_together():
    def unsupported(profile: Profile) -> list[str]:
        return ["a: not here: no", "b: never", "voice.id: not here: no", "a: never"]

    one = Provider("one", "Number One", closed, unsupported)
    told = one.left_out(Profile(name="p"))
    assert told == ["a, voice.id: not here: no", "b, a: never"]


def test_only_its_names_are_printed():
    def takes_all(profile: Profile) -> list[str]:
        return []

    shown = repr(Provider("one", "Number One", closed, takes_all))
    assert shown == "Provider(name='one', title='Number One', renew_s=None)"
