"""The manual: everything a person reads about settings, written from their one source.

`python -m rtc.startup table` writes the README's table; `env` and `toml` write the two
example files. A test compares all three with what is in the tree.
"""

from __future__ import annotations

import textwrap
import tomllib
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from .option import Option

__all__ = ["env_example", "help_text", "table", "toml_example", "version"]

WIDTH = 79
"Columns: one less than a terminal's 80, where some wrap a full line."

HEAD = """\
Parley: a WebRTC voice-call server for hosted voice agents.

usage: python server.py [--SETTING VALUE ...] [--help] [--version]

A setting may be given as a flag, as an environment variable, in the file .env
or in a TOML file. A flag beats the environment, that beats .env, that beats
the TOML file. Secrets are taken from the environment and .env only.
"""


def help_text(options: Sequence[Option]) -> str:
    """What `--help` prints."""
    parts = [HEAD]
    for heading, group in groupby(options, lambda option: option.about.group):
        parts.append(f"\n{heading}\n")
        parts.extend(_paragraph(option) for option in group)
    return "".join(parts)


def table(options: Iterable[Option]) -> str:
    """A Markdown table for the README."""
    lines = [
        "| Flag | Environment | Default | Allowed | What it does |",
        "|---|---|---|---|---|",
    ]
    for option in options:
        flag = "" if option.about.secret else f"`{option.flag}`"
        cells = [
            flag,
            f"`{option.variable}`",
            _default(option),
            option.about.allowed,
            _meaning(option),
        ]
        lines.append(
            "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
        )
    return "\n".join(lines) + "\n"


def env_example(options: Iterable[Option]) -> str:
    """`.env.example`: every variable, commented out."""
    head = "# Copy to .env and take the # away where you want another value.\n"
    return head + "".join(
        f"\n{_comment(option)}#{option.variable}={_written_default(option)}\n"
        for option in options
    )


def toml_example(options: Iterable[Option]) -> str:
    """`parley.example.toml`: every key that is no secret, commented out."""
    head = "# Copy to parley.toml and take the # away where you want another value.\n"
    return head + "".join(
        f"\n{_comment(option)}#{option.name} = {_toml_value(option)}\n"
        for option in options
        if not option.about.secret and option.name != "config"
    )


def version() -> str:
    """The version in pyproject.toml, which stands beside the packages."""
    project = Path(__file__).resolve().parents[2] / "pyproject.toml"
    return str(tomllib.loads(project.read_text("utf-8"))["project"]["version"])


def _paragraph(option: Option) -> str:
    name = f"  {option.variable}\n"
    if not option.about.secret:
        name = f"  {option.flag} VALUE  or  {option.variable}\n"
    facts = f"Allowed: {option.about.allowed}."
    if option.default:
        facts += f" Default: {option.default}."
    indent = "      "
    return name + _filled(option.description, indent) + _filled(facts, indent)


def _meaning(option: Option) -> str:
    return option.description + (" Not used yet." if option.about.unused else "")


def _default(option: Option) -> str:
    """A value in code type, words as words."""
    if option.default and not option.about.default:
        return f"`{option.default}`"
    return option.default


def _comment(option: Option) -> str:
    return _filled(f"{_meaning(option)} Allowed: {option.about.allowed}.", indent="# ")


def _written_default(option: Option) -> str:
    return "" if option.about.default else option.default


def _toml_value(option: Option) -> str:
    value = _written_default(option)
    return value if value.isdigit() else f'"{value}"'


def _filled(text: str, indent: str) -> str:
    return (
        textwrap.fill(
            text,
            WIDTH,
            initial_indent=indent,
            subsequent_indent=indent,
            break_on_hyphens=False,
            break_long_words=False,
        )
        + "\n"
    )
