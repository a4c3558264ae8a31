from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from convai.events import ToolCall
from convai.tools.callable import callable_tool
from convai.tools.tool import Tool
from convai.tools.toolbox import Toolbox, ToolboxError

HEAD = """
from __future__ import annotations
import asyncio, dataclasses, datetime, enum, threading
from typing import Annotated, Any, Literal
from pydantic import Field
from convai.tools.tool import Done, ToolError
"""

Make = Callable[[str], Tool]
numbers = itertools.count()


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """A tool of a function `it` in a module of its own: imports are remembered."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def make(body: str, name: str = "it") -> Tool:
        module = f"parley_test_tools_{next(numbers)}"
        (tmp_path / f"{module}.py").write_text(HEAD + body)
        return callable_tool(f"{module}:{name}")

    return make


async def use(tool: Tool, **arguments: Any) -> tuple[str, bool]:
    done = (await Toolbox((tool,)).use(ToolCall("1", tool.name, arguments))).done
    return done.result, done.failed


async def test_a_plain_function(made: Make) -> None:
    tool = made('''
def it(symbol: str, amount: int = 1) -> str:
    """Tell the price.

    In dollars."""
    return f"{amount} {symbol}"
''')
    assert tool.name == "it"
    assert tool.description == "Tell the price.\n\nIn dollars."
    assert tool.parameters == {
        "type": "object",
        "properties": {
            "symbol": {"type": "string"},
            "amount": {"type": "integer", "default": 1},
        },
        "required": ["symbol"],
    }
    assert await use(tool, symbol="X") == ("1 X", False)
    assert await use(tool, symbol="X", amount=3.0, other=1) == ("3 X", False)
    assert (await use(tool, amount=1))[1]


async def test_an_async_function(made: Make) -> None:
    tool = made("""
async def it() -> dict[str, int]:
    "Count."
    await asyncio.sleep(0)
    return {"n": 3}
""")
    assert tool.parameters == {"type": "object", "properties": {}}
    assert await use(tool) == ('{"n":3}', False)


async def test_all_kinds_of_parameters(made: Make) -> None:
    tool = made('''
class Kind(enum.Enum):
    A = "a"

@dataclasses.dataclass
class Guest:
    name: str

def it(
    day: datetime.date,
    kind: Kind,
    guests: list[Guest],
    how: Literal["x", "y"] = "x",
    note: Annotated[str | None, Field(description="A word.")] = None,
    schema: str = "",
    _odd: int = 0,
) -> Any:
    """Do it."""
    return [type(day).__name__, kind.name, guests[0].name, how, note, schema, _odd]
''')
    properties = tool.parameters["properties"]
    assert properties["day"] == {"type": "string", "format": "date"}
    assert properties["note"]["description"] == "A word."
    arguments = {"day": "2026-11-26", "kind": "a", "guests": [{"name": "Nat"}]}
    result, failed = await use(tool, **arguments, _odd=2)
    assert json.loads(result) == ["date", "A", "Nat", "x", None, "", 2] and not failed
    # Fits the schema, as nobody checks formats there, and yet is no date.
    result, failed = await use(tool, **{**arguments, "day": "tomorrow"})
    assert failed and "day: " in result


@pytest.mark.parametrize(
    ("returned", "told"),
    [
        ('"text"', "text"),
        ("None", "Done."),
        ("3", "3"),
        ("datetime.date(2026, 11, 26)", '"2026-11-26"'),
        ('{"ä": [1]}', '{"ä":[1]}'),
        ('Done("as it is")', "as it is"),
    ],
)
async def test_results_are_put_into_words(made: Make, returned: str, told: str) -> None:
    tool = made(f'def it() -> Any:\n    "Do."\n    return {returned}\n')
    assert await use(tool) == (told, False)


async def test_errors_of_both_kinds(
    made: Make, caplog: pytest.LogCaptureFixture
) -> None:
    told = made('def it() -> str:\n    "Do."\n    raise ToolError("Sold out.")\n')
    assert await use(told) == ("Sold out.", True)
    assert not caplog.records
    broken = made('async def it() -> str:\n    "Do."\n    raise KeyError("x")\n')
    assert await use(broken) == ("The tool failed.", True)
    strange = made('def it() -> Any:\n    "Do."\n    return object()\n')
    assert await use(strange) == ("The tool failed.", True)
    assert "KeyError" in caplog.text


@pytest.mark.parametrize(
    "line",
    [
        "raise SystemExit(1)",
        "raise KeyboardInterrupt",
        "raise asyncio.CancelledError",
        "raise StopIteration",
    ],
)
async def test_a_tool_ends_neither_call_nor_server(made: Make, line: str) -> None:
    tool = made(f'def it() -> None:\n    "Do."\n    {line}\n')
    assert await use(tool) == ("The tool failed.", True)


async def test_it_runs_on_a_thread_of_its_own(made: Make) -> None:
    for kind in ("", "async "):
        body = f'{kind}def it() -> str:\n    "Do."\n    return '
        tool = made(body + "threading.current_thread().name\n")
        result, failed = await use(tool)
        assert result == "tool it" != threading.current_thread().name and not failed


def test_a_function_is_looked_at_once() -> None:
    """Its schema takes a millisecond; calls that begin must not wait for it."""
    spec = f"{__name__}:parley_test_hello"
    assert callable_tool(spec) is callable_tool(spec)


def parley_test_hello() -> str:
    """Say hello."""
    return "hello"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("def other(): pass", "has no such function"),
        ("it = 3", "has no such function"),
        ("class it:\n    'Doc.'\n", "has no such function"),
        ("def it() -> str: return ''", "no docstring"),
        ("def it(x) -> str:\n    'D'\n", "x has no type hint"),
        ("def it(x: Nowhere) -> str:\n    'D'\n", "its type hints: .*Nowhere"),
        ("def it(x: threading.Lock) -> str:\n    'D'\n", "its type hints"),
        ("class C: pass\ndef it(x: C) -> str:\n    'D'\n", "its type hints"),
        ("def it(*x: int) -> str:\n    'D'\n", "no name of its own"),
        ("def it(**x: int) -> str:\n    'D'\n", "no name of its own"),
        ("def it(x: int, /) -> str:\n    'D'\n", "no name of its own"),
        ("def ähm() -> str:\n    'D'\nit = ähm", "providers take letters"),
        ("def it( -> str:", "cannot be imported"),
        ("import parley_no_such_module", "cannot be imported"),
    ],
)
def test_what_cannot_be_a_tool_is_told_at_the_start(
    made: Make, body: str, said: str
) -> None:
    with pytest.raises(ToolboxError, match=said):
        made(body)


@pytest.mark.parametrize("spec", ["nowhere_at_all:it", "a:b:c", "a b:c", ":", "x:"])
def test_wrong_names(spec: str) -> None:
    with pytest.raises(ToolboxError, match=f"tool {spec}"):
        callable_tool(spec)
