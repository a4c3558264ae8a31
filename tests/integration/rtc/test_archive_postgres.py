"""The archive and its databases: one that goes away, and what indexes are used."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from rtc.archive import archive as module
from rtc.archive import engine, schema, search, words
from rtc.archive.archive import Archive, ArchiveDown
from rtc.archive.query import Query
from rtc.archive.row import Row
from tests.bench.archive import RARE, calls, fill, queries
from tests.postgres import PASSWORD, QUOTED, Cluster, running

CALLS = 8_000
"So many that no planner prefers to read them all."


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with running() as cluster:
        yield cluster


async def test_a_database_that_goes_away_and_comes_back(
    cluster: Cluster,
) -> None:
    first, second, third, *_ = calls(3, turns=1)
    async with Archive(cluster.database()) as archive:
        await archive.put(first)
        cluster.stop()
        for _ in range(3):
            with pytest.raises(ArchiveDown, match=r"PostgreSQL at 127.0.0.1:\d+/test"):
                await archive.put(second)
            with pytest.raises(ArchiveDown):
                await archive.page(Query())
        cluster.start()
        await archive.put(second)
        assert len((await archive.page(Query())).rows) == 2
        cluster.stop()
        cluster.start()
        # Nobody was told: the connections that were open are found to be dead.
        await archive.put(third)
        assert len((await archive.page(Query())).rows) == 3


async def test_a_database_that_is_not_there_at_the_start(cluster: Cluster) -> None:
    url = cluster.database()
    cluster.stop()
    archive = Archive(url)
    with pytest.raises(ArchiveDown):
        await archive.__aenter__()
    cluster.start()
    for row in calls(1, turns=1):
        await archive.put(row)
    assert len((await archive.page(Query())).rows) == 1
    await archive.close()


async def test_a_connection_that_is_cut_in_the_middle(cluster: Cluster) -> None:
    (row,) = calls(1, turns=1)
    async with Archive(cluster.database()) as archive:
        with pytest.raises(ArchiveDown):
            async with archive._writing() as connection:
                await asyncio.to_thread(
                    cluster.sql,
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE pid <> pg_backend_pid() AND usename = 'parley'",
                )
                await connection.exec_driver_sql("SELECT 1")
        await archive.put(row)
        assert await archive.get(row.call) is not None


async def test_a_server_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DEADLINE_S", 0.2)
    quiet = asyncio.Event()

    async def say_nothing(_: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        await quiet.wait()
        to.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    url = f"postgresql://u:hush@127.0.0.1:{port}/d?sslmode=disable"
    with pytest.raises(ArchiveDown, match=r"did not answer within 0.2 s"):
        async with Archive(url):
            pass
    archive, begun = Archive(url), time.monotonic()
    asked = (archive.get(row.call) for row in calls(20, turns=1))
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert {type(it) for it in found} == {ArchiveDown}
    assert time.monotonic() - begun < 3.0, "nobody waits for the others' deadlines"
    await archive.close()
    quiet.set()
    server.close()
    await server.wait_closed()


async def test_tables_may_take_longer_than_any_statement(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "STATEMENT_MS", 200)
    url = cluster.database()
    async with asyncio.TaskGroup() as group:
        other = Archive(url)
        async with other._transaction() as connection:  # another server makes them
            locked = text(f"SELECT pg_advisory_xact_lock({schema.LOCK})")
            await connection.execute(locked)
            archive = Archive(url)
            opened = group.create_task(archive.open())
            await asyncio.sleep(0.5)
            assert not opened.done()
    async with archive._reading() as connection:
        with pytest.raises(DBAPIError, match="statement timeout"):
            await connection.execute(text("SELECT pg_sleep(1)"))
    await archive.close()
    await other.close()


async def test_no_error_shows_the_password(cluster: Cluster) -> None:
    url = cluster.url("nowhere")
    for wrong in (url, url.replace(QUOTED, "hush"), url + "?sslmode=hush"):
        with pytest.raises(ArchiveDown) as caught:
            async with Archive(wrong):
                pass
        said = str(caught.value)
        assert said.startswith(f"PostgreSQL at 127.0.0.1:{cluster.port}/nowhere: ")
        for secret in (PASSWORD, QUOTED, "u:hush"):
            assert secret not in said


async def test_urls_as_hosters_write_them(cluster: Cluster) -> None:
    url = cluster.database().replace("postgresql:", "postgres:")
    async with Archive(f"{url}?sslmode=prefer&channel_binding=prefer") as archive:
        assert (await archive.page(Query())).rows == []


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def full(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The URL of a database with many calls, whose planner knows what is in it."""

    async def make(url: str) -> None:
        async with Archive(url) as archive:
            await fill(archive, calls(CALLS, turns=3))
            async with archive._engine.connect() as connection:
                await connection.execution_options(isolation_level="AUTOCOMMIT")
                vacuum = "" if archive._sqlite else "VACUUM "
                await connection.exec_driver_sql(f"{vacuum}ANALYZE")

    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('full') / 'history.sqlite'}"
    else:
        url = request.getfixturevalue("cluster").database()
    asyncio.run(make(url))
    return url


@pytest.fixture
async def archive(full: str) -> AsyncIterator[Archive]:
    async with Archive(full) as archive:
        yield archive


QUERIES = queries(CALLS)


async def plan(archive: Archive, query: Query) -> str:
    """How the database goes about it."""
    statement = search.found(query, sqlite=archive._sqlite).limit(query.limit + 1)
    async with archive._engine.connect() as connection:
        sql = statement.compile(
            archive._engine.sync_engine, compile_kwargs={"literal_binds": True}
        )
        explain = "EXPLAIN QUERY PLAN" if archive._sqlite else "EXPLAIN"
        rows = await connection.execute(text(f"{explain} {_escaped(str(sql))}"))
        return "\n".join(str(row[-1]) for row in rows)


def _escaped(sql: str) -> str:
    """Colons of casts are left alone by SQLAlchemy, that of a prefix is not."""
    return sql.replace(":*", r"\:*")


@pytest.mark.parametrize("name", QUERIES)
async def test_no_query_reads_all_calls_or_sorts_them(
    archive: Archive, name: str
) -> None:
    found = await plan(archive, QUERIES[name])
    if archive._sqlite:
        assert "TEMP B-TREE" not in found
        # FTS5 calls the use of its index a scan; the others hold only what is wanted.
        walked = r"search VIRTUAL TABLE|calls USING INDEX calls_(no_)?meeting$"
        walked += r"|calls$" if name == "newest" else ""
        scans = [line[5:] for line in found.splitlines() if line.startswith("SCAN")]
        assert all(re.match(walked, scan) for scan in scans), found
    else:
        assert "Seq Scan" not in found, found
        # What GIN finds has no order: then those few are sorted.
        assert "Sort" not in found or "calls_words" in found or "Bitmap" in found, found


async def test_each_filter_has_its_index(archive: Archive) -> None:
    async def used(**wish: object) -> str:
        return await plan(archive, Query(**wish))  # type: ignore[arg-type]

    assert "calls_agent" in await used(agent="local")
    assert "calls_profile" in await used(profile="other")
    assert "calls_reason" in await used(reason="failed")
    assert "calls_recording" in await used(recording="refused")
    assert "calls_meeting" in await used(meeting=True)
    words = "search VIRTUAL TABLE" if archive._sqlite else "calls_words"
    assert words in await used(text=RARE)


async def test_choices_take_a_step_for_each_value(archive: Archive) -> None:
    statement = search.choices("agent")
    explain = "EXPLAIN QUERY PLAN" if archive._sqlite else "EXPLAIN"
    async with archive._engine.connect() as connection:
        sql = statement.compile(
            archive._engine.sync_engine, compile_kwargs={"literal_binds": True}
        )
        rows = await connection.execute(text(f"{explain} {sql}"))
        found = "\n".join(str(row[-1]) for row in rows)
    assert "SCAN calls" not in found and "Seq Scan on calls" not in found, found
    assert (await archive.choices())["agent"] == ["elevenlabs", "local", "openai"]


async def test_an_index_finds_what_a_look_at_each_call_finds(archive: Archive) -> None:
    said = [(row, set(words.split(row.text))) for row in calls(CALLS, turns=3)][::-1]
    for name, query in QUERIES.items():
        page = await archive.page(query)
        found = [row.call for row, heard in said if _meant(row, heard, query)]
        assert [row.call for row in page.rows] == found[: query.limit], name
        assert (page.next is not None) == (len(found) > query.limit), name


def _meant(row: Row, heard: set[str], query: Query) -> bool:
    names = ("agent", "profile", "reason", "recording")
    if any(getattr(query, it) not in (None, getattr(row, it)) for it in names):
        return False
    if query.meeting not in (None, row.meeting_ms is not None):
        return False
    if query.before is not None and row.call >= query.before:
        return False
    since_ms, until_ms = query.since_ms or 0, query.until_ms or 1 << 60
    if not since_ms <= row.began_ms < until_ms:
        return False
    *whole, last = words.wanted(query.text) or [""]
    return heard.issuperset(whole) and any(word.startswith(last) for word in heard)
