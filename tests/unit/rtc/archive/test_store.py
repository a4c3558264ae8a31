"""Store: local, and elsewhere through fsspec's own drivers."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from rtc.archive.fetched import Fetched
from rtc.archive.locks import Locks
from rtc.archive.remote import masked
from rtc.archive.store import NAMES, Store, StoreDown
from tests.keeping import CALL, OTHER


def make(recordings: Path, call: str = CALL) -> Path:
    folder = recordings / call
    folder.mkdir(parents=True)
    for name in NAMES:
        (folder / name).write_bytes(name.encode())
    return folder


def elsewhere(tmp_path: Path) -> Store:
    return Store(tmp_path / "here", f"file://{tmp_path}/far/calls")


async def test_local_files_stay_where_they_are(tmp_path: Path) -> None:
    store = Store(tmp_path, None)
    folder = make(tmp_path)
    await store.keep(CALL)
    assert await store.local(CALL, "recording.mka") == folder / "recording.mka"
    with pytest.raises(FileNotFoundError):
        await store.local(OTHER, "recording.mka")
    assert not store.elsewhere and not await store.has(CALL)
    await store.remove(CALL)  # the local folder is not the store's to remove
    assert folder.is_dir()


@pytest.mark.parametrize("call", ["..", "", ".cache", "../../etc", CALL + "/x"])
async def test_only_calls_can_be_asked_for(tmp_path: Path, call: str) -> None:
    (tmp_path / "here").mkdir()
    for store in (Store(tmp_path / "here", None), elsewhere(tmp_path)):
        with pytest.raises(FileNotFoundError):
            await store.local(call, "call.json")
        for act in (store.keep, store.remove, store.has, store.forget, store.sizes):
            with pytest.raises(FileNotFoundError):
                await act(call)


@pytest.mark.parametrize("name", ["..", "", "call.tmp", "../x", "audit.jsonl"])
async def test_only_known_files_can_be_asked_for(tmp_path: Path, name: str) -> None:
    make(tmp_path / "here")
    with pytest.raises(FileNotFoundError):
        await elsewhere(tmp_path).local(CALL, name)


async def test_brought_elsewhere_and_fetched(tmp_path: Path) -> None:
    make(tmp_path / "here")
    store = elsewhere(tmp_path)
    await store.keep(CALL)
    far = tmp_path / "far" / "calls" / CALL
    assert sorted(it.name for it in far.iterdir()) == sorted(NAMES)
    assert not (tmp_path / "here" / CALL).exists()
    await store.forget(CALL)
    path = await store.local(CALL, "recording.mka")
    assert path.is_relative_to(tmp_path / "here" / ".cache" / "fetched")
    assert path.read_text() == "recording.mka"
    await store.remove(CALL)
    assert not far.exists() and not path.exists()
    assert await store.sizes(CALL) == {}


def test_the_recordings_cannot_be_moved_to_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "here")
    for name in ("here", "here/", "link", "x/../here"):
        with pytest.raises(ValueError, match="is the folder of the recordings"):
            Store(tmp_path / "here", f"file://{tmp_path}/{name}")
    with pytest.raises(ValueError, match="is the folder of the recordings"):
        Store(tmp_path / "here", str(tmp_path / "here"))


async def test_what_another_server_rated_is_seen(tmp_path: Path) -> None:
    make(tmp_path / "here")
    store = elsewhere(tmp_path)
    await store.keep(CALL)
    far = tmp_path / "far" / "calls" / CALL / "call.json"
    far.write_text("rated")
    assert (await store.local(CALL, "call.json")).read_text() == "rated"


async def test_an_upload_that_is_not_whole_leaves_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make(tmp_path / "here")
    store = elsewhere(tmp_path)
    assert store._remote is not None
    monkeypatch.setattr(
        type(store._remote._fs), "put_file", lambda _, a, b: Path(b).write_text("x")
    )
    with pytest.raises(StoreDown, match="1 bytes there"):
        await store.keep(CALL)
    assert len(list(folder.iterdir())) == len(NAMES)


async def test_a_cache_on_another_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path / "here")
    store = elsewhere(tmp_path)

    def adopt(folder: Path) -> None:
        raise OSError("Invalid cross-device link")

    monkeypatch.setattr(store._fetched, "adopt", adopt)
    await store.keep(CALL)
    assert not [it for it in (tmp_path / "here").iterdir() if it.name != ".cache"]
    assert await store.has(CALL)


async def test_memory(tmp_path: Path) -> None:
    make(tmp_path / "here")
    store = Store(tmp_path / "here", "memory://calls")
    await store.keep(CALL)
    await store.forget(CALL)
    assert (await store.local(CALL, "call.json")).read_text() == "call.json"
    assert set(await store.sizes(CALL)) == set(NAMES)
    await store.remove(CALL)
    assert not await store.has(CALL)


@pytest.mark.parametrize("url", ["nothing://x", "gs://bucket/prefix", "lakefs://x/y"])
def test_a_driver_that_is_missing_is_named(tmp_path: Path, url: str) -> None:
    with pytest.raises(ValueError) as told:
        Store(tmp_path, url)
    package = {"gs": "gcsfs", "lakefs": "lakefs", "nothing": "nothing"}
    assert package[url.partition(":")[0]] in str(told.value)


def test_passwords_are_masked() -> None:
    assert masked("sftp://ann:hush@host/x") == "sftp://***@host/x"
    assert masked("s3://bucket/prefix") == "s3://bucket/prefix"
    text = "cannot reach https://ann:hush@host/x?sig=hush now"
    assert "hush" not in masked(text) and "host" in masked(text)


def test_copies_that_were_not_used_go_first(tmp_path: Path) -> None:
    fetched = Fetched(tmp_path / "fetched", 250)
    paths = []
    for n in range(4):
        draft = fetched.draft(f"call{n}", "x")
        draft.write_bytes(bytes(100))
        paths.append(fetched.keep(draft))
        os.utime(paths[-1], (n, n))
        if n == 1:
            assert fetched.find("call0", "x") == paths[0]
    assert [path.exists() for path in paths] == [True, False, False, True]
    assert not paths[1].parent.exists()
    assert fetched.find("call1", "x") is None


def test_a_copy_larger_than_all_room_is_kept_while_it_is_the_newest(
    tmp_path: Path,
) -> None:
    fetched = Fetched(tmp_path / "fetched", 10)
    draft = fetched.draft("call", "x")
    draft.write_bytes(bytes(100))
    assert fetched.keep(draft).exists()
    fetched.drop("call")
    fetched.drop("call")
    assert fetched.find("call", "x") is None


async def test_a_name_is_held_by_one_at_a_time_and_then_forgotten() -> None:
    locks, order = Locks(), []

    async def take(name: str) -> None:
        async with locks.of(name):
            order.append(name)
            await asyncio.sleep(0)
            order.append(name)

    async with asyncio.TaskGroup() as group:
        for name in ("a", "a", "b"):
            group.create_task(take(name))
    assert order == ["a", "b", "a", "b", "a", "a"]
    assert not locks._locks
