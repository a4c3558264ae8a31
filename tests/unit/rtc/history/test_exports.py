"""Exports: columns that stay, and no text that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtc.history.exports import COLUMNS, csv_line, json_line

from .desk import row


def fields(line: str) -> list[str]:
    assert line.endswith("\r\n")
    (found,) = csv.reader(io.StringIO(line, newline=""), strict=True)
    return found


def test_every_field_of_the_api_has_its_column() -> None:
    assert set(COLUMNS) == set(row().to_json())
    assert len(COLUMNS) == len(set(COLUMNS))


def test_the_columns_keep_their_places() -> None:
    assert ",".join(COLUMNS) == (
        "call,began,length_ms,agent,profile,reason,recording,trouble,meeting,rating,"
        "turns,interruptions,latency_ms,cost_usd,skew_ms"
    )


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＠"])
def test_no_formula(begin: str) -> None:
    assert fields(csv_line(row(agent=f"{begin}1+1")))[3] == f"'{begin}1+1"


def test_a_negative_number_is_no_formula() -> None:
    assert fields(csv_line(row(cost_usd=-0.5)))[13] == "-0.5"


@given(st.text(st.characters(exclude_characters="\0"), max_size=30))
def test_any_name_survives(name: str) -> None:
    found = fields(csv_line(row(agent=name)))
    assert len(found) == len(COLUMNS)
    assert found[3] in (name, f"'{name}")
    line = json_line(row(agent=name))
    assert line.count("\n") == 1
    assert json.loads(line)["agent"] == name
