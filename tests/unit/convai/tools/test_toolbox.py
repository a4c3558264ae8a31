from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

import pytest

from convai.events import Ended, ToolCall, ToolDone
from convai.tools.tool import Done, Run, Tool, ToolError
from convai.tools.toolbox import (
    LONGEST_FAULT,
    LONGEST_RESULT,
    Toolbox,
    ToolboxError,
    Used,
)
from tests import virtual

ANYTHING = {"type": "object"}


def tool(
    run: Run, *, name: str = "it", form: Any = ANYTHING, limit_s: float = 10.0
) -> Tool:
    return Tool(name, "Does it.", form, run, limit_s)


async def use(box: Toolbox, arguments: Mapping[str, Any], name: str = "it") -> Used:
    return await box.use(ToolCall("c1", name, arguments))


async def fine(arguments: Mapping[str, Any]) -> Done:
    return Done(f"got {dict(arguments)}", (Ended("agent-ended"),))


async def test_a_tool_is_used() -> None:
    used = await use(Toolbox((tool(fine),)), {"a": 1})
    assert used.done == ToolDone("c1", "it", "got {'a': 1}")
    assert used.events == (Ended("agent-ended"),)


async def test_only_its_own_tools_are_there() -> None:
    box = Toolbox((tool(fine),))
    assert box.has("it") and not box.has("other")
    assert (await use(box, {}, "other")).done.failed


FORM = {
    "type": "object",
    "properties": {
        "day": {"type": "string"},
        "guests": {
            "type": "array",
            "items": {"type": "object", "properties": {"age": {"type": "integer"}}},
        },
    },
    "required": ["day"],
}


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({}, "'day' is a required property"),
        ({"day": 4}, "day: 4 is not of type 'string'"),
        ({"day": "x", "guests": [{"age": "old"}]}, "guests.0.age: 'old' is not"),
    ],
)
async def test_wrong_arguments_are_named(arguments: Any, named: str) -> None:
    async def never(arguments: Mapping[str, Any]) -> Done:
        raise AssertionError

    done = (await use(Toolbox((tool(never, form=FORM),)), arguments)).done
    assert done.failed and named in done.result


async def test_a_long_wrong_argument_makes_no_long_text() -> None:
    form = {"type": "object", "properties": {"n": {"type": "integer"}}}
    done = (await use(Toolbox((tool(fine, form=form),)), {"n": "x" * 10**6})).done
    assert done.failed and len(done.result) < LONGEST_FAULT + 50


async def test_what_a_tool_cannot_do_it_says_itself() -> None:
    async def cannot(arguments: Mapping[str, Any]) -> Done:
        raise ToolError("No rooms on Sunday.")

    done = (await use(Toolbox((tool(cannot),)), {})).done
    assert done == ToolDone("c1", "it", "No rooms on Sunday.", failed=True)


async def test_a_tool_that_cannot_and_does_not_say_why() -> None:
    async def cannot(arguments: Mapping[str, Any]) -> Done:
        raise ToolError

    assert (await use(Toolbox((tool(cannot),)), {})).done.result


@pytest.mark.parametrize("error", [KeyError("secret"), TimeoutError("theirs")])
async def test_a_broken_tool_ends_no_call(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(arguments: Mapping[str, Any]) -> Done:
        raise error

    done = (await use(Toolbox((tool(broken),)), {})).done
    assert done == ToolDone("c1", "it", "The tool failed.", failed=True)
    [record] = caplog.records
    assert record.levelno == logging.ERROR and record.exc_info


def test_a_tool_has_its_time(caplog: pytest.LogCaptureFixture) -> None:
    async def slow(arguments: Mapping[str, Any]) -> Done:
        await asyncio.sleep(9.0)
        return Done("done")

    async def main() -> tuple[Used, Used, float]:
        now = asyncio.get_running_loop().time
        in_time = await use(Toolbox((tool(slow),)), {})
        start = now()
        late = await use(Toolbox((tool(slow, limit_s=2.5),)), {})
        return in_time, late, now() - start

    in_time, late, took = virtual.run(main())
    assert in_time.done.result == "done"
    assert late.done.failed and "2.5 seconds" in late.done.result
    assert took == pytest.approx(2.5)
    assert "took over 2.5 s" in caplog.text


def test_the_end_of_a_call_ends_its_tools() -> None:
    ended = []

    async def endless(arguments: Mapping[str, Any]) -> Done:
        try:
            return await asyncio.Future()
        finally:
            ended.append(True)

    async def main() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1.0):
                await use(Toolbox((tool(endless),)), {})

    virtual.run(main())
    assert ended


async def test_a_result_is_bounded_and_can_be_sent() -> None:
    async def much(arguments: Mapping[str, Any]) -> Done:
        return Done("\ud800" + "x" * 10**6)

    result = (await use(Toolbox((tool(much),)), {})).done.result
    assert len(result) < LONGEST_RESULT + 50
    assert result.encode()


async def test_wrong_tools_are_noticed_at_the_start() -> None:
    with pytest.raises(ToolboxError, match="two tools are named it"):
        Toolbox((tool(fine), tool(fine)))
    with pytest.raises(ToolboxError, match="tool it: its parameters"):
        Toolbox((tool(fine, form={"type": "objekt"}),))
    with pytest.raises(ToolboxError, match="tool it: its parameters: Object of type"):
        Toolbox((tool(fine, form={"type": "object", "default": object()}),))
    with pytest.raises(ToolboxError, match="no object"):
        Toolbox((tool(fine, form={"type": "string"}),))
