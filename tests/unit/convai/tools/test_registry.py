from __future__ import annotations

from datetime import UTC, datetime

import pytest

from convai.events import Booked, Ended, ToolCall
from convai.tools.registry import BUILT_IN, resolve
from convai.tools.tool import ToolError
from convai.tools.toolbox import Toolbox, ToolboxError

NOW = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)


def test_tools_come_in_the_order_of_their_names() -> None:
    names = list(reversed(BUILT_IN))
    tools = resolve(names, zone="UTC", now=lambda: NOW)
    assert [tool.name for tool in tools] == names
    assert resolve([], zone="UTC", now=lambda: NOW) == ()


async def test_end_call_ends_the_call() -> None:
    box = Toolbox(resolve(["end_call"], zone="UTC", now=lambda: NOW))
    used = await box.use(ToolCall("1", "end_call", {"reason": "goodbye"}))
    assert used.events == (Ended("agent-ended"),) and not used.done.failed


async def test_book_meeting_is_used_as_an_agent_would() -> None:
    box = Toolbox(resolve(["book_meeting"], zone="Europe/Vienna", now=lambda: NOW))
    arguments = {"date": "2026-11-26", "time": "15:00", "confidence": 0.9}
    used = await box.use(ToolCall("1", "book_meeting", arguments))
    assert used.done.result == (
        "Booked: Thursday 26 November 2026, 15:00 to 15:30 Europe/Vienna."
    )
    [event] = used.events
    assert isinstance(event, Booked)
    missing = await box.use(ToolCall("2", "book_meeting", {"date": "2026-11-26"}))
    assert missing.done.failed and "time" in missing.done.result


def test_a_users_function_is_a_tool(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = "def end_call(x: int) -> int:\n    'Another one.'\n    return x\n"
    path = f"{tmp_path}/parley_test_registry.py"
    with open(path, "w", encoding="utf-8") as file:
        file.write(module)
    monkeypatch.syspath_prepend(str(tmp_path))
    [tool] = resolve(["parley_test_registry:end_call"], zone="UTC", now=lambda: NOW)
    assert tool.description == "Another one."
    with pytest.raises(ToolboxError, match="two tools are named end_call"):
        resolve(
            ["end_call", "parley_test_registry:end_call"], zone="UTC", now=lambda: NOW
        )


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["fly"], "there is no tool fly; built in are book_meeting, end_call, pau"),
        (["end_call", "end_call"], "two tools are named end_call"),
        ([":x"], "neither built in nor like module:function"),
    ],
)
def test_wrong_names_are_told(names: list[str], said: str) -> None:
    with pytest.raises(ToolboxError, match=said):
        resolve(names, zone="UTC", now=lambda: NOW)


def test_a_zone_nobody_knows_is_told() -> None:
    with pytest.raises(ToolboxError, match="no time zone Mars/Base"):
        resolve(["book_meeting"], zone="Mars/Base", now=lambda: NOW)


def test_a_tool_error_is_no_toolbox_error() -> None:
    """One is for the agent in a call, the other for who starts the server."""
    assert not issubclass(ToolError, ToolboxError)
    assert not issubclass(ToolboxError, ToolError)
