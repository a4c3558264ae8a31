"""Publish: the files that people open: report.html, report.json and rate.html."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .markup import Html, data
from .rating import joined_votes, pairs, parsed
from .report import body, title
from .trouble import WrongInput

__all__ = ["join_votes", "publish"]

MOST_EMBEDDED = 24 * 1024 * 1024
"Bytes of sound inside a page, 100 minutes: browsers and mail still take the page."

REPORT = "report.json"


def publish(out: Path, report: dict[str, Any]) -> Path:
    """Write everything; gives the path of the page."""
    report = {
        **report,
        "id": _name(report),
        "pairs": pairs(report["calls"], report["seed"]),
    }
    sources = _sources(out, report["calls"])
    _write(out / "rate.html", _rate_page(report, sources))
    return _write_report(out, report, sources)


def join_votes(out: Path, files: Sequence[Path]) -> Path:
    """Put the votes into the report. Raises WrongInput."""
    try:
        report = json.loads((out / REPORT).read_bytes())
        known, calls = report["pairs"], report["calls"]
    except (OSError, ValueError, KeyError, TypeError):
        raise WrongInput(f"{out}: there is no comparison in this folder") from None
    ballots = []
    for file in files:
        try:
            content = file.read_bytes()
        except OSError as error:
            why = str(error.strerror).lower()
            raise WrongInput(f"{file}: {why}") from None
        ballots.append(parsed(content, str(file), report["id"]))
    report["votes"] = joined_votes(known, ballots)
    return _write_report(out, report, _sources(out, calls))


def _write_report(
    out: Path, report: Mapping[str, Any], sources: Mapping[str, str]
) -> Path:
    page = _filled(
        "report.html",
        {
            "title": Html(title(report)),
            "css": _part("base.css") + _part("report.css"),
            "js": _part("report.js"),
            "body": body(report, sources),
        },
    )
    _write(out / REPORT, json.dumps(report, ensure_ascii=False, indent=1) + "\n")
    _write(out / "report.html", page)
    return out / "report.html"


def _rate_page(report: Mapping[str, Any], sources: Mapping[str, str]) -> str:
    """Says nothing of agents: not their names, nor which clips are of the same one."""
    names = {audio: f"s{n}" for n, audio in enumerate(sources)}
    told = {
        "comparison": report["id"],
        "sources": {names[audio]: source for audio, source in sources.items()},
        "pairs": [
            {
                "pair": pair["pair"],
                **{
                    letter: {
                        "source": names[pair[letter]["audio"]],
                        "from_s": pair[letter]["from_s"],
                        "to_s": pair[letter]["to_s"],
                    }
                    for letter in "ab"
                },
            }
            for pair in report["pairs"]
        ],
    }
    parts = {
        "css": _part("base.css") + _part("rate.css"),
        "js": _part("rate.js"),
        "data": data(told),
    }
    return _filled("rate.html", parts)


def _sources(out: Path, calls: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Where the page finds each recording: inside itself as long as there is room."""
    room = MOST_EMBEDDED
    sources = {}
    for call in calls:
        audio = call["audio"]
        if audio is None or not (out / audio).is_file():
            continue
        size = (out / audio).stat().st_size
        if size > room:
            sources[audio] = audio
            continue
        room -= size
        text = base64.b64encode((out / audio).read_bytes()).decode("ascii")
        sources[audio] = f"data:audio/webm;base64,{text}"
    return sources


def _name(report: Mapping[str, Any]) -> str:
    """Tells this comparison's votes from those of others."""
    content = json.dumps([report["began"], report["calls"]], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def _filled(name: str, parts: Mapping[str, str]) -> str:
    """The template with its `{{name}}`s replaced, in one pass over the template."""
    first, *rest = _part(name).split("{{")
    text = [first]
    for piece in rest:
        key, _, after = piece.partition("}}")
        text += [parts[key], after]
    return "".join(text)


def _part(name: str) -> str:
    return (Path(__file__).parent / name).read_text("utf-8")


def _write(path: Path, text: str) -> None:
    """Whole or not at all."""
    draft = path.with_suffix(".tmp")
    draft.write_text(text, "utf-8")
    os.replace(draft, path)
