"""Dispatch: one attempt to deliver a parcel, and what follows from how it went."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TypeAlias

from .parcel import Carried, Carrier, Keeper, Kind, Later, Never, Parcel, Partly
from .record import Record
from .schedule import LONGEST_S, slow_wait_s, wait_s

__all__ = ["Dispatch", "Verdict"]

log = logging.getLogger(__name__)

Verdict: TypeAlias = Carried | Later | Never | Partly

DELIVERY_S = 700.0
"""Seconds for one delivery, whatever its carrier does. RFC 5321, 4.5.3.2.6: a server
may take ten minutes to say that it has the letter; who hangs up earlier sends twice."""


class Dispatch:
    def __init__(
        self,
        carriers: Mapping[Kind, Carrier],
        chance: Callable[[], float] = random.random,
    ) -> None:
        """`chance`: 0 to 1, spreads the waits."""
        self.bugs = 0
        "Attempts that ended in an error which no carrier should raise."
        self._carriers = carriers
        self._chance = chance

    def begun(self, record: Record, now: datetime) -> Record:
        """The record while it is tried.

        Should the process die of it, the next one waits as after any failure.
        """
        wait = wait_s(record.failures + 1, self._chance()) or LONGEST_S
        return record.begun(now + timedelta(seconds=wait))

    async def attempt(self, parcel: Parcel) -> Verdict:
        """Give it to its carrier."""
        carrier = self._carriers.get(parcel.kind)
        if carrier is None:
            return Later("the server is not set up to send it", slow=True)
        try:
            async with asyncio.timeout(DELIVERY_S):
                return await carrier.carry(parcel)
        except (Later, Never, Partly) as verdict:
            return verdict
        except TimeoutError:
            return Later("it took too long")
        except Exception:
            # A wall: a bug that one letter meets must cost neither the others nor the
            # calls that are running.
            self.bugs += 1
            log.exception("%s cannot be delivered, by a bug", parcel.id)
            return Later("a fault of this server; its log says more")

    async def discard(self, kind: Kind, parcel: str) -> None:
        """Have its carrier throw it away, if it is still there. Raises OSError."""
        carrier = self._carriers.get(kind)
        if isinstance(carrier, Keeper):
            await carrier.discard(parcel)

    def after(self, record: Record, verdict: Verdict, now: datetime) -> Record:
        """The record after an attempt; if it waits, `due` says until when."""
        if isinstance(verdict, Never):
            return record.given_up(str(verdict), now)
        if isinstance(verdict, Partly):
            return record.taken("sent", now, str(verdict))
        if isinstance(verdict, str):
            return record.taken(verdict, now)
        wait = self._wait_s(record, verdict)
        if wait is None:
            return record.given_up(str(verdict), now)
        return record.postponed(verdict, now + timedelta(seconds=wait))

    def _wait_s(self, record: Record, verdict: Later) -> float | None:
        if verdict.slow:
            return slow_wait_s(self._chance())
        return wait_s(record.failures + 1, self._chance())
