"""Address: whether a text is an e-mail address that a letter can go to. Pure."""

from __future__ import annotations

import re

__all__ = ["email_address"]

LONGEST = 254
"Characters: what fits between the brackets of SMTP's MAIL and RCPT (RFC 5321, 4.5.3)."
LONGEST_LOCAL = 64

_LOCAL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
)
"""RFC 5322's dot-atom. Quoted ones, which may hold anything, nobody says on the phone;
those beyond ASCII need a server that knows SMTPUTF8."""

_DOMAIN = re.compile(
    r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*", re.ASCII
)


def email_address(text: str, *, near: bool = False) -> str | None:
    """The address as letters carry it; None when it is none.

    `near`: its host may be one of this network, such as `localhost`.
    """
    local, at, domain = text.strip().rpartition("@")
    if not at or not _LOCAL.fullmatch(local) or len(local) > LONGEST_LOCAL:
        return None
    try:
        domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:  # a label that is empty or too long
        return None
    whole = f"{local}@{domain}"
    if not _DOMAIN.fullmatch(domain) or len(whole) > LONGEST:
        return None
    # Of a number nobody knows whether it is an address of a machine.
    known = "." in domain and not domain.rpartition(".")[2].isdigit()
    return whole if known or near else None
