"""Entry: one meeting in the diary, and the moves it can make. Pure.

    draft ──> waiting ──> queued          a change after that begins anew, and leaves as
      │          ^ │        ^             an update; before anything left, nothing ever
      ├──────────┘ │        │             does
      └──> review ─│────────┘
             │     v
             └──> undone          off: nothing is ever sent

What the talk let go (not a person) comes back from `undone` when it is wanted again.
What is to leave stands in `parting` until it is with the post: a server that dies in
between puts it there again, and the post knows it by its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Literal, TypeAlias, get_args

from ..meeting.meeting import Meeting, stated
from ..turn import Turn
from .standing import Outcome, State

__all__ = ["Confirm", "Entry", "Phase", "Settled", "Talk", "essence", "read"]

Confirm: TypeAlias = Literal["auto", "review", "off"]
"Whether letters leave by themselves, when somebody approves them, or never."

Phase: TypeAlias = Literal["draft", "waiting", "review", "queued", "off", "undone"]

OPEN: tuple[Phase, ...] = ("draft", "waiting", "review", "off")
"In which nothing leaves by itself at once, so that people may change things."

MOST_TURNS = 400
MOST_LETTERS = 60_000
"Characters of all turns: an hour of talk. Letters hold an excerpt anyway."


class Settled(Exception):
    """Too late, or not the moment: the text says why, for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """The call in which a meeting was found, as far as letters tell of it."""

    call: str
    agent: str = ""
    profile: str = ""
    speaker: str = ""
    "What the agent is called, if it has a name."
    began: datetime
    length_s: float | None = None
    "None: it is not over, or nobody saw its end."
    turns: tuple[Turn, ...] = ()
    "What was said so far; none when words may not be kept."
    wordless: bool = False
    "No word of it may be kept longer than its letters need it."

    def heard(self, turns: Iterable[Turn], length_s: float | None = None) -> Talk:
        """With what was said by now."""
        last: list[Turn] = []
        room = MOST_LETTERS
        for turn in reversed([] if self.wordless else list(turns)):
            room -= len(turn.text)
            if room < 0 or len(last) >= MOST_TURNS:
                break
            last.append(turn)
        length_s = self.length_s if length_s is None else length_s
        return replace(self, turns=tuple(reversed(last)), length_s=length_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    meeting: Meeting
    talk: Talk
    phase: Phase
    number: int = 0
    "Among the meetings of its call."
    due: datetime | None = None
    "UTC; when it leaves, only while waiting."
    told: Meeting | None = None
    "As it last left."
    parting: Meeting | None = None
    "As it is to leave now; None: it is with the post."
    former: Meeting | None = None
    "As it had left before that."
    outcome: Outcome = ""
    "Of what last left."
    why: str = ""
    amended: bool = False
    "The call's own file knows of it."

    @property
    def id(self) -> str:
        return self.meeting.id

    @property
    def state(self) -> State:
        if self.phase == "queued":
            return self.outcome or "queued"
        return self.phase

    @property
    def pending(self) -> bool:
        """Whether something will still happen by itself."""
        under_way = self.phase == "queued" and not self.outcome
        return self.phase == "waiting" or self.parting is not None or under_way

    # What the talk does.

    def changed(self, meeting: Meeting, confirm: Confirm, due: datetime) -> Entry:
        """The meeting is now like this; `due` is when it may leave.

        Without a start a cancelled one is a draft that came to nothing.
        """
        told = self.told
        if told is not None and meeting.status == "cancelled" and not meeting.start:
            meeting = replace(told, status="cancelled", sequence=meeting.sequence)
        again = self.phase != "undone" or self.meeting.source == "page"
        if again and essence(meeting) == essence(self.meeting):
            # Said once more: no reason to wait longer, or to write again.
            meeting = replace(meeting, sequence=self.meeting.sequence)
            if self.phase == "undone":
                meeting = replace(meeting, source=self.meeting.source)
            return replace(self, meeting=meeting, amended=False)
        if told is not None and essence(meeting) == essence(told):
            return self._reverted(told)
        sequence = max(meeting.sequence, self.meeting.sequence + 1)
        meeting = replace(meeting, sequence=sequence)
        return self.awaiting(meeting, confirm, due)

    def awaiting(self, meeting: Meeting, confirm: Confirm, due: datetime) -> Entry:
        """The meeting is this one, which was not known like that."""
        phase: Phase = "draft"
        if meeting.status == "cancelled" and self.told is None:
            phase = "undone"
            meeting = _undone(meeting)
        elif meeting.status != "draft":
            phase = "waiting" if confirm == "auto" else confirm
        waits = due if phase == "waiting" else None
        return replace(self, meeting=meeting, phase=phase, due=waits, amended=False)

    # What people do.

    def corrected(
        self, meeting: Meeting, confirm: Confirm, due: datetime, *, late: bool
    ) -> Entry:
        """As somebody wrote it. Raises Settled.

        `late`: also after letters have left; they are told of the change.
        """
        if self.phase == "undone":
            raise Settled("the meeting was undone")
        if self.phase == "queued" and not late:
            raise Settled("its letters have left")
        return self.changed(meeting, confirm, due)

    def undone(self, phases: tuple[Phase, ...] = OPEN) -> Entry:
        """Take back what has not left. Raises Settled.

        What had left before the last change then stands as it did.
        """
        if self.phase not in phases:
            gone = self.phase == "undone"
            raise Settled("it is undone" if gone else "its letters have left")
        if self.told is not None:
            return self._reverted(self.told)
        meeting = replace(
            self.meeting,
            status="cancelled",
            source="page",
            sequence=self.meeting.sequence + 1,
        )
        meeting = _undone(meeting)
        return replace(self, meeting=meeting, phase="undone", due=None, amended=False)

    def approved(self) -> Entry:
        """It may leave. Raises Settled."""
        if self.phase != "review":
            raise Settled("it does not wait for anybody to approve it")
        return self.left()

    def resent(self) -> Entry:
        """Its letters are tried again. Raises Settled."""
        if self.phase != "queued" or self.outcome != "failed":
            raise Settled("no letter of it failed")
        return replace(self, outcome="", why="", amended=False)

    def _reverted(self, told: Meeting) -> Entry:
        return replace(self, meeting=told, phase="queued", due=None, amended=False)

    # What becomes of its letters.

    def left(self) -> Entry:
        """It leaves now."""
        return replace(
            self,
            phase="queued",
            due=None,
            told=self.meeting,
            parting=self.meeting,
            former=self.told,
            outcome="",
            why="",
            amended=False,
        )

    def placed(self, parting: Meeting | None) -> Entry:
        """This is with the post."""
        if self.parting != parting:
            return self  # meanwhile something else is to leave
        return replace(self, parting=None, former=None)

    def delivered(self, outcome: Outcome, why: str) -> Entry:
        if (outcome, why) == (self.outcome, self.why):
            return self
        return replace(self, outcome=outcome, why=why, amended=False)

    def spoken(self, talk: Talk) -> Entry:
        return replace(self, talk=talk)

    def reduced(self) -> Entry:
        """Without words that may not be kept, once no letter needs them."""
        if not self.talk.wordless or self.phase in ("draft", "waiting", "review"):
            return self
        if self.pending:
            return self
        told = None if self.told is None else _wordless(self.told)
        talk = replace(self.talk, turns=())
        return replace(self, meeting=_wordless(self.meeting), told=told, talk=talk)

    def to_json(self) -> dict[str, Any]:
        """As the diary keeps it."""
        talk = self.talk
        return {
            "meeting": self.meeting.to_json(),
            "talk": {
                "call": talk.call,
                "agent": talk.agent,
                "profile": talk.profile,
                "speaker": talk.speaker,
                "began": talk.began.isoformat(),
                "length_s": talk.length_s,
                "wordless": talk.wordless,
                "turns": [asdict(turn) for turn in talk.turns],
            },
            "phase": self.phase,
            "number": self.number,
            "due": self.due and self.due.isoformat(),
            **{name: _written(getattr(self, name)) for name in VERSIONS},
            "outcome": self.outcome,
            "why": self.why,
            "amended": self.amended,
        }


VERSIONS = ("told", "parting", "former")
"Fields that hold the meeting as it was at other times."


def _undone(meeting: Meeting) -> Meeting:
    """What is half said cannot be cancelled: it stays a draft."""
    return meeting if meeting.start else replace(meeting, status="draft")


def essence(meeting: Meeting) -> tuple[object, ...]:
    """What letters say: when it is the same, there is nothing to write."""
    begins = meeting.start and meeting.start.timestamp()
    missing = (meeting.day, meeting.time) if meeting.start is None else ()
    return (
        meeting.status,
        begins,
        missing,
        meeting.zone,
        meeting.duration_min,
        meeting.attendee,
        meeting.email,
        meeting.topic,
    )


def read(content: Mapping[str, Any]) -> Entry:
    """What `to_json` wrote. Raises ValueError when it is something else."""
    try:
        talk, due = content["talk"], content["due"]
        meeting = stated(content["meeting"])
        entry = Entry(
            meeting=meeting,
            talk=Talk(
                **{
                    **talk,
                    "began": datetime.fromisoformat(talk["began"]),
                    "turns": tuple(Turn(**turn) for turn in talk["turns"]),
                }
            ),
            phase=content["phase"],
            number=int(content["number"]),
            due=None if due is None else datetime.fromisoformat(due),
            **{name: _version(content[name]) for name in VERSIONS},
            outcome=content["outcome"],
            why=content["why"],
            amended=content["amended"],
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not an entry: {type(error).__name__}") from None
    if not _sound(entry):
        raise ValueError("not an entry")
    return entry


def _sound(entry: Entry) -> bool:
    due = entry.due is not None and entry.due.tzinfo is not None
    return (
        entry.phase in get_args(Phase)
        and entry.outcome in get_args(Outcome)
        and (due or entry.phase != "waiting")
        and isinstance(entry.talk.call, str)
        and entry.talk.began.tzinfo is not None
        and all(isinstance(turn.text, str) for turn in entry.talk.turns)
    )


def _wordless(meeting: Meeting) -> Meeting:
    return replace(meeting, attendee="", email="", topic="", evidence=())


def _written(meeting: Meeting | None) -> dict[str, Any] | None:
    return None if meeting is None else meeting.to_json()


def _version(content: Any) -> Meeting | None:
    return None if content is None else stated(content)
