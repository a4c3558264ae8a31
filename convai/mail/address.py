"""Address: one mailbox that a mail can be sent to, or nothing. Pure.

Addresses come from recognised speech, pages and agents. One is taken as it is or not at
all: no list, no name before it, no quotes and comments, in which others could hide.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ..meeting.meeting import one_line

__all__ = ["Mailbox", "address", "domain", "mailbox"]

LONGEST = 254
"Characters: RFC 5321, 4.5.3.1.3, less the angle brackets."
LONGEST_LOCAL = 64
"RFC 5321, 4.5.3.1.1."

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
"RFC 5322, 3.2.3: dot-atom. What needs quotes exists in tests of addresses only."
_LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_NAMED = re.compile(r"([^<>]*)<([^<>]+)>")


class Mailbox(NamedTuple):
    name: str
    "One line, or empty."
    address: str


def address(text: str, *, intranet: bool = False) -> str | None:
    """The address that `text` is, its domain in lower case and ASCII; None if none.

    `intranet`: the domain may be a single word, as in `root@localhost`.
    """
    local, _, rest = text.strip().rpartition("@")
    where = domain(rest)
    if where is None or len(local) > LONGEST_LOCAL or not _LOCAL.fullmatch(local):
        return None
    top = where.rpartition(".")[2]
    if not intranet and (top == where or len(top) < 2):
        return None
    found = f"{local}@{where}"
    return found if len(found) <= LONGEST else None


def domain(text: str) -> str | None:
    """The domain in lower case and ASCII: `müller.de` as mail servers know it."""
    try:
        found = text.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    top = found.rpartition(".")[2]
    return found if _DOMAIN.fullmatch(found) and not top.isdigit() else None


def mailbox(text: str) -> Mailbox | None:
    """`ann@example.com` or `Ann Lee <ann@example.com>`, as people write it."""
    named = _NAMED.fullmatch(text.strip())
    name, spec = named.groups() if named else ("", text)
    found = address(spec, intranet=True)
    return Mailbox(one_line(name.strip().strip('"')), found) if found else None
