"""The post in virtual time: tried again later and later, restarted, forgotten."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from convai.post import post as module
from convai.post import spool as spool_module
from convai.post.outbox import Outbox
from convai.post.parcel import Carried, Later, Never, Parcel, Partly, Report
from convai.post.post import Full, Post
from convai.post.schedule import WAITS_S
from tests import virtual

T = TypeVar("T")

BEGAN = datetime(2026, 11, 24, 9, tzinfo=UTC)


async def at_once(work: Callable[[], T]) -> T:
    """The disk, without threads: the clock would run away from them."""
    return work()


def parcel(name: str = "a", **more: str) -> Parcel:
    given = {"kind": "mail", "call": "call-1", "meeting": "meeting-1", **more}
    return Parcel(name, body=b"words", recipients=("r@x.y", "q@x.y"), **given)  # type: ignore[arg-type]


class Carrier:
    """Does what it is told; by default it takes everything."""

    def __init__(self, *answers: Carried | Exception, takes_s: float = 0.0) -> None:
        self.answers = list(answers)
        self.takes_s = takes_s
        self.carried: list[tuple[str, float]] = []
        self.recipients: list[tuple[str, ...]] = []
        self.under_way = self.most = 0

    async def carry(self, parcel: Parcel) -> Carried:
        self.carried.append((parcel.id, asyncio.get_running_loop().time()))
        self.recipients.append(parcel.recipients)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await asyncio.sleep(self.takes_s)
        finally:
            self.under_way -= 1
        answer = self.answers.pop(0) if self.answers else "sent"
        if isinstance(answer, Exception):
            raise answer
        return answer


class Desk:
    """What the post told, and the wall clock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told: list[Report] = []
        self.began = BEGAN

    def now(self) -> datetime:
        loop = asyncio.get_running_loop()
        return self.began + timedelta(seconds=loop.time())

    @asynccontextmanager
    async def post(
        self, mail: Carrier, hook: Carrier | None = None
    ) -> AsyncIterator[Post]:
        async with Post(
            self.folder,
            {"mail": mail, "webhook": hook or Carrier()},
            tell=self.told.append,
            now=self.now,
            beside=at_once,
            chance=lambda: 0.5,
        ) as post:
            yield post


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def states(desk: Desk) -> list[str]:
    return [it.state for it in desk.told]


def test_sent_once_however_often_it_is_put(desk: Desk) -> None:
    carrier = Carrier()

    async def main() -> None:
        async with desk.post(carrier) as post:
            await asyncio.gather(*(post.put(parcel()) for _ in range(3)))
            assert [it.state for it in post.reports("meeting-1")] == ["waiting"]
            await asyncio.sleep(1)
            await post.put(parcel())
            await asyncio.sleep(1)
            assert [it.state for it in post.reports("meeting-1")] == ["sent"]
            assert post.reports("meeting-2") == []
            assert post.counters() == {
                "attempts": 1,
                "sent": 1,
                "outbox": 0,
                "failed": 0,
                "doubts": 0,
                "dropped": 0,
                "bugs": 0,
                "set_aside": 0,
                "waiting": 0,
            }
        async with desk.post(carrier) as post:
            await post.put(parcel())
            await asyncio.sleep(1)
            assert post.reports("meeting-1")[0].state == "sent"

    virtual.run(main())
    assert len(carrier.carried) == 1 and states(desk) == ["sent"]


def test_later_and_later_and_then_no_more(desk: Desk) -> None:
    carrier = Carrier(*[Later("busy")] * 100)

    async def main() -> None:
        async with desk.post(carrier) as post:
            await post.put(parcel())
            await asyncio.sleep(100 * 3600)

    virtual.run(main())
    times = [at for _, at in carrier.carried]
    gaps = [round(b - a) for a, b in zip(times, times[1:], strict=False)]
    assert gaps == [round(it) for it in WAITS_S]
    assert states(desk) == ["waiting"] * len(WAITS_S) + ["failed"]
    assert desk.told[-1].why == "busy" and desk.told[-1].attempts == len(WAITS_S) + 1


def test_what_failed_may_be_tried_again(desk: Desk) -> None:
    carrier = Carrier(Never("no such user"))

    async def main() -> None:
        async with desk.post(carrier) as post:
            await post.put(parcel())
            await asyncio.sleep(1)
            assert post.reports("meeting-1")[0].why == "no such user"
            await post.retry("nobody")
            await post.retry("a")
            await post.retry("a")
            await asyncio.sleep(1)
            await post.retry("a")

    virtual.run(main())
    assert states(desk) == ["failed", "waiting", "sent"]
    assert len(carrier.carried) == 2


def test_a_restart_goes_on_where_it_was(desk: Desk) -> None:
    carrier = Carrier(*[Later("busy")] * 4)

    async def main() -> None:
        async with desk.post(carrier) as post:
            await post.put(parcel())
            await asyncio.sleep(120)
        await asyncio.sleep(20)
        async with desk.post(carrier) as post:
            assert post.reports("meeting-1")[0].why == "busy"
            await asyncio.sleep(400)

    virtual.run(main())
    # 0, +10, +30, +60; then +120, of which 20 passed while nobody was there.
    assert [round(at) for _, at in carrier.carried] == [0, 10, 40, 100, 220]


def test_a_clock_that_jumped_does_not_keep_it_for_ever(desk: Desk) -> None:
    carrier = Carrier(Later("busy"))

    async def main() -> None:
        async with desk.post(carrier) as post:
            await post.put(parcel())
            await asyncio.sleep(1)
        desk.began -= timedelta(days=400)
        async with desk.post(carrier):
            await asyncio.sleep(3 * 3600)

    virtual.run(main())
    assert len(carrier.carried) == 2 and states(desk) == ["waiting", "sent"]


def test_a_wrong_setting_holds_all_up_and_a_restart_tries_at_once(desk: Desk) -> None:
    wrong = Later("wrong password", slow=True)
    carrier = Carrier(*[wrong] * 500)

    async def main() -> None:
        async with desk.post(carrier) as post:
            await post.put(parcel("a"))
            await asyncio.sleep(1)
            for name in ("b", "c", "d"):
                await post.put(parcel(name))
            assert [it.parcel for it in desk.told] == ["a", "b", "c", "d"]
            assert {it.why for it in desk.told} == {"wrong password"}
            assert {it.why for it in post.reports("meeting-1")} == {"wrong password"}
            await post.put(parcel("hook", kind="webhook"))
            await asyncio.sleep(3600 * 10)
            # Every half hour, each of the four; not one more while it rests.
            assert len(carrier.carried) <= 4 * 21
            assert [it.state for it in desk.told if it.kind == "webhook"] == ["sent"]
            assert {it.state for it in post.reports("meeting-1")} == {"waiting", "sent"}
        carrier.answers.clear()
        before = len(carrier.carried)
        async with desk.post(carrier):
            await asyncio.sleep(1)
        assert len(carrier.carried) == before + 4

    virtual.run(main())


def test_who_has_it_is_left_out(desk: Desk) -> None:
    carrier = Carrier(
        Later("450", left=("q@x.y",), refused="one refused"), Later("450")
    )

    async def main() -> None:
        async with desk.post(carrier) as post:
            await post.put(parcel())
            await asyncio.sleep(15)
        async with desk.post(carrier):
            await asyncio.sleep(60)

    virtual.run(main())
    assert carrier.recipients == [("r@x.y", "q@x.y"), ("q@x.y",), ("q@x.y",)]
    assert states(desk) == ["waiting", "waiting", "sent"]
    assert desk.told[-1].why == "one refused"


def test_partly_is_sent(desk: Desk) -> None:
    async def main() -> None:
        async with desk.post(Carrier(Partly("1 of 2"))) as post:
            await post.put(parcel())
            await asyncio.sleep(1)

    virtual.run(main())
    assert (states(desk), desk.told[0].why) == (["sent"], "1 of 2")


def test_few_at_once(desk: Desk) -> None:
    mail, hook = Carrier(takes_s=1.0), Carrier(takes_s=1.0)

    async def main() -> None:
        async with desk.post(mail, hook) as post:
            for k in range(20):
                await post.put(parcel(f"m{k}"))
                await post.put(parcel(f"h{k}", kind="webhook"))
            await asyncio.sleep(4.5)
            assert post.counters()["sent"] == 32
            await asyncio.sleep(5)
            assert post.counters()["sent"] == 40

    virtual.run(main())
    assert mail.most == hook.most == 4


def test_there_is_a_bound(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 3)
    monkeypatch.setattr(module, "MOST_SETTLED", 2)
    carrier = Carrier(*[Later("busy")] * 3)

    async def main() -> None:
        async with desk.post(carrier) as post:
            for name in ("a", "b", "c"):
                await post.put(parcel(name))
            with pytest.raises(Full):
                await post.put(parcel("d"))
            assert post.counters()["dropped"] == 1
            await asyncio.sleep(60)
            await post.put(parcel("d"))
            await asyncio.sleep(60)
            assert [it.parcel for it in post.reports("meeting-1")] == ["b", "c", "d"]
            await post.put(parcel("e"))
            assert [it.parcel for it in post.reports("meeting-1")][:2] == ["c", "d"]

    virtual.run(main())


def test_forgotten(desk: Desk) -> None:
    carrier = Carrier(Later("busy"), Later("busy"), takes_s=10.0)

    async def main() -> None:
        async with desk.post(carrier) as post:
            await post.put(parcel("a"))
            await post.put(parcel("b", call="call-2", meeting="meeting-2"))
            await asyncio.sleep(1)
            await post.forget("call-1")
            await post.forget("call-9")
            assert post.reports("meeting-1") == []
            await asyncio.sleep(3600)
            assert post.counters()["sent"] == 1

    virtual.run(main())
    assert [(it.parcel, it.state) for it in desk.told] == [
        ("b", "waiting"),
        ("b", "sent"),
    ]
    found = {it.name for it in desk.folder.rglob("*") if it.is_file()}
    assert found == {"b.json"}


async def test_forgotten_also_in_the_outbox(tmp_path: Path) -> None:
    told: asyncio.Queue[Report] = asyncio.Queue()
    carriers = {"mail": Outbox(tmp_path / "outbox")}
    async with Post(tmp_path / "post", carriers, tell=told.put_nowait) as post:
        for name, call in (("a", "call-1"), ("b", "call-2")):
            await post.put(parcel(name, call=call))
            async with asyncio.timeout(10):
                assert (await told.get()).state == "outbox"
        await post.forget("call-1")
    assert [it.name for it in (tmp_path / "outbox").iterdir()] == ["b.eml"]


def test_leaving_gives_what_is_under_way_a_moment(desk: Desk) -> None:
    quick, hanging = Carrier(takes_s=3.0), Carrier(takes_s=100.0)

    async def main() -> None:
        async with desk.post(quick, hanging) as post:
            await post.put(parcel("mail"))
            await post.put(parcel("hook", kind="webhook"))
            await asyncio.sleep(0.5)
            began = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - began <= 5.0
        assert [(it.parcel, it.state) for it in desk.told] == [("mail", "sent")]
        hanging.takes_s = 0.0
        async with desk.post(quick, hanging) as post:
            await asyncio.sleep(60)
            assert post.counters()["doubts"] == 1

    virtual.run(main())
    assert [name for name, _ in quick.carried] == ["mail"]
    assert [name for name, _ in hanging.carried] == ["hook", "hook"]
    assert states(desk) == ["sent", "sent"]


def test_a_full_disk_sends_nothing_twice(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    carrier, full, write = Carrier(), [False], spool_module.write

    def maybe(path: Path, content: bytes) -> None:
        if full[0] or b'"sent"' in content:
            raise OSError(errno.ENOSPC, "no space")
        write(path, content)

    monkeypatch.setattr(spool_module, "write", maybe)

    async def main() -> None:
        async with desk.post(carrier) as post:
            await post.put(parcel("a"))
            await asyncio.sleep(1)
            full[0] = True
            with pytest.raises(OSError, match="no space"):
                await post.put(parcel("b"))
            await asyncio.sleep(3600)
        async with desk.post(carrier):
            await asyncio.sleep(3600)
        full[0] = False
        monkeypatch.setattr(spool_module, "write", write)
        async with desk.post(carrier) as post:
            await asyncio.sleep(3600)
            assert post.reports("meeting-1")[0].state == "sent"

    virtual.run(main())
    assert [name for name, _ in carrier.carried] == ["a"]


def test_what_cannot_be_noted_is_not_begun(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    carrier, write = Carrier(), spool_module.write

    def full(path: Path, content: bytes) -> None:
        raise OSError(errno.ENOSPC, "no space")

    async def main() -> None:
        async with desk.post(carrier) as post:
            await post.put(parcel("a"))
            monkeypatch.setattr(spool_module, "write", full)
            await asyncio.sleep(200)
            assert carrier.carried == []
            monkeypatch.setattr(spool_module, "write", write)
            await asyncio.sleep(100)

    virtual.run(main())
    assert len(carrier.carried) == 1 and states(desk) == ["sent"]


def test_another_process_is_at_it(desk: Desk) -> None:
    """Locked: left alone. Delivered by the other, or forgotten: known the next time."""
    carrier = Carrier()

    async def main() -> None:
        async with desk.post(carrier) as post:
            other = spool_module.Spool(desk.folder)
            holds = {}
            for name in ("a", "b"):
                other.add(parcel(name))
                holds[name] = other.hold(name)
                holds[name].take(lambda it: it.begun(desk.now()), desk.now())
            await asyncio.sleep(100)
            assert [it.state for it in post.reports("meeting-1")] == ["waiting"] * 2
            record = other.record("a")
            assert record is not None
            holds["a"].mark(record.taken("sent", desk.now()))
            other.erase("b")
            for hold in holds.values():
                hold.release()
            await asyncio.sleep(100)
            assert [it.state for it in post.reports("meeting-1")] == ["sent"]

    virtual.run(main())
    assert carrier.carried == [] and states(desk) == ["sent"]


def test_what_another_process_left_is_found(desk: Desk) -> None:
    carrier = Carrier()

    async def main() -> None:
        async with desk.post(carrier):
            spool_module.Spool(desk.folder).add(parcel("left"))
            await asyncio.sleep(61)

    virtual.run(main())
    assert [name for name, _ in carrier.carried] == ["left"]


async def test_with_threads(tmp_path: Path) -> None:
    told: asyncio.Queue[Report] = asyncio.Queue()
    async with Post(tmp_path, {"mail": Carrier()}, tell=told.put_nowait) as post:
        await post.put(parcel())
        async with asyncio.timeout(10):
            assert (await told.get()).state == "sent"


async def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError):
        async with Post(tmp_path / "file", {}, tell=print):
            pass
