from __future__ import annotations

from convai.local.playing import CutShort, Playing

FIRST, SECOND = "One two three four.", "Five six seven eight."


def playing() -> Playing:
    """Two sentences of two seconds, sent in a burst at 10 s."""
    estimate = Playing()
    estimate.begin(1, f"{FIRST} {SECOND}", 10.0)
    estimate.sent(1, FIRST, 2.0, 10.0)
    estimate.sent(1, SECOND, 2.0, 10.1)
    return estimate


def test_a_burst_is_heard_in_real_time() -> None:
    assert playing().until == 14.0


def test_cut_in_the_first_sentence() -> None:
    assert playing().cut(11.0) == [CutShort(1, f"{FIRST} {SECOND}", "One two")]


def test_cut_in_the_second_sentence() -> None:
    assert playing().cut(13.5)[0].heard == "One two three four. Five six seven"


def test_cut_before_a_word_was_heard() -> None:
    assert playing().cut(10.1)[0].heard == ""


def test_what_was_heard_to_its_end_is_not_cut() -> None:
    assert playing().cut(14.0) == []


def test_after_a_cut_nothing_is_playing() -> None:
    estimate = playing()
    estimate.cut(11.0)
    assert estimate.until == 11.0
    assert estimate.cut(11.0) == []


def test_a_reply_that_waits_for_another_is_cut_with_it() -> None:
    estimate = playing()
    estimate.begin(2, "Nine.", 12.0)
    estimate.sent(2, "Nine.", 1.0, 12.0)
    assert estimate.until == 15.0
    cuts = estimate.cut(13.0)
    assert [(cut.reply, cut.heard) for cut in cuts] == [
        (1, f"{FIRST} Five six"),
        (2, ""),
    ]


def test_a_later_reply_starts_when_it_is_sent() -> None:
    estimate = playing()
    estimate.begin(2, "Nine ten.", 20.0)
    estimate.sent(2, "Nine ten.", 2.0, 20.0)
    assert [(cut.reply, cut.heard) for cut in estimate.cut(21.0)] == [(2, "Nine")]


def test_sentences_without_sound_count_as_heard() -> None:
    estimate = Playing()
    estimate.begin(1, "... Well.", 0.0)
    estimate.sent(1, "...", 0.0, 0.0)
    estimate.sent(1, "Well.", 1.0, 0.0)
    assert estimate.cut(0.5)[0].heard == "..."


def test_what_was_begun_is_remembered_after_its_end() -> None:
    playing = Playing()
    playing.begin(3, "Hello.", 0)
    playing.cut(100)
    assert playing.begun == 3
