"""Tables: the figures of each agent, and what they mean, as HTML. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .markup import Html, joined, tag

__all__ = ["chip", "figures", "ratings"]

NONE = Html('<span class="none">–</span>')


def _milliseconds(figures: Mapping[str, Any]) -> Html:
    """Median in large, range and number below; a single number stands alone."""
    if not figures["n"]:
        return NONE
    low, high = (f"{figures[k]:,.0f}" for k in ("min", "max"))
    below = (
        f"n = {figures['n']}" if low == high else f"{low}–{high}, n = {figures['n']}"
    )
    if figures["p90"] is not None:
        below += f", p90 {figures['p90']:,.0f}"
    number = f"{figures['median']:,.0f}"
    return joined(tag("b", number), " ms", tag("small", below))


def _money(usd: float) -> str:
    return f"${usd:.4f}"


def _of(part: int, whole: int) -> Html:
    """`3 of 8`; nothing to count is a dash."""
    return joined(tag("b", str(part)), f" of {whole}") if whole else NONE


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], caption: str) -> Html:
    """The first cell of each row names it. Narrow screens get a card for each row."""
    header = tag("tr", *(tag("th", text, scope="col") for text in head))
    written = [
        tag(
            "tr",
            tag("th", row[0], scope="row"),
            *(
                tag("td", cell, data_label=label)
                for label, cell in zip(head[1:], row[1:], strict=True)
            ),
        )
        for row in rows
    ]
    return tag(
        "table",
        tag("caption", caption),
        tag("thead", header),
        tag("tbody", *written),
    )


def figures(report: Mapping[str, Any]) -> Html:
    head = (
        "Agent", "Response", "Greeting", "Silent after interruption",
        "Word error rate", "Cost a minute", "Answered", "Cut in", "Calls failed",
    )  # fmt: skip
    rows = [
        [chip(report, name), *_cells(report["summary"][name])]
        for name in report["agents"]
    ]
    caption = (
        "Median in large, range and number of measurements below it. "
        "A dash: nothing was measured."
    )
    return _table(head, rows, caption)


def _cells(agent: Mapping[str, Any]) -> list[str]:
    return [
        _milliseconds(agent["latency_ms"]),
        _milliseconds(agent["greeting_ms"]),
        _stopping(agent["interruptions"]),
        _errors(agent["words"]),
        _cost(agent),
        _of(agent["answered"], agent["turns"]),
        _of(agent["cut_ins"], agent["uninterrupting_turns"]),
        _of(agent["failed"], agent["calls"]),
    ]


def _errors(words: Mapping[str, Any]) -> Html:
    if words["wer"] is None:
        return NONE
    heard = tag("small", f"{words['errors']} errors in {words['words']} words")
    return joined(tag("b", f"{words['wer'] * 100:.1f} %"), heard)


def _stopping(cut: Mapping[str, Any]) -> Html:
    text = _milliseconds(cut["stop_ms"])
    if cut["went_on"]:
        over = tag("small", f"talked over it: {cut['went_on']} of {cut['n']}")
        return over if text is NONE else joined(text, over)
    return text


def _cost(agent: Mapping[str, Any]) -> Html:
    cost = agent["usd_per_min"]
    if not cost["n"]:
        return NONE
    mark = "estimated" if agent["usd_estimated"] else "from what was used"
    below = f"{mark}, n = {cost['n']}"
    if cost["min"] != cost["max"]:
        below = f"{_money(cost['min'])}–{_money(cost['max'])}, {below}"
    return joined(tag("b", _money(cost["median"])), tag("small", below))


def chip(report: Mapping[str, Any], name: str) -> Html:
    colour = report["agents"].index(name)
    return joined(tag("i", class_=f"chip agent-{colour}", aria_hidden="true"), name)


def ratings(report: Mapping[str, Any]) -> Html:
    votes = report["votes"]
    if not votes or not votes["votes"]:
        count = len(report["pairs"])
        if not count:
            return tag("p", "There is no pair of answers to rate in this comparison.")
        link = tag("a", "rate.html", href="rate.html")
        text = f" plays {count} blind pairs and saves a rater's votes as votes.json; "
        command = tag("code", "python -m convai.compare rate DIR votes.json")
        return tag("p", "Nobody has voted yet. ", link, text, command, " adds them.")
    head = ("Agent", "Naturalness, 1 to 5", "Preferred", "As good", "Other preferred")
    rows = [
        [chip(report, name), *_votes(votes["agents"][name])]
        for name in report["agents"]
        if name in votes["agents"]
    ]
    many = f"{votes['votes']} votes by {votes['raters']} raters on blind pairs."
    return _table(head, rows, f"{many} Few raters show a leaning, no proof.")


def _votes(score: Mapping[str, Any]) -> list[str]:
    if not score["n"]:
        return [NONE] * 4
    spread = f"{score['min']}–{score['max']}, n = {score['n']}"
    if score["sd"] is not None:
        spread = f"standard deviation {score['sd']:.2f}, {spread}"
    mean = joined(tag("b", f"{score['mean']:.2f}"), " mean", tag("small", spread))
    counts = (score["preferred"], score["even"], score["other_preferred"])
    return [mean, *(str(count) for count in counts)]
