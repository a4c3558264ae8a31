"""One attempt, and what follows from it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from convai.post.dispatch import DELIVERY_S, Dispatch, Verdict
from convai.post.parcel import Carried, Later, Never, Parcel, Partly
from convai.post.record import fresh
from convai.post.schedule import WAITS_S
from tests import virtual

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
PARCEL = Parcel("a", "mail", "c", "m", b"x")


class Fails:
    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    async def carry(self, parcel: Parcel) -> Carried:
        if self.error is not None:
            raise self.error
        await asyncio.sleep(DELIVERY_S * 2)
        return "sent"


def attempt(error: Exception | None) -> Verdict:
    return virtual.run(Dispatch({"mail": Fails(error)}).attempt(PARCEL))


def test_verdicts_are_handed_on() -> None:
    for error in (Later("x"), Never("x"), Partly("x")):
        assert attempt(error) is error


def test_a_carrier_that_hangs() -> None:
    verdict = attempt(None)
    assert isinstance(verdict, Later) and str(verdict) == "it took too long"


def test_a_bug_is_logged_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    dispatch = Dispatch({"mail": Fails(KeyError("a bug"))})
    verdict = virtual.run(dispatch.attempt(PARCEL))
    assert isinstance(verdict, Later) and "a bug" not in str(verdict)
    assert dispatch.bugs == 1 and "by a bug" in caplog.text


def test_nobody_to_carry_it() -> None:
    verdict = virtual.run(Dispatch({}).attempt(PARCEL))
    assert isinstance(verdict, Later) and verdict.slow


def test_what_follows() -> None:
    dispatch = Dispatch({}, chance=lambda: 0.5)
    record = dispatch.begun(fresh(PARCEL, NOW), NOW)
    assert record.due == NOW + timedelta(seconds=10)
    assert dispatch.after(record, "outbox", NOW).state == "outbox"
    partly = dispatch.after(record, Partly("one refused"), NOW)
    assert (partly.state, partly.why) == ("sent", "one refused")
    assert dispatch.after(record, Never("no"), NOW).state == "failed"
    later = dispatch.after(record, Later("busy"), NOW)
    assert (later.state, later.due) == ("waiting", NOW + timedelta(seconds=10))
    slow = dispatch.after(record, Later("password", slow=True), NOW)
    assert slow.due == NOW + timedelta(seconds=1800)


def test_it_is_given_up_unless_a_person_has_to_mend_it() -> None:
    dispatch = Dispatch({}, chance=lambda: 0.5)
    record, waits = fresh(PARCEL, NOW), 0
    while record.state == "waiting":
        record = dispatch.after(dispatch.begun(record, NOW), Later("busy"), NOW)
        waits += 1
    assert (record.state, record.why, waits) == ("failed", "busy", len(WAITS_S) + 1)
    record = fresh(PARCEL, NOW)
    for _ in range(200):
        slow = Later("password", slow=True)
        record = dispatch.after(dispatch.begun(record, NOW), slow, NOW)
    assert (record.state, record.attempts) == ("waiting", 200)
