"""Markup: HTML and SVG, with everything escaped that is not markup. Pure."""

from __future__ import annotations

import html
import json
from typing import Any

__all__ = ["Html", "data", "joined", "tag"]


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


_VOID = {"br", "circle", "col", "line", "link", "meta", "path", "rect", "wbr"}
"Elements without content."


def tag(name: str, *content: str, **attributes: object) -> Html:
    """An element. `class_` and the like lose their _, others become -.

    Attributes that are None or False are left out; True stands alone.
    """
    written = "".join(_attribute(*pair) for pair in attributes.items())
    if name in _VOID:
        return Html(f"<{name}{written}/>")
    return Html(f"<{name}{written}>{joined(*content)}</{name}>")


def joined(*content: str) -> Html:
    """Pieces one after the other; those that are not markup are escaped."""
    return Html(
        "".join(
            piece if isinstance(piece, Html) else html.escape(piece)
            for piece in content
        )
    )


def data(content: Any) -> Html:
    """JSON that may stand in a script element."""
    text = json.dumps(content, ensure_ascii=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Html(text)


def _attribute(name: str, value: object) -> str:
    if value is None or value is False:
        return ""
    name = name.rstrip("_").replace("_", "-")
    if value is True:
        return f" {name}"
    return f' {name}="{html.escape(str(value))}"'
