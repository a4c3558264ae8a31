"""Beside: what is kept of calls in other places than their folders, such as letters."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

__all__ = ["NOTHING", "Beside"]


class Beside(Protocol):
    def calls(self) -> Collection[str]:
        """Calls of which there is something."""

    async def forget(self, call: str) -> None:
        """Delete it, as often as it takes. Raises OSError."""


class Nothing:
    """Everything is in the folders."""

    def calls(self) -> Collection[str]:
        return ()

    async def forget(self, call: str) -> None:
        pass


NOTHING: Beside = Nothing()
