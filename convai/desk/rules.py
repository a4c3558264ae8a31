"""Rules: how meetings are dealt with on this server. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from .entry import Confirm

__all__ = ["Rules"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    confirm: Confirm = "auto"
    delay_s: float = 30.0
    "In which a meeting can be corrected or undone before it leaves."
    sender: str = "parley@localhost"
    "Whom letters come from."
    desk: tuple[str, ...] = ()
    "Who gets a letter about every meeting, beside the attendee."
    outbox: bool = True
    "There is no mail server: letters are put into a folder."
    webhook: bool = False
    "Programs are told, too."

    @property
    def host(self) -> str:
        """By whose name letters and invitations are known."""
        return self.sender.rpartition("@")[2]
