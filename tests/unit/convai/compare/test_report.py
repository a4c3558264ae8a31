"""The page about a comparison: what it says, and that texts cannot break it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from convai.compare.markup import data, tag
from convai.compare.plots import Dot, Row, strips
from convai.compare.publish import publish
from convai.compare.spread import spread
from convai.compare.summary import summary
from convai.compare.words import compared

EVIL = "</script><script>alert(1)</script>"


def turn(number: int, latency_ms: int | None, **more: Any) -> dict[str, Any]:
    begin = 5.0 * number
    return {
        "turn": number,
        "begin_s": begin,
        "end_s": begin + 1,
        "latency_ms": latency_ms,
        "cut_in_ms": None,
        "interruption": None,
        "answered": latency_ms is not None,
        "answer_s": 2.0,
        "why": "no answer was heard",
        **more,
    }


def call(agent: str, run: int, *turns: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "agent": agent,
        "run": run,
        "call": f"{agent}-{run}",
        "failure": "",
        "notes": [],
        "length_s": 20.0,
        "greeting_ms": 400,
        "turns": list(turns),
        "received": {"packets": 900, "lost": 0, "level_dbfs": -20.0},
        "caller_late_ms": 3.0,
        "disturbed": False,
        "replaced": False,
        "talk": {"caller": [[5.0, 6.0]], "agent": [[0.4, 3.0], [6.5, 9.0]]},
        "words": {**compared("what is parley", "what was parley"), "texts": []},
        "server": {"troubles": []},
        "bill": {"usd_per_min": 0.1, "estimated": True, "latencies_ms": [500]},
        "audio": None,
        **more,
    }


def report(*calls: dict[str, Any]) -> dict[str, Any]:
    agents = list(dict.fromkeys(call["agent"] for call in calls))
    return {
        "began": "2026-11-22T21:38:49+00:00",
        "server": "made up",
        "runs": max(call["run"] for call in calls),
        "seed": 0,
        "interrupt_turn": 2,
        "caller": [{"turn": 1, "name": "a", "text": EVIL, "speech_s": 1.0}],
        "agents": agents,
        "calls": list(calls),
        "summary": summary(agents, calls),
        "votes": None,
    }


CUT = {"stop_ms": 300, "went_on": False, "answered": True}


def test_the_summary_has_medians_and_ranges_with_their_numbers() -> None:
    calls = [
        call("x", 1, turn(1, 500), turn(2, 900, interruption=CUT)),
        call("x", 2, turn(1, 700), turn(2, None)),
    ]
    x = summary(["x"], calls)["x"]
    assert x["latency_ms"] == {
        "n": 3,
        "median": 700,
        "min": 500,
        "max": 900,
        "p90": None,
    }
    assert (x["answered"], x["turns"]) == (3, 4)
    assert x["interruptions"]["stop_ms"]["median"] == 300
    assert (x["words"]["errors"], x["words"]["words"]) == (2, 6)


def test_calls_of_a_machine_that_was_too_busy_do_not_count() -> None:
    calls = [
        call("x", 1, turn(1, 500)),
        call("x", 2, turn(1, 9000), disturbed=True, caller_late_ms=8000.0),
    ]
    x = summary(["x"], calls)["x"]
    assert (x["calls"], x["disturbed"], x["latency_ms"]["max"]) == (2, 1, 500)
    assert x["late_ms"] == 8000


def test_what_another_agent_said_is_not_counted() -> None:
    calls = [call("x", 1, turn(1, 500)), call("x", 2, turn(1, 100), replaced=True)]
    assert summary(["x"], calls)["x"]["latency_ms"]["n"] == 1


def test_ninety_per_cent_need_ten() -> None:
    assert spread(range(9))["p90"] is None
    assert spread(range(11))["p90"] == 9
    assert spread([None])["n"] == 0


def test_what_went_wrong_is_in_the_page(tmp_path: Path) -> None:
    calls = [
        call("x", 1, turn(1, 500), failure="the account has no quota left"),
        call("y", 1, disturbed=True),
    ]
    text = publish(tmp_path, report(*calls)).read_text("utf-8")
    assert "the account has no quota left" in text
    assert "1 of 2 calls are not counted" in text
    assert "With as few as 0 response times" in text


def test_texts_cannot_break_the_page_and_nothing_is_loaded(tmp_path: Path) -> None:
    calls = [
        call(agent, 1, turn(1, 500), turn(2, 600, interruption=CUT), notes=[EVIL])
        for agent in ("x", "y")
    ]
    calls[0]["audio"] = "audio/001.webm"
    (tmp_path / "audio").mkdir()
    (tmp_path / "audio" / "001.webm").write_bytes(b"sound")
    page = publish(tmp_path, report(*calls)).read_text("utf-8")
    rate = (tmp_path / "rate.html").read_text("utf-8")
    for text in (page, rate):
        assert "alert(1)</script>" not in text
        assert "{{" not in text
        assert not re.search(r'(?:src|href)="(?!data:|rate\.html)', text)
    assert "data:audio/webm;base64,c291bmQ=" in page


def test_the_rating_page_names_no_agent(tmp_path: Path) -> None:
    (tmp_path / "audio").mkdir()
    calls = []
    for number, agent in enumerate(("Xavier", "Yolanda")):
        audio = f"audio/{number}.webm"
        (tmp_path / audio).write_bytes(b"sound")
        calls.append(call(agent, 1, turn(1, 500), audio=audio))
    publish(tmp_path, report(*calls))
    rate = (tmp_path / "rate.html").read_text("utf-8")
    found = re.search(r'id="data">(.*?)</script>', rate)
    assert found
    told = json.loads(found[1])
    assert len(told["pairs"]) == 1
    assert "Xavier" not in rate and "Yolanda" not in rate
    kept = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert kept["pairs"][0]["a"]["agent"] in ("Xavier", "Yolanda")


def test_too_much_sound_stays_beside_the_page(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("convai.compare.publish.MOST_EMBEDDED", 4)
    (tmp_path / "audio").mkdir()
    (tmp_path / "audio" / "001.webm").write_bytes(b"sound")
    calls = [call("x", 1, turn(1, 500), audio="audio/001.webm")]
    page = publish(tmp_path, report(*calls)).read_text("utf-8")
    assert 'src="audio/001.webm"' in page


def test_a_plot_is_told_in_words_and_fits_any_width() -> None:
    rows = [
        Row("x", 0, [Dot(400, "first"), Dot(800, "second", mark=True)]),
        Row("y", 1, []),
    ]
    picture = strips("Times", "ms", rows)
    assert "x: median 600 ms, 400 to 800, n 2. y: nothing measured." in picture
    assert 'width="100%"' in picture and "viewBox" not in picture
    places = [float(p) for p in re.findall(r'(?:cx|x1|x2)="([\d.]+)%"', picture)]
    assert places and all(0 <= place <= 100 for place in places)


def test_markup_escapes() -> None:
    assert tag("p", "<b>", class_='"') == '<p class="&quot;">&lt;b&gt;</p>'
    assert "<" not in data({"x": EVIL})
    assert json.loads(data({"x": EVIL})) == {"x": EVIL}
