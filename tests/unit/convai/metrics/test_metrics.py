"""Metrics: a call in figures, folded from its events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convai.metrics import prices_file
from convai.metrics.__main__ import main
from convai.metrics.metrics import Metrics, TurnFigures
from convai.metrics.table import one_call

PRICES = prices_file.shipped()
Message = dict[str, Any]


def talking(at_ms: int, who: str, on: bool, ago_ms: int = 0) -> Message:
    event = {"at_ms": at_ms, "type": "talking", "who": who, "on": on}
    return {**event, "ago_ms": ago_ms} if ago_ms else event


def event(at_ms: int, kind: str, **fields: Any) -> Message:
    return {"at_ms": at_ms, "type": kind, **fields}


CALL = [
    event(5, "conversation.started", conversation="c", input_rate=16_000),
    event(300, "transcript.agent", text="Hello there.", final=True, reply=1),
    event(310, "reply.begun", reply=1),
    talking(405, "agent", True),
    event(1200, "voice.score", score=0.25),
    talking(1905, "agent", False),
    talking(3275, "caller", True, 275),
    event(3900, "transcript.user", text="I want", final=False),
    event(4000, "voice.score", score=0.9),
    event(5200, "transcript.user", text="I want a meeting", final=True),
    event(5300, "reply.begun", reply=2),
    event(5310, "transcript.agent", text="a b c d e f g h", final=True, reply=2),
    talking(5400, "agent", True),  # ... before anybody is sure that the caller ended
    talking(5460, "caller", False, 460),
    talking(7275, "caller", True, 275),
    event(7380, "conversation.interrupted", reply=2, heard_ms=2000),
    event(7390, "transcript.corrected", reply=2, text="a b c"),
    talking(7400, "agent", False),
    talking(8460, "caller", False, 460),
    event(8500, "transcript.user", text="No!", final=True),
    event(8600, "tool.called", id="1", name="book_meeting", arguments={}, server=True),
    event(8700, "tool.done", id="1", name="book_meeting", result="No.", failed=True),
    event(8800, "transcript.agent", text="Fine.", final=True, reply=3),
    talking(9000, "agent", True),
    talking(10_000, "agent", False),
    event(10_500, "transcript.user", text="bye bye", final=True, typed=True),
    talking(11_000, "agent", True),
    talking(12_000, "agent", False),
    event(30_000, "call.stats", ducked=2, ducked_in_vain=1, final=True),
    event(30_005, "conversation.ended", reason="caller-hung-up"),
]


def folded(messages: list[Message], agent: str = "local") -> Metrics:
    metrics = Metrics(agent, PRICES)
    for message in messages:
        metrics.note(message)
    metrics.finish()
    return metrics


def test_a_call() -> None:
    metrics = folded(CALL)
    summary = metrics.summary()
    assert summary["length_ms"] == 30_000
    assert summary["greeting_ms"] == 400
    assert [turn.voice_to_voice_ms for turn in metrics.turns] == [400, 1000, 500]
    assert [turn.stop_ms for turn in metrics.turns] == [None, 400, None]
    assert summary["voice_to_voice_ms"] == {"n": 2, "p50": 700, "p90": 940, "max": 1000}
    assert summary["typed_to_voice_ms"]["p50"] == 500
    assert summary["first_byte_ms"]["n"] == 1
    assert summary["words_ms"] == {"n": 2, "p50": 350, "p90": 470, "max": 500}
    assert summary["stop_ms"]["max"] == 400
    assert summary["turns"] == {"caller": 2, "typed": 1, "agent": 4, "unanswered": 0}
    assert summary["interruptions"]["voice"] == 1
    assert summary["interruptions"]["false_alarms"] == 0
    assert summary["words"] == {
        "caller": 5,
        "agent": 2 + 3 + 1,  # of the reply that was cut, what was heard
        "caller_per_min": 100.0,
        "agent_per_min": pytest.approx(6 / 5.5 * 60, abs=0.1),
    }
    assert summary["talk"]["overlap_ms"] == 400
    assert summary["tools"] == {
        "used": 1,
        "failed": 1,
        "by_name": {"book_meeting": 1},
        "failed_by_name": {"book_meeting": 1},
    }
    assert summary["voice_score"] == {
        "talking": {"n": 1, "mean": 0.9, "max": 0.9},
        "silent": {"n": 1, "mean": 0.25, "max": 0.25},
    }
    assert (summary["ducked"], summary["ducked_in_vain"]) == (2, 1)
    assert summary["reason"] == "caller-hung-up"
    assert summary["cost"]["usd"] == 0
    assert not summary["cost"]["estimated"]


def test_turns_are_told_as_they_are_completed() -> None:
    metrics = Metrics("local")
    told = [(message["at_ms"], metrics.note(message)) for message in CALL]
    first: list[tuple[int, TurnFigures]] = [
        (at, turn) for at, turns in told for turn in turns
    ]
    assert [turn for _, turn in first] == metrics.turns
    assert metrics.finish() == []
    # The first answer is over when the caller interrupts, at 7000 ms; that is certain
    # a second later, with the next event. The second is over with its sound.
    assert [at for at, _ in first] == [8460, 12_000, 30_000]


def test_live_and_from_a_file_are_the_same() -> None:
    lines = [json.dumps(message) for message in CALL]
    recomputed = Metrics.of(lines, "local", PRICES)
    assert recomputed.summary() == folded(CALL).summary()
    assert recomputed.turns == folded(CALL).turns


def test_a_call_that_never_ended_is_measured_to_its_last_event() -> None:
    metrics = folded(CALL[:-2])
    assert len(metrics.turns) == 3
    assert metrics.summary()["length_ms"] == 12_000 - 5
    assert metrics.summary()["reason"] is None


def test_odd_lines_are_counted() -> None:
    lines = ["", "{", b"\xff", "[]", '{"type":"talking"}', json.dumps(CALL[0])]
    assert Metrics.of(lines).summary()["odd_lines"] == 5


def test_a_summary_in_mid_call_changes_nothing() -> None:
    metrics = Metrics("local", PRICES)
    for message in CALL:
        metrics.note(message)
        json.dumps(metrics.summary(), allow_nan=False)
    assert metrics.summary() == folded(CALL).summary()


def test_the_bill_wins_wherever_it_comes() -> None:
    bill = event(60_000, "usage", amounts={"cost_usd": 0.5, "call_s": 30}, model="")
    cost = folded([*CALL, bill], "elevenlabs").summary()["cost"]
    assert (cost["usd"], cost["estimated"]) == (0.5, False)
    cost = folded(CALL, "elevenlabs").summary()["cost"]
    assert cost["estimated"]
    # 18 s of silence at the end: 8 of them at a twentieth; and one typed turn.
    assert cost["usd"] == pytest.approx((30 - 8.005 * 0.95) / 60 * 0.12 + 0.003, 1e-4)
    assert cost["usd_per_min"] == pytest.approx(cost["usd"] * 2)


def test_agents_that_follow_each_other_add_up() -> None:
    amounts = {"output_audio_tokens": 1000}
    usage = [event(at, "usage", amounts=amounts, model="") for at in (21_000, 22_000)]
    changes = [
        event(10_005, "agent.changed", agent="openai", previous="elevenlabs", why="x"),
        *usage,
        event(
            25_005, "agent.changed", agent="openai", previous="openai", why="renewed"
        ),
    ]
    summary = folded([CALL[0], *changes, CALL[-1]], "elevenlabs").summary()
    first, second, third = summary["cost"]["agents"]
    assert first["usd"] == pytest.approx(10 / 60 * 0.12)
    assert second["usd"] == pytest.approx(0.128)
    assert third["doubts"] == ["no usage was told of"]
    total = first["usd"] + second["usd"]
    assert summary["cost"]["usd"] == pytest.approx(total)
    assert (summary["handovers"], summary["renewals"]) == (1, 1)
    assert summary["agents"] == ["elevenlabs", "openai", "openai"]


def test_each_bill_goes_to_the_conversation_of_its_length() -> None:
    change = event(
        10_005, "agent.changed", agent="elevenlabs", previous="elevenlabs", why="x"
    )
    bill = event(40_000, "usage", amounts={"cost_usd": 0.7, "call_s": 19}, model="")
    cost = folded([CALL[0], change, CALL[-1], bill], "elevenlabs").summary()["cost"]
    assert [part["estimated"] for part in cost["agents"]] == [True, False]
    assert cost["agents"][1]["usd"] == 0.7


def test_what_nobody_knows_is_no_number() -> None:
    cost = folded(CALL, "somebody").summary()["cost"]
    assert (cost["usd"], cost["usd_per_min"], cost["estimated"]) == (None, None, True)
    usage = event(9000, "usage", amounts={"output_text_tokens": 5}, model="claude")
    assert folded([CALL[0], usage], "openai").summary()["cost"]["usd"] is None
    assert Metrics.of([]).summary()["cost"] is None


ODD: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.text(max_size=5),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


@st.composite
def broken(draw: st.DrawFn) -> list[Message]:
    """Events of the call: some left out, some twice, in any order, with odd fields."""
    messages = []
    for index in draw(st.lists(st.integers(0, len(CALL) - 1), max_size=40)):
        message = dict(CALL[index])
        if draw(st.booleans()):
            message["at_ms"] = draw(st.integers(0, 40_000))
        if draw(st.integers(0, 4)) == 0:
            message[draw(st.sampled_from(sorted(message)))] = draw(ODD)
        messages.append(message)
    return messages


@given(broken())
@settings(max_examples=300, deadline=None)
def test_no_order_and_no_omission_upsets_the_sums(messages: list[Message]) -> None:
    metrics = folded(messages, "elevenlabs")
    summary = metrics.summary()
    json.dumps(summary, allow_nan=False)
    talk = summary["talk"]
    sums = talk["caller_ms"] + talk["agent_ms"] - talk["overlap_ms"]
    assert sums + talk["silence_ms"] == summary["length_ms"] >= 0
    turns = summary["turns"]
    told = [turn for turn in metrics.turns if not turn.false_alarm]
    assert turns["caller"] + turns["typed"] == len(told)
    assert summary["interruptions"]["false_alarms"] == len(metrics.turns) - len(told)
    for turn in metrics.turns:
        for value in (turn.voice_to_voice_ms, turn.first_byte_ms, turn.stop_ms):
            assert value is None or value >= 0


@given(broken())
@settings(max_examples=100, deadline=None)
def test_what_is_broken_is_the_same_from_a_file(messages: list[Message]) -> None:
    def lines() -> Iterator[str]:
        for message in messages:
            yield json.dumps(message)

    live = folded([json.loads(line) for line in lines()])
    recomputed = Metrics.of(lines(), "local", PRICES)
    assert recomputed.turns == live.turns


@pytest.fixture
def recordings(tmp_path: Any) -> Any:
    for name, agent in (("one", "local"), ("two", "elevenlabs")):
        folder = tmp_path / name
        folder.mkdir()
        text = "".join(json.dumps(message) + "\n" for message in CALL)
        (folder / "events.jsonl").write_text(text)
        (folder / "call.json").write_text(json.dumps({"agent": agent}))
    return tmp_path


def test_the_command_shows_a_call(recordings: Any, capsys: Any) -> None:
    assert main([str(recordings / "two")]) == 0
    shown = capsys.readouterr().out
    assert "elevenlabs: by the minutes of plan creator" in shown
    assert any(line.split()[:4] == ["2", "0:07.0", "1000", "-"] for line in
               shown.splitlines())  # fmt: skip


def test_the_command_shows_a_folder_of_calls(recordings: Any, capsys: Any) -> None:
    assert main([str(recordings)]) == 0
    head, one, two = capsys.readouterr().out.splitlines()
    assert head.split()[0] == "call"
    assert one.split()[:6] == ["one", "local", "0:30.0", "3", "700", "940"]
    assert two.split()[-2].startswith("~0.0")


def test_the_command_gives_json(recordings: Any, capsys: Any) -> None:
    events = recordings / "one" / "events.jsonl"
    assert main([str(events), "--json", "--agent", "openai"]) == 0
    (call,) = json.loads(capsys.readouterr().out)
    assert call["call"] == "one"
    assert call["summary"]["agent"] == "openai"
    assert [turn["voice_to_voice_ms"] for turn in call["turns"]] == [400, 1000, 500]


def test_the_command_shows_what_cannot_be_shown_as_it_is(
    tmp_path: Any, capsys: Any
) -> None:
    odd = [
        event(7000, "error", code="\ud800"),
        event(7000, "agent.changed", agent="\ud801", previous="local"),
    ]
    events = tmp_path / "events.jsonl"
    events.write_text("".join(json.dumps(it) + "\n" for it in [*odd, *CALL]))
    assert main([str(tmp_path)]) == 0
    assert "trouble" in capsys.readouterr().out


def test_the_command_says_what_is_wrong(recordings: Any, capsys: Any) -> None:
    assert main([str(recordings / "none")]) == 1
    assert "none: No such file" in capsys.readouterr().err
    (recordings / "empty").mkdir()
    assert main([str(recordings / "empty")]) == 1
    assert "there is no call" in capsys.readouterr().err
    (recordings / "p.toml").write_text("[gold]")
    assert main([str(recordings), "--prices", str(recordings / "p.toml")]) == 1
    assert "p.toml: prices: " in capsys.readouterr().err


def test_a_table_of_a_call_whose_sound_nobody_told_of() -> None:
    metrics = Metrics("local")
    for at_ms, kind in ((0, "conversation.started"), (3000, "conversation.ended")):
        metrics.note({"at_ms": at_ms, "type": kind})
    assert "p50" not in one_call(metrics.summary(), [])  # no head without rows
    turn = {"type": "transcript.user", "text": "hi", "final": True, "typed": True}
    metrics = Metrics("local")
    for message in (
        {"at_ms": 0, "type": "conversation.started"},
        {"at_ms": 1000, **turn},
        {"at_ms": 1200, "type": "reply.begun", "reply": 1},
        {"at_ms": 3000, **turn},
        {"at_ms": 9000, "type": "conversation.ended"},
    ):
        metrics.note(message)
    *_, first, second = one_call(metrics.summary(), metrics.turns).splitlines()
    assert first.endswith("not heard") and second.endswith("no answer")
