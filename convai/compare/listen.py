"""Listen: each run's calls side by side, who spoke when, what went wrong. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .markup import Html, joined, tag
from .plots import timeline
from .tables import chip

__all__ = ["runs", "transcripts"]

Report = Mapping[str, Any]

_MARKS = {"delete": "del", "insert": "ins"}


def runs(report: Report, sources: Mapping[str, str]) -> Html:
    longest = max((call["length_s"] for call in report["calls"]), default=0.0) or 1.0
    sections = []
    for run in range(1, report["runs"] + 1):
        calls = [call for call in report["calls"] if call["run"] == run]
        cards = [_card(report, call, sources, longest) for call in calls]
        heading = tag("h3", f"Run {run}", class_="run")
        sections.append(joined(heading, tag("div", *cards, class_="cards")))
    return joined(*sections)


def _card(
    report: Report,
    call: Mapping[str, Any],
    sources: Mapping[str, str],
    longest: float,
) -> Html:
    colour = report["agents"].index(call["agent"])
    parts = [tag("h4", chip(report, call["agent"])), _drawing(call, longest)]
    if source := sources.get(call["audio"] or ""):
        label = f"Recording of {call['agent']}, run {call['run']}"
        parts.append(
            tag("audio", controls=True, preload="none", src=source, aria_label=label)
        )
    else:
        parts.append(tag("p", "There is no recording.", class_="quiet"))
    parts.append(_turns(call))
    return tag("article", *parts, *_troubles(call), class_=f"card agent-{colour}")


def _drawing(call: Mapping[str, Any], longest: float) -> Html:
    interrupting = [t["begin_s"] for t in call["turns"] if t["interruption"]]
    return timeline(
        call["talk"]["caller"],
        call["talk"]["agent"],
        interrupting[0] if interrupting else None,
        longest,
    )


def _turns(call: Mapping[str, Any]) -> Html:
    items = [
        tag("li", tag("button", f"{turn['begin_s']:.1f} s", type="button",
                      data_at=turn["begin_s"]), " ", _turn(turn))
        for turn in call["turns"]
    ]  # fmt: skip
    return tag("ol", *items, class_="turns") if items else Html("")


def _turn(turn: Mapping[str, Any]) -> str:
    told = []
    if cut := turn["interruption"]:
        if cut["went_on"]:
            told.append("interrupts; the agent talks over it")
        elif cut["stop_ms"] is None:
            told.append("interrupts, in a pause of the agent")
        else:
            told.append(f"interrupts; silent after {cut['stop_ms']} ms")
        told.append("then answers" if cut["answered"] else "no answer follows")
    if turn["cut_in_ms"] is not None:
        told.append("the agent spoke before the caller was done")
    if turn["latency_ms"] is not None:
        told.append(f"answer after {turn['latency_ms']} ms")
    elif not turn["interruption"]:
        told.append(turn["why"])
    return ", ".join(told)


def _troubles(call: Mapping[str, Any]) -> list[Html]:
    failure = call["failure"]
    found = [tag("p", failure, class_="failure")] if failure else []
    told = [*call["notes"], *call["server"]["troubles"]]
    if call["disturbed"]:
        told.append("Not counted: this machine was too busy.")
    return found + [tag("p", text, class_="note") for text in told]


def transcripts(report: Report) -> Html:
    """What was said and what was understood, by call, with the differences marked."""
    parts = []
    for call in report["calls"]:
        words = call["words"]
        head = f"{call['agent']}, run {call['run']}"
        if words["wer"] is None:
            text = words.get("why") or "nothing to compare"
            body = joined(text, ". Understood: ", words["heard"] or "nothing", ".")
        else:
            head += f": {words['errors']} errors in {words['words']} words"
            body = _marked(words["aligned"])
        parts.append(tag("dt", head))
        parts.append(tag("dd", body))
    legend = joined(
        tag("mark", "said", tag("sub", "understood")), " another word, ",
        tag("del", "not understood"), ", ", tag("ins", "never said"), ".",
    )  # fmt: skip
    return joined(tag("p", legend, class_="quiet"), tag("dl", *parts, class_="words"))


def _marked(aligned: list[list[str]]) -> Html:
    pieces: list[str] = []
    for kind, said, heard in aligned:
        if kind == "substitute":
            pieces.append(tag("mark", said, tag("sub", heard)))
        elif kind in _MARKS:
            pieces.append(tag(_MARKS[kind], said or heard))
        else:
            pieces.append(said)
        pieces.append(" ")
    return joined(*pieces)
