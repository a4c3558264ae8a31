"""Packing: whole or not at all."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convai.post.packing import packed, unpacked
from convai.post.parcel import Parcel

PARCEL = Parcel(
    "a-1", "mail", "call", "meeting", b"Subject: x\r\n\r\n\nbody\n", "s@x.y", ("r@x.y",)
)


def test_there_and_back() -> None:
    assert unpacked(packed(PARCEL)) == PARCEL
    assert packed(PARCEL).partition(b"\n")[2] == PARCEL.body


@given(st.binary(), st.text(), st.lists(st.text(), max_size=3))
def test_anything_there_and_back(body: bytes, text: str, names: list[str]) -> None:
    parcel = Parcel("a", "webhook", text, text, body, text, tuple(names))
    assert unpacked(packed(parcel)) == parcel


def test_a_torn_one_is_noticed() -> None:
    whole = packed(PARCEL)
    for end in range(len(whole)):
        with pytest.raises(ValueError):
            unpacked(whole[:end])


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_damaged_body_is_noticed(place: int, flip: int) -> None:
    whole = bytearray(packed(PARCEL))
    begin = whole.index(b"\n") + 1
    whole[begin + place % (len(whole) - begin)] ^= flip
    with pytest.raises(ValueError):
        unpacked(bytes(whole))


@given(st.binary())
def test_anything_else_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError):
        unpacked(content)


def test_labels_that_are_none() -> None:
    label = json.loads(packed(PARCEL).partition(b"\n")[0])
    for wrong in (
        [],
        {},
        {**label, "id": "../x"},
        {**label, "id": 5},
        {**label, "recipients": None},
        {**label, "recipients": [5]},
        {**label, "call": None},
        {**label, "extra": 1},
        {**label, "sha256": "x"},
    ):
        with pytest.raises(ValueError):
            unpacked(json.dumps(wrong).encode() + b"\n" + PARCEL.body)
    with pytest.raises(ValueError):
        unpacked(b"[" * 100_000 + b"\n")
