"""A provider in a list of them."""

from __future__ import annotations

from convai.agent import Agent, AgentUnavailable
from convai.brief import Brief
from convai.profile import Profile
from convai.providers.provider import Provider


def test_only_its_names_are_printed():
    def key_in_a_name(brief: Brief) -> Agent:
        raise AgentUnavailable("closed")

    def takes_all(profile: Profile) -> list[str]:
        return []

    shown = repr(Provider("one", "Number One", key_in_a_name, takes_all))
    assert shown == "Provider(name='one', title='Number One', renew_s=None)"
