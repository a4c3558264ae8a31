"""What profiles and price tables have in common; their own tests say more."""

from __future__ import annotations

import pytest
from pydantic import field_validator

from convai.toml_model import TomlError, TomlModel


class Inner(TomlModel):
    rooms: tuple[str, ...] = ()


class Sheet(TomlModel):
    name: str
    size: float = 0.0
    inner: Inner = Inner()

    @field_validator("name")
    @classmethod
    def _short(cls, name: str) -> str:
        if len(name) > 3:
            raise ValueError("is too long")
        return name


def test_a_text_and_what_is_known_without_it() -> None:
    sheet = Sheet.of('size = 1.5\n[inner]\nrooms = ["a", "b"]', name="x")
    assert sheet == Sheet(name="x", size=1.5, inner=Inner(rooms=("a", "b")))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name", "not TOML: "),
        ('name = "abcd"', "name: is too long"),
        ("name = 1", "name: input should be a valid string"),
        ("name = 1979-05-27", "name: a date or time is written in quotes, as text"),
        ('name = "x"\nsize = nan', "size: input should be a number that there is"),
        ('name = "x"\n[inner]\nroom = 1', "inner.room: there is no such key"),
        ('name = "x"\n[inner]\nrooms = [1]', "inner.rooms.0: input should be a"),
        ('name = "x"\n[inner]\nrooms = [07:00:00]', "inner.rooms.0: a date or time"),
        ("", "name: field required"),
    ],
)
def test_what_is_wrong_is_named(text: str, said: str) -> None:
    with pytest.raises(TomlError) as caught:
        Sheet.of(text)
    assert str(caught.value).startswith(said)


def test_what_is_known_is_not_written() -> None:
    with pytest.raises(TomlError, match="^name: known without"):
        Sheet.of('name = "y"', name="x")
    with pytest.raises(TomlError):
        Sheet.of("", name="\ud800")
