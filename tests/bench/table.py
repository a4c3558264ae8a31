"""Figures as Markdown. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any

from .figures import Figures

__all__ = ["goals", "loads", "middle", "noise", "troubles"]

Medians = Mapping[str, Mapping[int, Figures]]
"By server and number of calls; 0 calls is the run on bad lines."

FULL = 0.95
"Share of a core above which it counts as used up."

EVEN_MS = 5.0
"A call sounds even as long as the 99th percentile of the gap error is below."


def middle(found: Sequence[Any]) -> Any:
    """Medians of figures of the same shape, number by number."""
    known = [value for value in found if value is not None]
    if not known:
        return None
    if isinstance(known[0], Mapping):
        keys = dict.fromkeys(key for value in known for key in value)
        return {key: middle([value.get(key) for value in known]) for key in keys}
    if isinstance(known[0], bool | str):
        return known[-1]
    return median(known)


def loads(medians: Medians) -> str:
    """A row for each server and number of calls."""
    head = (
        "server", "calls", "CPU ms / call-s", "gap error ms p50 / p99 / max",
        "setup ms p50", "uplink ms p50 / p99", "downlink ms p50 / p99",
        "heard", "MB / call",
    )  # fmt: skip
    rows = []
    for server, by_calls in medians.items():
        for calls, found in by_calls.items():
            if calls and "failed" in found:
                rows.append((server, str(calls), "cannot", *[""] * (len(head) - 3)))
            elif calls:
                lost = found["load"]["lost_calls"]
                of = f" ({lost} lost)" if lost else ""
                rows.append((server, f"{calls}{of}", *_load(found)))
    return _table(head, rows)


def _load(found: Figures) -> tuple[str, ...]:
    load, sound = found["load"], found["sound"]
    full = " (core full)" if load["core"] > FULL else ""
    return (
        f"{load['cpu_ms_per_call_s']:.1f}{full}",
        _numbers(sound["gap_ms"], ("p50", "p99", "max"), 2),
        _numbers(sound["setup_ms"], ("p50",), 0),
        _numbers(sound["uplink_ms"], ("p50", "p99"), 1),
        _numbers(sound["downlink_ms"], ("p50", "p99"), 1),
        f"{sound['heard']:.0%}",
        f"{load['memory_mb_per_call']:.2f}",
    )


def troubles(medians: Medians) -> str:
    """What reaches the agent on bad lines, and how soon the agent falls silent."""
    servers = {
        name: by_calls[0]
        for name, by_calls in medians.items()
        if 0 in by_calls and "failed" not in by_calls[0]
    }
    if not servers:
        return "(no run on bad lines)"
    rows = []
    patterns = dict.fromkeys(p for f in servers.values() for p in f["impaired"])
    for pattern in patterns:
        cells = [_trouble(found["impaired"].get(pattern)) for found in servers.values()]
        rows.append((pattern, *cells))
    stops = [
        _numbers(found["sound"]["stop_ms"], ("p50", "p99", "max"), 1)
        for found in servers.values()
    ]
    rows.append(("barge-in stop ms p50 / p99 / max", *stops))
    return _table(("line", *servers), rows)


def _trouble(found: Figures | None) -> str:
    if not found:
        return "nothing heard"
    before, after = found["delay_before_ms"], found["delay_after_ms"]
    return (
        f"{found['once']:.1%} once, {found['intact']:.0%} intact, "
        f"{_ms(before, 0)} → {_ms(after, 0)} ms"
    )


def noise(runs: Iterable[Figures]) -> str:
    """How far the runs can be trusted."""
    known = [run for run in runs if "failed" not in run]
    if not known:
        return "No run came to an end."
    late = [run["load"]["sent_late_ms"]["p99"] or 0.0 for run in known]
    others = [run["load"]["others_on_core"] for run in known]
    repeated = sum(run.get("repeated", False) for run in known)
    return (
        f"Noise: the callers' own packets left late by {median(late):.2f} ms (p99, "
        f"median of runs; worst {max(late):.2f}); others used {median(others):.0%} of "
        f"the server's core (worst {max(others):.0%}); {repeated} runs were repeated."
    )


def goals(medians: Medians, floor: dict[int, float], ours: str) -> str:
    """The figures that decide, of `ours` and against the textbook server."""
    rows = []
    for calls in (10, 20) if ours != "textbook" else ():
        cost, book = (_cpu(medians, name, calls) for name in (ours, "textbook"))
        if cost and book:
            rows.append((f"CPU of textbook / {ours}, {calls} calls", book / cost))
    rows.append(("floor in a tight loop, CPU ms / call-s", floor[0]))
    for calls, paced in floor.items():
        if calls and (cost := _cpu(medians, ours, calls)):
            rows.append((f"floor paced for {calls} calls", paced))
            rows.append(
                (f"CPU of {ours} / tight floor, {calls} calls", cost / floor[0])
            )
            rows.append((f"CPU of {ours} / paced floor, {calls} calls", cost / paced))
    text = [(name, f"{value:.2f}") for name, value in rows]
    for server, by_calls in medians.items():
        even = [calls for calls, found in by_calls.items() if calls and _even(found)]
        most = str(max(even, default=0))
        text.append((f"{server}: most calls tried with even sound on one core", most))
    return _table(("what", "value"), text)


def _cpu(medians: Medians, server: str, calls: int) -> float | None:
    found = medians.get(server, {}).get(calls, {"failed": "not run"})
    return None if "failed" in found else float(found["load"]["cpu_ms_per_call_s"])


def _even(found: Figures) -> bool:
    if "failed" in found or found["load"]["core"] > FULL:
        return False
    if found["load"]["lost_calls"]:
        return False
    return (found["sound"]["gap_ms"]["p99"] or EVEN_MS) < EVEN_MS


def _numbers(found: Figures, names: Iterable[str], places: int) -> str:
    return " / ".join(_ms(found[name], places) for name in names)


def _ms(value: float | None, places: int) -> str:
    return "-" if value is None else f"{value:.{places}f}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
