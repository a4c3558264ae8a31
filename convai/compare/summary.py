"""Summary: what came of all calls to an agent, in few numbers. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .spread import spread

__all__ = ["counts", "summary"]

Call = dict[str, Any]


def summary(agents: Sequence[str], calls: Iterable[Call]) -> dict[str, Any]:
    """By the agent's name."""
    all_calls = list(calls)
    return {
        name: _agent([call for call in all_calls if call["agent"] == name])
        for name in agents
    }


def counts(call: Mapping[str, Any]) -> bool:
    """Not by a machine that was too busy, nor with another agent's answers in it."""
    return not (call["disturbed"] or call["replaced"])


def _agent(every: Sequence[Call]) -> dict[str, Any]:
    calls = [call for call in every if counts(call)]
    turns = [turn for call in calls for turn in call["turns"]]
    plain = [turn for turn in turns if turn["interruption"] is None]
    cut = [t["interruption"] for t in turns if t["interruption"] is not None]
    return {
        "calls": len(every),
        "failed": sum(bool(call["failure"]) for call in every),
        "disturbed": sum(call["disturbed"] for call in every),
        "turns": len(turns),
        "answered": sum(turn["answered"] for turn in turns),
        "latency_ms": spread(turn["latency_ms"] for turn in turns),
        "server_latency_ms": spread(
            ms for call in calls for ms in call["bill"]["latencies_ms"]
        ),
        "greeting_ms": spread(call["greeting_ms"] for call in calls),
        "cut_ins": sum(turn["cut_in_ms"] is not None for turn in plain),
        "uninterrupting_turns": len(plain),
        "interruptions": {
            "n": len(cut),
            "stop_ms": spread(i["stop_ms"] for i in cut if not i["went_on"]),
            "went_on": sum(i["went_on"] for i in cut),
            "in_a_pause": sum(i["stop_ms"] is None for i in cut),
            "answered": sum(i["answered"] for i in cut),
        },
        "words": _words(calls),
        "usd_per_min": spread(call["bill"]["usd_per_min"] for call in calls),
        "usd_estimated": any(call["bill"]["estimated"] for call in calls),
        "level_dbfs": spread(call["received"]["level_dbfs"] for call in calls),
        "lost": sum(call["received"]["lost"] for call in calls),
        "packets": sum(call["received"]["packets"] for call in calls),
        "late_ms": max((call["caller_late_ms"] for call in every), default=0.0),
    }


def _words(calls: Sequence[Call]) -> dict[str, Any]:
    """Errors of all calls over words of all calls: short calls weigh less."""
    scored = [call["words"] for call in calls if call["words"]["wer"] is not None]
    errors = sum(words["errors"] for words in scored)
    total = sum(words["words"] for words in scored)
    return {
        "wer": round(errors / total, 4) if total else None,
        "errors": errors,
        "words": total,
        "by_call": spread(words["wer"] for words in scored),
    }
