"""Sarah's profile: it parses, says what it must, and leaves no placeholder open."""

from __future__ import annotations

import re

import pytest

from convai.brief import Brief
from convai.local.scripts import SCRIPTS
from convai.profile import Profile
from convai.profile_files import load

FACTS = {
    "today": "2026-11-22",
    "weekday": "Sunday",
    "now": "10:00",
    "zone": "Europe/Vienna",
}
OPENING = (
    "Hi Nat this is Sarah from American Funds. I'm calling because we noticed you've "
    "been looking at ETF products on our webpage, and many advisors like yourself are "
    "looking for better ETF solutions. Do you have a few minutes to discuss what "
    "you're seeing with your clients right now?"
)


@pytest.fixture
def sarah() -> Profile:
    return load("sarah")


def test_who_she_is(sarah: Profile) -> None:
    assert sarah.speaker == "Sarah" and sarah.language == "en"
    assert sarah.temperature == 0.7
    voice = sarah.voice
    assert voice.id == "21m00Tcm4TlvDq8ikWAM"
    assert (voice.stability, voice.similarity) == (0.65, 0.75)
    assert sarah.tools == ("book_meeting", "end_call")
    assert sarah.openai.voice == "marin"


def test_her_opening_to_the_letter(sarah: Profile) -> None:
    assert Brief(profile=sarah, facts=FACTS).first_message == OPENING


def test_every_placeholder_is_a_fact_or_a_variable(sarah: Profile) -> None:
    texts = (sarah.prompt, sarah.first_message, sarah.bridge)
    assert all(texts)
    named = set(re.findall(r"\{\{\s*(.*?)\s*\}\}", " ".join(map(str, texts))))
    brief = Brief(profile=sarah, facts=FACTS)
    assert named <= set(brief.variables)
    assert {"speaker", *sarah.variables} <= named
    assert brief.prompt and "{" not in brief.prompt and "}" not in brief.prompt


def test_her_prompt_names_her_tools_and_her_limits(sarah: Profile) -> None:
    prompt = Brief(profile=sarah, facts=FACTS).prompt or ""
    assert "Today is Sunday, 2026-11-22" in prompt and "Europe/Vienna" in prompt
    for said in ("book_meeting", "end_call", "no investment advice", "Voicemail"):
        assert said.lower() in prompt.lower()
    assert "Never claim to be human" in " ".join(prompt.split())
    # What is spoken must not read like a page: only headings and plain lists in it.
    assert "**" not in prompt and "`" not in prompt


def test_the_embedded_agent_knows_her_script(sarah: Profile) -> None:
    assert sarah.local.script in SCRIPTS
