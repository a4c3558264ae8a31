from __future__ import annotations

from typing import Annotated, Any, Literal

import pydantic
import pytest
from pydantic import Field

from convai.provision.dialect import DialectError, parameters
from convai.tools.booking import PARAMETERS


class Guest(pydantic.BaseModel):
    name: str
    age: Annotated[int, Field(ge=0, le=150)] | None = None


class Tree(pydantic.BaseModel):
    inside: list[Tree]


def said(hint: Any) -> Any:
    """One parameter of that type, as ElevenLabs is told it."""
    model = pydantic.create_model("M", some_value=(hint, ...))
    return parameters(model.model_json_schema())["properties"]["some_value"]


def test_book_meeting_is_told_word_for_word() -> None:
    told = parameters(PARAMETERS)
    assert told["required"] == ["date", "time"]
    assert told["properties"]["date"] == PARAMETERS["properties"]["date"]
    minutes = told["properties"]["duration_min"]
    assert minutes.keys() == {"type", "description"}
    assert minutes["description"].endswith("(at least 5; at most 480)")


@pytest.mark.parametrize(
    ("hint", "told"),
    [
        (str, {"type": "string", "description": "some value"}),
        (bool | None, {"type": "boolean", "description": "some value"}),
        (
            Annotated[float, Field(gt=0, description="How much.")],
            {"type": "number", "description": "How much. (more than 0)"},
        ),
        (
            Annotated[str, Field(pattern="^a", max_length=3)],
            {
                "type": "string",
                "description": "some value (characters, at most 3; matching ^a)",
            },
        ),
        (
            list[int],
            {
                "type": "array",
                "description": "some value",
                "items": {"type": "integer", "description": "item"},
            },
        ),
    ],
)
def test_types_and_limits(hint: Any, told: Any) -> None:
    assert said(hint) == told


def test_choices() -> None:
    assert said(Literal["a", "b"])["enum"] == ["a", "b"]
    assert said(Literal["a"])["enum"] == ["a"]
    number = said(Literal[1, 2])
    assert "enum" not in number and "one of 1, 2" in number["description"]


def test_objects_within_objects() -> None:
    told = said(list[Guest])
    assert told["items"]["required"] == ["name"]
    age = told["items"]["properties"]["age"]
    assert age == {"type": "integer", "description": "age (at least 0; at most 150)"}


@pytest.mark.parametrize(
    "hint", [int | str, Tree, Any, tuple[int, str], list, dict[str, int] | list[int]]
)
def test_what_cannot_be_said_is_named(hint: Any) -> None:
    with pytest.raises(DialectError, match="some_value"):
        said(hint)


def test_a_reference_to_itself_ends() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/A"}},
        "$defs": {"A": {"$ref": "#/$defs/A"}},
    }
    with pytest.raises(DialectError, match="a: refers to itself"):
        parameters(schema)
