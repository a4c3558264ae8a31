"""Report: the page about a comparison, as HTML. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from . import tables
from .listen import runs, transcripts
from .markup import Html, joined, tag
from .plots import Dot, Row, strips
from .summary import counts

__all__ = ["body", "title"]

Report = Mapping[str, Any]

FEW = 20
"Measurements of an agent below which the page says that they are few."


def title(report: Report) -> Html:
    return joined(" vs ".join(report["agents"]))


def body(report: Report, sources: Mapping[str, str]) -> Html:
    """`sources` says where the page finds each recording."""
    return joined(
        _header(report),
        _section("figures", "Figures", tables.figures(report), _details(report)),
        _section("response", "How fast they answer", _latencies(report)),
        _section("interruption", "When they are interrupted", _interruptions(report)),
        _section("words", "What they understood", transcripts(report)),
        _section("failures", "What went wrong", _failures(report)),
        _section("rating", "How natural they sound", tables.ratings(report)),
        _section("listen", "Listen", _LISTEN, runs(report, sources)),
        _section("method", "How this was measured", _method(report)),
    )


def _section(name: str, heading: str, *content: str) -> Html:
    label = f"{name}-heading"
    return tag(
        "section", tag("h2", heading, id=label), *content, id=name,
        aria_labelledby=label,
    )  # fmt: skip


def _header(report: Report) -> Html:
    began = datetime.fromisoformat(report["began"])
    turns = len(report["caller"])
    facts = [
        began.strftime("%-d %B %Y, %H:%M %Z"),
        f"{report['runs']} {_many('run', report['runs'])}",
        f"{turns} {_many('turn', turns)} of the caller",
        f"server: {report['server']}",
    ]
    chips = [tag("li", tables.chip(report, name)) for name in report["agents"]]
    return tag(
        "header",
        tag("p", "Comparison of voice agents", class_="kicker"),
        tag("h1", tag("ul", *chips, class_="who")),
        tag("p", " · ".join(facts), class_="quiet"),
        _caution(report),
        *_disturbed(report),
    )


def _caution(report: Report) -> Html:
    fewest = min((a["latency_ms"]["n"] for a in report["summary"].values()), default=0)
    text = "Medians and ranges of what was measured, with their number n. "
    if fewest < FEW:
        text += (
            f"With as few as {fewest} response times of an agent, small differences "
            "between agents mean nothing: more runs tell more."
        )
    return tag("p", text, class_="caution")


def _disturbed(report: Report) -> list[Html]:
    late = [call for call in report["calls"] if call["disturbed"]]
    if not late:
        return []
    worst = max(call["caller_late_ms"] for call in late)
    text = (
        f"{len(late)} of {len(report['calls'])} calls are not counted: the machine "
        f"that called was too busy, and up to {worst:,.0f} ms late with its own sound."
    )
    return [tag("p", text, class_="alarm", role="alert")]


def _many(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"


def _details(report: Report) -> Html:
    items = []
    for name in report["agents"]:
        agent = report["summary"][name]
        level = agent["level_dbfs"]["median"]
        loud = "no voice heard" if level is None else f"voice at {level:.1f} dBFS"
        late = f"the caller's own clock up to {agent['late_ms']:.0f} ms late"
        lost = f"{agent['lost']} of {agent['packets']} packets lost"
        own = agent["server_latency_ms"]
        server = f"server's own response time {_middle(own)}"
        text = f": {loud}, {lost}, {late}, {server}"
        items.append(tag("li", tag("b", name), text))
    return tag(
        "details",
        tag("summary", "How the sound was carried, and what the server measured"),
        tag("ul", *items),
    )


def _middle(figures: Mapping[str, Any]) -> str:
    if not figures["n"]:
        return "not measured"
    return f"{figures['median']:.0f} ms in the median (n = {figures['n']})"


def _latencies(report: Report) -> Html:
    rows = []
    for colour, name in enumerate(report["agents"]):
        dots = [
            Dot(
                turn["latency_ms"],
                f"{name}, run {call['run']}, turn {turn['turn']}: "
                f"{turn['latency_ms']} ms"
                + (" (after the interruption)" if turn["interruption"] else ""),
                mark=turn["interruption"] is not None,
            )
            for call in _calls(report, name)
            for turn in call["turns"]
            if turn["latency_ms"] is not None
        ]
        rows.append(Row(name, colour, dots))
    text = (
        "From the end of the caller's speech to the first sound of the answer, as the "
        "caller hears it. One dot is one answer; bar: median; rings: answers to the "
        "interruption."
    )
    return joined(tag("p", text), strips("Response times", "ms", rows))


def _interruptions(report: Report) -> Html:
    if report["interrupt_turn"] is None:
        return tag("p", "No turn interrupted in this comparison.")
    rows, told = [], []
    for colour, name in enumerate(report["agents"]):
        dots = [
            Dot(
                turn["interruption"]["stop_ms"],
                f"{name}, run {call['run']}: {turn['interruption']['stop_ms']} ms",
                mark=turn["interruption"]["went_on"],
            )
            for call in _calls(report, name)
            for turn in call["turns"]
            if turn["interruption"] and turn["interruption"]["stop_ms"] is not None
        ]
        rows.append(Row(name, colour, dots))
        told.append(tag("li", tag("b", name), ": ", _told(report["summary"][name])))
    text = (
        f"Turn {report['interrupt_turn']} begins in the middle of the answer before "
        "it. From its first sound to the agent's silence; rings: the agent talked on "
        "until the caller was done."
    )
    plot = strips("Time until silent after an interruption", "ms", rows)
    return joined(tag("p", text), plot, tag("ul", *told))


def _told(agent: Mapping[str, Any]) -> str:
    cut = agent["interruptions"]
    if not cut["n"]:
        return "was never interrupted, since it was silent or had not come that far"
    stopped = cut["n"] - cut["went_on"] - cut["in_a_pause"]
    told = (
        f"interrupted {cut['n']} {_many('time', cut['n'])}: gave way {stopped}, talked "
        f"over the caller {cut['went_on']}, answered what was said {cut['answered']}"
    )
    if cut["in_a_pause"]:
        told += f"; {cut['in_a_pause']} fell into a pause of the agent and do not count"
    return told


def _failures(report: Report) -> Html:
    items = []
    for call in report["calls"]:
        told = [call["failure"]] if call["failure"] else []
        told += [*call["notes"], *call["server"]["troubles"]]
        if call["disturbed"]:
            told.append("not counted, this machine was too busy")
        where = f"{call['agent']}, run {call['run']}"
        items += [tag("li", tag("b", where), f": {text}") for text in told]
    if not items:
        return tag("p", "Nothing: every call ran its course.")
    return tag("ul", *items)


def _calls(report: Report, name: str) -> list[Mapping[str, Any]]:
    return [call for call in report["calls"] if call["agent"] == name and counts(call)]


_LISTEN = tag(
    "p",
    "The caller is on the left, the agent on the right, as the caller heard it. The "
    "drawing shows who spoke when; a tap on a turn's time plays from there.",
)

_METHOD = (
    "All agents are called at the same time by the same caller, over real WebRTC calls "
    "through the server, with the same recordings to the sample. The caller takes "
    "turns by what it hears: the next turn begins when the agent has been silent for a "
    "second, or when no answer came.",
    "Response time is taken from sound, never from messages: from the last sound of "
    "the caller's turn to the arrival of the first packet with sound of the agent "
    "(above −50 dBFS), to 20 ms. Silence at the end of a recording does not count. An "
    "agent that spoke before the caller was done has cut in; one that is still "
    "speaking at the end of the turn has no response time for it.",
    "Word error rate is of the whole call: substituted, missing and invented words "
    "over words of the script, in one spelling (lower case, no punctuation, numbers "
    "in words). Costs are by bill, or by price table from what was used; where the "
    "use itself had to be guessed they are marked as estimated.",
)


def _method(report: Report) -> Html:
    script = [
        tag(
            "li",
            turn["text"] or tag("span", "no script", class_="none"),
            tag("small", f" {turn['name']}, {turn['speech_s']:.1f} s of speech"),
        )
        for turn in report["caller"]
    ]
    return joined(
        *(tag("p", text) for text in _METHOD),
        tag("h3", "The caller's turns"),
        tag("ol", *script, class_="script"),
    )
