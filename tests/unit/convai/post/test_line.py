"""The line: due ones first, a bound for each kind."""

from __future__ import annotations

from convai.post.line import Line


def test_in_the_order_in_which_they_are_due() -> None:
    line = Line(at_once=2)
    line.add("c", "mail", 3.0)
    line.add("a", "mail", 1.0)
    line.add("b", "mail", 2.0)
    assert line.take(0.0) == [] and line.wait(0.0) == 1.0
    assert line.take(5.0) == ["a", "b"] and len(line) == 3
    assert line.take(5.0) == [] and line.wait(5.0) is None
    line.done("a")
    assert line.take(5.0) == ["c"] and len(line) == 2


def test_kinds_do_not_wait_for_each_other() -> None:
    line = Line(at_once=1)
    line.add("mail-1", "mail", 0.0)
    line.add("mail-2", "mail", 0.0)
    line.add("hook-1", "webhook", 0.0)
    assert line.take(1.0) == ["mail-1", "hook-1"]


def test_a_kind_may_rest() -> None:
    line = Line(at_once=4)
    line.add("a", "mail", 0.0)
    line.add("b", "webhook", 0.0)
    line.rest("mail", 60.0, "wrong password")
    assert line.resting("mail", 59.0) == "wrong password"
    assert line.resting("webhook", 1.0) == line.resting("mail", 60.0) == ""
    assert line.take(1.0) == ["b"] and line.wait(1.0) == 59.0
    assert line.take(60.0) == ["a"]


def test_one_under_way_may_wait_again_already() -> None:
    line = Line(at_once=4)
    line.add("a", "mail", 0.0)
    assert line.take(0.0) == ["a"] and line.busy("a")
    line.add("a", "mail", 0.0)
    assert line.take(1.0) == [] and len(line) == 1
    line.done("a")
    assert not line.busy("a") and line.take(1.0) == ["a"]


def test_dropped() -> None:
    line = Line(at_once=4)
    line.add("a", "mail", 0.0)
    line.drop("a")
    line.drop("a")
    assert len(line) == 0 and line.take(1.0) == [] and line.wait(0.0) is None
