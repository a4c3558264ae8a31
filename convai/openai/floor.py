"""Floor: one response at a time, and who asks for the next. Pure.

The server holds one response. It starts one by itself when the caller has finished;
tools, typed turns and the greeting need one to be asked for. Asked at a bad moment, it
answers `conversation_already_has_active_response` and the agent stays silent. So what
is wanted waits here until nobody else has the floor:

    caller speaks ──> server is about to answer ──> response ──> free
                      (or does not: GIVE_UP_MS)                    │
                                asked <────── something wanted ────┘

Time is counted in milliseconds of the caller's audio, which comes without a pause.
"""

from __future__ import annotations

from collections import deque

from ..untrusted import Fields
from .items import ANSWER

__all__ = ["Floor"]

GIVE_UP_MS = 4000
"The server answers a turn, or a request, within a second; then it never will."

MOST_UNSEEN = 256
"The server confirms an item within a second."

_UNKNOWN = "?"
"A response that is running though nobody told of it."
_BARE: Fields = {"metadata": {"kind": ANSWER}}


class Floor:
    def __init__(self) -> None:
        self.active = ""
        "Id of the running response."
        self._dying = False
        "It was cancelled and is about to end."
        self._asked: Fields | None = None
        "The response asked for and not begun yet."
        self._last: Fields = _BARE
        "What the running response was asked for with."
        self._wanted: deque[Fields] = deque()
        self._turn = False
        "The caller speaks, or the server is about to answer."
        self._clock_ms = 0.0
        self._since_ms: float | None = None
        "When the waiting began; None has no end to wait for: the caller speaks."
        self._unseen: set[str] = set()
        "Items that want an answer and that the server has not confirmed yet."
        self._again = True
        "A response that fails may be asked for once more."

    @property
    def free(self) -> bool:
        return not (self.active or self._asked is not None or self._turn)

    @property
    def spoken_over(self) -> bool:
        """A response is running, and the caller speaks."""
        return bool(self.active) and self._turn and self._since_ms is None

    def want(self, response: Fields | None = None) -> None:
        """Ask for a response as soon as that is possible."""
        if response is not None:
            self._wanted.append(response)
        elif not self._wanted or self._wanted[-1] is not _BARE:
            self._wanted.append(_BARE)  # one answer for all that came meanwhile

    def answering(self, item_id: str) -> None:
        """An item is on its way that a response must know of."""
        if len(self._unseen) < MOST_UNSEEN:
            self._unseen.add(item_id)

    def next(self) -> Fields | None:
        """The response to ask for now."""
        if self._overdue():
            if self._asked is not None:
                self._wanted.appendleft(self._asked)
            self._asked, self._turn, self.active = None, False, ""
        if not self._wanted or not self.free:
            return None
        self._asked = self._wanted.popleft()
        self._since_ms = self._clock_ms
        return self._asked

    def passed(self, ms: float) -> bool:
        """So much time went by; True when it is worth asking for `next`."""
        self._clock_ms += ms
        return bool(self._wanted or self._asked) and (self.free or self._overdue())

    def _overdue(self) -> bool:
        waiting = self._turn or self._asked is not None or self.active == _UNKNOWN
        known = self.active not in ("", _UNKNOWN)
        since = self._since_ms
        late = since is not None and self._clock_ms - since > GIVE_UP_MS
        return waiting and late and not known

    def cancelled(self) -> str:
        """Nobody wants the running response any more; its id if that is news."""
        running = "" if self._dying or self.active == _UNKNOWN else self.active
        self._dying = bool(self.active)
        return running

    # What the server tells.

    def caller_speaks(self) -> None:
        self._turn, self._since_ms = True, None

    def caller_done(self) -> None:
        self._turn, self._since_ms = True, self._clock_ms

    def confirmed(self, item_id: str) -> None:
        """The item is in the conversation: responses from now on know of it."""
        self._unseen.discard(item_id)

    def begun(self, response_id: str, *, ours: bool) -> None:
        self.active, self._dying = response_id, False
        if ours:
            # Asked for before the caller spoke: it does not answer that turn.
            asked = self._asked or (self._wanted.popleft() if self._wanted else _BARE)
            self._asked, self._last = None, asked
            return
        self._turn, self._last = False, _BARE
        if not self._unseen and _BARE in self._wanted:
            self._wanted.remove(_BARE)  # what it was wanted for is being answered

    def ended(self, response_id: str, *, ours: bool) -> None:
        """It may end without having begun, around interruptions."""
        if ours and self.active != response_id:
            self._asked = None
        if self.active in (response_id, _UNKNOWN):
            self.active, self._dying = "", False

    def collided(self) -> None:
        """There is a response already: ask again after it."""
        if self._asked is None:
            # The server collided with itself, and leaves the caller without an answer.
            if self._turn:
                self._turn = False
                self.want()
            return
        self._wanted.appendleft(self._asked)
        self._asked = None
        if not self.active:
            self.active, self._since_ms = _UNKNOWN, self._clock_ms

    def refused(self) -> None:
        """The server does not take what was asked for."""
        self._asked = None

    def failed(self) -> bool:
        """The response came to nothing: ask again, or there is silence.

        False: it was asked for again already.
        """
        again, self._again = self._again, False
        if again and not self._wanted:
            self._wanted.append(self._last)
        return again

    def succeeded(self) -> None:
        self._again = True
