"""Reader: the network that comes with the package."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convai.meeting.detect import Line, follow
from convai.meeting.reader import (
    FOLDER,
    NETWORK,
    VOCABULARY,
    ReaderError,
    load,
    reader,
)
from convai.meeting.reading import Reading
from convai.meeting.tokens import MOST_TOKENS
from tests.talks import NOW, VIENNA, lines

THURSDAY = date(2026, 11, 26)


def reading(talk: str) -> Reading:
    return reader().read(follow(lines(talk), NOW, VIENNA)[1])


def test_it_is_loaded_once() -> None:
    assert reader() is reader()


@pytest.mark.parametrize(
    "talk",
    [
        "a: Shall we say Thursday at three?|c: Perfect, see you then.",
        "c: could you come by thursday|a: thursday at three|c: lovely i will be in",
        "a: Tuesday at noon?|c: Tuesday is no good.|a: Thursday at 3 then?|c: Great.",
    ],
)
def test_it_knows_what_was_agreed_on(talk: str) -> None:
    found = reading(talk)
    assert found.agreed > 0.8 and not found.denied
    assert (found.day, found.hour and found.hour.minutes) == (THURSDAY, 15 * 60)
    assert found.day_sure > 0.8 and found.hour_sure > 0.8


@pytest.mark.parametrize(
    "talk",
    [
        "a: Shall we say Thursday at three?|c: No, thank you, I am not interested.",
        "c: When are you open on Thursday?|a: From nine to five.|c: Perfect, thanks.",
        "c: The parcel came on Thursday at three.|a: Great, so all is well.|c: Yes.",
    ],
)
def test_it_knows_what_was_not(talk: str) -> None:
    assert reading(talk).agreed < 0.2


def test_who_has_not_answered_has_not_agreed() -> None:
    talk = "a: Shall we say Thursday at three?"
    assert reading(talk).agreed < 0.3
    assert reading(f"{talk}|c: Yes, perfect.").agreed > 0.8


def test_a_day_without_a_time_is_no_agreement() -> None:
    found = reading("a: How about Thursday?|c: Thursday is good. Call me before.")
    assert found.agreed < 0.3 and (found.hour, found.hour_sure) == (None, 0.0)


def test_today_may_be_supposed() -> None:
    asked = "c: Can you call me back{} at five?|a: Yes, I will call you at five."
    assert reading(asked.format("")).supposed
    assert not reading(asked.format(" today")).supposed


def test_the_words_of_the_vocabulary_are_those_of_the_network() -> None:
    pieces = (FOLDER / VOCABULARY).read_text(encoding="utf-8").splitlines()[1:]
    assert len(set(pieces)) == len(pieces)
    session = reader()._session
    for id in (0, len(pieces) - 1):
        session.run(None, {"ids": np.array([[id]], np.int64)})
    with pytest.raises(Exception, match="indices"):
        session.run(None, {"ids": np.array([[len(pieces)]], np.int64)})


@pytest.mark.parametrize("name", [NETWORK, VOCABULARY])
def test_a_damaged_one_is_told(tmp_path: Path, name: str) -> None:
    for each in (NETWORK, VOCABULARY):
        (tmp_path / each).write_bytes((FOLDER / each).read_bytes())
    assert load(tmp_path)
    (tmp_path / name).write_bytes((FOLDER / name).read_bytes()[1000:])
    with pytest.raises(ReaderError, match="damaged"):
        load(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(ReaderError, match="is missing"):
        load(tmp_path)


said = st.lists(st.tuples(st.sampled_from(["agent", "caller"]), st.text()), max_size=9)


@settings(max_examples=30)
@given(said)
def test_it_makes_something_of_any_talk(talk: list[tuple[str, str]]) -> None:
    spoken = [Line(who, text) for who, text in talk]  # type: ignore[arg-type]
    found = reader().read(follow(spoken, NOW, VIENNA)[1])
    for likely in (found.agreed, found.draft, found.day_sure, found.hour_sure):
        assert 0 <= likely <= 1.000001
    assert found.agreed + found.draft <= 1.000001


def test_of_a_long_talk_the_end_is_read() -> None:
    chat = "|".join(["a: And how do you like it?", "c: I like it well enough."] * 200)
    talk = f"{chat}|a: Thursday at three, then?|c: Perfect, see you then.|a: Bye."
    digest = follow(lines(talk), NOW, VIENNA)[1]
    found = reader().read(digest)
    assert len(reader()._known.encode(digest).ids) <= MOST_TOKENS
    assert (found.day, found.whole) == (THURSDAY, False)
    assert found.agreed > 0.5 and not found.denied
