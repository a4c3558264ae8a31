"""The settings of the agents: a part of `rtc.startup.settings`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from .option import About
from .values import (
    Agents,
    Folder,
    HttpUrl,
    Region,
    SecretKey,
    Word,
    blank_is_none,
)

__all__ = ["AGENT", "AgentSettings"]

AGENT = "Agent"
"Heading of the help."

_blank = BeforeValidator(blank_is_none)


def _agents(earlier: dict[str, Any]) -> tuple[str, ...]:
    hosted = []
    if earlier.get("elevenlabs_agent_id"):
        hosted.append("elevenlabs")
    if earlier.get("openai_api_key"):
        hosted.append("openai")
    return tuple(hosted) or ("local",)


class AgentSettings(BaseSettings):
    """Inherited by `Settings`, which says how they are read."""

    model_config = SettingsConfigDict(use_attribute_docstrings=True)

    elevenlabs_api_key: Annotated[
        SecretKey | None,
        _blank,
        About(
            AGENT,
            "a key of your ElevenLabs account",
            variable="ELEVENLABS_API_KEY",
            secret=True,
        ),
    ] = None
    "Needed for private agents, and to learn what a call cost."

    elevenlabs_agent_id: Annotated[
        Word | None,
        _blank,
        About(AGENT, "letters, digits and _.-", variable="ELEVENLABS_AGENT_ID"),
    ] = None
    "The ElevenLabs agent to talk with, unless the profile names one."

    elevenlabs_base_url: Annotated[
        Region,
        About(
            AGENT,
            "global, us, eu, in or sg; or a https, http, wss or ws URL",
            variable="ELEVENLABS_BASE_URL",
        ),
    ] = "https://api.elevenlabs.io"
    "Where ElevenLabs is reached: a region, or a stand-in of your own."

    openai_api_key: Annotated[
        SecretKey | None,
        _blank,
        About(
            AGENT,
            "a key of your OpenAI account",
            variable="OPENAI_API_KEY",
            secret=True,
        ),
    ] = None
    "For OpenAI Realtime."

    openai_base_url: Annotated[
        HttpUrl,
        About(AGENT, "a https, http, wss or ws URL", variable="OPENAI_BASE_URL"),
    ] = "https://api.openai.com/v1"
    "Where OpenAI is reached; a proxy, or a stand-in of your own."

    openai_model: Annotated[Word, About(AGENT, "letters, digits and _.-")] = (
        "gpt-realtime-2.1"
    )
    "The Realtime model, unless the profile names one."

    agent: Annotated[
        Agents,
        About(
            AGENT,
            "local, elevenlabs, openai; or several, with commas",
            default="the hosted ones that are set up, else local",
        ),
    ] = Field(default_factory=_agents)
    """Who answers a call. Callers may choose among several; when one cannot be reached
    or breaks off, the next one in the list goes on with the call."""

    profile: Annotated[
        str, Field(min_length=1), About(AGENT, "a name, or a .toml file")
    ] = "default"
    "Who the agent is and how it speaks; `sarah` ships as an example."

    profiles: Annotated[Folder, About(AGENT, "a folder")] = Path("profiles")
    "Your own profiles, a TOML file each; callers may choose among them."

    prices: Annotated[
        Folder | None, _blank, About(AGENT, "a file", default="the table that ships")
    ] = None
    "TOML file with what providers charge."

    models: Annotated[
        Folder | None,
        _blank,
        About(AGENT, "a folder", default="the user's cache folder"),
    ] = None
    """Where the embedded agent finds its speech models; `python -m convai.local.models
    --models FOLDER` fetches them into another one."""
