"""Renders: shared, streamed while they grow, ended and cleaned up; real processes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from rtc.render import renders as module
from rtc.render.cache import tag
from rtc.render.make import make
from rtc.render.rendered import Rendered
from rtc.render.renders import RenderError, Renders
from tests.unit.rtc.render.tapes import quiet, record, sounding

CALL = "20261123-140509-0123456789ab"

SHORT, LONG = 5, 300
"Seconds of the recordings; the long one is certain to be still growing when read."


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    return sounding(SHORT, 1, 3)


@pytest.fixture
def short(tmp_path: Path, words: list[bytes]) -> Path:
    return record(tmp_path / "short.mka", words, quiet(len(words)))


@pytest.fixture
def long(tmp_path: Path, words: list[bytes]) -> Path:
    voice = words * (LONG // SHORT)
    return record(tmp_path / "long.mka", voice, voice)


async def whole(rendered: Rendered, begin: int = 0, end: int = 1 << 40) -> bytes:
    return b"".join([piece async for piece in rendered.read(begin, end)])


def expected(recording: Path, kind: str, leg: str) -> bytes:
    output = recording.with_name("expected")
    make(recording, kind, leg, output, lambda size, there: None)
    return output.read_bytes()


def names(cache: Path) -> list[str]:
    return sorted(path.name for path in cache.iterdir())


def processes() -> list[int]:
    """Ours that render, by what the system says of our children."""
    ours = []
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(FileNotFoundError):  # a thread that has ended
            ours += [int(pid) for pid in (task / "children").read_text().split()]
    return [pid for pid in ours if b"rtc.render" in _command(pid)]


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def rendering() -> int:
    """The one process that renders."""
    (pid,) = processes()
    return pid


async def one_waits(renders: Renders) -> None:
    async with asyncio.timeout(10):
        while renders.counters()["renders_waiting"] != 1:  # noqa: ASYNC110  it tells nobody
            await asyncio.sleep(0.005)


def mount(disk: Path) -> bool:
    return os.system(f"mount -t tmpfs -o size=200k tmpfs {disk}") == 0


def unmount(disk: Path) -> None:
    os.system(f"umount {disk}")


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    yield
    assert processes() == []


@pytest.mark.parametrize(
    ("kind", "leg"),
    [("wav", "both"), ("mp3", "mix"), ("m4a", "both"), ("mka", "agent")],
)
async def test_gives_the_file_and_then_has_it(
    short: Path, tmp_path: Path, kind: str, leg: str
) -> None:
    cache = tmp_path / "cache"
    async with Renders(cache) as renders:
        first = await renders.open(short, CALL, kind, leg)
        data = await whole(first)
        assert len(data) == first.size
        assert data == expected(short, kind, leg) or kind == "m4a"
        again = await renders.open(short, CALL, kind, leg)
        assert await whole(again) == data
        assert await whole(again, 100, 1000) == data[100:1000]
        assert (again.size, again.etag) == (first.size, first.etag)
        assert renders.made == 1
    assert names(cache) == [f"{CALL}.{leg}.{first.etag}.{kind}"]


async def test_both_legs_as_matroska_are_the_recording(
    short: Path, tmp_path: Path
) -> None:
    async with Renders(tmp_path / "cache") as renders:
        rendered = await renders.open(short, CALL, "mka", "both")
        assert await whole(rendered) == short.read_bytes()
        assert rendered.content_type == "audio/x-matroska"
    assert names(tmp_path / "cache") == []


async def test_ranges_of_a_growing_file(long: Path, tmp_path: Path) -> None:
    """The beginning is there before the end is; and two readers share one process."""
    async with Renders(tmp_path / "cache") as renders:
        first, second = await asyncio.gather(
            renders.open(long, CALL, "wav", "both"),
            renders.open(long, CALL, "wav", "both"),
        )
        assert (
            await whole(first, 0, 12)
            == b"RIFF" + (first.size - 8).to_bytes(4, "little") + b"WAVE"
        )
        assert renders.made == 0
        assert len(processes()) == 1
        tail, middle = await asyncio.gather(
            whole(second, second.size - 1000), whole(first, 10_000_001, 10_500_003)
        )
        assert (len(tail), len(middle)) == (1000, 500_002)
        assert renders.made == 1
        pcm = expected(long, "wav", "both")
        assert tail == pcm[-1000:]
        assert middle == pcm[10_000_001:10_500_003]


async def test_a_reader_that_goes_away_harms_nobody(long: Path, tmp_path: Path) -> None:
    async with Renders(tmp_path / "cache") as renders:
        rendered = await renders.open(long, CALL, "wav", "caller")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await whole(rendered)
        assert len(await whole(rendered)) == rendered.size
        assert renders.made == 1


async def test_a_killed_process_is_told_to_all_who_wait(
    long: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    async with Renders(cache) as renders:
        rendered = await renders.open(long, CALL, "wav", "both")
        readers = [whole(rendered), whole(rendered, rendered.size - 10)]
        peaks = renders.open(long, CALL, "wav", "both")
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_caught(it)) for it in [*readers, peaks]]
            await asyncio.sleep(0)
            os.kill(rendering(), signal.SIGKILL)
        texts = [task.result() for task in tasks]
        assert texts[:2] == ["rendering was cut off (status -9)"] * 2
        assert names(cache) == []
        # The next who asks has it made anew.
        assert len(await whole(await renders.open(long, CALL, "wav", "both")))
        assert (renders.made, renders.failed) == (1, 1)


async def _caught(reading: object) -> str:
    try:
        await reading  # type: ignore[misc]
    except RenderError as error:
        return str(error)
    return ""


async def test_leaving_ends_what_runs_and_what_waits(
    long: Path, short: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    async with asyncio.TaskGroup() as group:
        async with Renders(cache, at_once=1) as renders:
            first = await renders.open(long, CALL, "wav", "both")
            reader = group.create_task(_caught(whole(first)))
            waiting = group.create_task(
                _caught(renders.open(short, CALL, "mp3", "both"))
            )
            await one_waits(renders)
            before = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - before < 5.0
    assert reader.result() == waiting.result() == "the server is stopping"
    assert names(cache) == []
    with pytest.raises(RenderError, match="stopping"):
        await renders.open(short, CALL, "mp3", "both")


async def test_what_nobody_waits_for_any_more_is_not_begun(
    long: Path, short: Path, tmp_path: Path
) -> None:
    async with Renders(tmp_path / "cache", at_once=1) as renders:
        await renders.open(long, CALL, "wav", "both")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await renders.open(short, CALL, "mp3", "both")
        await asyncio.sleep(0.01)
        assert renders.counters()["renders_waiting"] == 0


async def test_who_asks_again_just_as_it_is_dropped_has_it_made(
    long: Path, short: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As players do: they let go, and at once ask for another range."""
    async with Renders(tmp_path / "cache", at_once=1) as renders:
        async with asyncio.TaskGroup() as group:
            await renders.open(long, CALL, "wav", "both")
            waiting = group.create_task(renders.open(short, "a", "mp3", "both"))
            await one_waits(renders)
            loop, find = asyncio.get_running_loop(), renders.cache.find

            def then_drop(path: Path) -> int | None:
                loop.call_soon_threadsafe(waiting.cancel)
                return find(path)

            monkeypatch.setattr(renders.cache, "find", then_drop)
            again = group.create_task(renders.open(short, "a", "mp3", "both"))
            await asyncio.wait([waiting])
            renders.forget(CALL)
        assert waiting.cancelled()
        assert len(await whole(again.result())) == again.result().size


async def test_a_draft_that_cannot_be_deleted_ends_nothing_else(
    short: Path, tmp_path: Path
) -> None:
    async with Renders(tmp_path / "cache") as renders:
        _, etag = tag(short, "mp3", "both")
        (tmp_path / "cache" / f"{CALL}.both.{etag}.mp3.part").mkdir()
        with pytest.raises(RenderError, match="Is a directory"):
            await renders.open(short, CALL, "mp3", "both")
        await asyncio.sleep(0)
        assert await whole(await renders.open(short, CALL, "wav", "mix"))


async def test_who_comes_when_too_many_wait_is_sent_away(
    long: Path, short: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 1)
    async with Renders(tmp_path / "cache", at_once=1) as renders:
        async with asyncio.TaskGroup() as group:
            await renders.open(long, CALL, "wav", "both")
            one = group.create_task(_caught(renders.open(short, "a", "mp3", "mix")))
            await one_waits(renders)
            with pytest.raises(RenderError, match="try again in a minute"):
                await renders.open(short, "b", "mp3", "mix")
            renders.forget(CALL)
        assert one.result() == ""


async def test_a_broken_recording_is_said_so_and_leaves_nothing(
    tmp_path: Path,
) -> None:
    broken = tmp_path / "broken.mka"
    broken.write_bytes(b"something else" * 100)
    async with Renders(tmp_path / "cache") as renders:
        for kind in ("wav", "mp3", "m4a", "mka"):
            with pytest.raises(RenderError, match="not begin as a Matroska file"):
                await renders.open(broken, CALL, kind, "mix")
        with pytest.raises(RenderError, match="Matroska"):
            await renders.peaks(broken, CALL)
        with pytest.raises(FileNotFoundError):
            await renders.open(tmp_path / "none.mka", CALL, "wav", "mix")
        with pytest.raises(RenderError, match="there is no flac of both"):
            await renders.open(broken, CALL, "flac", "both")
    assert names(tmp_path / "cache") == []


async def test_a_changed_recording_is_rendered_again(
    short: Path, tmp_path: Path, words: list[bytes]
) -> None:
    async with Renders(tmp_path / "cache") as renders:
        before = await renders.open(short, CALL, "mp3", "both")
        assert await whole(before)
        await renders.open(short, CALL, "mp3", "mix")
        record(short, words * 2, words)
        after = await renders.open(short, CALL, "mp3", "both")
        assert after.etag != before.etag
        assert after.size == len(await whole(after)) > before.size * 1.9
        legs = [name.split(".")[1] for name in names(tmp_path / "cache")]
        assert sorted(legs) == ["both", "mix"]


async def test_a_deleted_call_is_forgotten(
    short: Path, long: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    async with Renders(cache) as renders:
        await whole(await renders.open(short, CALL, "mp3", "both"))
        await renders.peaks(short, CALL)
        other = await renders.open(short, "other", "mp3", "both")
        await whole(other)
        growing = await renders.open(long, CALL, "wav", "both")
        renders.forget(CALL)
        with pytest.raises(RenderError, match="deleted"):
            await whole(growing, growing.size - 1)
        async with asyncio.timeout(10):
            while len(names(cache)) > 1:  # noqa: ASYNC110  it tells nobody
                await asyncio.sleep(0.01)
        assert names(cache) == [f"other.both.{other.etag}.mp3"]


@pytest.mark.parametrize("step", ["find", "outdate", "make_room"])
async def test_a_call_deleted_while_its_rendering_ends_leaves_nothing(
    short: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    cache = tmp_path / "cache"
    async with Renders(cache) as renders:
        loop, real = asyncio.get_running_loop(), getattr(renders.cache, step)

        def then_forget(*given: object) -> object:
            found = real(*given)
            loop.call_soon_threadsafe(renders.forget, CALL)
            return found

        monkeypatch.setattr(renders.cache, step, then_forget)
        # Deleted as its turn comes, or as the file is finished: either is an answer.
        try:
            await whole(await renders.open(short, CALL, "mp3", "both"))
        except RenderError as error:
            assert "deleted" in str(error)
        monkeypatch.undo()
    assert names(cache) == []


async def test_the_cache_is_bounded(short: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    async with Renders(cache, most_bytes=1_000_000) as renders:
        for call in ("one", "two"):  # 480 kB each
            await whole(await renders.open(short, call, "wav", "mix"))
            await asyncio.sleep(0.02)
        await whole(await renders.open(short, "one", "wav", "mix"))
        await whole(await renders.open(short, "three", "wav", "mix"))
        assert [name.split(".")[0] for name in names(cache)] == ["one", "three"]
        assert renders.counters()["renders_evicted"] == 1
        with pytest.raises(RenderError, match="--render-cache-mb"):
            record(short, sounding(15, 1), quiet(1))
            await whole(await renders.open(short, "four", "wav", "both"))
        assert len(names(cache)) == 2


async def test_peaks_are_made_once(short: Path, tmp_path: Path) -> None:
    async with Renders(tmp_path / "cache") as renders:
        one, two = await asyncio.gather(
            renders.peaks(short, CALL), renders.peaks(short, CALL)
        )
        assert one == two == await renders.peaks(short, CALL)
        assert one.read_text().startswith('{"length_ms":5000,"step_ms":20')
        assert renders.made == 1


async def test_half_done_work_of_before_is_removed(short: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / f"{CALL}.both.0123456789abcdef.wav.part").write_bytes(b"x")
    (cache / f"{CALL}.recording.mka").write_bytes(b"of somebody else")
    async with Renders(cache):
        assert names(cache) == [f"{CALL}.recording.mka"]


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
async def test_a_full_disk_is_said_so_and_cleaned_up(
    long: Path, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    assert mount(disk)
    try:
        async with Renders(disk) as renders:
            growing = await renders.open(long, CALL, "wav", "both")
            with pytest.raises(RenderError, match="No space left"):
                await whole(growing)
            for kind, leg in (("m4a", "both"), ("mka", "mix")):
                with pytest.raises(RenderError, match="No space left"):
                    await renders.open(long, CALL, kind, leg)
            assert names(disk) == []
    finally:
        unmount(disk)


async def test_rendering_leaves_the_processor_to_calls(
    long: Path, tmp_path: Path
) -> None:
    async with Renders(tmp_path / "cache") as renders:
        await renders.open(long, CALL, "wav", "both")
        assert os.getpriority(os.PRIO_PROCESS, rendering()) >= 10


def test_a_word_is_no_silence(words: list[bytes]) -> None:
    """Else the tests above would compare nothing with nothing."""
    assert np.mean([len(packet) for packet in words]) > 20
