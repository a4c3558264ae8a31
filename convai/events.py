"""The one vocabulary of a conversation.

Agents produce events, a call adds its own, and everybody else (transcript, recording,
page) is a `Listener` that folds over the one stream. `to_json` is the form in which an
event travels to the page and into `events.jsonl`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

__all__ = [
    "Corrected",
    "Cut",
    "Ended",
    "Event",
    "Interrupted",
    "Listener",
    "MeetingFound",
    "Party",
    "Queued",
    "Ready",
    "ReplyDone",
    "Said",
    "Speech",
    "Stats",
    "Talking",
    "ToolCall",
    "Trouble",
    "Usage",
    "to_json",
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


@dataclass(frozen=True, slots=True)
class Usage:
    """What the provider says the conversation consumes; names are the provider's."""

    amounts: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class MeetingFound:
    """Caller and agent agreed on a meeting."""

    meeting: Mapping[str, Any]


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
    | ReplyDone
    | Said
    | Corrected
    | Talking
    | Interrupted
    | Cut
    | ToolCall
    | Usage
    | MeetingFound
    | Queued
    | Stats
    | Trouble
    | Ended
)

Listener: TypeAlias = Callable[[Event], None]
"Called on the event loop, in order, for each event; must not block."


def to_json(event: Event) -> dict[str, Any] | None:  # noqa: C901, a table
    """The event as the page and `events.jsonl` see it; None for what stays inside.

    Audio stays inside, and so do `Interrupted` (the call answers it at once with
    `Cut`) and `ReplyDone` (the end of sound is a `Talking`).
    """
    match event:
        case Ready(conversation, input_rate, output_rate):
            return {
                "type": "conversation.started",
                "conversation": conversation,
                "input_rate": input_rate,
                "output_rate": output_rate,
            }
        case Said("caller", text, final, _, typed):
            words = {"type": "transcript.user", "text": text, "final": final}
            return {**words, "typed": True} if typed else words
        case Said("agent", text, final, reply):
            return {
                "type": "transcript.agent",
                "text": text,
                "final": final,
                "reply": reply,
            }
        case Corrected(reply, text):
            return {"type": "transcript.corrected", "reply": reply, "text": text}
        case Talking(who, on):
            return {"type": "talking", "who": who, "on": on}
        case Cut(reply, heard_ms):
            return {
                "type": "conversation.interrupted",
                "reply": reply,
                "heard_ms": heard_ms,
            }
        case ToolCall(call_id, name, arguments):
            return {
                "type": "tool.called",
                "id": call_id,
                "name": name,
                "arguments": dict(arguments),
            }
        case Usage(amounts):
            return {"type": "usage", "amounts": dict(amounts)}
        case MeetingFound(meeting):
            return {"type": "meeting.detected", "meeting": dict(meeting)}
        case Queued(status):
            return {"type": "conversation.queued", "status": status}
        case Stats(figures, final):
            stats = {"type": "call.stats", **figures}
            return {**stats, "final": True} if final else stats
        case Trouble(code, message):
            return {"type": "error", "code": code, "message": message}
        case Ended(reason):
            return {"type": "conversation.ended", "reason": reason}
        case _:
            return None
