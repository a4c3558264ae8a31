"""The spool: nothing lost, nothing twice, and nothing foreign in the way."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from convai.post import spool as module
from convai.post.disk import write
from convai.post.packing import packed
from convai.post.parcel import Later, Parcel
from convai.post.record import Record, fresh
from convai.post.spool import KEEP, Spool

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
SOON = NOW + timedelta(seconds=10)


def parcel(name: str = "a", body: bytes = b"words") -> Parcel:
    return Parcel(name, "mail", "call", "meeting", body, "s@x.y", ("r@x.y",))


def begun(record: Record) -> Record:
    return record.begun(SOON)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    spool = Spool(tmp_path)
    assert spool.open(NOW) == {}
    return spool


def names(tmp_path: Path) -> list[str]:
    return sorted(
        str(it.relative_to(tmp_path)) for it in tmp_path.rglob("*") if it.is_file()
    )


def test_the_way_of_a_parcel(tmp_path: Path, spool: Spool) -> None:
    spool.add(parcel())
    assert names(tmp_path) == ["parcels/a"]
    assert Spool(tmp_path).open(NOW) == {"a": fresh(parcel(), NOW)}
    hold = spool.hold("a")
    found, record = hold.take(begun, NOW)
    assert found == parcel() and record is not None and record.trying
    assert Spool(tmp_path).open(NOW) == {"a": record}
    hold.mark(record.taken("sent", NOW))
    hold.release()
    assert names(tmp_path) == ["records/a.json"]
    assert Spool(tmp_path).open(NOW)["a"].state == "sent"
    assert spool.hold("a").take(begun, NOW) == (None, record.taken("sent", NOW))


def test_what_is_there_is_not_put_again(tmp_path: Path, spool: Spool) -> None:
    spool.add(parcel())
    spool.add(parcel(body=b"other words"))
    assert spool.hold("a").take(begun, NOW)[0] == parcel()
    spool.mark("a", fresh(parcel(), NOW).taken("outbox", NOW))
    spool.add(parcel())
    assert names(tmp_path) == ["records/a.json"]


def test_put_by_several_at_once_it_is_one(
    tmp_path: Path, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was put again, over the file that somebody had locked, and sent twice."""
    first, locked = threading.Event(), threading.Event()

    def slow(path: Path, content: bytes) -> None:
        first.set()
        locked.wait(0.2)  # the other one would come past here
        write(path, content)

    monkeypatch.setattr(module, "write", slow)
    other = Spool(tmp_path)
    one = threading.Thread(target=spool.add, args=[parcel()])
    two = threading.Thread(target=other.add, args=[parcel(body=b"again")])
    one.start()
    assert first.wait(10)
    two.start()
    one.join(10)
    hold = other.hold("a")
    assert hold.take(begun, NOW)[0] == parcel()
    locked.set()
    two.join(10)
    with pytest.raises(BlockingIOError):
        spool.hold("a").take(begun, NOW)
    hold.release()


def test_one_at_a_time(tmp_path: Path, spool: Spool) -> None:
    spool.add(parcel())
    hold = spool.hold("a")
    hold.take(begun, NOW)
    other = Spool(tmp_path).hold("a")
    with pytest.raises(BlockingIOError):
        other.take(begun, NOW)
    other.release()
    hold.release()
    again = Spool(tmp_path).hold("a")
    assert again.take(begun, NOW)[0] == parcel()
    again.release()


def test_who_comes_too_late_finds_it_delivered(tmp_path: Path, spool: Spool) -> None:
    spool.add(parcel())
    sent = fresh(parcel(), NOW).taken("sent", NOW)
    # The other process has told so, and not yet put the parcel away.
    (tmp_path / "records" / "a.json").write_text(
        __import__("json").dumps(sent.to_json())
    )
    hold = spool.hold("a")
    assert hold.take(begun, NOW) == (None, sent)
    hold.release()


def test_gone_while_its_record_says_that_it_waits(tmp_path: Path, spool: Spool) -> None:
    spool.add(parcel())
    spool.mark("a", fresh(parcel(), NOW))
    (tmp_path / "parcels" / "a").rename(tmp_path / "parcels" / "a.sent")
    with pytest.raises(BlockingIOError):
        spool.hold("a").take(begun, NOW)
    assert spool.hold("b").take(begun, NOW) == (None, None)


def test_died_before_it_could_write_that_it_is_sent(
    tmp_path: Path, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        spool.add(parcel(name))
    record = fresh(parcel(), NOW).begun(SOON)
    spool.mark("b", record)

    def full(path: Path, content: bytes) -> None:
        raise OSError(errno.ENOSPC, "no space")

    with monkeypatch.context() as patch:
        patch.setattr(module, "write", full)
        for name in ("a", "b"):
            with pytest.raises(OSError, match="no space"):
                spool.mark(name, record.taken("sent", NOW))
        assert names(tmp_path) == ["parcels/a.sent", "parcels/b.sent", "records/b.json"]
        found = Spool(tmp_path).open(NOW)
        assert [it.state for it in found.values()] == ["sent", "sent"]
    found = Spool(tmp_path).open(NOW)
    assert [it.state for it in found.values()] == ["sent", "sent"]
    assert names(tmp_path) == ["records/a.json", "records/b.json"]


def test_a_failed_one_keeps_its_parcel(tmp_path: Path, spool: Spool) -> None:
    spool.add(parcel())
    spool.mark("a", fresh(parcel(), NOW).given_up("no", NOW))
    assert names(tmp_path) == ["parcels/a", "records/a.json"]
    assert Spool(tmp_path).open(NOW)["a"].state == "failed"
    assert spool.names() == {"a"}


def test_foreign_and_torn_files_are_put_aside(tmp_path: Path, spool: Spool) -> None:
    spool.add(parcel("good"))
    (tmp_path / "parcels" / "torn").write_bytes(packed(parcel("torn"))[:-1])
    (tmp_path / "parcels" / "renamed").write_bytes(packed(parcel("other")))
    (tmp_path / "parcels" / "notes.txt").write_text("milk")
    (tmp_path / "parcels" / "folder").mkdir()
    (tmp_path / "records" / "torn.json").write_text('{"kind": "mail"')
    (tmp_path / "records" / "lonely.json").write_text("[]")
    (tmp_path / "records" / "notes.txt").write_text("milk")
    again = Spool(tmp_path)
    assert list(again.open(NOW)) == ["good"]
    assert again.set_aside == 7 - 1
    aside = sorted(it.name for it in (tmp_path / "aside").iterdir())
    assert aside == ["lonely.json", "notes.txt", "renamed", "torn", "torn.json"]
    assert Spool(tmp_path).open(NOW).keys() == {"good"}


def test_a_damaged_letter_is_told(tmp_path: Path, spool: Spool) -> None:
    for name in ("torn", "lost"):
        spool.add(parcel(name))
        later = Later("no answer")
        spool.mark(name, fresh(parcel(name), NOW).postponed(later, SOON))
    (tmp_path / "parcels" / "torn").write_bytes(b"{}")
    (tmp_path / "parcels" / "lost").unlink()
    found = Spool(tmp_path).open(NOW)
    assert {name: (it.state, it.why) for name, it in found.items()} == {
        "torn": ("failed", "the letter is damaged"),
        "lost": ("failed", "the letter is lost"),
    }


def test_a_damaged_record_sends_it_again(tmp_path: Path, spool: Spool) -> None:
    spool.add(parcel())
    (tmp_path / "records" / "a.json").write_bytes(b"\x00" * 100)
    assert Spool(tmp_path).open(NOW) == {"a": fresh(parcel(), NOW)}


def test_old_records_go(tmp_path: Path, spool: Spool) -> None:
    for name, age in (("old", KEEP * 2), ("new", KEEP / 2)):
        spool.mark(name, fresh(parcel(name), NOW).taken("sent", NOW - age))
    spool.mark("lies", fresh(parcel("lies"), NOW).taken("outbox", NOW - KEEP * 2))
    assert list(Spool(tmp_path).open(NOW)) == ["lies", "new"]
    assert names(tmp_path) == ["records/lies.json", "records/new.json"]


def test_what_a_killed_writer_left_goes_when_it_is_old(
    tmp_path: Path, spool: Spool
) -> None:
    old, new = (tmp_path / "parcels" / f".{it}.1-1.tmp" for it in ("old", "new"))
    for path, age_s in ((old, 7200), (new, 10)):
        path.write_text("half")
        os.utime(path, (NOW.timestamp() - age_s,) * 2)
    assert Spool(tmp_path).open(NOW) == {}
    assert not old.exists() and new.exists()


def test_erased(tmp_path: Path, spool: Spool) -> None:
    spool.add(parcel("a"))
    spool.mark("a", fresh(parcel(), NOW))
    (tmp_path / "parcels" / "b.sent").write_bytes(b"x")
    for name in ("a", "b", "c"):
        spool.erase(name)
    assert names(tmp_path) == []


def test_a_lock_that_is_let_go_while_a_thread_is_at_work(
    tmp_path: Path, spool: Spool
) -> None:
    spool.add(parcel())
    hold, at_work, go_on = spool.hold("a"), threading.Event(), threading.Event()

    def slowly(record: Record) -> Record:
        at_work.set()
        assert go_on.wait(10)
        return record.begun(SOON)

    thread = threading.Thread(target=hold.take, args=(slowly, NOW))
    thread.start()
    assert at_work.wait(10)
    hold.release()
    with pytest.raises(BlockingIOError):
        take(Spool(tmp_path), begun)
    go_on.set()
    thread.join()
    take(Spool(tmp_path), begun)


def take(spool: Spool, begun: Callable[[Record], Record]) -> None:
    hold = spool.hold("a")
    try:
        hold.take(begun, NOW)
    finally:
        hold.release()
