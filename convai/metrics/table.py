"""A call's figures as text for a terminal. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .turn import TurnFigures

__all__ = ["one_call", "several_calls"]

SPREADS = {
    "voice_to_voice_ms": "voice to voice",
    "first_byte_ms": "first byte",
    "words_ms": "caller's words",
    "typed_to_voice_ms": "typed to voice",
    "stop_ms": "stop when interrupted",
}
"Latencies, and what they are called here."

UNKNOWN = "-"


def one_call(summary: dict[str, Any], turns: Sequence[TurnFigures]) -> str:
    """Everything there is to know of a call."""
    blocks = [_columns(list(_facts(summary)))]
    if latencies := list(_latencies(summary)):
        head = ("", "n", "p50", "p90", "max")
        blocks.append(_columns([head, *latencies], right=1))
    if turns:
        heads = ("turn", "at", "answer", "byte", "words", "stop", "")
        rows = [heads, *(_turn(turn) for turn in turns)]
        blocks.append("Milliseconds of each turn\n" + _columns(rows, right=1))
    return "\n".join(blocks)


def several_calls(calls: Sequence[tuple[str, dict[str, Any]]]) -> str:
    """A line for each call."""
    head = ("call", "agent", "length", "turns", "p50 ms", "p90 ms", "cut", "false")
    rows = [(*head, "USD", "USD/min")]
    for name, summary in calls:
        spread = summary["voice_to_voice_ms"] or {}
        cut = summary["interruptions"]
        rows.append(
            (
                name,
                "+".join(dict.fromkeys(summary["agents"])) or UNKNOWN,
                _clock(summary["length_ms"]),
                _number(summary["turns"]["caller"] + summary["turns"]["typed"]),
                _number(spread.get("p50")),
                _number(spread.get("p90")),
                _number(cut["voice"]),
                _number(cut["false_alarms"]),
                *_cost(summary["cost"]),
            )
        )
    return _columns(rows, right=2)


def _facts(summary: dict[str, Any]) -> Iterator[tuple[str, str]]:
    turns, cut = summary["turns"], summary["interruptions"]
    talk, words, tools = summary["talk"], summary["words"], summary["tools"]
    yield "agent", ", then ".join(summary["agents"]) or UNKNOWN
    yield "length", _clock(summary["length_ms"])
    yield "ended", summary["reason"] or UNKNOWN
    yield "greeting", _ms(summary["greeting_ms"])
    yield "turns", ", ".join(f"{name} {count}" for name, count in turns.items())
    yield (
        "interruptions",
        f"{cut['voice']} by voice ({cut['false_alarms']} for nothing),"
        f" {cut['typed']} typed, {cut['button']} by button",
    )
    yield "longest wait", _ms(summary["longest_wait_ms"])
    for name in ("caller", "agent", "overlap", "silence"):
        share = f"{talk[f'{name}_share']:.0%}"
        per_min = words.get(f"{name}_per_min")
        pace = f", {words[name]} words, {_number(per_min)}/min" if per_min else ""
        yield name, f"{_clock(talk[f'{name}_ms'])} ({share}){pace}"
    if tools["used"]:
        yield "tools", f"{tools['used']} used, {tools['failed']} failed"
    for name in ("handovers", "renewals"):
        if summary[name]:
            yield name, _number(summary[name])
    for code, count in summary["troubles"].items():
        yield "trouble", code if count == 1 else f"{code} ({count} times)"
    if summary["cost"] is not None:
        usd, per_min = _cost(summary["cost"])
        yield "cost", f"USD {usd}, {per_min} a minute"
        for part in summary["cost"]["agents"]:
            for doubt in part["doubts"]:
                yield "", f"{part['agent'] or UNKNOWN}: {doubt}"


def _latencies(summary: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for key, name in SPREADS.items():
        spread = summary[key]
        if spread is not None:
            yield name, *(_number(spread[it]) for it in ("n", "p50", "p90", "max"))


def _turn(turn: TurnFigures) -> tuple[str, ...]:
    marks = {
        "typed": turn.typed,
        "interrupted": turn.interrupted and not turn.false_alarm,
        "false alarm": turn.false_alarm,
        "talked over": turn.talked_over,
        "no answer": turn.answer_ms is None and turn.first_byte_ms is None,
        "not heard": turn.answer_ms is None and turn.first_byte_ms is not None,
    }
    return (
        _number(turn.number),
        UNKNOWN if turn.start_ms is None else _clock(turn.start_ms),
        _number(turn.voice_to_voice_ms),
        _number(turn.first_byte_ms),
        _number(turn.words_ms),
        _number(turn.stop_ms),
        " ".join(mark for mark, on in marks.items() if on),
    )


def _cost(cost: dict[str, Any] | None) -> tuple[str, str]:
    if cost is None or cost["usd"] is None:
        return UNKNOWN, UNKNOWN
    about = "~" if cost["estimated"] else ""
    per_min = cost["usd_per_min"]
    rate = UNKNOWN if per_min is None else f"{about}{per_min:.4f}"
    return f"{about}{cost['usd']:.4f}", rate


def _clock(ms: float) -> str:
    minutes, seconds = divmod(ms / 1000, 60)
    return f"{int(minutes)}:{seconds:04.1f}"


def _ms(value: float | None) -> str:
    return UNKNOWN if value is None else f"{_number(value)} ms"


def _number(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.0f}"


def _columns(rows: Sequence[tuple[str, ...]], right: int = 99) -> str:
    """Rows with their columns aligned, those from `right` on to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if index >= right else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip() + "\n")
    return "".join(lines)
