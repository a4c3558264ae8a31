"""History: what each route answers, and how each fault of what is behind it looks."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import logging
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from rtc.archive.store import StoreDown
from rtc.history import files as files_module
from rtc.history import stream as stream_module
from rtc.history.exports import COLUMNS
from rtc.render.renders import Busy

from .desk import CALL, RUNNING, UNKNOWN, desk, row

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}

META = {
    "call": CALL,
    "agent": "local",
    "profile": "sarah",
    "began": "2026-11-23T14:05:09.000+00:00",
    "reason": "caller-hung-up",
    "length_ms": 5000,
    "recording": {"state": "kept", "skew_ms": 1.5},
    "figures": {"loss_pct": 0.1},
    "metrics": {"length_ms": 5000},
    "meeting": {"start": "2026-11-25T10:00:00+01:00", "title": "Demo"},
    "rating": {"stars": 4, "note": "fine"},
}
TURN = {"who": "caller", "text": "a < b", "start_ms": 900, "end_ms": 1500}
SAID = {"conversation": "c", "turns": [TURN]}


# Lists.


async def test_calls_are_listed_for_programs(tmp_path: Path) -> None:
    async with desk(tmp_path) as found:
        found.live = [{"call": RUNNING, "length_ms": 7}]
        status, headers, body = await found.ask("/calls?agent=local&limit=2")
    assert status == 200
    assert headers["Vary"] == "Accept"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert [it["call"] for it in body["calls"]] == [CALL, RUNNING]
    assert body["calls"][0] == row().to_json()
    assert body["live"] == found.live and body["next"] is None
    (query,) = found.archive.asked
    assert query.agent == "local" and query.limit == 2


async def test_pages_are_for_people(tmp_path: Path) -> None:
    async with desk(tmp_path) as found:
        found.archive.down = True  # a page without its data says so itself
        for path in ("/calls", "/calls?q=x", f"/calls/{CALL}", f"/calls/{UNKNOWN}"):
            status, headers, body = await found.ask(path, headers=HTML)
            assert status == 200 and headers["Vary"] == "Accept"
            assert headers["Content-Type"].startswith("text/html")
            assert body.lower().startswith(b"<!doctype html>")
        assert await found.code("/calls/nonsense", headers=HTML) == "404 not-found"


async def test_a_wrong_question_is_answered_with_what_is_wrong(tmp_path: Path) -> None:
    async with desk(tmp_path) as found:
        for path in ("/calls", "/calls.csv", "/calls.jsonl"):
            for query in ("x=1", "limit=0", "q=%00", "agent=a&agent=b", "day=today"):
                assert await found.code(f"{path}?{query}") == "400 bad-query"


async def test_choices(tmp_path: Path) -> None:
    async with desk(tmp_path) as found:
        status, _, body = await found.ask("/calls/choices")
    assert status == 200 and body["reason"] == ["agent-ended"]


# Exports.


async def test_csv_has_a_head_and_harmless_names(tmp_path: Path) -> None:
    async with desk(tmp_path) as found:
        wild = row(agent='=HYPERLINK("x")', profile="@x\r\ny", skew_ms=-1.5)
        found.archive.rows = {CALL: wild}
        status, headers, body = await found.ask("/calls.csv?profile=x")
    assert status == 200
    assert headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert headers["Content-Disposition"] == 'attachment; filename="calls.csv"'
    text = body.decode()
    assert text.endswith("\r\n")
    head, one = csv.reader(io.StringIO(text, newline=""))
    told = dict(zip(head, one, strict=True))
    assert tuple(head) == COLUMNS
    assert told["agent"] == '\'=HYPERLINK("x")' and told["profile"] == "'@x\r\ny"
    assert told["skew_ms"] == "-1.5" and told["rating"] == ""


async def test_an_export_of_nothing(tmp_path: Path) -> None:
    async with desk(tmp_path) as found:
        found.archive.rows = {}
        assert (await found.ask("/calls.jsonl"))[2] == b""
        head = (await found.ask("/calls.csv"))[2]
        assert head.decode().strip().split(",") == list(COLUMNS)


async def test_json_lines_are_the_rows(tmp_path: Path) -> None:
    async with desk(tmp_path) as found:
        async with found.session.get(f"{found.url}/calls.jsonl") as answer:
            lines = (await answer.text()).splitlines()
    assert [json.loads(line) for line in lines] == [
        row().to_json(),
        row(RUNNING).to_json(),
    ]


@pytest.mark.parametrize("form", ["csv", "jsonl"])
async def test_an_export_that_breaks_does_not_look_whole(
    tmp_path: Path, form: str
) -> None:
    async with desk(tmp_path) as found:
        found.archive.rows = {str(i): row(trouble="x" * 100) for i in range(2000)}
        found.archive.breaks_after = 1500
        with pytest.raises(aiohttp.ClientPayloadError):
            async with found.session.get(f"{found.url}/calls.{form}") as answer:
                assert answer.status == 200
                await answer.read()
        found.archive.breaks_after = 0
        assert await found.code(f"/calls.{form}") == "503 history-unavailable"


async def test_an_export_is_sent_as_fast_as_it_is_taken(tmp_path: Path) -> None:
    async with desk(tmp_path) as found:
        given = 0

        class Rows(dict):  # type: ignore[type-arg]
            def values(self) -> Any:
                nonlocal given
                for _ in range(200_000):
                    given += 1
                    yield row(trouble="x" * 150)

        found.archive.rows = Rows()
        async with found.session.get(f"{found.url}/calls.csv") as answer:
            await answer.content.readline()
            # What the kernel and both ends keep for us is a few MB of 50.
            for _ in range(50):
                await asyncio.sleep(0)
            assert given < 100_000
            answer.close()


# One call.


async def test_all_of_one_call(tmp_path: Path) -> None:
    async with desk(tmp_path) as found:
        found.store.write(CALL, "call.json", META)
        found.store.write(CALL, "events.jsonl", b'{"at_ms":5,"type":"error"}\n')
        status, _, body = await found.ask(f"/calls/{CALL}")
    assert status == 200
    assert body == {
        **row().to_json(),
        "files": {
            name: f"/calls/{CALL}/{name}"
            for name in (
                "events.jsonl", "transcript.json", "transcript.vtt", "transcript.txt",
                "peaks.json", "recording.wav", "recording.mp3", "recording.m4a",
                "recording.mka", "meeting.ics",
            )
        },
        "metrics": {"length_ms": 5000},
        "figures": {"loss_pct": 0.1},
        "recording_report": {"state": "kept", "skew_ms": 1.5},
        "rating": {"stars": 4, "note": "fine"},
        "meeting": META["meeting"],
        "meetings": [],
        "marks": [{"at_ms": 5, "kind": "trouble", "text": ""}],
    }  # fmt: skip


async def test_a_call_without_its_files(tmp_path: Path) -> None:
    async with desk(tmp_path) as found:
        found.archive.rows[CALL] = row(recording="declined")
        _, _, body = await found.ask(f"/calls/{CALL}")
        assert list(body["files"]) == ["events.jsonl"]
        assert body["metrics"] is None and body["rating"] is None
        assert body["marks"] == []


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"5", b"\xff", b'{"rating": 5, "meeting": "x"}', b"[" * 99999,
        b'{"rating": {"stars": 9}, "metrics": [1]}', b'{"rating": {"stars": true}}',
        b'{"metrics": ' + b'{"a":' * 50 + b"1" + b"}" * 51, b'{"figures": NaN}',
        b"{" + b" " * files_module.MOST_JSON + b"}",
    ],
)  # fmt: skip
async def test_a_call_whose_files_are_torn(tmp_path: Path, content: bytes) -> None:
    async with desk(tmp_path) as found:
        for name in ("call.json", "transcript.json", "events.jsonl"):
            found.store.write(CALL, name, content)
        status, _, body = await found.ask(f"/calls/{CALL}")
        assert status == 200
        assert body["call"] == CALL and body["marks"] == []
        for key in ("rating", "meeting", "metrics", "figures"):
            assert body[key] is None
        for form in ("vtt", "txt"):
            assert (await found.ask(f"/calls/{CALL}/transcript.{form}"))[0] in (
                200,
                404,
            )


async def test_a_running_call(tmp_path: Path) -> None:
    async with desk(tmp_path) as found:
        found.store.write(RUNNING, "transcript.json", SAID)
        status, _, body = await found.ask(f"/calls/{RUNNING}")
        assert status == 200 and body["reason"] is None
        assert "transcript.vtt" in body["files"]
        assert "recording.wav" not in body["files"]
        for name in ("recording.wav", "peaks.json"):
            code = await found.code(f"/calls/{RUNNING}/{name}")
            assert code == "409 call-running"
        assert (await found.ask(f"/calls/{RUNNING}/transcript.txt"))[0] == 200


async def test_a_call_whose_row_is_not_there_yet(tmp_path: Path) -> None:
    async with desk(tmp_path) as found:
        found.archive.rows = {}
        found.store.write(CALL, "call.json", META)
        found.store.write(CALL, "transcript.json", {"turns": [None, TURN]})
        _, _, body = await found.ask(f"/calls/{CALL}")
        assert body["reason"] == "caller-hung-up" and body["turns"] == 1
        assert (await found.ask(f"/calls/{CALL}/recording.wav"))[0] == 200
        found.store.write(UNKNOWN, "call.json", META)  # of another call
        assert await found.code(f"/calls/{UNKNOWN}") == "404 not-found"
        found.live = [{"call": RUNNING, "agent": "openai", "length_ms": 5}]
        _, _, body = await found.ask(f"/calls/{RUNNING}")
        assert body["agent"] == "openai" and body["length_ms"] is None


async def test_what_is_no_call(tmp_path: Path) -> None:
    names = ["", "/peaks.json", "/recording.wav", "/transcript.vtt", "/events.jsonl"]
    async with desk(tmp_path) as found:
        for call in ("x", UNKNOWN, "20269999-999999-0123456789ab", "..%2F..%2Fetc"):
            for name in names:
                code = await found.code(f"/calls/{call}{name}")
                assert code == "404 not-found", (call, name)
        for name in ("recording.exe", "transcript.pdf", "transcript.json.gz"):
            code = await found.code(f"/calls/{CALL}/{name}")
            assert code == "404 not-found"


# Words.


async def test_the_transcript_in_its_forms(tmp_path: Path) -> None:
    async with desk(tmp_path) as found:
        found.store.write(CALL, "transcript.json", SAID)
        address = f"/calls/{CALL}/transcript"
        _, headers, body = await found.ask(f"{address}.json")
        assert headers["Content-Type"] == "application/json" and body == SAID
        _, headers, body = await found.ask(f"{address}.vtt")
        assert headers["Content-Type"] == "text/vtt; charset=utf-8"
        assert body.decode().splitlines()[-1] == "<v Caller>a &lt; b"
        _, headers, body = await found.ask(f"{address}.txt")
        assert headers["Content-Type"] == "text/plain; charset=utf-8"
        assert body == b"[00:00] Caller: a < b\n"
        assert await found.code(f"/calls/{RUNNING}/transcript.vtt") == "404 not-found"
        assert await found.code(f"/calls/{RUNNING}/transcript.json") == "404 not-found"


async def test_events_are_the_file(tmp_path: Path) -> None:
    async with desk(tmp_path) as found:
        found.store.write(CALL, "events.jsonl", b'{"type":"talking"}\n{"torn')
        async with found.session.get(f"{found.url}/calls/{CALL}/events.jsonl") as it:
            assert await it.read() == b'{"type":"talking"}\n{"torn'
            assert it.content_type == "application/jsonl"


# Changes.


async def test_a_rating(tmp_path: Path) -> None:
    address = f"/calls/{CALL}/rating"
    async with desk(tmp_path) as found:
        for body in ({"stars": 5}, {"stars": 1, "note": " ä\ud800 "}):
            assert (await found.ask(address, "PUT", json=body))[0] == 204
        assert found.keeper.rated == [(CALL, 5, ""), (CALL, 1, "ä?")]
        bad: list[Any] = [
            {}, [], 5, {"stars": 0}, {"stars": 6}, {"stars": "5"}, {"stars": True},
            {"stars": 4.5}, {"stars": 5, "note": None},
            {"stars": 5, "note": "x" * 2001},
        ]  # fmt: skip
        for body in bad:
            assert await found.code(address, "PUT", json=body) == "400 bad-request"
        json_type = {"Content-Type": "application/json"}
        for data in (b"", b"{", b"\xff", b"[" * 100_000, b"1" * 5000):
            code = await found.code(address, "PUT", data=data, headers=json_type)
            assert code == "400 bad-request"
        odd = {"Content-Type": "application/json; charset=klingon"}
        assert await found.code(address, "PUT", data=b"{}", headers=odd) == (
            "400 bad-request"
        )
        packed = {**json_type, "Content-Encoding": "gzip"}  # which it is not
        assert await found.code(address, "PUT", data=b"{}", headers=packed) == (
            "400 bad-request"
        )
        form = {"stars": "5"}
        assert await found.code(address, "PUT", data=form) == "415 bad-request"
        assert len(found.keeper.rated) == 2
        good = {"stars": 3}
        unknown, running = f"/calls/{UNKNOWN}/rating", f"/calls/{RUNNING}/rating"
        assert await found.code(unknown, "PUT", json=good) == "404 not-found"
        assert await found.code(running, "PUT", json=good) == "409 call-running"


async def test_who_leaves_before_the_rating_is_there_is_no_fault(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with desk(tmp_path) as found:
        port = int(found.url.rsplit(":", 1)[1])
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        lines = [f"PUT /calls/{CALL}/rating HTTP/1.1", "Host: localhost"]
        lines += ["Content-Type: application/json", "Content-Length: 99", "", "{"]
        writer.write("\r\n".join(lines).encode())
        await writer.drain()
        await found.ask("/calls/choices")  # by now it waits for the rest
        writer.transport.abort()
        await found.ask("/calls/choices")
    assert caplog.messages == []


async def test_deleting(tmp_path: Path) -> None:
    async with desk(tmp_path) as found:
        address = "/calls/{}/everything"
        assert (await found.ask(address.format(CALL), "DELETE"))[0] == 204
        assert found.keeper.deleted == [(CALL, "history 127.0.0.1")]
        running, unknown = address.format(RUNNING), address.format(UNKNOWN)
        assert await found.code(running, "DELETE") == "409 call-running"
        assert await found.code(unknown, "DELETE") == "404 not-found"
        assert await found.code(address.format("x"), "DELETE") == "404 not-found"


# Sound.


async def test_the_whole_sound(tmp_path: Path) -> None:
    async with desk(tmp_path) as found:
        address, sound = f"/calls/{CALL}/recording.wav", found.renders.sound
        status, headers, body = await found.ask(address)
        assert status == 200 and body == sound
        assert headers["Content-Type"] == "audio/wav"
        assert headers["Accept-Ranges"] == "bytes"
        assert headers["Content-Length"] == str(len(sound))
        name = f'inline; filename="{CALL}-both.wav"'
        assert headers["Content-Disposition"] == name
        status, head, body = await found.ask(address, "HEAD")
        assert status == 200 and body == b""
        assert head["Content-Length"] == str(len(sound))
        assert head["ETag"] == headers["ETag"]
        _, headers, _ = await found.ask(f"{address}?leg=caller&download=1")
        name = f'attachment; filename="{CALL}-caller.wav"'
        assert headers["Content-Disposition"] == name


@pytest.mark.parametrize(
    ("given", "span"),
    [
        ("bytes=0-1", (0, 2)),
        ("bytes=1500-4200", (1500, 4201)),
        ("bytes=-7", (-7, None)),
    ],
)
async def test_a_part_of_the_sound(
    tmp_path: Path, given: str, span: tuple[int, int | None]
) -> None:
    async with desk(tmp_path) as found:
        address, sound = f"/calls/{CALL}/recording.mp3", found.renders.sound
        status, headers, body = await found.ask(address, headers={"Range": given})
        assert status == 206
        assert body == sound[slice(*span)]
        first = span[0] % len(sound)
        last = first + len(body) - 1
        assert headers["Content-Range"] == f"bytes {first}-{last}/{len(sound)}"
        assert headers["Content-Length"] == str(len(body))
        status, _, _ = await found.ask(address, "HEAD", headers={"Range": given})
        assert status == 200


async def test_a_part_that_is_not_there(tmp_path: Path) -> None:
    async with desk(tmp_path) as found:
        size = len(found.renders.sound)
        address, behind = f"/calls/{CALL}/recording.wav", {"Range": f"bytes={size}-"}
        status, headers, body = await found.ask(address, headers=behind)
        assert status == 416 and body["code"] == "bad-range"
        assert headers["Content-Range"] == f"bytes */{size}"


async def test_a_part_of_another_version_is_the_whole(tmp_path: Path) -> None:
    async with desk(tmp_path) as found:
        address = f"/calls/{CALL}/recording.wav"
        _, headers, _ = await found.ask(address)
        for tag, status in ((headers["ETag"], 206), ('"other"', 200)):
            asked = {"Range": "bytes=0-1", "If-Range": tag}
            assert (await found.ask(address, headers=asked))[0] == status


@pytest.mark.parametrize("state", ["off", "declined", "refused"])
async def test_a_call_that_was_not_recorded(tmp_path: Path, state: str) -> None:
    async with desk(tmp_path) as found:
        found.archive.rows[CALL] = row(recording=state)
        for name in ("recording.wav", "peaks.json"):
            status, _, body = await found.ask(f"/calls/{CALL}/{name}")
            assert status == 404 and "was not recorded" in body["detail"]


async def test_sound_that_cannot_be_had(tmp_path: Path) -> None:
    async with desk(tmp_path) as found:
        address = f"/calls/{CALL}/recording.wav"
        assert await found.code(f"{address}?leg=left") == "400 bad-query"
        found.renders.breaks_at = 0
        assert await found.code(address) == "500 render-failed"
        assert await found.code(f"/calls/{CALL}/peaks.json") == "500 render-failed"
        found.renders.error = Busy("many recordings are asked for")
        status, headers, body = await found.ask(address)
        assert (status, body["code"]) == (503, "history-unavailable")
        assert "many recordings" in body["detail"] and int(headers["Retry-After"]) > 0
        found.renders.error = FileNotFoundError()  # deleted just now
        assert await found.code(address) == "404 not-found"
        found.renders.error = None
        (tmp_path / CALL / "recording.mka").unlink()
        assert await found.code(address) == "404 not-found"


@pytest.mark.parametrize(
    ("breaks_at", "claims"), [(5000, 0), (None, 100), (None, -100)]
)
async def test_sound_that_breaks_does_not_look_whole(
    tmp_path: Path, breaks_at: int | None, claims: int
) -> None:
    async with desk(tmp_path) as found:
        found.renders.breaks_at, found.renders.claims = breaks_at, claims
        address = f"{found.url}/calls/{CALL}/recording.wav"
        if claims < 0:
            async with found.session.get(address) as answer:
                assert len(await answer.read()) == int(answer.headers["Content-Length"])
            return
        with pytest.raises(aiohttp.ClientPayloadError):
            async with found.session.get(address) as answer:
                await answer.read()


async def test_who_leaves_in_the_middle_is_no_fault(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with desk(tmp_path) as found:
        found.renders.sound = bytes(20_000_000)
        with caplog.at_level(logging.WARNING):
            async with found.session.get(
                f"{found.url}/calls/{CALL}/recording.wav"
            ) as it:
                await it.content.readexactly(1000)
                it.close()
            await found.ask("/calls/choices")
    assert caplog.messages == []


async def test_who_takes_nothing_is_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(stream_module, "STALL_S", 0.05)
    async with desk(tmp_path) as found:
        found.renders.sound = bytes(50_000_000)
        port = int(found.url.rsplit(":", 1)[1])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        path = f"/calls/{CALL}/recording.wav"
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        await writer.drain()
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        while not caplog.messages:  # noqa: ASYNC110, a line in a log is no event
            await asyncio.sleep(0.01)
        assert "took too long" in caplog.messages[0]
        writer.transport.abort()


async def test_peaks(tmp_path: Path) -> None:
    async with desk(tmp_path) as found:
        status, _, body = await found.ask(f"/calls/{CALL}/peaks.json")
    assert status == 200 and body["caller"] == [0, 255]


# Faults.


async def test_a_database_that_is_down(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with desk(tmp_path) as found:
        found.archive.down = True
        for path in (
            "/calls", "/calls/choices", "/calls.csv", "/calls.jsonl", f"/calls/{CALL}",
            f"/calls/{CALL}/recording.wav", f"/calls/{CALL}/peaks.json",
        ):  # fmt: skip
            status, headers, body = await found.ask(path)
            assert (status, body["code"]) == (503, "history-unavailable")
            assert int(headers["Retry-After"]) > 0
            assert "db.internal" not in json.dumps(body)
        address = f"/calls/{CALL}/everything"
        assert await found.code(address, "DELETE") == "503 history-unavailable"
    assert "db.internal" in caplog.text


@pytest.mark.parametrize("error", [StoreDown("s3 is away"), PermissionError(13, "no")])
async def test_a_store_that_is_down(tmp_path: Path, error: Exception) -> None:
    async with desk(tmp_path) as found:
        found.store.error = error
        names = ("", "/recording.wav", "/transcript.vtt", "/events.jsonl")
        for name in names:
            code = await found.code(f"/calls/{CALL}{name}")
            assert code == "503 history-unavailable"
        assert (await found.ask("/calls"))[0] == 200
