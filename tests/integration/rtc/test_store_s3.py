"""Store on S3: a real HTTP server that speaks it, which goes away and comes back."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from rtc.archive.store import NAMES, Store, StoreDown

ROOT = Path(__file__).parents[3]
CALL = "20261123-140509-0123456789ab"
URL = "s3://talk/parley/calls"
SECRET = "verysecretverysecret"


class S3:
    """The server, and what is in it."""

    def __init__(self) -> None:
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = found.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.server: ThreadedMotoServer | None = None
        self.client = boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id="testing",
            aws_secret_access_key=SECRET,
        )

    def start(self) -> None:
        self.server = ThreadedMotoServer("127.0.0.1", self.port, verbose=False)
        self.server.start()

    def stop(self) -> None:
        if self.server is not None:
            self.server.stop()
        self.server = None

    def content(self) -> dict[str, bytes]:
        bucket = self.client.list_objects_v2(Bucket="talk")
        return {
            it["Key"]: self.client.get_object(Bucket="talk", Key=it["Key"])[
                "Body"
            ].read()
            for it in bucket.get("Contents", [])
        }


@pytest.fixture(scope="module")
def server() -> Iterator[S3]:
    it = S3()
    it.start()
    yield it
    it.stop()


@pytest.fixture
def s3(server: S3, monkeypatch: pytest.MonkeyPatch) -> S3:
    for name in list(os.environ):
        if name.startswith(("AWS_", "FSSPEC_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    # moto keeps its world in the process, through restarts too.
    server.client.create_bucket(Bucket="talk")
    for key in server.content():
        server.client.delete_object(Bucket="talk", Key=key)
    return server


def make(
    recordings: Path, call: str = CALL, sound: int = 3_000_000
) -> dict[str, bytes]:
    folder = recordings / call
    folder.mkdir(parents=True)
    for name in NAMES:
        size = sound if name.endswith(".mka") else 500
        (folder / name).write_bytes(os.urandom(size))
    (folder / "call.tmp").write_text("a draft that nobody finished")
    return {name: (folder / name).read_bytes() for name in NAMES}


async def test_a_call_is_brought_there_and_read_from_there(
    tmp_path: Path, s3: S3
) -> None:
    was = make(tmp_path)
    store = Store(tmp_path, URL)
    assert not await store.has(CALL)
    assert await store.local(CALL, "call.json") == tmp_path / CALL / "call.json"
    await store.keep(CALL)
    assert not (tmp_path / CALL).exists()
    assert s3.content() == {f"parley/calls/{CALL}/{n}": c for n, c in was.items()}
    assert await store.has(CALL)
    assert await store.sizes(CALL) == {name: len(it) for name, it in was.items()}
    other = Store(tmp_path / "elsewhere", URL)  # another server, without copies
    for name, content in was.items():
        for its in (store, other):
            assert (await its.local(CALL, name)).read_bytes() == content
    await store.keep(CALL)  # nothing is here
    await store.remove(CALL)
    assert s3.content() == {}
    await store.remove(CALL)
    with pytest.raises(FileNotFoundError):
        await store.local(CALL, "recording.mka")


async def test_many_who_want_a_file_fetch_it_once(tmp_path: Path, s3: S3) -> None:
    was = make(tmp_path)
    await Store(tmp_path, URL).keep(CALL)
    store = Store(tmp_path / "elsewhere", URL)
    assert store._remote is not None
    fetched = 0
    get = store._remote.get

    async def counted(call: str, name: str, target: Path) -> None:
        nonlocal fetched
        fetched += 1
        await get(call, name, target)

    store._remote.get = counted  # type: ignore[method-assign]
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(store.local(CALL, "recording.mka")) for _ in range(20)
        ]
    assert {task.result().read_bytes() for task in tasks} == {was["recording.mka"]}
    assert fetched == 1


async def test_the_store_is_away_and_comes_back(
    tmp_path: Path, s3: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")  # the driver would try for 5 s
    was = make(tmp_path, sound=1000)
    store = Store(tmp_path, URL)
    s3.stop()
    with pytest.raises(StoreDown) as told:
        await store.keep(CALL)
    assert SECRET not in str(told.value) and str(told.value).startswith("s3://talk/")
    assert (await store.local(CALL, "recording.mka")).read_bytes() == was[
        "recording.mka"
    ]
    with pytest.raises(StoreDown):
        await store.has(CALL)
    s3.start()
    await store.keep(CALL)
    assert len(s3.content()) == len(NAMES)


async def test_a_bucket_that_is_not_there_is_no_place_for_a_call(
    tmp_path: Path, s3: S3
) -> None:
    make(tmp_path, sound=1000)
    with pytest.raises(StoreDown, match="nowhere"):
        await Store(tmp_path, "s3://nowhere/x").keep(CALL)
    assert len(list((tmp_path / CALL).iterdir())) == len(NAMES) + 1


async def test_a_store_that_says_nothing_is_given_up(
    tmp_path: Path, s3: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rtc.archive.remote.PATIENCE_S", 0.5)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        endpoint = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        store = Store(tmp_path, URL)
        begun = time.monotonic()
        with pytest.raises(StoreDown):
            await store.has(CALL)
        assert time.monotonic() - begun < 4
        assert store.counters() == {"store_overdue": 1}
        # Until its thread has ended, what it does may still come about.
        with pytest.raises(StoreDown, match="still being moved"):
            await store.remove(CALL)


MOVE = """
import asyncio, sys
from pathlib import Path
from rtc.archive.store import Store

async def main():
    recordings = Path(sys.argv[1])
    store = Store(recordings, sys.argv[2])
    print("begins", flush=True)
    for folder in sorted(recordings.glob("2026*")):
        await store.keep(folder.name)
        print(folder.name, flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize("after", [0.0, 0.05, 0.15, 0.3, 0.6])
async def test_killed_in_the_middle_every_call_is_in_one_place(
    tmp_path: Path, s3: S3, after: float
) -> None:
    calls = [f"20261123-140509-{n:04x}01234567" for n in range(12)]
    was = {call: make(tmp_path, call, 400_000) for call in calls}
    child = subprocess.Popen(  # noqa: ASYNC220, it is killed at an exact moment
        [sys.executable, "-c", MOVE, str(tmp_path), URL],
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    assert child.stdout is not None
    await asyncio.to_thread(child.stdout.readline)
    await asyncio.sleep(after)
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()

    def digests(files: dict[str, bytes]) -> dict[str, str]:
        return {name: hashlib.sha256(it).hexdigest() for name, it in files.items()}

    store = Store(tmp_path, URL)
    for call in calls:  # nothing is lost, whichever place one looks at
        for name, content in was[call].items():
            assert (await store.local(call, name)).read_bytes() == content
        await store.keep(call)
    assert not list(tmp_path.glob("2026*"))
    there = digests(s3.content())
    assert there == digests(
        {f"parley/calls/{c}/{n}": it for c in calls for n, it in was[c].items()}
    )


def test_no_secret_in_errors(tmp_path: Path, s3: S3) -> None:
    logging.getLogger("botocore").setLevel(logging.WARNING)
    for url in ("sftp5://ann:hush-hush@host/x", "nothing://ann:hush-hush@host"):
        with pytest.raises(ValueError) as told:
            Store(tmp_path, url)
        assert "hush" not in str(told.value) and "ann" not in str(told.value)
