"""Parcel: what is to reach somebody outside, and how that went. Pure.

A carrier that does not simply deliver says why, in words for people that hold no secret
and no address:

    Later     not now: it is tried again
    Never     it is not taken, and never will be
    Partly    it was taken, but not for all; there is nothing left to be tried
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias, runtime_checkable

__all__ = [
    "Carried",
    "Carrier",
    "Keeper",
    "Kind",
    "Later",
    "Never",
    "Parcel",
    "Partly",
    "Report",
    "State",
    "plain",
]

Kind: TypeAlias = Literal["mail", "webhook"]

Carried: TypeAlias = Literal["sent", "outbox"]
"""`sent`: who it is for, or their server, has it; `outbox`: it lies in a folder, as
there is no server to give it to."""

State: TypeAlias = Literal["waiting", "sent", "outbox", "failed"]

MOST_BYTES = 10_000_000
"Of a body; mail servers mostly take 25 MB, a letter of ours has 30 kB."
LONGEST_WHY = 300
"Characters: what a server says may be long."

_ID = re.compile(r"[a-z0-9-]{1,80}")
_ADDRESS = re.compile(r"[^\s<>,;:()]+@[^\s<>,;:()]+")


@dataclass(frozen=True, slots=True)
class Parcel:
    """Putting one of the same `id` twice is putting it once."""

    id: str
    "1 to 80 of a-z, 0-9 and hyphen: it is the name of a file."
    kind: Kind
    call: str
    meeting: str
    body: bytes = field(repr=False)
    "mail: the whole RFC 5322 message with Message-ID and Date; webhook: the JSON."
    sender: str = field(default="", repr=False)
    "Of the envelope, mail only; addresses without names."
    recipients: tuple[str, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise ValueError("the id of a parcel is 1 to 80 of a-z, 0-9 and hyphen")
        if len(self.body) > MOST_BYTES:
            raise ValueError(f"a parcel has at most {MOST_BYTES} bytes")


@dataclass(frozen=True, slots=True)
class Report:
    """How it goes with one parcel."""

    parcel: str
    kind: Kind
    call: str
    meeting: str
    state: State
    attempts: int
    why: str = ""
    "Why it waits or failed, or who did not get it; for people."


class Later(Exception):
    """It cannot be delivered now."""

    def __init__(
        self,
        why: str,
        *,
        slow: bool = False,
        left: tuple[str, ...] | None = None,
        refused: str = "",
    ) -> None:
        """`slow`: a setting is wrong, or the server's papers: a person has to mend it.
        It is tried for ever, but seldom, and so is all that goes the same way.
        `left`: the recipients that do not have it yet; all of them when None.
        `refused`: what is to be said of recipients that will never take it.
        """
        super().__init__(plain(why))
        self.slow = slow
        self.left = left
        self.refused = plain(refused)


class Never(Exception):
    """Its recipients do not take it."""

    def __init__(self, why: str) -> None:
        super().__init__(plain(why))


class Partly(Exception):
    """It is delivered, but for good not to everybody."""

    def __init__(self, why: str) -> None:
        super().__init__(plain(why))


class Carrier(Protocol):
    async def carry(self, parcel: Parcel) -> Carried:
        """Deliver it. Raises Later, Never, Partly.

        Returns at once when it is delivered: until then, a crash means that it is
        delivered again.
        """


@runtime_checkable
class Keeper(Protocol):
    """A carrier with which parcels stay."""

    async def discard(self, parcel: str) -> None:
        """Throw away the one of that id, if it is there. Raises OSError."""


def plain(text: str) -> str:
    """One line, no longer than people read, without addresses.

    Who may see why a letter waits need not know to whom it goes.
    """
    text = _ADDRESS.sub("…", text)
    line = " ".join("".join(it if it.isprintable() else " " for it in text).split())
    return line if len(line) <= LONGEST_WHY else line[: LONGEST_WHY - 1] + "…"
