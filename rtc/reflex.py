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

from .audio import CLOCK_HZ, SLOT
from .bands import Filters
from .bargein import DUCK_GAIN, Step, Yielding
from .echo import Echo
from .vad import HANGOVER_SLOTS, Vad

__all__ = ["Reflex"]

GLANCE = 4
"Of so many slots without a voice one is looked at; looking costs more than decoding."

ONSET = CLOCK_HZ * 15 // 1000
"""Samples by which a voice began before the slot that tells of it. The Vad wants 30 ms
of sound in two slots: then it began 5 to 25 ms before the second of them."""

BRIDGED = (HANGOVER_SLOTS - 2) * SLOT
"""Samples from the end of the last loud slot to the beginning of the last in which the
Vad still said that there is a voice: it bridges gaps."""

ECHO_SLOTS = 50
"Slots of echo, a second, after which the page is told: less may be a passing one."

ECHO_AGAIN = 10 * CLOCK_HZ
"Samples between two such hints: the page takes one away when no other follows."


class Reflex:
    """Of one call. Positions are samples of 48 kHz on the call's clock."""

    __slots__ = (
        "_bridged",
        "_clock",
        "_echo",
        "_echoed",
        "_fade",
        "_hinted",
        "_on",
        "_tell",
        "_unvoiced",
        "_vad",
        "_yielding",
    )

    def __init__(
        self,
        output_rate: int,
        input_rate: int,
        clock: Callable[[], int] | None = None,
        *,
        duck: bool,
        fade: Callable[[float], None],
        tell: Listener,
    ) -> None:
        """Rates in Hz are those of what is sent and of what is heard.

        `clock` tells the position of this moment; without it a slot is taken to be
        heard when its place is, as it is when the network does not stumble.
        """
        self._clock = clock
        self._fade = fade
        self._tell = tell
        filters = Filters(input_rate)
        self._vad = Vad(input_rate, filters)
        self._echo = Echo(output_rate, input_rate, filters)
        self._yielding = Yielding(duck=duck)
        self._on = False
        "Whether the last slot was the caller's voice."
        self._bridged = False
        "Whether the Vad ended it, and not the agent's echo which took its place."
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
        on = active and not echo
        if on is not self._on:
            self._on, self._bridged = on, not active
        step = yielding.speech(on, audible, at / CLOCK_HZ)
        if step is Step.DUCK:
            self._fade(DUCK_GAIN)
        elif step is Step.RESTORE:
            self._fade(1.0)
        if yielding.talking != talked:
            self._say(at)

    def confirmed(self) -> None:
        """The provider took the caller's speech for an interruption."""
        self._yielding.confirmed()

    def counters(self) -> dict[str, int]:
        """How often the agent was lowered, and how often in vain."""
        yielding = self._yielding
        return {"ducked": yielding.ducks, "ducked_in_vain": yielding.false_alarms}

    def _say(self, at: int) -> None:
        """The caller has begun or ceased to talk, which took time to be sure of."""
        yielding = self._yielding
        if yielding.talking:
            since = yielding.speech_at * CLOCK_HZ - ONSET
        else:
            late = BRIDGED if self._bridged else -SLOT
            since = yielding.last_at * CLOCK_HZ - late
        now = at if self._clock is None else max(at, self._clock())
        ago_ms = max(0, round((now - since) * 1000 / CLOCK_HZ))
        self._tell(Talking("caller", yielding.talking, ago_ms))

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
