"""Negotiation: who stands by which day and which time, clause by clause. Pure.

A meeting is agreed on when both stand by one day and one time. Who proposes stands by
the proposal, who accepts or repeats it does, who only asks what there is does not.
Whoever then wants to check, refuses or takes it back stands by it no longer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ..events import Party
from .acts import Act
from .clauses import Clause
from .days import Day
from .hours import Hour, halved
from .polarity import Mark, sides
from .zones import MINE, YOURS

__all__ = ["Negotiation", "Option", "other"]

_OTHER_TIME = re.compile(
    r"^(?:but |a bit |maybe |something |can we do |could it be |any |ideally |rather |much |DAY )*"
    r"(?:later|earlier)(?: though| please| then| if possible| on)?$"
    r"|\b(?:leave the time open|different time|other time|another time|keep it loose|time to be confirmed)\b"
)
"Not that time, and no other yet."
_LATER_CALL = re.compile(
    r"\b(?:ring|call|try|phone|contact) (?:me|us) (?:back|again|later|another|some)\b"
)
_TURNS = re.compile(
    r"(?:but|no|nope|nah|actually|wait|sorry|oh no|except|only)\b|.*\b(?:can't|cannot|don't)\b"
)
_LETS = re.compile(
    r"\b(?:let's|let us|how about|what about|shall we|i can (?:do|offer|make)|we can (?:do|offer)|i could (?:do|offer)"
    r"|i have|i've got|we have|we've got|there's|earliest|i'd suggest|i suggest|it is|then|would be better|prefer|say)\b"
)
_HAS = re.compile(
    r"\b(?:we|i|he|she|they|somebody|someone|\w+) (?:could|can|will|'ll) (?:send|be|do|see|look|visit|stop|swing|fit|squeeze|get|give|offer)\b"
    r"|\b(?:has|have|got|'s got|'ve got) (?:a |an )?(?:gap|slot|space|opening|cancellation|spot|free|DAY|HOUR)\b"
)
_ANEW = re.compile(
    r"\b(?:let's (?:say|make|do)|how about|what about|shall we|could we|can we|can it|could it)\b"
)
_WALK_IN = re.compile(
    r"\b(?:without (?:an? )?(?:appointment|rendez vous)|no (?:appointment|booking|need to book)"
    r"(?: needed| necessary| required)?|walk ins?|first come)\b"
)
"People come when they like: nothing is agreed on."
_FIRM = re.compile(
    r"\b(?:let's (?:do|go|book|say)|book (?:it|me|that)|put (?:me|us|it) (?:down|in)|i'll (?:take|be there)"
    r"|count (?:me|us) in|i've (?:checked|looked)|go ahead|that works|we can make it|i can make it)\b"
)
"Ends the thinking over."
_INQUIRY = re.compile(
    r"^(?!.*\b(?:can|could|would|shall|should|may|suits?|works?|come|meet|see|available|book"
    r"|appointment|free|you|we)\b).*\b(?:when|what time|what hour|until when|which day|on time)\b"
)
"Asks when something is, and not when people could meet."
_ONLY_ASKS = re.compile(
    r"\b(?:just|only) (?:want|wanted|need|like) to (?:know|check|ask|find out|hear)\b"
    r"|\bi(?:'m| am) (?:calling|ringing) (?:to (?:see|ask) how|about my (?:sister|brother|mother|father|son|daughter|wife|husband|friend|mum|mom|dad))\b"
)
_TOLD = re.compile(
    r"\b(?:it's|it is|that's|this is|the \w+(?: \w+)? (?:is|are|will be)) (?:still |now |all )?"
    r"(?:scheduled|confirmed|set|due|planned|expected|on)\b"
)
_TIME_LATER = re.compile(
    r"\b(?:exact|precise) (?:time|hour)\b"
    r"|\b(?:text|message|email|e mail|send|tell|give|let|ring|call|drop|whatsapp) (?:you|me|us|u|ya) (?:know |with |about |back )?"
    r"(?:on |the |a |what |when |on the |to say )*(?:exact |precise )?(?:time|times|timing|hour)\b"
    r"|\b(?:fix|settle|sort out|decide|confirm|arrange|pick|agree(?: on)?) (?:the|a|on the|on a) (?:exact |precise )?(?:time|hour)\b"
    r"|\btime (?:to follow|tbc|later|is open|open)\b"
)
"The time is left open."
_MOVES = re.compile(
    r"\b(?:move|push|shift|reschedule|swap|switch|bring) (?:it|that|this|the \w+|us|me)\b"
)
_BIRTH = re.compile(
    r"\b(?:birth|born|birthday|d o b|expiry|card number|address|postcode|post code|zip code|(?:phone|telephone|your|best|mobile|contact|a) number|e ?mail)\b"
)
AGREES = Act.YES | Act.GOOD | Act.COMMIT
TAKES = Act.FIRST | Act.LAST | Act.EARLIER | Act.LATER
OFFERS = Act.PROPOSE | Act.CHECK | Act.COMMIT | Act.BOOKED
NEAR = 4
"Turns after which what was put on the table is forgotten, unless it is named again."


def other(who: Party) -> Party:
    return "agent" if who == "caller" else "caller"


@dataclass(frozen=True, slots=True)
class Option:
    """A day, a time, or both, as one side put them on the table."""

    day: date | None = None
    hour: Hour | None = None

    def same(self, than: Option) -> bool:
        return self.day == than.day and _same(self.hour, than.hour)


def _same(one: Hour | None, two: Hour | None) -> bool:
    if one is None or two is None:
        return one is two
    return one.minutes == two.minutes


@dataclass(slots=True)
class Negotiation:
    """Feed `turn` with the clauses of each turn, in order."""

    zone: ZoneInfo
    today: date
    day: date | None = None
    hour: Hour | None = None
    day_by: set[Party] = field(default_factory=set)
    hour_by: set[Party] = field(default_factory=set)
    options: list[Option] = field(default_factory=list)
    "Several that one side offers, until one is taken."
    offered_by: Party | None = None
    held: set[Party] = field(default_factory=set)
    "Who wants to think it over."
    willing: set[Party] = field(default_factory=set)
    "Who wants to meet, whenever that will be."
    part: str = ""
    "Of the day, that is spoken about."
    met: bool = False
    "Somebody spoke of meeting, or offered a time."
    last: list[Clause] = field(default_factory=list)
    "What was said just before by one side."
    last_by: Party | None = None
    prior: list[Clause] = field(default_factory=list)
    "What `who` itself said before that."
    evidence: list[int] = field(default_factory=list)
    number: int = 0
    was: Option | None = None
    "What was agreed on last."
    dropped: bool = False
    "Somebody wants none of it."
    dead: list[Option] = field(default_factory=list)
    fresh: int = -9
    "Turn in which something was last put on the table."
    informed: bool = False
    "The time was only told, to who asked when something is."
    walk_in: bool = False
    checking: set[Party] = field(default_factory=set)
    "Who looks something up, or did not hear."
    narrowed: int = -9
    "Turn in which refusing the others left one of several."
    offered: list[tuple[Party, Hour]] = field(default_factory=list)
    heard: list[tuple[Party, Hour]] = field(default_factory=list)
    "Times that each named, whatever became of them."
    no_day_at: int = -9
    no_day: date | None = None
    "That was refused last."
    saved: tuple[date | None, Hour | None, int] | None = None
    rival: Option | None = None
    day_named: set[Party] = field(default_factory=set)
    hour_named: set[Party] = field(default_factory=set)
    firm: bool = False
    "Somebody said that it is done, or that they will come."
    weak_by: Party | None = None
    "Who asked for what there is, and has taken nothing yet."
    before: Hour | None = None
    "What was last said, and is no longer meant."
    strange: list[Option] = field(default_factory=list)
    "Days and times that were said of something else."

    @property
    def agreed(self) -> bool:
        """Both stand by one day and one time."""
        both = len(self.day_by) == 2 and len(self.hour_by) == 2
        definite = self.day is not None and self.hour is not None
        open_ = self.held or self.checking or self.dropped or self.walk_in
        return definite and both and not open_ and (self.met or not self.informed)

    @property
    def settled(self) -> bool:
        return len(self.day_by) == 2 and len(self.hour_by) == 2

    def turn(self, who: Party, said: list[Clause]) -> None:
        """Take a turn of one side."""
        self.number += 1
        mine = self.last if self.last_by == who else []
        if not mine and self.last_by is not None:
            pass
        touched = False
        if self.last_by != who and any(
            it.asks and _BIRTH.search(it.text) for it in self.last
        ):
            said = []  # an answer full of numbers
        for at, clause in enumerate(said):
            touched |= self._clause(who, clause, mine + said[:at])
        if touched:
            self.evidence.append(self.number)
        if self.agreed:
            self.was = Option(self.day, self.hour)
        self._settle_rival(who, said)
        if self.last_by == who:
            self.last = [*self.last, *said]
        else:
            self.prior, self.last, self.last_by = self.last, said, who

    def _clause(self, who: Party, it: Clause, before: list[Clause]) -> bool:
        if it.has(Act.ASIDE):
            return False
        if (
            it.has(Act.CANCEL)
            and not it.asks
            and not (it.has(Act.BOOKED) and not self.settled)
        ):
            return self._cancel(who)
        if _TIME_LATER.search(it.text) and not it.hours and not it.asks:
            self.before, self.hour, self.hour_by = self.hour, None, set()
            return True
        later = _LATER_CALL.search(it.text) and not it.hours
        if it.has(Act.HOLD) and (later or not (it.asks or it.hours)):
            self._hold(who)
        if (
            it.has(Act.COMING)
            and self.number - self.fresh <= 3
            and not it.has(Act.FACT)
        ):
            self.met = True
        if it.has(Act.REPEAT) and not self.settled:
            self.checking.add(who)
        self.walk_in |= bool(_WALK_IN.search(it.text))
        if it.has(Act.FACT | Act.DELIVERY) and it.marks:
            self._foreign(who, it)
        if it.has(Act.DELIVERY) and not it.has(Act.MEET):
            return False
        theirs = self.prior if self.last_by == who else self.last
        if it.marks and not it.has(Act.MEET | Act.PROPOSE):
            if any(one.asks and one.has(Act.DELIVERY) for one in theirs):
                self._foreign(who, it)
                return False
        if who == "agent" and it.asks and it.has(Act.ASK_DAY | Act.ASK_TIME):
            self.met = True
        if who == "agent" and it.has(Act.CHECK) and before and before[-1].marks:
            self.met |= not before[-1].has(Act.FACT | Act.ASIDE | Act.DELIVERY)
        if not it.has(Act.FACT):
            self.met |= it.has(Act.MEET) or (bool(it.marks) and _offers(it))
        if it.has(Act.FACT):
            if it.marks:
                bad = [mark for mark in it.marks if self._on_table(mark)]
                timed = any(isinstance(mark, Hour) for mark in it.marks)
                if timed:
                    bad = (
                        [m for m in bad if isinstance(m, Hour)] if len(bad) < 2 else bad
                    )
                mine = bool({who} & (self.day_by | self.hour_by)) or self.settled
                if bad and it.has(Act.BUSY) and not mine and not it.has(AGREES):
                    self._refuse(who, bad)
                    return True
                if it.has(Act.REFUSE) and not it.has(AGREES):
                    return self._decline(who, it, before)
                if not it.has(Act.YES | Act.GOOD | Act.COMMIT):
                    return False
        refused, wanted = ([], []) if it.has(Act.FACT) else sides(it, self._on_table)
        if refused and it.asks and not wanted:
            refused, wanted = [], refused  # "is seven too early?"
        if refused and not it.asks:
            self._refuse(who, refused)
        if wanted:
            return self._put(who, it, wanted, before)
        if it.has(Act.HOLD):
            return False
        if it.part and not it.marks and not it.asks:
            self._to_part(who, it)
        if it.has(Act.EITHER) and it.part and not self.settled:
            self.hour, self.hour_by = None, set()
        if it.past and self._shift(who, it):
            return True
        if it.has(Act.SAME_TIME) and it.asks:
            return self._same_time(who)
        if it.asks:
            return False
        if it.has(TAKES) and self.options and self.offered_by != who:
            return self._take(who, it)
        if it.has(Act.REFUSE) and not it.has(AGREES) and not refused:
            return self._decline(who, it, before)
        if self._shift(who, it):
            return True
        if _OTHER_TIME.search(it.text) and self.hour is not None:
            self.before, self.hour, self.hour_by = self.hour, None, set()
            return True
        if it.has(Act.SAME_TIME) and self._same_time(who):
            return True
        if it.has(Act.MAYBE):
            return False
        if it.has(AGREES | Act.BOOKED | Act.THANKS | Act.EITHER):
            return self._accept(who, it, before)
        return False

    def _rival(self, who: Party, option: Option) -> bool:
        """Something else is named as if it was agreed on: it is, if both named it."""
        hour, day = option.hour, option.day or self.day
        mine = hour is not None and any(
            by != who and _same(one, hour) for by, one in self.heard
        )
        if mine and day == self.day and not _same(hour, self.hour):
            self.hour = hour
            return True
        if self.saved is None:
            self.saved = (self.day, self.hour, self.number)
        self.rival = option
        return False

    def _settle_rival(self, who: Party, said: list[Clause]) -> None:
        """Something else was named after the agreement: it holds if both name it."""
        if self.saved is None or self.rival is None or self.saved[2] == self.number:
            return
        rival, self.saved, self.rival = self.rival, None, None
        for it in said:
            if it.has(Act.FACT | Act.ASIDE | Act.DELIVERY) or it.asks:
                continue
            _, wanted = sides(it, self._on_table)
            for one in self._options(who, it, wanted):
                same_hour = rival.hour is not None and _same(one.hour, rival.hour)
                same_day = one.day in (None, rival.day or self.day)
                if same_hour and same_day:
                    self.day = rival.day or self.day
                    self.hour = rival.hour
                    self.was = Option(self.day, self.hour)

    # What is on the table.

    def _on_table(self, mark: Mark) -> bool:
        if isinstance(mark, Day):
            return mark.on is not None and (
                mark.on == self.day or any(o.day == mark.on for o in self.options)
            )
        return _same(mark, self.hour) or any(_same(mark, o.hour) for o in self.options)

    def _put(
        self, who: Party, it: Clause, wanted: list[Mark], before: list[Clause]
    ) -> bool:
        options = self._options(who, it, wanted)
        if not options:
            return self._vague(who, it, wanted)
        if self._is_foreign(it, options):
            return False
        echoes = all(self._known(one) for one in options)
        asks = it.asks and not it.has(Act.PROPOSE) and who == "caller"
        if self.dropped or any(one.same(no) for one in options for no in self.dead):
            if not (it.asks or it.has(OFFERS)) or (echoes and not self.day):
                return False
        if self.settled and not echoes and not self._reopens(it):
            return self._rival(who, options[-1])
        if self.settled and echoes and who != self.last_by:
            self.saved = None
        asks |= it.asks and self.weak_by == who and not it.has(Act.PROPOSE)
        weak = (
            (asks and self.weak_by == who)
            or (it.asks and it.has(Act.INFO) and who == "caller")
            or (asks and echoes)
        )
        if (
            it.has(Act.MAYBE)
            and not it.asks
            and who == "caller"
            and not it.has(Act.PROPOSE)
        ):
            weak = True
        if len(options) > 1:
            return self._several(who, options)
        (option,) = options
        picked = bool(self.options) or self.narrowed == self.number
        picked = picked and self.offered_by != who
        if self.options:
            self._narrow(option)
        self._set_day(who, option, it, weak)
        self._set_hour(who, option, it, weak)
        if option.hour is None and self.hour and self.hour_by:
            if it.has(Act.SAME_TIME) or _MOVES.search(it.text):
                self.hour_by.add(who)
        if picked and not weak and not self.options:
            self.day_by |= {who} if self.day else set()
            self.hour_by |= {who} if self.hour else set()
        if not echoes or not self.settled:
            self._touch(who)
        if weak and not echoes:
            self.weak_by = who
        elif self.weak_by == who and not weak:
            self.weak_by = None
        if not weak and not it.has(Act.REPEAT):
            self.checking.discard(who)
        if not weak and not it.has(Act.HOLD) and (option.hour or it.has(Act.COMMIT)):
            self.held.discard(who)
        if it.has(AGREES) and not weak and not it.asks:
            self._accept(who, it, before)
        return True

    def _touch(self, who: Party) -> None:
        self.fresh, self.dropped = self.number, False
        self.willing.add(who)

    def _reopens(self, it: Clause) -> bool:
        """Whether another day or time after the agreement is to change it."""
        short = len(it.text.split()) <= 5
        return (
            it.has(Act.CHANGE | Act.SAME_TIME)
            or bool(_ANEW.search(it.text))
            or (it.asks and (it.has(OFFERS) or short))
        )

    def _foreign(self, who: Party, it: Clause) -> None:
        """Days and times of something else: who repeats them means that."""
        options = self._options(
            who,
            it,
            [
                m
                for m in it.marks
                if not (isinstance(m, Hour) and m.vague and not it.days)
            ],
        )
        self.strange = [*self.strange, *options][-8:]

    def _is_foreign(self, it: Clause, options: list[Option]) -> bool:
        if it.asks or it.has(Act.PROPOSE | Act.CHECK | Act.MEET):
            return False
        if all(self._known(one) for one in options) and (self.hour_by or self.day_by):
            return False
        if re.search(r"\b(?:would be|works|suits)\b", it.text):
            return False
        return all(
            any(
                one.hour is not None
                and no.hour is not None
                and _same(one.hour, no.hour)
                and one.day in (None, no.day)
                for no in self.strange
            )
            for one in options
        )

    def _known(self, one: Option) -> bool:
        day = one.day is None or one.day == self.day
        return day and (one.hour is None or _same(one.hour, self.hour))

    def _several(self, who: Party, options: list[Option]) -> bool:
        mine = {who}
        if self.offered_by != who and all(
            any(_fits(one, new) for one in self.options) for new in options
        ):
            self.options = [
                one for one in self.options if any(_fits(one, new) for new in options)
            ]
            return True
        if all(one.day is None for one in options):
            self.hour, self.hour_by = None, set()
            if self.day is not None:
                self.day_by |= mine
        elif all(one.day == options[0].day for one in options):
            if options[0].day != self.day:
                self.day, self.day_by = options[0].day, set()
            self.day_by |= mine
            self.hour, self.hour_by = None, set()
        else:
            self.day = None
            self.day_by = set()
            hours = {one.hour.minutes for one in options if one.hour}
            if hours or not self.hour:
                self.hour, self.hour_by = None, set()
        self.options, self.offered_by = options, who
        self._touch(who)
        return True

    def _narrow(self, option: Option) -> None:
        """One of several was named: it is the one."""
        fitting = [one for one in self.options if _fits(one, option)]
        if len(fitting) > 1:
            self.options = fitting
            return
        self.options = []
        if fitting:
            (one,) = fitting
            by: set[Party] = {self.offered_by} if self.offered_by else set()
            if one.day is not None:
                self.day, self.day_by = one.day, set(by)
            if one.hour is not None:
                self.hour, self.hour_by = one.hour, set(by)

    def _set_day(self, who: Party, option: Option, it: Clause, weak: bool) -> None:
        if option.day is None:
            return
        day = self.day
        if option.day != self.day and self.day is None:
            if self.no_day not in (None, option.day) and option.hour is None:
                if not it.has(Act.SAME_TIME) and self.was is None:
                    self.hour_by = set()
            self.day, self.day_by = option.day, set()
        elif option.day != self.day:
            moved = self.settled or self.was is not None
            if option.hour is None and not moved and self.hour_by != {who}:
                corrects = who == "agent" and it.has(Act.REFUSE)
                if not corrects and not it.has(Act.SAME_TIME | Act.CHANGE):
                    self.hour_by = set()
            self.day, self.day_by = option.day, set()
        if (
            option.hour is None
            and it.part
            and not it.asks
            and not (self.settled and not it.has(Act.CHANGE))
        ):
            if self.hour is not None and not _in_part(self.hour, it.part):
                self.hour, self.hour_by = None, set()
        if it.part or option.day != day:
            self.part = it.part
        if not weak:
            self.day_by.add(who)
            self.day_named = self.day_named | {who} if option.day == day else {who}

    def _set_hour(self, who: Party, option: Option, it: Clause, weak: bool) -> None:
        hour = option.hour
        if hour is None:
            return
        if hour.vague:
            if self.hour_by and not (it.asks or it.has(OFFERS | Act.CHANGE | AGREES)):
                return
            self.hour, self.hour_by = None, set()
            self.part = "afternoon" if hour.hour >= 12 else "morning"
            return
        if not _same(hour, self.hour):
            self.informed = self._informs(who, it)
            self.hour, self.hour_by = hour, self._stood(who, hour)
            self.hour_named, self.firm = set(), False
        if not weak:
            self.hour_by.add(who)
            self.hour_named.add(who)
            self.offered = [*self.offered, (who, hour)][-12:]
            self.heard = [*self.heard, (who, hour)][-40:]
            if self.day is None and self.no_day_at == self.number:
                # "Wednesday at two, wait, no, can he do half past": on that day.
                self.day, self.day_by = self.no_day, {other(who)}
            if self.day is not None:
                self.day_by.add(who)

    def _informs(self, who: Party, it: Clause) -> bool:
        """Whether it is information that was asked for, and no offer."""
        theirs = self.prior if self.last_by == who else self.last
        asked = any(
            (one.asks and _INQUIRY.search(one.text)) or _ONLY_ASKS.search(one.text)
            for one in theirs
        )
        return (asked and not _offers(it)) or bool(_TOLD.search(it.text))

    def _stood(self, who: Party, hour: Hour) -> set[Party]:
        """Who offered that time before, and has not said no to it since."""
        them = other(who)
        stands = any(by == them and _same(one, hour) for by, one in self.offered)
        return {them} if stands and self.day is not None else set()

    def _vague(self, who: Party, it: Clause, wanted: list[Mark]) -> bool:
        """`Next week`, `in march`: where the next days belong."""
        if not it.asks and self.settled and it.has(Act.CHANGE):
            self.day, self.day_by = None, set()
        self.willing.add(who)
        self.fresh = self.number
        return True

    def _to_part(self, who: Party, it: Clause) -> None:
        if self.settled or len(it.text.split()) > 7 or it.has(Act.REFUSE):
            return
        if re.search(r"\b(?:never|not|\w+n't)\b", it.text):
            return
        self.part = it.part
        if self.hour is not None and not _in_part(self.hour, it.part):
            if self.hour.sure:
                self.hour, self.hour_by = None, set()
            else:
                self.hour = halved(self.hour, it.part)

    def _same_time(self, who: Party) -> bool:
        known = [one.hour for one in self.strange if one.hour and not one.hour.vague]
        if self.hour is None and (self.before or known):
            self.hour, self.hour_by = self.before or known[-1], set()
        if self.hour is None:
            return False
        self.hour_by |= {who} | ({other(who)} if self.was else set())
        self.day_by |= {who} if self.day else set()
        self._touch(who)
        return True

    def _shift(self, who: Party, it: Clause) -> bool:
        """`An hour later`."""
        if (
            self.hour is None
            or it.shift == 0
            or self.settled
            and not it.has(Act.CHANGE)
        ):
            return False
        minutes = self.hour.minutes + it.shift
        if not 0 <= minutes < 24 * 60:
            return False
        hour, minute = divmod(minutes, 60)
        self.hour, self.hour_by = replace(self.hour, hour=hour, minute=minute), {who}
        self.day_by |= {who} if self.day else set()
        self._touch(who)
        return True

    def _options(self, who: Party, it: Clause, wanted: list[Mark]) -> list[Option]:
        """The days and times of a clause, as what it offers."""
        found: list[Option] = []
        # "3 your time, 8 for me": of an agent only the caller's clock is known.
        own = MINE if who == "caller" else YOURS
        zoned = [m for m in wanted if isinstance(m, Hour) and m.zone]
        theirs: list[Hour] = []
        if any(m.zone == own or "/" in m.zone for m in zoned):
            theirs = [m for m in zoned if m.zone in {MINE, YOURS} - {own}]
        for at, mark in enumerate(wanted):
            if isinstance(mark, Hour) and mark in theirs:
                continue
            if isinstance(mark, Day):
                if mark.on is None:
                    continue
                if found and found[-1].day is None:
                    found[-1] = replace(found[-1], day=mark.on)
                elif (
                    found
                    and found[-1].hour
                    and _list_of(it, wanted[at - 1], mark)
                    and not any(isinstance(m, Hour) for m in wanted[at + 1 :])
                ):
                    found.append(Option(mark.on, found[-1].hour))
                else:
                    found.append(Option(mark.on))
            else:
                hour = self._here(who, mark)
                if found and found[-1].hour is None:
                    found[-1] = replace(found[-1], hour=hour)
                    for back in range(len(found) - 2, -1, -1):
                        if found[back].hour is None:
                            found[back] = replace(found[back], hour=hour)
                else:
                    found.append(Option(found[-1].day if found else None, hour))
        named = {one.day for one in found if one.day}
        if len(named) == 1 and any(one.day is None for one in found):
            found = [replace(one, day=next(iter(named))) for one in found]
        unique: list[Option] = []
        for one in found:
            if not any(one.same(known) for known in unique):
                unique.append(one)
        unique = [
            one
            for one in unique
            if one.hour or not any(it.day == one.day and it.hour for it in unique)
        ]
        if len(unique) > 1:
            unique = self._one_instant(unique)
        if len(unique) > 1 and it.has(Act.CHANGE) and not _is_list(it):
            last, first = unique[-1], unique[0]
            return [Option(last.day or first.day, last.hour or first.hour)]
        if len(unique) > 1 and not _is_list(it):
            known = [one for one in unique if self._known(one)]
            if it.asks or not known:
                return unique
            return known[-1:]
        return unique

    def _one_instant(self, options: list[Option]) -> list[Option]:
        """Two zones, one time: `2 eastern , so 8 for me`."""
        kept: list[Option] = []
        for one in options:
            if not any(
                one.day in (None, it.day) and _same(one.hour, it.hour) for it in kept
            ):
                kept.append(one)
        return kept

    def _here(self, who: Party, hour: Hour) -> Hour:
        """On the clocks of the caller, and in the half of the day that is meant."""
        if not hour.sure and self.hour is not None and not hour.vague:
            if (
                self.hour.hour % 12 == hour.hour % 12
                and self.hour.minute == hour.minute
            ):
                return self.hour
        if not hour.sure and self.part and not hour.vague:
            hour = halved(hour, self.part)
        own = MINE if who == "caller" else YOURS
        if not hour.zone or hour.zone in (own, MINE, YOURS):
            return hour
        there = datetime.combine(
            self.day or self.today, time(hour.hour, hour.minute), ZoneInfo(hour.zone)
        )
        here = there.astimezone(self.zone)
        return replace(hour, hour=here.hour, minute=here.minute, sure=True, zone="")

    # What is said to it.

    def _accept(self, who: Party, it: Clause, before: list[Clause]) -> bool:
        if not self._about(who, it, before):
            return False
        self.willing.add(who)
        if not it.has(Act.REPEAT):
            self.checking.discard(who)
        if who in self.held and not _FIRM.search(it.text):
            return False
        self.held.discard(who)
        if self.options and self.offered_by != who:
            if len(self.options) > 1:
                return True
            self._narrow(self.options[0])
        by = other(who)
        if self.weak_by == who and not it.has(Act.COMMIT | Act.FITS):
            theirs = self.prior if self.last_by == who else self.last
            if not any(one.has(OFFERS | Act.FITS) for one in theirs):
                return False
        if self.day is not None and (by in self.day_by or it.has(Act.BOOKED)):
            self.day_by.add(who)
        if self.hour is not None and (by in self.hour_by or it.has(Act.BOOKED)):
            self.hour_by.add(who)
        self.firm |= it.has(Act.COMMIT | Act.BOOKED)
        return True

    def _about(self, who: Party, it: Clause, before: list[Clause]) -> bool:
        """Whether agreement is about what is on the table."""
        ago = self.number - self.fresh
        if it.marks:
            return True
        if ago > NEAR:
            return False
        theirs = self.prior if self.last_by == who else self.last
        if self.last_by == who and ago > 0:
            return True
        if it.has(Act.COMMIT | Act.BOOKED):
            return True
        if not theirs:
            return False
        final = theirs[-1]
        about = any(one.marks or one.has(Act.BOOKED | Act.COMING) for one in theirs)
        if final.has(Act.CHECK) and not about:
            return False
        if ago > 1 and not it.has(Act.FITS) and not final.has(Act.CHECK):
            # Only an answer to one's own question may stand in between.
            mine = self.last if self.last_by == who else self.prior
            if not (mine and mine[-1].asks and not final.asks and ago <= 3):
                return False
        if it.has(Act.THANKS) and not it.has(AGREES):
            return any(one.has(Act.BOOKED) for one in theirs)
        if final.asks and not final.marks and not final.has(Act.CHECK | Act.PROPOSE):
            return False
        return True

    def _take(self, who: Party, it: Clause) -> bool:
        ordered = sorted(
            self.options,
            key=lambda one: (one.day or date.min, one.hour.minutes if one.hour else 0),
        )
        if it.has(Act.FIRST):
            one = self.options[0]
        elif it.has(Act.EARLIER):
            one = ordered[0]
        elif it.has(Act.LATER):
            one = ordered[-1]
        else:
            one = self.options[-1]
        self.options = [one]
        self._narrow(one)
        if self.day is not None:
            self.day_by.add(who)
        if self.hour is not None:
            self.hour_by.add(who)
        self.met = True
        self._touch(who)
        return True

    def _hold(self, who: Party) -> None:
        if self.day is None and self.hour is None and not self.options:
            return
        if who == "agent" and self.settled:
            return
        self.held.add(who)

    def _refuse(self, who: Party, refused: list[Mark]) -> None:
        for mark in refused:
            if isinstance(mark, Day):
                self.options = [one for one in self.options if one.day != mark.on]
                if mark.on is not None and mark.on == self.day:
                    self.no_day, self.no_day_at = self.day, self.number
                    self.day, self.day_by = None, set()
            else:
                self.offered = [it for it in self.offered if not _same(it[1], mark)]
                self.options = [o for o in self.options if not _same(o.hour, mark)]
                if _same(mark, self.hour):
                    self.before = self.hour
                    self.hour, self.hour_by = None, set()
        if len(self.options) == 1 and self.offered_by is not None:
            self._narrow(self.options[0])
            self.narrowed = self.number

    def _decline(self, who: Party, it: Clause, before: list[Clause]) -> bool:
        """A no without saying to what: to what the other side put on the table."""
        theirs = self.prior if self.last_by == who else self.last
        final = theirs[-1] if theirs else None
        if final is not None and final.asks and not final.has(Act.CHECK):
            if not any(self._on_table(mark) for mark in final.marks):
                return False
        agreed = any(one.has(AGREES) for one in before)
        if agreed and not _TURNS.match(it.text):
            return False  # "yes ... it won't hurt"
        firm = re.match(r"(?:but )?(?:no|nope|nah)\b", it.text)
        near = any(one.marks or one.has(Act.CHECK) for one in theirs)
        ago = self.number - self.fresh
        if not near and ago > (1 if self.settled and not firm else 3):
            return False
        self.fresh = -9 if self.last_by != who else self.fresh
        self.day_by.discard(who)
        self.hour_by.discard(who)
        if other(who) == self.offered_by:
            self.options = []
        self.offered = []
        return True

    def _cancel(self, who: Party) -> bool:
        if self.day is not None or self.hour is not None:
            self.dead.append(Option(self.day, self.hour))
        self.day = self.hour = None
        self.day_by, self.hour_by = set(), set()
        self.options, self.was, self.offered = [], None, []
        self.willing.clear()
        self.dropped = True
        return True


def _offers(it: Clause) -> bool:
    """Whether a clause with a day or a time is about a meeting of these two."""
    if it.asks:
        fits = Act.PROPOSE | Act.CHECK | Act.FITS | Act.INFO
        words = it.text.split()
        return it.has(fits) or len(words) <= 5 or bool({"think", "or"} & set(words))
    found = _LETS.search(it.text) or _HAS.search(it.text)
    return it.has(Act.FITS | Act.COMING) or bool(found)


def _fits(one: Option, named: Option) -> bool:
    day = named.day is None or one.day is None or one.day == named.day
    hour = named.hour is None or one.hour is None or _same(one.hour, named.hour)
    return day and hour


def _in_part(hour: Hour, part: str) -> bool:
    if part == "morning":
        return hour.hour < 12
    if part in ("afternoon", "lunchtime"):
        return 11 <= hour.hour < 18
    return hour.hour >= 16


def _gap(it: Clause, one: Mark, two: Mark) -> str:
    """The words between two marks."""
    parts = it.text.replace("HOUR", "DAY").split("DAY")
    at = it.marks.index(two)
    return parts[at] if it.marks.index(one) == at - 1 else ""


def _list_of(it: Clause, one: Mark, two: Mark) -> bool:
    return _gap(it, one, two).strip(" ,") in (
        "or",
        "and",
        "and on",
        "or on",
        "and also",
    )


def _is_list(it: Clause) -> bool:
    return bool({"or", "and", "either"} & set(it.text.split())) or it.has(Act.PROPOSE)
