"""Tokens: digests in the numbers of a network."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convai.meeting.detect import follow
from convai.meeting.digest import Digest, Mark
from convai.meeting.tokens import MOST_TOKENS, SLOTS, SPECIAL, Vocabulary
from tests.talks import NOW, VIENNA, lines

PIECES = [*SPECIAL, "how", "about", "at", "yes", "pl", "##ease", "?", ".", ",", "cafe"]
KNOWN = Vocabulary(PIECES)


def shown(digest: Digest) -> str:
    return " ".join(PIECES[id] for id in KNOWN.encode(digest).ids)


def digest(talk: str) -> Digest:
    return follow(lines(talk), NOW, VIENNA)[1]


def test_a_talk_in_pieces() -> None:
    found = digest("a: How about Thursday at three?|c: Yes, please.")
    assert shown(found) == (
        "[CLS] [DAY0] [AGENT] how about [DAY1] at [HOUR0] ?"
        " [CALLER] yes , pl ##ease . [SEP]"
    )
    tokens = KNOWN.encode(found)
    assert [at for at, number in enumerate(tokens.days) if number == 1] == [5]
    assert [at for at, number in enumerate(tokens.hours) if number == 0] == [7]
    assert len(tokens.ids) == len(tokens.days) == len(tokens.hours)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Café", "cafe"),
        ("plus", "[UNK]"),
        ("y" * 61, "[UNK]"),
        ("yes.", "yes ."),
        ("", ""),
    ],
)
def test_words_are_cut(text: str, pieces: str) -> None:
    found = shown(Digest([], turns=[("caller", [text])]))
    assert found == " ".join(f"[CLS] [DAY0] [CALLER] {pieces} [SEP]".split())


def test_what_is_vague_has_a_piece_of_its_own() -> None:
    vague = Digest([], turns=[("agent", [Mark("day", None), Mark("hour", None)])])
    assert shown(vague) == "[CLS] [DAY0] [AGENT] [DAY] [HOUR] [SEP]"
    tokens = KNOWN.encode(vague)
    assert tokens.days == [-1, 0, -1, -1, -1, -1]
    assert set(tokens.hours) == {-1}


def test_slots_are_taken_anew_when_there_are_more_days() -> None:
    days = [Mark("day", number) for number in range(1, SLOTS + 1)]
    many = Digest([], turns=[("agent", [it]) for it in days])
    tokens = KNOWN.encode(many)
    marked = [it for it in tokens.ids if it >= SPECIAL.index("[DAY0]")]
    assert marked[-1] == marked[0], "the last one has the place of the first"
    assert [it for it in tokens.days if it >= 0] == list(range(SLOTS + 1))


def test_of_a_long_talk_what_is_near_a_day_is_kept() -> None:
    chat = [("caller", ["yes yes yes yes"])] * 200
    found = Digest([], turns=[*chat, ("agent", [Mark("day", 1), "?"]), *chat])  # type: ignore[list-item]
    tokens = KNOWN.encode(found)
    assert len(tokens.ids) <= MOST_TOKENS
    assert 1 in tokens.days
    assert len(tokens.ids) > MOST_TOKENS - 6, "and as much of the rest as there is room"


def test_of_a_long_turn_the_end_is_kept() -> None:
    words: list[str | Mark] = [*["yes"] * 1000, Mark("day", 1)]
    tokens = KNOWN.encode(Digest([], turns=[("caller", words)]))
    assert len(tokens.ids) == MOST_TOKENS
    assert tokens.days[-2] == 1


def test_the_vocabulary_of_another_network_is_refused() -> None:
    with pytest.raises(ValueError, match="another reader"):
        Vocabulary(["[PAD]", "how"])


@given(st.lists(st.tuples(st.sampled_from(["agent", "caller"]), st.text()), max_size=9))
def test_any_words_have_numbers(talk: list[tuple[str, str]]) -> None:
    found = Digest([], turns=[(who, [text]) for who, text in talk])  # type: ignore[misc]
    tokens = KNOWN.encode(found)
    assert all(0 <= id < len(PIECES) for id in tokens.ids)
    assert len(tokens.ids) <= MOST_TOKENS
