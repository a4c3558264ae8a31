"""Plots: numbers as pictures, in SVG that fits any width. Pure.

Places are in per cent of the width, so that a phone squeezes the picture and not its
letters.
"""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from .markup import Html, joined, tag

__all__ = ["Dot", "Row", "strips", "timeline"]

ROW = 46
"Pixels of a row."
AXIS = 26
DOT = 5
STEPS = (1, 2, 2.5, 5, 10)
EDGE = 1.5
"Per cent kept free on both sides, for dots on the rim."


@dataclass(frozen=True, slots=True)
class Dot:
    value: float
    label: str
    "What it is, for those who point at it."
    mark: bool = False
    "An unusual one: drawn as a ring."


@dataclass(frozen=True, slots=True)
class Row:
    """One agent's dots."""

    name: str
    colour: int
    dots: Sequence[Dot]


def strips(title: str, unit: str, rows: Sequence[Row]) -> Html:
    """A row of dots for each agent, the range as a line and the median as a bar."""
    largest = max((dot.value for row in rows for dot in row.dots), default=0.0)
    ticks = _ticks(largest)
    top = ticks[-1]
    drawn = [_axis(ticks, top, len(rows) * ROW, unit)]
    drawn += [_row(row, number * ROW, top) for number, row in enumerate(rows)]
    picture = tag(
        "svg",
        tag("title", title),
        *drawn,
        width="100%",
        height=len(rows) * ROW + AXIS,
        role="img",
        aria_label=f"{title}. {_in_words(rows, unit)}",
    )
    return tag("div", picture, class_="plot")


def _in_words(rows: Sequence[Row], unit: str) -> str:
    told = []
    for row in rows:
        values = [dot.value for dot in row.dots]
        if not values:
            told.append(f"{row.name}: nothing measured.")
            continue
        middle = statistics.median(values)
        span = f"{min(values):.0f} to {max(values):.0f}"
        told.append(f"{row.name}: median {middle:.0f} {unit}, {span}, n {len(values)}.")
    return " ".join(told)


def _ticks(largest: float) -> list[float]:
    """From 0 in some five steps of a round number to at least `largest`."""
    raw = max(largest, 10.0) / 5
    power = 10 ** math.floor(math.log10(raw))
    step = next(power * s for s in STEPS if power * s >= raw * 0.999)
    return [step * n for n in range(math.ceil(max(largest, 10.0) / step - 1e-9) + 1)]


def _at(value: float, top: float) -> str:
    return f"{EDGE + value / top * (100 - 2 * EDGE):.2f}%"


def _axis(ticks: Sequence[float], top: float, height: int, unit: str) -> Html:
    parts = []
    for number, tick in enumerate(ticks):
        x = _at(tick, top)
        parts.append(tag("line", x1=x, x2=x, y1=0, y2=height, class_="grid"))
        last = number == len(ticks) - 1
        anchor = "end" if last else "middle" if number else "start"
        label = f"{tick:,.0f}" + (f" {unit}" if last else "")
        parts.append(
            tag("text", label, x=x, y=height + 17, text_anchor=anchor, class_="tick")
        )
    return joined(*parts)


def _row(row: Row, y: int, top: float) -> Html:
    middle = y + ROW * 0.62
    parts = [tag("text", row.name, x="0", y=y + 13, class_="row-name")]
    if not row.dots:
        text = "nothing measured"
        parts.append(tag("text", text, x="2%", y=middle + 4, class_="tick"))
        return tag("g", *parts, class_=f"agent-{row.colour}")
    values = [dot.value for dot in row.dots]
    ends = {"x1": _at(min(values), top), "x2": _at(max(values), top)}
    parts.append(tag("line", **ends, y1=middle, y2=middle, class_="range"))
    # Dots are shaken up and down, always the same way, so that none hides another.
    shake = random.Random(len(values))
    for dot in row.dots:
        away = shake.uniform(-7, 7) if len(values) > 1 else 0.0
        label = tag("title", dot.label)
        parts.append(
            Html(
                f'<circle cx="{_at(dot.value, top)}" cy="{middle + away:.1f}" '
                f'r="{DOT}" class="{"ring" if dot.mark else "dot"}">{label}</circle>'
            )
        )
    x = _at(statistics.median(values), top)
    parts.append(
        tag("line", x1=x, x2=x, y1=middle - 12, y2=middle + 12, class_="median")
    )
    return tag("g", *parts, class_=f"agent-{row.colour}")


def timeline(
    caller: Sequence[Sequence[float]],
    agent: Sequence[Sequence[float]],
    interrupting: float | None,
    longest: float,
) -> Html:
    """Who spoke when in a call; `longest` is the length of the longest call, s.

    `interrupting` is when the caller interrupted.
    """
    parts = [
        *_bars(caller, longest, 4, "caller-bar"),
        *_bars(agent, longest, 24, "agent-bar"),
    ]
    if interrupting is not None:
        x = f"{interrupting / longest * 100:.2f}%"
        parts.append(tag("line", x1=x, x2=x, y1=0, y2=42, class_="cut"))
    playhead = tag("line", x1=0, x2=0, y1=0, y2=42, class_="playhead")
    return tag(
        "svg",
        tag("title", "Who spoke when: caller above, agent below"),
        *parts,
        playhead,
        width="100%",
        height=42,
        role="img",
        class_="talk",
        data_longest=f"{longest:.2f}",
    )


def _bars(
    spans: Sequence[Sequence[float]], longest: float, y: int, kind: str
) -> list[Html]:
    return [
        tag(
            "rect",
            x=f"{begin / longest * 100:.2f}%",
            width=f"{max(end - begin, 0.05) / longest * 100:.2f}%",
            y=y,
            height=14,
            rx=2,
            class_=kind,
        )
        for begin, end in spans
    ]
