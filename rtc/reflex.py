"""Reflex: what a call does by itself the moment the caller speaks.

    caller's slot ──> Vad: is there a voice? ──> Echo: is it the agent's own?
                                                     │ no
                  the agent lowers its voice <── Yielding ──> talking, for people

The provider decides what is said and when to stop; this only makes the half second
until it does bearable.
"""

from __future__ import annotations

from collections.abc import Callable

from convai.events import Listener, Talking, Trouble

from .audio import CLOCK_HZ
from .bands import Filters
from .bargein import DUCK_GAIN, Step, Yielding
from .echo import Echo
from .vad import Vad

__all__ = ["Reflex"]

GLANCE = 4
"Of so many slots without a voice one is looked at; looking costs more than decoding."

ECHO_SLOTS = 50
"Slots of echo, a second, after which the page is told: less may be a passing one."

ECHO_AGAIN = 10 * CLOCK_HZ
"Samples between two such hints: the page takes one away when no other follows."


class Reflex:
    """Of one call. Positions are samples of 48 kHz on the call's clock."""

    __slots__ = (
        "_echo",
        "_echoed",
        "_fade",
        "_hinted",
        "_tell",
        "_unvoiced",
        "_vad",
        "_yielding",
    )

    def __init__(
        self,
        output_rate: int,
        input_rate: int,
        *,
        duck: bool,
        fade: Callable[[float], None],
        tell: Listener,
    ) -> None:
        """Rates in Hz are those of what is sent and of what is heard."""
        self._fade = fade
        self._tell = tell
        filters = Filters(input_rate)
        self._vad = Vad(input_rate, filters)
        self._echo = Echo(output_rate, input_rate, filters)
        self._yielding = Yielding(duck=duck)
        self._unvoiced = 0
        "Slots without a voice, in a row."
        self._echoed = 0
        "Slots of echo since the last hint."
        self._hinted: int | None = None
        "Where the last hint was given."

    def sent(self, pcm: bytes, at: int) -> None:
        """The agent's voice as it left for the caller on a tick."""
        self._echo.sent(pcm, at)

    def heard(self, pcm: bytes, at: int, audible: bool, voice: bool = True) -> None:
        """20 ms of the caller; is the agent `audible`, or in a short gap?

        Where there is no `voice` for certain, a look now and then at the noise in the
        room is enough.
        """
        self._unvoiced = 0 if voice else self._unvoiced + 1
        active = self._vad.feed(pcm if self._unvoiced % GLANCE == 0 else b"")
        echo = self._echo.heard(pcm, at, active)
        if echo and active:
            self._hint(at)
        yielding = self._yielding
        talked = yielding.talking
        step = yielding.speech(active and not echo, audible, at / CLOCK_HZ)
        if step is Step.DUCK:
            self._fade(DUCK_GAIN)
        elif step is Step.RESTORE:
            self._fade(1.0)
        if yielding.talking != talked:
            self._tell(Talking("caller", yielding.talking))

    def confirmed(self) -> None:
        """The provider took the caller's speech for an interruption."""
        self._yielding.confirmed()

    def counters(self) -> dict[str, int]:
        """How often the agent was lowered, and how often in vain."""
        yielding = self._yielding
        return {"ducked": yielding.ducks, "ducked_in_vain": yielding.false_alarms}

    def _hint(self, at: int) -> None:
        self._echoed += 1
        if self._echoed < ECHO_SLOTS:
            return
        if self._hinted is None or at - self._hinted >= ECHO_AGAIN:
            self._hinted, self._echoed = at, 0
            self._tell(
                Trouble(
                    "echo-heard",
                    "the agent hears itself through your loudspeaker: use headphones or"
                    " turn the volume down",
                )
            )
