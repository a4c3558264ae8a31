"""Plan: the steps from an agent as it is to an agent that plays a profile. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..profile import Profile
from ..tools.tool import Tool
from .difference import Change, differences
from .wanted import (
    END_CALL,
    OUTPUT_FORMATS,
    Settings,
    agent_settings,
    client_events,
    first_settings,
    merged,
    placeholders,
    tool_settings,
)

__all__ = ["Plan", "ToolStep", "client_tools", "inside", "tool_step"]

GOOD_ENOUGH = {*OUTPUT_FORMATS, "pcm_44100"}
"Formats of its voice that an agent may keep when none is asked for."


@dataclass(frozen=True, slots=True)
class ToolStep:
    """What is to be done about one client tool."""

    name: str
    config: Settings = field(repr=False)
    "All of it, as it is to be."
    tool_id: str | None = None
    "None: it is to be made."
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One agent's."""

    profile: Profile
    tools: tuple[Tool, ...]
    there: Settings = field(default_factory=dict, repr=False)
    "The agent as it is; empty when it is to be made."
    name: str | None = None
    output_format: str | None = None

    @property
    def new(self) -> bool:
        return not self.there

    @property
    def tool_ids(self) -> list[str]:
        """Of the tools that the agent has."""
        found = inside(self.there, "conversation_config", "agent", "prompt", "tool_ids")
        return list(found or ())

    @property
    def examples(self) -> dict[str, Any]:
        """For all variables that are filled."""
        there = inside(
            self.there,
            *("conversation_config", "agent", "dynamic_variables"),
            "dynamic_variable_placeholders",
        )
        return placeholders(self.profile, there or {})

    def settings(self, tool_ids: Iterable[str]) -> Settings:
        """The agent as it is to be; what it has beside that stays."""
        config: Settings = {
            "agent": {
                "dynamic_variables": {"dynamic_variable_placeholders": self.examples}
            },
            "tts": {"agent_output_audio_format": self._output()},
            "conversation": {"client_events": self._events()},
        }
        if ids := list(dict.fromkeys((*self.tool_ids, *tool_ids))):
            config["agent"]["prompt"] = {"tool_ids": ids}
        name = self.name or (self.profile.shown if self.new else None)
        return merged(
            {"name": name} if name else {},
            agent_settings(self.profile, self.tools),
            first_settings(self.profile) if self.new else {},
            {"conversation_config": config},
        )

    def changes(self, tool_ids: Iterable[str]) -> list[Change]:
        return list(differences(self.there, self.settings(tool_ids)))

    def _events(self) -> list[str]:
        there = inside(self.there, "conversation_config", "conversation")
        return client_events(self.profile, (there or {}).get("client_events") or ())

    def _output(self) -> str:
        there = inside(self.there, "conversation_config", "tts") or {}
        now = there.get("agent_output_audio_format")
        kept = now if now in GOOD_ENOUGH else OUTPUT_FORMATS[0]
        return self.output_format or kept


def client_tools(tools: Iterable[Tool]) -> list[Tool]:
    """Those that Parley does itself when asked: all but what ElevenLabs has."""
    return [tool for tool in tools if tool.name != END_CALL]


def tool_step(
    tool: Tool, there: Iterable[Mapping[str, Any]], attached: Collection[str | None]
) -> ToolStep:
    """The agent's own tool of that name, one just like it, or a new one.

    Tools are shared by all agents of an account. One that this agent does not use is
    somebody else's and stays as it is. Raises DialectError.
    """
    wanted = tool_settings(tool)
    steps = [_step(wanted, it) for it in there]
    for step in steps:
        if step.tool_id in attached:
            return step
    for step in steps:
        if not step.changes:
            return step
    return ToolStep(tool.name, wanted, None, tuple(differences({}, wanted)))


def _step(wanted: Settings, there: Mapping[str, Any]) -> ToolStep:
    config = there["tool_config"]
    kept = {key: value for key, value in config.items() if value is not None}
    changes = tuple(differences(config, wanted))
    return ToolStep(wanted["name"], {**kept, **wanted}, there["id"], changes)


def inside(settings: Any, *path: str) -> Any:
    """What is set there; None when nothing is."""
    for key in path:
        settings = settings.get(key) if isinstance(settings, Mapping) else None
    return settings
