"""What would change: settings as they are against settings as they should be. Pure."""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

__all__ = ["MISSING", "Change", "changed", "differences", "shown"]

MISSING = None
"What is not set; ElevenLabs says null."

CLOSE = 1e-6
"0.65 kept in 32 bits comes back as 0.6499999761581421."
LONGEST = 100
"Characters of a value in one line; longer texts are shown as a difference of lines."
MAPS = {"dynamic_variable_placeholders"}
"""Their keys are the user's own. They are written whole: nobody says whether the
provider adds to what is there or replaces it."""
MOST_LINES = 60
"Of one text's difference."


class Change(NamedTuple):
    """One setting."""

    path: tuple[str, ...]
    old: Any
    new: Any


def differences(old: Any, new: Any, path: tuple[str, ...] = ()) -> Iterator[Change]:
    """The settings of `new` that are otherwise in `old`; what else `old` has is fine.

    But for the properties of a tool: one that should not be there is a difference.
    """
    if not isinstance(new, Mapping):
        if not _same(old, new):
            yield Change(path, old, new)
        return
    there = old if isinstance(old, Mapping) else {}
    if not new and not isinstance(old, Mapping):
        yield Change(path, old, new)
    for key, value in new.items():
        yield from differences(there.get(key), value, (*path, key))
    if path[-1:] == ("properties",):
        for key in there.keys() - new.keys():
            yield Change((*path, key), there[key], MISSING)


def _same(old: Any, new: Any) -> bool:
    if isinstance(old, bool) or isinstance(new, bool):
        return old is new
    if isinstance(old, int | float) and isinstance(new, int | float):
        return math.isclose(old, new, rel_tol=CLOSE, abs_tol=CLOSE)
    return bool(old == new) or (old is None and new == [])


def changed(changes: list[Change], settings: Mapping[str, Any]) -> dict[str, Any]:
    """The smallest part of the settings that says all of this: the body of a PATCH."""
    body: dict[str, Any] = {}
    for path, _, new in changes:
        inside, value = body, settings
        for key in path[:-1]:
            inside, value = inside.setdefault(key, {}), value[key]
            if key in MAPS:
                inside.update(value)
        inside[path[-1]] = new
    return body


def shown(change: Change) -> str:
    """`path: old -> new` for people; of long texts and lists, what is different."""
    path = ".".join(change.path)
    old, new = change.old, change.new
    if old is MISSING:
        return f"{path} = {_value(new)}"
    if isinstance(old, list) and isinstance(new, list):
        more = [f"+{_value(it)}" for it in new if it not in old]
        less = [f"-{_value(it)}" for it in old if it not in new]
        return f"{path}: {' '.join(more + less) or 'in another order'}"
    if isinstance(old, str) and isinstance(new, str) and max(len(old), len(new)) > 60:
        return f"{path}:\n{_lines(old, new)}"
    return f"{path}: {_value(old)} -> {_value(new)}"


def _value(value: Any) -> str:
    if value is MISSING:
        return "(not set)"
    text = json.dumps(value, ensure_ascii=False)
    if len(text) <= LONGEST:
        return text
    return f"{text[:LONGEST]}… ({len(text)} characters)"


def _lines(old: str, new: str) -> str:
    """As `diff` shows it, without its head."""
    found = difflib.unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm="")
    lines = [f"    {line}" for line in list(found)[2:] if not line.startswith("@@")]
    if len(lines) > MOST_LINES:
        lines = [*lines[:MOST_LINES], f"    … ({len(lines) - MOST_LINES} more lines)"]
    return "\n".join(lines) or "    (line breaks only)"
