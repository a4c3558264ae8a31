"""Housekeeping: circles are collected, at the right time, and all is put back."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Callable, Iterator
from itertools import chain, repeat

import pytest

from rtc.housekeeping import (
    MANY,
    MIDDLE,
    SWITCH_S,
    TOO_MANY,
    YOUNG,
    Housekeeping,
    _peak_mb,
    resident_mb,
)


class Circle:
    """Refers to itself: only the collector can free it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def interpreter_as_found() -> Iterator[None]:
    """A test that fails must not spoil the others."""
    interval = sys.getswitchinterval()
    yield
    sys.setswitchinterval(interval)
    gc.unfreeze()
    gc.enable()


def taking(*seconds: float) -> Callable[[], float]:
    """A clock by which collections take this long, one after the other; then 0 s."""
    now = 0.0
    steps = chain.from_iterable((0.0, took) for took in chain(seconds, repeat(0.0)))

    def clock() -> float:
        nonlocal now
        now += next(steps)
        return now

    return clock


def litter(objects: int = YOUNG + 500) -> weakref.ref[Circle]:
    """Leave that many objects in circles behind; one of them to be watched."""
    watched = weakref.ref(Circle())
    for _ in range(objects):
        Circle()
    return watched


def end_calls(keeping: Housekeeping, calls: int) -> None:
    """That many end while one goes on, and never is there time for collecting."""
    keeping.tick(0.0, calls + 1)
    keeping.tick(0.0, 1)


def test_young_circles_are_collected_after_a_tick() -> None:
    with Housekeeping(taking()) as keeping:
        circle = litter()
        assert circle() is not None
        keeping.tick(0.015, 3)
        assert circle() is None
        assert keeping.collections == 1


def test_a_few_young_objects_are_left_alone() -> None:
    with Housekeeping(taking()) as keeping:
        gc.collect()
        circle = litter(100)
        keeping.tick(0.015, 3)
        assert circle() is not None
        assert keeping.collections == 0


def test_python_does_not_collect_by_itself() -> None:
    with Housekeeping(taking()):
        circle = litter(100_000)
        assert circle() is not None
    gc.collect()
    assert circle() is None


def test_what_was_there_at_the_start_is_not_looked_at() -> None:
    old = [Circle() for _ in range(1000)]
    with Housekeeping(taking()):
        assert gc.get_freeze_count() >= 1000
        assert not any(thing is old[0] for thing in gc.get_objects())
    assert any(thing is old[0] for thing in gc.get_objects())


def test_no_collection_that_took_longer_than_what_is_left() -> None:
    with Housekeeping(taking(0.010)) as keeping:
        litter()
        keeping.tick(0.015, 3)
        circle = litter()
        keeping.tick(0.009, 3)
        assert circle() is not None
        assert (keeping.collections, keeping.postponed) == (1, 1)
        keeping.tick(0.011, 3)
        assert circle() is None
        assert keeping.collections == 2


def test_one_slow_collection_does_not_end_collecting() -> None:
    with Housekeeping(taking(0.030)) as keeping:
        litter()
        keeping.tick(1.0, 3)
        circle = litter()
        ticks = 0
        while circle() is not None:
            keeping.tick(0.018, 3)
            ticks += 1
            assert ticks < 1000
        assert ticks > 250  # five seconds


def test_too_many_young_objects_do_not_wait_for_time() -> None:
    with Housekeeping(taking(0.030)) as keeping:
        litter()
        keeping.tick(1.0, 3)
        circle = litter(10 * YOUNG)
        keeping.tick(0.0, 3)
        assert circle() is None


def test_what_survived_being_young_is_collected_a_few_looks_later() -> None:
    with Housekeeping(taking()) as keeping:
        circle = Circle()
        litter()
        keeping.tick(0.015, 3)  # it is in use, so it survives
        watched = weakref.ref(circle)
        del circle
        for _ in range(MIDDLE):
            litter()
            keeping.tick(0.015, 3)
        assert watched() is None


def grown_old() -> Circle:
    """A circle that survived so long that only a look at the oldest finds it."""
    circle = Circle()
    gc.collect()
    return circle


def test_old_circles_are_collected_when_the_last_call_is_gone() -> None:
    with Housekeeping(taking()) as keeping:
        keeping.tick(0.015, 1)
        watched = weakref.ref(grown_old())
        keeping.tick(0.015, 1)
        assert watched() is not None
        keeping.tick(0.0, 0)  # nobody is disturbed: no time needs to be left
        assert watched() is None
        assert keeping.longest_ms == 0.0


def test_who_knows_that_no_call_runs_says_so() -> None:
    with Housekeeping(taking()) as keeping:
        keeping.tick(0.015, 1)
        watched = weakref.ref(grown_old())
        keeping.rest()
        assert watched() is None
        gc.collect()
        keeping.rest()
        assert keeping.collections == 1  # nothing new: nothing to do


def test_old_circles_are_collected_after_many_calls_if_there_is_time() -> None:
    with Housekeeping(taking()) as keeping:
        watched = weakref.ref(grown_old())
        end_calls(keeping, MANY - 1)
        keeping.tick(0.015, 1)
        assert watched() is not None
        end_calls(keeping, 1)
        assert watched() is not None
        keeping.tick(0.015, 1)
        assert watched() is None


def test_with_many_calls_running_old_objects_need_more_time() -> None:
    with Housekeeping(taking()) as keeping:
        keeping.tick(0.0, 50 + MANY)
        keeping.tick(0.010, 50)
        assert keeping.collections == 0
        keeping.tick(0.010, 5)
        assert keeping.collections == 1


def test_old_circles_do_not_wait_for_time_for_ever() -> None:
    with Housekeeping(taking()) as keeping:
        watched = weakref.ref(grown_old())
        end_calls(keeping, TOO_MANY - 1)
        assert watched() is not None
        end_calls(keeping, 1)
        assert watched() is None


def test_counters_tell_of_time_taken() -> None:
    with Housekeeping(taking(0.002, 0.005, 0.040)) as keeping:
        for _ in range(2):
            litter()
            keeping.tick(0.015, 1)
        keeping.tick(0.015, 0)
        assert keeping.counters() == {
            "gc_collections": 3,
            "gc_postponed": 0,
            "gc_longest_ms": 5.0,  # the last one disturbed nobody
            "gc_total_ms": 47.0,
        }


@pytest.mark.parametrize("enabled", [True, False])
def test_the_interpreter_is_left_as_it_was_found(enabled: bool) -> None:
    sys.setswitchinterval(0.003)
    if not enabled:
        gc.disable()
    with pytest.raises(KeyError), Housekeeping(taking()):
        assert sys.getswitchinterval() == pytest.approx(SWITCH_S)
        assert not gc.isenabled()
        assert gc.get_freeze_count()
        raise KeyError
    assert sys.getswitchinterval() == pytest.approx(0.003)
    assert gc.isenabled() is enabled
    assert not gc.get_freeze_count()


def test_memory_is_what_the_process_occupies() -> None:
    before = resident_mb()
    assert 5 < before < 10_000
    ballast = b"x" * 200_000_000
    assert resident_mb() - before > 100
    assert ballast


def test_without_proc_the_peak_is_told() -> None:
    assert _peak_mb() >= resident_mb() * 0.9
