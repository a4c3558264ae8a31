"""A user's own Python function as a tool.

    def stock_price(symbol: str, currency: Currency = "USD") -> float:
        \"\"\"Tell the last price of a stock; the agent reads this to know when.\"\"\"

is named `my_tools:stock_price` in a profile, if `my_tools.py` is where Python finds
modules. Its name, docstring and type hints are the tool's; `Annotated[str,
Field(description=...)]` says more about one parameter. It may be `async`, return text
or anything that JSON can hold, and raise `ToolError` with a text for the agent. It runs
on a thread of its own (an `async` one with a loop of its own), so nothing that belongs
to one event loop should be shared between uses.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, get_type_hints

import pydantic
from pydantic.errors import PydanticInvalidForJsonSchema, PydanticUserError
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import to_json

from .thread import in_thread
from .tool import Done, Tool, ToolError
from .toolbox import ToolboxError

__all__ = ["LIMIT_S", "callable_tool"]

LIMIT_S = 10.0
"Seconds. The caller waits on the line meanwhile."

_SPEC = re.compile(r"(?P<module>[\w.]+):(?P<function>\w+)")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


class _Untitled(GenerateJsonSchema):
    """Titles only repeat the names; an agent pays for each word of a schema."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


@cache
def callable_tool(spec: str) -> Tool:
    """The tool that `module:function` names. Raises ToolboxError.

    An error of the module's own, raised while it is imported, is not hidden.
    """
    function = _found(spec)
    name = getattr(function, "__name__", "")
    if not _NAME.fullmatch(name):
        raise ToolboxError(f"tool {spec}: providers take letters, digits, _ and -")
    description = inspect.getdoc(function) if inspect.isroutine(function) else None
    if not description:
        raise ToolboxError(f"tool {spec}: no docstring tells the agent when to use it")
    arguments = _arguments(spec, function)

    async def run(given: Mapping[str, Any]) -> Done:
        try:
            values = arguments.model_validate(dict(given))
        except pydantic.ValidationError as error:
            raise ToolError(_in_words(error)) from None
        return await in_thread(name, lambda: _called(function, _keywords(values)))

    return Tool(name, description, _schema(spec, arguments), run, LIMIT_S)


def _found(spec: str) -> Callable[..., Any]:
    match = _SPEC.fullmatch(spec)
    if match is None:
        raise ToolboxError(f"tool {spec}: neither built in nor like module:function")
    try:
        module = importlib.import_module(match["module"])
    except (ImportError, SyntaxError) as error:
        raise ToolboxError(f"tool {spec}: cannot be imported: {error}") from error
    function = getattr(module, match["function"], None)
    if not callable(function) or inspect.isclass(function):
        raise ToolboxError(f"tool {spec}: {match['module']} has no such function")
    return function  # type: ignore[no-any-return]


def _arguments(spec: str, function: Callable[..., Any]) -> type[pydantic.BaseModel]:
    """The function's parameters as a model.

    Fields are numbered and known by alias: a parameter may have any name, also one that
    a model uses itself.
    """
    fields: dict[str, Any] = {}
    try:
        parameters = inspect.signature(function).parameters
        hints = get_type_hints(function, include_extras=True)
        for index, (name, parameter) in enumerate(parameters.items()):
            if parameter.kind not in (
                parameter.POSITIONAL_OR_KEYWORD,
                parameter.KEYWORD_ONLY,
            ):
                raise ToolboxError(f"tool {spec}: {parameter} has no name of its own")
            if name not in hints:
                raise ToolboxError(f"tool {spec}: {name} has no type hint")
            default = ... if parameter.default is parameter.empty else parameter.default
            fields[f"a{index}"] = (hints[name], pydantic.Field(default, alias=name))
        return pydantic.create_model("Arguments", **fields)
    except (PydanticUserError, NameError, TypeError, ValueError) as error:
        raise ToolboxError(f"tool {spec}: its type hints: {_line(error)}") from None


def _schema(spec: str, arguments: type[pydantic.BaseModel]) -> dict[str, Any]:
    try:
        schema = arguments.model_json_schema(schema_generator=_Untitled)
    except (PydanticInvalidForJsonSchema, ValueError) as error:
        raise ToolboxError(f"tool {spec}: its type hints: {_line(error)}") from None
    schema.pop("title", None)
    schema.setdefault("properties", {})
    return schema


def _keywords(values: pydantic.BaseModel) -> dict[str, Any]:
    """What was given; the rest is the function's own default."""
    fields = type(values).model_fields
    return {
        str(fields[key].alias): getattr(values, key) for key in values.model_fields_set
    }


def _called(function: Callable[..., Any], keywords: dict[str, Any]) -> Done:
    """On a thread: call it, and put its result into words."""
    result = function(**keywords)
    if inspect.iscoroutine(result):
        result = asyncio.run(_limited(result))
    if isinstance(result, Done):
        return result
    if result is None:
        return Done("Done.")
    return Done(result if isinstance(result, str) else to_json(result).decode())


async def _limited(work: Any) -> Any:
    """Nobody waits for it any longer then, so it should not go on."""
    async with asyncio.timeout(LIMIT_S):
        return await work


def _in_words(error: pydantic.ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(step) for step in first["loc"])
    return f"Wrong arguments. {where}: {first['msg']}"


def _line(error: Exception) -> str:
    return str(error).partition("\n")[0]
