"""History: what was said and heard, whoever died when."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from convai.brief import Utterance
from convai.events import Corrected, Event, ReplyDone, Said, Speech
from convai.succession.history import MOST_CHARACTERS, MOST_UTTERANCES, History

RATE = 16_000
TEN = "one two three four five six seven eight nine ten"


def sound(reply: int, seconds: float) -> Speech:
    return Speech(reply, bytes(int(RATE * seconds) * 2))


def after(*events: Event) -> History:
    history = History(RATE)
    for event in events:
        history.note(event)
    return history


def said(history: History) -> list[tuple[str, str]]:
    return [(who, text) for who, text in history.utterances]


def test_whole_replies_and_the_caller() -> None:
    history = after(
        Said("agent", "Hello!", True, 1),
        sound(1, 1),
        ReplyDone(1),
        Said("caller", "Hi", False),
        Said("caller", "Hi there", True),
        Said("agent", "How are you?", True, 2),
        sound(2, 0.3),
        Said("caller", "Fi", False),
    )
    assert said(history) == [
        ("agent", "Hello!"),
        ("caller", "Hi there"),
        ("agent", "How"),  # as far as sound came
        ("caller", "Fi"),
    ]


def test_words_without_sound_were_not_heard() -> None:
    history = after(Said("agent", TEN, True, 1))
    assert said(history) == []
    assert history.broke_off() == Corrected(1, "")


def test_a_cut_reply_counts_as_far_as_it_was_sent() -> None:
    history = after(Said("agent", TEN, True, 1), sound(1, 5), ReplyDone(1))
    history.cut(1, 2500)
    assert said(history) == [("agent", "one two three four five")]
    history.note(Corrected(1, "one two three"))
    assert said(history) == [("agent", "one two three")]


def test_words_that_come_after_the_cut_are_cut_too() -> None:
    history = after(Said("agent", "one two", False, 1), sound(1, 5), ReplyDone(1))
    history.cut(1, 2500)
    history.note(Said("agent", TEN, True, 1))
    assert said(history) == [("agent", "one two three four five")]


def test_a_dead_agents_reply_counts_as_far_as_it_came() -> None:
    history = after(Said("agent", TEN, True, 1), sound(1, 2))
    assert history.broke_off() == Corrected(1, "one two three four five")
    history.note(Said("agent", "Sorry.", True, 2))
    history.note(sound(2, 1))
    assert said(history) == [
        ("agent", "one two three four five"),
        ("agent", "Sorry."[: len("Sorry.")]),
    ]
    history.cut(1, 400)
    assert said(history)[0] == ("agent", "one")


def test_a_provider_that_marks_no_ends_is_not_cut_short() -> None:
    fast = sound(1, 2)  # ten words in 2 s: faster than thought usual
    history = after(Said("agent", TEN, True, 1), fast, Said("caller", "Yes", True))
    assert said(history) == [("agent", TEN), ("caller", "Yes")]


def test_what_was_typed_and_is_repeated_as_heard_counts_once() -> None:
    typed = Said("caller", "ten o'clock", True, typed=True)
    history = after(typed, Said("caller", "ten o'clock", True))
    assert said(history) == [("caller", "ten o'clock")]


def test_the_newest_is_kept() -> None:
    history = History(RATE)
    for number in range(1000):
        history.note(Said("caller", f"word {number}", True))
    assert len(history.utterances) == MOST_UTTERANCES
    assert history.utterances[-1] == Utterance("caller", "word 999")
    assert history.dropped == 1000 - 2 * MOST_UTTERANCES
    history.note(Said("caller", "x" * MOST_CHARACTERS, True))
    assert len(history.utterances) == 1
    history.note(Said("caller", "y" * 2 * MOST_CHARACTERS, True))
    assert said(history) == [("caller", "y" * MOST_CHARACTERS)]


def test_words_that_always_come_late_are_bounded_too() -> None:
    history = after(Said("agent", TEN, True, 1), sound(1, 5), ReplyDone(1))
    for number in range(1000):
        history.note(Said("caller", f"word {number}", True, late=True))
    assert history.dropped == 1000 + 1 - 2 * MOST_UTTERANCES
    assert said(history)[-2:] == [("caller", "word 999"), ("agent", TEN)]


@given(
    st.lists(
        st.one_of(
            st.builds(
                Said, st.just("agent"), st.just(TEN), st.booleans(), st.integers(0, 5)
            ),
            st.builds(sound, st.integers(0, 5), st.floats(0, 4)),
            st.builds(ReplyDone, st.integers(0, 5)),
            st.builds(Said, st.just("caller"), st.text(max_size=9), st.booleans()),
            st.builds(Corrected, st.integers(0, 5), st.just("one two")),
            st.tuples(st.just("cut"), st.integers(0, 5), st.integers(0, 4000)),
            st.just("dies"),
        ),
        max_size=40,
    )
)
def test_never_a_word_without_its_sound(steps: list[object]) -> None:
    history = History(RATE)
    sounding = set()
    for step in steps:
        match step:
            case ("cut", int(reply), int(ms)):
                history.cut(reply, ms)
            case "dies":
                history.broke_off()
            case event:
                history.note(event)  # type: ignore[arg-type]
                if isinstance(event, Speech) and event.pcm:
                    sounding.add(event.reply)
    agent = [text for who, text in history.utterances if who == "agent"]
    assert all(TEN.startswith(text) for text in agent)
    corrected = {s.reply for s in steps if isinstance(s, Corrected)}
    assert len(agent) <= len(sounding | corrected)
