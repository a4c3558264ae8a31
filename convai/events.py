"""The one vocabulary of a conversation.

Agents produce events, a call adds its own, and everybody else (transcript, recording,
page) is a `Listener` that folds over the one stream. `event_json` has the form in which
an event travels to the page and into `events.jsonl`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

__all__ = [
    "ApprovalAsked",
    "Booked",
    "Corrected",
    "Cut",
    "Ended",
    "Event",
    "Handover",
    "Interrupted",
    "Listener",
    "MeetingFound",
    "Party",
    "Queued",
    "Ready",
    "RecordingState",
    "ReplyBegun",
    "ReplyDone",
    "Said",
    "Speech",
    "Stats",
    "Talking",
    "ToolCall",
    "ToolDone",
    "Trouble",
    "Usage",
    "VoiceScore",
]

Party: TypeAlias = Literal["caller", "agent"]


@dataclass(frozen=True, slots=True)
class Ready:
    """The agent is connected and has said in which formats it hears and speaks."""

    conversation: str
    "The provider's own id of the conversation."
    input_rate: int
    "Hz, of the PCM given to `Agent.hear`."
    output_rate: int
    "Hz, of the PCM in `Speech`."


@dataclass(frozen=True, slots=True)
class Speech:
    """A piece of the agent's voice; pieces come in bursts, faster than real time."""

    reply: int
    "Which turn of the agent this belongs to; grows over the conversation."
    pcm: bytes = field(repr=False)
    "Mono s16le at the agent's output rate."


@dataclass(frozen=True, slots=True)
class ReplyBegun:
    """The first sound of a reply came from the agent: told by the call, for metrics."""

    reply: int


@dataclass(frozen=True, slots=True)
class ReplyDone:
    """No more `Speech` of this reply will come. Not every provider says so."""

    reply: int


@dataclass(frozen=True, slots=True)
class Said:
    """Words, as recognised (caller) or as meant to be spoken (agent)."""

    who: Party
    text: str
    final: bool
    "False: a guess that the next `Said` of the same party replaces."
    reply: int = 0
    "For the agent, the reply these words belong to."
    typed: bool = False
    "The caller wrote it instead of saying it."
    late: bool = False
    "Of the caller: the agent is answering already, recognition took longer."


@dataclass(frozen=True, slots=True)
class Corrected:
    """After an interruption: what of a reply the agent believes was heard."""

    reply: int
    text: str


@dataclass(frozen=True, slots=True)
class Talking:
    """Somebody starts or stops being audible on the line."""

    who: Party
    on: bool
    ago_ms: int = 0
    "How long before the event it happened: hearing a silence takes time."


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The agent gives way: what is queued of replies up to this is not to be heard."""

    reply: int


@dataclass(frozen=True, slots=True)
class Cut:
    """The call stopped playing a reply."""

    reply: int
    heard_ms: int
    "Milliseconds of the reply that were really sent to the caller."


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The agent asks for something to be done; answered through `Agent.answer`."""

    id: str
    name: str
    arguments: Mapping[str, Any]
    ours: bool = False
    "The server does it itself; otherwise the page is asked."


@dataclass(frozen=True, slots=True)
class ToolDone:
    """A tool was used, or failed, and the agent was told so."""

    id: str
    name: str
    result: str
    "What the agent was told."
    failed: bool = False


@dataclass(frozen=True, slots=True)
class ApprovalAsked:
    """A tool on the provider's side wants the person's consent.

    Answered by `notes.Approval`.
    """

    id: str
    name: str
    description: str
    arguments: Mapping[str, Any]
    limit_s: float
    "Seconds until the provider takes no answer for a no; 0 when it did not say."


@dataclass(frozen=True, slots=True)
class Usage:
    """What the provider says the conversation consumed, in its own names.

    Amounts add up over a conversation, but for `cost_usd`: the bill of a whole one.
    """

    amounts: Mapping[str, float]
    model: str = ""
    "Whose prices count, where the provider has several."


@dataclass(frozen=True, slots=True)
class VoiceScore:
    """How sure the provider is that the caller is speaking, 0 to 1."""

    score: float


@dataclass(frozen=True, slots=True)
class Handover:
    """Another agent, or the same one afresh, goes on with the conversation."""

    agent: str
    "Its name among the agents on offer."
    previous: str
    why: str
    "A code as in `Trouble`, or `renewed` when nothing was wrong."
    conversation: str = ""
    "The provider's own id of the new conversation."
    owes: bool = False
    "It is to speak first; otherwise it waits for the caller."


@dataclass(frozen=True, slots=True)
class Booked:
    """The agent says that a meeting was agreed on: told to the call's agenda."""

    start: datetime
    "In the zone (`zoneinfo`) in which it takes place; such a time there is."
    duration_min: int
    attendee: str = ""
    email: str = ""
    "Address of the attendee; one that letters can go to."
    topic: str = ""


@dataclass(frozen=True, slots=True)
class MeetingFound:
    """A meeting is new or has changed, or so has what becomes of its letters."""

    meeting: Mapping[str, Any]
    "`convai.meeting.meeting.Meeting.to_json`, with its `standing`."


@dataclass(frozen=True, slots=True)
class Queued:
    """The provider has no free agent yet: `waiting`, then `admitted` or `timed_out`."""

    status: str


@dataclass(frozen=True, slots=True)
class Stats:
    """How well the call is carried: each second, and at its end as a whole."""

    figures: Mapping[str, float]
    "Numbers whose names end in their unit; `rtc.health` says what they are."
    final: bool = False
    "These are of the whole call."
    process: Mapping[str, float] = field(default_factory=dict)
    "How the process is, all calls together: of no concern to the person on the call."


@dataclass(frozen=True, slots=True)
class RecordingState:
    """Whether what is said from now on is kept."""

    state: Literal["on", "paused", "off", "failed"]
    "`off`: not from the beginning; `failed`: no more, it cannot be."
    by: Literal["server", "caller", "agent"] = "server"
    "Who wanted it so."


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something went wrong that the person on the call should know about."""

    code: str
    "Stable, lower case with hyphens; the page has a text for each."
    message: str
    "For people; never contains a secret."


@dataclass(frozen=True, slots=True)
class Ended:
    """The conversation is over; the last event of every call."""

    reason: str
    "One of the reasons listed in `rtc.call`, or `agent-ended` from an agent."


Event: TypeAlias = (
    Ready
    | Speech
    | ReplyBegun
    | ReplyDone
    | Said
    | Corrected
    | Talking
    | Interrupted
    | Cut
    | ToolCall
    | ToolDone
    | ApprovalAsked
    | Usage
    | VoiceScore
    | Handover
    | Booked
    | MeetingFound
    | Queued
    | Stats
    | RecordingState
    | Trouble
    | Ended
)

Listener: TypeAlias = Callable[[Event], None]
"Called on the event loop, in order, for each event; must not block."
