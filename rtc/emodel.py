"""E-model: what people would say of a line, from its delay and its losses. Pure.

ITU-T G.107 adds up what harms a call on a scale R of 0 to 100,

    R = R0 - Id(delay) - Ie_eff(losses),

and its Annex B turns R into a mean opinion score: 4.4 "very satisfied", 4.0
"satisfied", 3.6 "some dissatisfied", 3.1 "many", below 2.6 "nearly all".

G.107 asks two numbers of a codec, and G.113, which lists them, has none for Opus. So
the robustness against loss was measured, in the way of ITU-T P.834: human speech
through our own libopus (16 kHz mono, complexity 5, 24 and 32 kbit/s, 1 to 30 % loss, at
random and in bursts of 2.5 packets, concealed or recovered by in-band FEC), judged by
wide-band PESQ (P.862.2). ROBUSTNESS and RECOVERED_HARM reproduce the 64 points to 0.09
MOS (rms), 0.23 at worst; 8 more, at 24 kbit/s and 1 to 5 %, are no test of FEC, as
libopus hardly sends any there. Not in the model: echo (browsers cancel it), noise.
"""

from __future__ import annotations

import math

__all__ = ["mos", "mos_repaired"]

R0 = 93.2
"A line without any fault: the default of G.107 (06/2015), clause 7.7."

CODEC_HARM = 3.0
"""Ie of Opus at 24 to 32 kbit/s without loss. An assumption, as PESQ is too strict with
codecs that do not keep the waveform: a small harm, which leaves 4.34 for the best call.
It moves the zero of the scale, not the differences between calls."""

ROBUSTNESS = 11.0
"""Bpl: the share of concealed frames, in per cent, that costs half of what loss can
cost. Measured as above; G.711 with concealment has 25.1, without 4.3 (G.113)."""

RECOVERED_HARM = 1 / 8
"""What a frame recovered by FEC costs of one that is concealed. Measured as above: the
copy that FEC carries is coarser, and the rate it takes makes the others coarser."""

NOTICED_MS = 100.0
"mT: one-way delay up to which nobody minds (G.107, table 1, default class)."


def mos(
    one_way_delay_ms: float, loss: float, burst_ratio: float = 1.0, *, fec: bool = False
) -> float:
    """Score from 1.0 to 4.5 of a line that loses `loss` (0 to 1) of its packets.

    `burst_ratio` is the mean length of a burst over that of random losses (G.107,
    BurstR; 1 or more). Bursts count by what they leave for concealment: FEC recovers
    only the last frame of each. Without FEC they made no difference in the measurement,
    which PESQ may be too mild to tell.
    """
    loss = min(1.0, max(0.0, loss))
    bursts = loss * (1.0 - loss) / max(1.0, burst_ratio)
    recovered = bursts if fec else 0.0
    return mos_repaired(one_way_delay_ms, loss - recovered, recovered)


def mos_repaired(
    one_way_delay_ms: float, concealed: float, recovered: float = 0.0
) -> float:
    """Score when it is known what became of the lost frames; shares from 0 to 1."""
    harm = _delay_harm(one_way_delay_ms) + _loss_harm(concealed, recovered)
    return _opinion(R0 - harm)


def _delay_harm(delay_ms: float) -> float:
    """Id: of absolute delay alone (Idd), as there is no echo in the model."""
    if delay_ms <= NOTICED_MS:
        return 0.0
    x = math.log2(delay_ms / NOTICED_MS)
    return 25.0 * (_bend(x) - 3.0 * _bend(x / 3.0) + 2.0)


def _bend(x: float) -> float:
    return math.pow(1.0 + math.pow(x, 6), 1 / 6)


def _loss_harm(concealed: float, recovered: float) -> float:
    """Ie_eff: of the codec and of what was lost."""
    lost = 100.0 * (concealed + RECOVERED_HARM * recovered)
    return CODEC_HARM + (95.0 - CODEC_HARM) * lost / (lost + ROBUSTNESS)


def _opinion(r: float) -> float:
    # The cubic of Annex B dips below 1 between 0 and 6.5, where R has no meaning.
    if r <= 6.5:
        return 1.0
    return min(4.5, max(1.0, 1.0 + 0.035 * r + r * (r - 60.0) * (100.0 - r) * 7e-6))
