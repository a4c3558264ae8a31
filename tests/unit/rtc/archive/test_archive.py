"""The archive: the same of SQLite and of a real PostgreSQL."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rtc import call_id
from rtc.archive import archive as module
from rtc.archive import engine
from rtc.archive.archive import Archive, ArchiveDown
from rtc.archive.query import Query
from rtc.archive.row import Row, fold
from rtc.archive.schema import VERSIONS
from tests.postgres import Cluster, running

SECOND_MS = 1_795_442_709_000
"When the first of these calls began."

MANY = 15
"Calls that come and go while somebody pages."

SMALL = settings(
    deadline=None,
    max_examples=20,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def call(number: int) -> str:
    """The id of a call that began so many seconds after the first."""
    began = call_id.began("20261123-140509-000000000000").timestamp() + number
    moment = call_id.datetime.fromtimestamp(began, call_id.UTC)
    return call_id.make(moment, f"{number:012x}")


def made(number: int, text: str = "", **more: Any) -> Row:
    given = {"agent": "local", "profile": "sarah", "reason": "caller-left", **more}
    began_ms = SECOND_MS + 1000 * number
    return Row(call=call(number), began_ms=began_ms, text=text, **given)


def numbers(rows: list[Row]) -> list[int]:
    return [(row.began_ms - SECOND_MS) // 1000 for row in rows]


async def seen(archive: Archive, **wish: Any) -> list[int]:
    return numbers((await archive.page(Query(**wish))).rows)


async def every(archive: Archive, query: Query) -> list[Row]:
    return [row async for row in archive.every(query)]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with running() as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'history.sqlite'}"
    cluster: Cluster = request.getfixturevalue("cluster")
    return cluster.database()


@pytest.fixture
async def archive(url: str) -> AsyncIterator[Archive]:
    async with Archive(url) as archive:
        yield archive


async def test_what_is_put_comes_back(archive: Archive) -> None:
    full = made(
        1,
        "Hello",
        length_ms=5,
        recording="failed",
        trouble="agent-slow",
        meeting_ms=7 << 32,
        rating=5,
        turns=3,
        interruptions=1,
        latency_ms=812,
        cost_usd=0.1 + 0.2,
        skew_ms=1e-9,
    )
    for row in (full, made(2, reason=None)):
        await archive.put(row)
        await archive.put(row)
        assert await archive.get(row.call) == replace(row, text="")
    assert await seen(archive) == [2, 1]


async def test_what_is_put_again_is_replaced_altogether(archive: Archive) -> None:
    await archive.put(made(1, "the old words", reason=None))
    await archive.put(made(1, "some new words", agent="openai", rating=3))
    assert await seen(archive, text="old") == []
    assert await seen(archive, text="new words") == [1]
    assert await seen(archive, agent="local", reason="caller-left") == []
    assert await seen(archive, agent="openai", reason="caller-left") == [1]
    await archive.put(made(1, ""))
    assert await seen(archive, text="new") == []
    assert await seen(archive, text="words") == []
    row = await archive.get(call(1))
    assert row and (row.agent, row.rating) == ("local", None)


async def test_what_is_removed_is_gone_with_its_words(archive: Archive) -> None:
    await archive.put(made(1, "hello"))
    await archive.put(made(2, "hello"))
    assert await archive.remove(call(1)) is True
    assert await archive.remove(call(1)) is False
    assert await archive.remove("no id") is False
    # The same key, another call: it differs in what the key leaves out.
    assert await archive.remove(call(2)[:-1] + "f") is False
    assert await archive.get(call(1)) is None
    assert await seen(archive, text="hello") == [2]
    await archive.put(made(1, "again"))
    assert await seen(archive, text="hello") == [2]


async def test_any_id_may_be_asked_for(archive: Archive) -> None:
    await archive.put(made(1))
    for text in ("", "no id", "90001123-140509-0123456789ab", call(1)[:-1] + "f"):
        assert await archive.get(text) is None
        assert await archive.known([text]) == set()
    assert await seen(archive, before="90001123-140509-0123456789ab") == [1]


async def test_each_filter_and_all_of_them(archive: Archive) -> None:
    odd = {"agent": "a'b\"c d", "profile": "ü", "reason": "r", "recording": "off"}
    await archive.put(made(1, "one two"))
    await archive.put(made(2, "one", **odd, meeting_ms=1))
    for name, value in odd.items():
        assert await seen(archive, **{name: value}) == [2]
        assert await seen(archive, **{name: value}, text="one") == [2]
        assert await seen(archive, **{name: value}, text="two") == []
    assert await seen(archive, meeting=True) == [2]
    assert await seen(archive, meeting=False) == [1]
    assert await seen(archive, **odd, meeting=True) == [2]
    assert await seen(archive, **odd, meeting=False) == []
    assert await seen(archive, **odd, meeting=True, text="one") == [2]
    assert await seen(archive, agent="\0\ud800") == []


async def test_times(archive: Archive) -> None:
    for number in range(5):
        await archive.put(made(number, "word"))
    for more in ({}, {"text": "word"}, {"agent": "local"}):
        since = {"since_ms": SECOND_MS + 2000, **more}
        assert await seen(archive, **since) == [4, 3, 2]
        assert await seen(archive, **since, until_ms=SECOND_MS + 3001) == [3, 2]
        assert await seen(archive, **since, until_ms=SECOND_MS + 3000) == [2]
        assert await seen(archive, **since, before=call(4)) == [3, 2]
    assert await seen(archive, since_ms=-(10**15), until_ms=10**17) == [4, 3, 2, 1, 0]


@pytest.mark.parametrize(
    ("wish", "found"),
    [
        ("hello", [3, 1]),
        ("HEL", [3, 1]),
        ("hello wor", [1]),
        ("wor hello", []),
        ("world hello", [1]),
        ("creme", [2]),
        ("crème brûlée", [2]),
        ("don't", [3]),
        ("明日", [2]),
        ("hello nowhere", []),
        # Nothing to look for: it does not narrow the search.
        ("", [3, 2, 1]),
        ("😀 — \"'", [3, 2, 1]),
        # What would mean something in a query language means nothing.
        ("hello OR nowhere", []),
        ("hello NOT world", []),
        ("NEAR(hello world)", []),
        ('hello" OR "x', []),
        ("words:hello", []),
        ("hello & !world", [1]),
        ("hel* wor*", []),
        ("-hello", [3, 1]),
        ("^hello", [3, 1]),
        ("hello:*", [3, 1]),
        ("'hello' \\ \0 (", [3, 1]),
        ("hello%", [3, 1]),
        ("\ud800 hello", [3, 1]),
    ],
)
async def test_words(archive: Archive, wish: str, found: list[int]) -> None:
    await archive.put(made(1, "Hello, world!"))
    await archive.put(made(2, "Crème brûlée\n会議は明日"))
    await archive.put(made(3, "hello. I don't know"))
    assert await seen(archive, text=wish) == found


async def test_any_text_is_found_by_its_own_words(archive: Archive) -> None:
    await archive.put(made(0, "something else"))

    @SMALL
    @given(st.text(max_size=60), st.text(max_size=60))
    async def put_and_look(text: str, wish: str) -> None:
        await archive.put(made(1, text))
        assert 1 in await seen(archive, text=text)
        assert 1 in await seen(archive, text=text, agent="local")
        await seen(archive, text=wish)

    await _in_this_loop(put_and_look)


async def _in_this_loop(test: Any) -> None:
    """Hypothesis is not made for coroutines: run it in a thread, its examples here."""
    loop = asyncio.get_running_loop()
    inner = test.hypothesis.inner_test

    def example(*args: Any, **given: Any) -> None:
        asyncio.run_coroutine_threadsafe(inner(*args, **given), loop).result(30)

    test.hypothesis.inner_test = example
    await asyncio.to_thread(test)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)
FIELDS = ("agent", "profile", "began", "reason", "length_ms", "trouble")
PARTS = {
    "recording": ("state", "skew_ms"),
    "rating": ("stars",),
    "meeting": ("start",),
}
METAS = st.fixed_dictionaries(
    {"call": st.just(call(1))},
    optional={
        **dict.fromkeys(FIELDS, JSON),
        **{
            name: JSON | st.fixed_dictionaries(dict.fromkeys(parts, JSON))
            for name, parts in PARTS.items()
        },
        "metrics": JSON | st.dictionaries(st.sampled_from(["cost"]), JSON),
    },
)


async def test_whatever_is_folded_can_be_put(archive: Archive) -> None:
    @SMALL
    @given(METAS, st.lists(st.fixed_dictionaries({"text": JSON}), max_size=3))
    async def put_and_get(meta: dict[str, Any], turns: list[dict[str, Any]]) -> None:
        row = fold(meta, turns)
        await archive.put(row)
        assert await archive.get(row.call) == replace(row, text="")
        assert row.call in [it.call for it in (await archive.page(Query())).rows]

    await _in_this_loop(put_and_get)


async def test_the_longest_call_can_be_put(archive: Archive) -> None:
    text = " ".join(f"word{number:060}" for number in range(20_000))
    await archive.put(made(1, text))
    assert await seen(archive, text=f"word{7:060}") == [1]


async def test_pages(archive: Archive) -> None:
    for number in range(7):
        await archive.put(made(number))
    page = await archive.page(Query(limit=3))
    assert (numbers(page.rows), page.next) == ([6, 5, 4], call(4))
    page = await archive.page(Query(limit=3, before=page.next))
    assert (numbers(page.rows), page.next) == ([3, 2, 1], call(1))
    page = await archive.page(Query(limit=1, before=page.next))
    assert (numbers(page.rows), page.next) == ([0], None)
    assert (await archive.page(Query(limit=7))).next is None


async def test_an_export_has_all(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STEP", 2)
    for number in range(7):
        await archive.put(made(number, agent="a" if number % 2 else "b"))
    assert numbers(await every(archive, Query(limit=1))) == [6, 5, 4, 3, 2, 1, 0]
    assert numbers(await every(archive, Query(agent="b"))) == [6, 4, 2, 0]
    assert numbers(await every(archive, Query(before=call(2)))) == [1, 0]
    assert await every(archive, Query(agent="nobody")) == []
    assert await archive.known([call(n) for n in range(9)]) == {
        call(n) for n in range(7)
    }


async def test_paging_skips_and_repeats_nothing_while_calls_come_and_go(
    archive: Archive,
) -> None:
    change = st.tuples(st.booleans(), st.integers(0, MANY))
    changes = st.lists(st.lists(change, max_size=3), max_size=8)
    wishes = st.sampled_from([{}, {"text": "w"}, {"agent": "local"}])
    there: set[int] = set()

    @settings(SMALL, max_examples=20)
    @given(changes, st.integers(1, 3), wishes)
    async def page_through(
        changes: list[list[tuple[bool, int]]], limit: int, wish: dict[str, Any]
    ) -> None:
        always, ever, got = set(there), set(there), []
        before: str | None = None
        while True:
            page = await archive.page(Query(**wish, limit=limit, before=before))
            got += numbers(page.rows)
            if (before := page.next) is None:
                break
            for comes, number in changes.pop() if changes else []:
                await _come_or_go(archive, comes, number)
                (there.add if comes else there.discard)(number)
                ever |= there
                always &= there
        assert got == sorted(set(got), reverse=True)
        assert always <= set(got) <= ever

    for number in range(0, MANY, 2):
        await _come_or_go(archive, True, number)
        there.add(number)
    await _in_this_loop(page_through)


async def _come_or_go(archive: Archive, comes: bool, number: int) -> None:
    if comes:
        await archive.put(made(number, "word"))
    else:
        await archive.remove(call(number))


async def test_calls_that_run_and_calls_that_are_over(archive: Archive) -> None:
    for number in range(6):
        await archive.put(made(number, reason=None if number % 3 == 0 else "x"))
    assert await archive.running() == [call(0), call(3)]
    asked = [call(n) for n in (0, 1, 2, 3, 9)]
    assert await archive.known(asked) == {call(1), call(2)}
    assert await archive.known([]) == set()
    assert await archive.older_than(SECOND_MS + 4000, 10) == [call(1), call(2)]
    assert await archive.older_than(SECOND_MS + 4000, 1) == [call(1)]
    assert await archive.older_than(0, 10) == []


async def test_what_there_is_to_choose_from(archive: Archive) -> None:
    nothing: list[str] = []
    empty = {"agent": nothing, "profile": nothing, "reason": nothing}
    assert await archive.choices() == empty
    for number, agent in enumerate(["b", "Zoë", "b", "", "a b"]):
        await archive.put(made(number, agent=agent, reason=None))
    assert await archive.choices() == {
        "agent": ["Zoë", "a b", "b"],
        "profile": ["sarah"],
        "reason": [],
    }


async def test_many_at_once(archive: Archive) -> None:
    async with asyncio.TaskGroup() as group:
        for number in range(100):
            group.create_task(archive.put(made(number, f"word{number}")))
            group.create_task(archive.page(Query(text="word")))
    assert len(await every(archive, Query())) == 100


async def test_servers_that_start_at_once(url: str) -> None:
    archives = [Archive(url) for _ in range(12)]
    async with asyncio.TaskGroup() as group:
        for archive in archives:
            group.create_task(archive.__aenter__())
    for number, archive in enumerate(archives):
        await archive.put(made(number))
    assert await seen(archives[0]) == [*range(11, -1, -1)]
    for archive in archives:
        await archive.close()


async def test_it_is_there_the_next_time(url: str) -> None:
    for number in range(2):
        async with Archive(url) as archive:
            await archive.put(made(number))
    async with Archive(url) as archive:
        assert await seen(archive) == [1, 0]
        await archive.close()
        # It was only the connections that were closed.
        assert await seen(archive) == [1, 0]


async def test_a_database_of_a_later_version_is_left_alone(url: str) -> None:
    async with Archive(url) as archive, archive._writing() as connection:
        await connection.exec_driver_sql(f"UPDATE {VERSIONS} SET version_num = '9999'")
    with pytest.raises(ArchiveDown, match=r"newer version .*9999; this one knows"):
        async with Archive(url):
            pass


async def test_tables_that_cannot_be_made_leave_nothing_behind(url: str) -> None:
    archive = Archive(url)
    await _run(archive, "CREATE TABLE calls (other INTEGER)")
    with pytest.raises(ArchiveDown, match="already exists"):
        await archive.put(made(1))
    await _run(archive, "DROP TABLE calls")
    await archive.put(made(1))
    assert await seen(archive) == [1]
    await archive.close()


async def _run(archive: Archive, statement: str) -> None:
    async with archive._transaction() as connection:
        await connection.exec_driver_sql(statement)


async def test_whoever_waits_too_long_is_told(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = {"sqlite": "INSERT INTO calls SELECT * FROM calls WHERE false"}
    lock = locked.get(archive._engine.name, "LOCK TABLE calls")
    async with archive._transaction() as other:
        await other.exec_driver_sql(lock)
        if archive._sqlite:
            # It waits in a thread of its own, so it has a deadline of its own.
            monkeypatch.setattr(engine, "BUSY_MS", 100)
            says = "database is locked"
        else:
            monkeypatch.setattr(module, "DEADLINE_S", 0.3)
            says = "did not answer within 0.3 s"
        with pytest.raises(ArchiveDown, match=says):
            await archive.put(made(2))
    monkeypatch.undo()
    await archive.put(made(3))
    assert await seen(archive) == [3]


async def test_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(ArchiveDown, match=r"SQLite file .*unable to open"):
        async with Archive(f"sqlite:///{tmp_path}/nowhere/history.sqlite"):
            pass
    broken = tmp_path / "broken.sqlite"
    broken.write_bytes(b"this is no database" * 1000)
    with pytest.raises(ArchiveDown, match="not a database"):
        async with Archive(f"sqlite:///{broken}"):
            pass


async def test_a_database_that_is_not_there_yet_is_made_ready_later(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "later"
    archive = Archive(f"sqlite:///{folder}/history.sqlite")
    with pytest.raises(ArchiveDown):
        await archive.put(made(1))
    folder.mkdir()
    await archive.put(made(1))
    assert await seen(archive) == [1]
    await archive.close()


async def test_another_program_may_read_along(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    async with Archive(f"sqlite:///{path}") as archive:
        with sqlite3.connect(path) as reader:
            reader.execute("BEGIN")
            assert reader.execute("SELECT count(*) FROM calls").fetchone() == (0,)
            await archive.put(made(1))
        reader.close()
        assert await seen(archive) == [1]
