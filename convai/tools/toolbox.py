"""Toolbox: the tools of one call, used when the agent asks.

Whatever a tool does, the call goes on: arguments that do not fit, a tool that fails, is
broken or takes too long all end in a text that the agent is told.

ToolboxError    the tools cannot be offered like this; found when they are put together
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import jsonschema
from jsonschema.exceptions import SchemaError, ValidationError, best_match

from ..events import Event, ToolCall, ToolDone
from .tool import Done, Tool, ToolError

__all__ = ["Toolbox", "ToolboxError", "Used"]

log = logging.getLogger(__name__)

LONGEST_RESULT = 16 * 1024
"Characters an agent is told: some 4000 tokens; more costs seconds and cents each turn."
LONGEST_FAULT = 300
"Characters. A faulty argument is repeated in it, and may be a whole letter."
MOST_FORMS = 256
"Schemas remembered; a server has a handful of tools."


class ToolboxError(Exception):
    """The tools cannot be offered like this; the text names the tool."""


class Used(NamedTuple):
    """What came of one `ToolCall`."""

    done: ToolDone
    "For the agent, through `Agent.answer`, and for everybody."
    events: tuple[Event, ...] = ()
    "What everybody else should learn."


class Toolbox:
    """Tools by name; bounded in time, and in what they say."""

    def __init__(self, tools: tuple[Tool, ...] = ()) -> None:
        """Raises ToolboxError: two tools of one name, or parameters no schema has."""
        self._tools: dict[str, Tool] = {}
        self._forms: dict[str, jsonschema.Draft202012Validator] = {}
        for tool in tools:
            if tool.name in self._tools:
                raise ToolboxError(f"two tools are named {tool.name}")
            self._tools[tool.name] = tool
            self._forms[tool.name] = _form(tool)

    def has(self, name: str) -> bool:
        """False: it may be a tool of the page's."""
        return name in self._tools

    async def use(self, call: ToolCall) -> Used:
        """Do what is asked. Raises nothing; what goes wrong is in the result."""
        tool = self._tools.get(call.name)
        if tool is None:
            return _failed(call, f"There is no tool named {call.name}.")
        if fault := _fault(self._forms[tool.name], call.arguments):
            return _failed(call, f"Wrong arguments. {fault}")
        return await self._use(tool, call)

    async def _use(self, tool: Tool, call: ToolCall) -> Used:
        """The wall around tools: not all of them are ours.

        The limit holds for what can be cancelled. Code of users always can, as seen
        from here: it runs on a thread of its own (`thread`).
        """
        limit = asyncio.timeout(tool.limit_s)
        try:
            async with limit:
                return _used(call, await tool.run(dict(call.arguments)))
        except ToolError as error:
            return _failed(call, str(error) or "The tool could not do it.")
        except Exception:
            if limit.expired():
                log.warning("tool %s took over %g s", tool.name, tool.limit_s)
                return _failed(call, f"No result within {tool.limit_s:g} seconds.")
            log.exception("tool %s is broken", tool.name)
            return _failed(call, "The tool failed.")


def _form(tool: Tool) -> jsonschema.Draft202012Validator:
    try:
        return _checked(json.dumps(dict(tool.parameters)))
    except (SchemaError, TypeError, ValueError) as error:
        why = str(getattr(error, "message", error))[:LONGEST_FAULT]
        raise ToolboxError(f"tool {tool.name}: its parameters: {why}") from None


@lru_cache(MOST_FORMS)
def _checked(text: str) -> jsonschema.Draft202012Validator:
    """Remembered: checking two schemas takes 4 ms, and no call may wait for that."""
    schema = json.loads(text)
    jsonschema.Draft202012Validator.check_schema(schema)
    if schema.get("type") != "object":
        raise ValueError("they are no object")
    return jsonschema.Draft202012Validator(schema)


def _fault(
    form: jsonschema.Draft202012Validator, arguments: Mapping[str, Any]
) -> str | None:
    """What is wrong with the arguments, as one short text; None: nothing."""
    error = best_match(form.iter_errors(dict(arguments)))
    if error is None:
        return None
    text = f"{_where(error)}{error.message}"
    return text if len(text) <= LONGEST_FAULT else f"{text[:LONGEST_FAULT]}…"


def _where(error: ValidationError) -> str:
    """The field, as `guests.0.name: `."""
    path = ".".join(str(step) for step in error.absolute_path)
    return f"{path}: " if path else ""


def _used(call: ToolCall, done: Done) -> Used:
    return Used(ToolDone(call.id, call.name, _short(done.result)), done.events)


def _failed(call: ToolCall, why: str) -> Used:
    return Used(ToolDone(call.id, call.name, _short(why), failed=True))


def _short(text: str) -> str:
    """Fit for the wire: bounded, and without the halves of characters."""
    text = text.encode(errors="replace").decode()
    if len(text) <= LONGEST_RESULT:
        return text
    return f"{text[:LONGEST_RESULT]}… (cut; {len(text) - LONGEST_RESULT} left out)"
