"""Lexicon: lists of phrases, kept as text beside the code.

A file has sections. Each of their paragraphs is a regular expression, and the section
matches what any of them does; an indented line goes on with the one above. `<NAME>`
stands for what the section `parts` says of NAME. Files are read once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

__all__ = ["lexicon"]

_HEADING = re.compile(r"\[(\w+)\]")
_PART = re.compile(r"<([A-Z_]+)>")
_DEFINITION = re.compile(r"([A-Z_]+) =(.*)", re.DOTALL)


@cache
def lexicon(name: str) -> Mapping[str, re.Pattern[str]]:
    """The sections of `NAME.txt`, compiled."""
    text = (Path(__file__).parent / f"{name}.txt").read_text(encoding="utf-8")
    sections: dict[str, list[str]] = {}
    for section, paragraph in _paragraphs(text):
        sections.setdefault(section, []).append(paragraph)
    parts: dict[str, str] = {}
    for paragraph in sections.pop("parts", []):
        found = _DEFINITION.fullmatch(paragraph)
        assert found is not None, f"{name}.txt: no definition: {paragraph[:40]}"
        parts[found[1]] = _filled(found[2], parts)
    return {
        section: re.compile("|".join(_filled(it, parts) for it in paragraphs))
        for section, paragraphs in sections.items()
    }


def _paragraphs(text: str) -> Iterator[tuple[str, str]]:
    """Section and paragraph, with what is indented put together."""
    section, lines = "", [""]
    for line in [*text.splitlines(), ""]:
        heading = _HEADING.fullmatch(line)
        if line.startswith(" "):
            lines.append(line.strip("\n").lstrip())
            continue
        if "".join(lines):
            yield section, "".join(lines)
        section = heading[1] if heading else section
        lines = [""] if heading or line.startswith("#") else [line]


def _filled(pattern: str, parts: Mapping[str, str]) -> str:
    return _PART.sub(lambda it: parts[it[1]], pattern)
