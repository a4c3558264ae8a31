"""Audit: lines that stay."""

from __future__ import annotations

import json
import resource
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from rtc.archive.audit import Audit

CALL = "20261123-140509-0123456789ab"


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_line_says_who_did_what_when(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    now = datetime(2026, 11, 23, 14, 5, tzinfo=timezone(timedelta(hours=1)))
    Audit(path, lambda: now).note("deleted", CALL, "ann\n{", 4, 1000)
    assert lines(path) == [
        {
            "at": "2026-11-23T13:05:00.000+00:00",
            "what": "deleted",
            "call": CALL,
            "by": "ann\n{",
            "files": 4,
            "bytes": 1000,
        }
    ]
    assert path.stat().st_mode & 0o077 == 0, "for nobody else"


def test_a_line_that_a_power_cut_tore_does_not_spoil_the_next(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    path.write_text('{"at": "2026')
    Audit(path).note("deleting", CALL, "ann" * 1000, 0, 0)
    torn, whole = path.read_text().splitlines()
    assert torn == '{"at": "2026'
    assert len(json.loads(whole)["by"]) == 200
    assert datetime.fromisoformat(json.loads(whole)["at"]).tzinfo == UTC


def test_lines_of_many_threads_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    with ThreadPoolExecutor(8) as threads:
        for n in range(100):
            threads.submit(Audit(path).note, "deleted", CALL, f"{n}", n, n)
    assert {line["files"] for line in lines(path)} == set(range(100))


def test_a_disk_that_refuses_is_heard(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        Audit(tmp_path).note("deleted", CALL, "ann", 0, 0)


def test_a_disk_that_takes_half_a_line_is_heard(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    Audit(path).note("deleting", CALL, "ann", 0, 0)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 10, limits[1]))
    try:
        with pytest.raises(OSError, match="no room"):
            Audit(path).note("deleted", CALL, "ann", 0, 0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    Audit(path).note("deleted", CALL, "ann", 0, 0)
    assert json.loads(path.read_text().splitlines()[-1])["what"] == "deleted"


def test_who_began_a_deletion_can_be_looked_up(tmp_path: Path) -> None:
    audit = Audit(tmp_path / "audit.jsonl")
    with pytest.raises(OSError):
        audit.begun(CALL)
    audit.note("deleting", CALL, "ann", 4, 1000)
    audit.note("deleting", CALL.replace("0", "1"), "bob", 1, 1)
    audit.note("deleted", CALL, "bob", 1, 1)
    with (tmp_path / "audit.jsonl").open("a") as torn:
        torn.write(f'{{"what": "deleting", "call": "{CALL}", "by": "bo')
    assert audit.begun(CALL) == ("ann", 4, 1000)
    assert audit.begun(CALL.replace("2", "1")) is None
