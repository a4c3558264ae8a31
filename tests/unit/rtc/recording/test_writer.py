"""Writer: jobs in order on a thread that rests, unless somebody waits."""

from __future__ import annotations

import threading
from functools import partial

import pytest

from rtc.recording import writer as module
from rtc.recording.writer import Writer

LONG_S = 60.0
"A rest that no test lives to see the end of."


def test_jobs_run_in_order_on_a_thread_of_their_own() -> None:
    done: list[tuple[int, str]] = []

    def job(k: int) -> None:
        done.append((k, threading.current_thread().name))

    with Writer() as writer:
        assert all(writer.post(partial(job, k)) for k in range(100))
    assert done == [(k, "writer") for k in range(100)]


def test_whoever_waits_does_not_wait_for_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "REST_S", LONG_S)
    first, lazy, last = (threading.Event() for _ in range(3))
    with Writer() as writer:
        writer.post(first.set)
        assert first.wait(10), "nothing rests that has not worked"
        writer.post(lazy.set)
        writer.post(last.set, hurry=True)
        assert last.wait(10)
        assert lazy.is_set()
        writer.post(lazy.clear)
    assert not lazy.is_set(), "nor does leaving"


def test_a_thread_that_a_bug_has_ended_takes_no_more_jobs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(threading, "excepthook", lambda args: None)

    def bug() -> None:
        raise TypeError("a bug")

    with Writer() as writer:
        writer.post(bug)
        writer._thread.join(10)
        assert not writer.post(lambda: None)
        assert not writer.post(lambda: None, hurry=True)
    assert writer.refused == 2


def test_a_job_that_finds_no_room_is_refused_and_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "BOUND", 3)
    hanging, hang = threading.Event(), threading.Event()
    done: list[int] = []

    def disk() -> None:
        hanging.set()
        hang.wait(10)

    with Writer() as writer:
        writer.post(disk)
        assert hanging.wait(10)
        posted = [writer.post(lambda: done.append(1)) for _ in range(5)]
        assert writer.post(lambda: done.append(1), hurry=True), "the end of a call"
        hang.set()
    assert posted == [True] * 3 + [False] * 2
    assert writer.refused == 2 and len(done) == 4


def test_a_disk_that_hangs_does_not_keep_the_process(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "LEAVE_S", 0.01)
    hang = threading.Event()
    with Writer() as writer:
        writer.post(lambda: hang.wait(10) and None)
    hang.set()
    assert "the disk hangs" in caplog.text


def test_what_can_wait_is_done_once_and_though_no_other_job_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "REST_S", 0.01)
    done: list[int] = []
    jobs = [partial(done.append, k) for k in range(3)]
    last = threading.Event()
    with Writer() as writer:
        for job in (*jobs, *jobs, last.set):
            writer.post(partial(writer.later, job, 0.2))
        writer.post(partial(writer.never, jobs[1]))
        assert last.wait(10)
    assert set(done) == {0, 2} and len(done) < 6


def test_what_can_wait_keeps_no_job_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REST_S", 0.01)
    order: list[str] = []
    all_done = threading.Event()

    def slow(k: int) -> None:
        order.append(f"slow {k}")
        writer.post(partial(order.append, "job"))
        if k == 2:
            all_done.set()

    with Writer() as writer:
        jobs = [partial(slow, k) for k in range(3)]
        writer.post(lambda: [writer.later(job) for job in jobs] and None)
        assert all_done.wait(10)
    assert order == ["slow 0", "job", "slow 1", "job", "slow 2", "job"]
