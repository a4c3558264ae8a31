"""Drift: how fast the caller's clock runs, and when its packets would be without delay.

Of each stretch of time only the packet counts that was least on its way. Drawn over
the time of its sender, the lateness of these lies above a straight line and touches
it: its slope is the difference of the two clocks, its height the network at its best.

Sender reports (RTCP, NTP and RTP time side by side) tell the slope without the jitter
of the network, but by a third clock, which may be set or lie. So they only choose
within what the arrivals leave open. Pure.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from math import sqrt

from .audio import CLOCK_HZ

__all__ = ["MOST_DRIFT", "Drift"]

Point = tuple[float, float]

POINTS = 30
"""Stretches that are looked at, two and a half minutes. Longer would be more exact, but
a phone whose microphone lost some samples would be misjudged for longer, too."""

LEAST = 3
"Points from which a slope is told: two always lie on a line."

MOST_DRIFT = 500e-6
"Samples in a sample. Quartz is within 100 ppm, NTP slews by 500 at most."

TRUSTED = 60 * CLOCK_HZ
"Samples that were looked at until the drift is told: a millisecond is 17 ppm of them."

FINE = CLOCK_HZ / 4000
"Samples, 0.25 ms, that the best way of all is not constant by."

BEAT = CLOCK_HZ / 100
"""Samples, 10 ms: the beat on which sounds are captured and packets read. Two beats
that differ by little pass for one until a whole one of them is missing."""

LATELY = 5
"Stretches, the newest, that the height of the line is for."

OTHER_WAY = 2 * BEAT
"""Samples, 20 ms: a change of all lateness beyond the usual spread that neither a drift
makes nor two beats."""

STRETCHES = 4
"""So many in a row that were later make another way, and no queue that comes and goes;
one that was earlier does at once."""

REPORT_EACH = 4 * CLOCK_HZ
"Samples between two reports that are looked at; browsers send one every five seconds."

REPORTED = 60 * CLOCK_HZ
"Samples between reports until they tell anything: they are wrong by milliseconds."

CLOCK_SET = CLOCK_HZ / 50
"Samples, 20 ms, between two reports that no drift explains: the sender's NTP jumped."


class Drift:
    """Of one caller. x is time by the caller's clock, y how much later it came; both in
    samples of `CLOCK_HZ`."""

    def __init__(self) -> None:
        self.rate = 0.0
        "Slope: by how much lateness grows per sample. Negative: the caller's is fast."
        self.told = 0.0
        "Its mean over the time in which it was trusted."
        self._trusted = 0
        self.doubt = 0.0
        "Samples by which the line may be too high."
        self.lines = 0
        "How many lines were drawn since `begin`; 0: there is nothing to judge by yet."
        self._least: deque[Point] = deque(maxlen=POINTS)
        self._level = 0.0
        "Height of the line at x = 0."
        self._spread = 0.0
        "Median height of the points above the line: a new way does not move it."
        self._reports: deque[Point] = deque(maxlen=POINTS)

    @property
    def trusted(self) -> bool:
        """Whether it was watched for long enough to tell the rate."""
        return self._trusted > 0

    def begin(self) -> None:
        """Another stream, counting from elsewhere; the clock is likely the same."""
        self._least.clear()
        self._reports.clear()
        self.lines = 0

    def at(self, x: float) -> float:
        """How late a packet of `x` comes at least."""
        return self._level + self.rate * x

    def add(self, x: float, y: float) -> None:
        """The least late of a stretch of time."""
        least = self._least
        if least and x <= least[-1][0]:
            return  # came in the last stretch already, but out of order
        if self.lines and y < self.at(x) - self._unlikely():
            least.clear()  # a shorter way: nothing that went before tells of it
        least.append((x, y))
        if len(least) > STRETCHES and self.lines:
            newest = [least[k] for k in range(-STRETCHES, 0)]
            if all(y > self.at(x) + self._unlikely() for x, y in newest):
                least.clear()
                least.extend(newest)
        self._draw()

    def report(self, x: float, time: float) -> None:
        """The sender says that `x` was at `time` (samples) of its NTP clock."""
        reports = self._reports
        if reports:
            before, time_before = reports[-1]
            passed = x - before
            if passed < REPORT_EACH:
                return
            if abs(time - time_before - passed) > CLOCK_SET + passed * MOST_DRIFT:
                reports.clear()
        reports.append((x, time))

    def _unlikely(self) -> float:
        return OTHER_WAY + 4 * self._spread

    def _draw(self) -> None:
        """A line along the underside of all points, under those of late."""
        least, count = self._least, len(self._least)
        span = least[-1][0] - least[0][0]
        if count >= LEAST:
            slope = _underside(least)
            self.rate = self._chosen(slope, span)
            heights = sorted([y - slope * x for x, y in least])
            self._spread = heights[count // 2] - heights[0]
            mean = sum(heights) / count - heights[0]
            self.doubt = 3 * mean / sqrt(count) * count / (count - 2) + FINE
            self.lines += 1
            if span >= TRUSTED:
                self._trusted += 1
                self.told += (self.rate - self.told) / self._trusted
        rate = self.rate
        self._level = min([y - rate * x for x, y in list(least)[-LATELY:]])

    def _chosen(self, slope: float, span: float) -> float:
        """The rate, where the arrivals of so long a time have that slope."""
        open_by = FINE + self._spread / sqrt(len(self._least))
        rate = self._reported()
        if rate is None:
            rate = self.rate  # left alone rather than moved for nothing
        else:
            open_by += BEAT
        rate = min(max(rate, slope - open_by / span), slope + open_by / span)
        return min(max(rate, -MOST_DRIFT), MOST_DRIFT)

    def _reported(self) -> float | None:
        """The slope by the reports of the sender; None if they tell of none."""
        reports = self._reports
        if not reports or reports[-1][0] - reports[0][0] < REPORTED:
            return None
        x0, time0 = reports[0]
        points = [(x - x0, time - time0 - (x - x0)) for x, time in reports]
        count = len(points)
        mean_x = sum([x for x, _ in points]) / count
        mean_y = sum([y for _, y in points]) / count
        both = sum([(x - mean_x) * (y - mean_y) for x, y in points])
        square = sum([(x - mean_x) * (x - mean_x) for x, _ in points])
        return both / square


def _underside(points: Sequence[Point]) -> float:
    """The slope of the line under all points to which they are nearest on average: of
    the edge of their hull that is under their middle. x grows."""
    hull: list[Point] = []
    for x, y in points:
        while len(hull) > 1:
            x1, y1 = hull[-2]
            x2, y2 = hull[-1]
            if (y2 - y1) * (x - x2) < (y - y2) * (x2 - x1):
                break
            hull.pop()
        hull.append((x, y))
    middle = sum([x for x, _ in points]) / len(points)
    k = next(k for k, (x, _) in enumerate(hull) if k and x >= middle)
    (x1, y1), (x2, y2) = hull[k - 1], hull[k]
    return (y2 - y1) / (x2 - x1)
