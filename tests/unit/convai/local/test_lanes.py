from __future__ import annotations

import threading
from contextlib import ExitStack

from convai.local.lanes import Lanes


def test_work_of_a_lane_stays_in_order_on_one_thread() -> None:
    lanes = Lanes("test", 2)
    with lanes.lane() as lane:
        jobs = [lane.submit(lambda n=n: (n, threading.get_ident())) for n in range(50)]
        done = [job.result(5) for job in jobs]
    lanes.close()
    assert [number for number, _ in done] == list(range(50))
    assert len({thread for _, thread in done}) == 1


def test_callers_are_shared_out() -> None:
    lanes = Lanes("test", 2)
    with ExitStack() as stack:
        first, second, third = (stack.enter_context(lanes.lane()) for _ in range(3))
        assert first is not second
        assert third in (first, second)
    with lanes.lane() as one, lanes.lane() as other:
        assert one is not other  # the three have left
    lanes.close()
