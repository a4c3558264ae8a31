"""The registry of tools: a profile names them, here is what they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..events import Ended
from .booking import Clock, book_meeting
from .callable import callable_tool
from .recording import PAUSE, RESUME
from .tool import Done, Tool
from .toolbox import ToolboxError

__all__ = ["BUILT_IN", "resolve"]

BUILT_IN = ("book_meeting", "end_call", "pause_recording", "resume_recording")


async def _end_call(arguments: Mapping[str, Any]) -> Done:
    # A model that gets a result wants to say something about it: not here.
    return Done("The call is being ended. Say nothing more.", (Ended("agent-ended"),))


END_CALL = Tool(
    name="end_call",
    description=(
        "End the phone call. Use it only after you have said goodbye, or when the"
        " other person wants to end the call."
    ),
    parameters={
        "type": "object",
        "properties": {
            "reason": {
                "type": "string",
                "description": "Why the call ends, in a few words.",
            }
        },
        "required": [],
    },
    run=_end_call,
)


SAME_FOR_ALL = {tool.name: tool for tool in (END_CALL, PAUSE, RESUME)}
"Built-in tools that are the same in every call."


def resolve(names: Iterable[str], *, zone: str, now: Clock) -> tuple[Tool, ...]:
    """The tools of a call, in the order of their names.

    `zone` is where the meetings of the call take place unless the agent says otherwise;
    `now` says what time it is, in any zone. Raises ToolboxError: an unknown name, a
    function that cannot be a tool, or two tools of one name.
    """
    tools: dict[str, Tool] = {}
    for name in names:
        if name == "book_meeting":
            tool = book_meeting(zone=zone, now=now)
        elif name in SAME_FOR_ALL:
            tool = SAME_FOR_ALL[name]
        elif ":" in name:
            tool = callable_tool(name)
        else:
            known = ", ".join(BUILT_IN)
            raise ToolboxError(
                f"there is no tool {name}; built in are {known}, and"
                " module:function names one of your own"
            )
        if tool.name in tools:
            raise ToolboxError(f"two tools are named {tool.name}")
        tools[tool.name] = tool
    return tuple(tools.values())
