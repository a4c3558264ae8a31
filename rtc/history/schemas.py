"""Schemas: what the JSON of the API looks like, as JSON Schema 2020-12. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from convai.desk.standing import STATES
from convai.meeting.meeting import LONGEST_MIN, LONGEST_TEXT

from .. import call_id
from ..archive.row import KEPT

__all__ = ["SCHEMAS", "Schema", "array", "of", "one_of", "ref", "text"]

Schema: TypeAlias = dict[str, Any]


def ref(name: str) -> Schema:
    """One of SCHEMAS, from anywhere in the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def of(
    fields: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None
) -> Schema:
    """An object with these fields. More may come with a new version."""
    return {
        "type": "object",
        "required": list(fields),
        "properties": {**fields, **(optional or {})},
    }


def text(description: str = "", **more: Any) -> Schema:
    """A text."""
    return _described({"type": "string"}, description, more)


def array(items: Schema, description: str = "", **more: Any) -> Schema:
    """A list."""
    return _described({"type": "array", "items": items}, description, more)


def one_of(values: tuple[str, ...], description: str = "") -> Schema:
    """One of some words."""
    return _described({"type": "string", "enum": list(values)}, description, {})


def _whole(description: str = "", **more: Any) -> Schema:
    return _described({"type": "integer"}, description, {"minimum": 0, **more})


def _number(description: str = "", **more: Any) -> Schema:
    return _described({"type": "number"}, description, more)


def _or_null(schema: Schema) -> Schema:
    return {**schema, "type": [schema["type"], "null"]}


def _described(schema: Schema, description: str, more: Mapping[str, Any]) -> Schema:
    told = {"description": description} if description else {}
    return {**schema, **told, **more}


CALL_ID = text("Name of a call.", pattern=f"^{call_id.PATTERN}$")
MOMENT = text("ISO 8601, UTC.", format="date-time")
OBJECT: Schema = {"type": "object"}

STANDING = of(
    {
        "state": one_of(
            STATES,
            "`draft` is shown to be completed; `waiting` leaves by itself; `review` "
            "when it is approved; `queued` is being delivered; `outbox`: there is no "
            "mail server; `off`: nothing is ever sent.",
        ),
        "to": array(one_of(("desk", "attendee")), "Who gets a letter."),
    },
    {
        "leaves_in_s": _number("While it waits.", minimum=0),
        "why": text("What went wrong."),
    },
)

EVIDENCE = of(
    {"who": one_of(("caller", "agent")), "text": text()},
    {"start_ms": _whole("On the clock of the recording."), "end_ms": _whole()},
)

MEETING = of(
    {
        "id": text("Of the agreement; stays when it is moved."),
        "status": one_of(("draft", "agreed", "cancelled")),
        "start": _or_null(text("ISO 8601, in its zone.", format="date-time")),
        "zone": text("IANA name."),
        "duration_min": _whole(minimum=1),
        "confidence": _number("0 to 1."),
        "source": one_of(("tool", "transcript", "page"), "Who said so last."),
        "sequence": _whole("Grows with each change."),
        "standing": ref("Standing"),
    },
    {
        "day": _or_null(text("Of a draft.", format="date")),
        "time": _or_null(text("Of a draft, HH:MM.")),
        "missing": array(one_of(("day", "time")), "What a draft wants."),
        "attendee": text(),
        "email": text(),
        "topic": text(),
        "evidence": array(ref("Evidence"), "What was said."),
    },
)

CORRECTION: dict[str, Schema] = {
    "day": text("YYYY-MM-DD.", format="date"),
    "time": text("HH:MM on the 24-hour clock."),
    "zone": text("IANA name."),
    "duration_min": _whole(minimum=5, maximum=LONGEST_MIN),
    "attendee": text(maxLength=LONGEST_TEXT),
    "email": text(maxLength=LONGEST_TEXT),
    "topic": text(maxLength=LONGEST_TEXT),
}

CALL_FIELDS: dict[str, Schema] = {
    "call": ref("CallId"),
    "agent": text("Who began the conversation."),
    "profile": text(),
    "began": MOMENT,
    "length_ms": _or_null(_whole("From the offer to the end; null while it runs.")),
    "reason": _or_null(text("How it ended; null while it runs.")),
    "recording": one_of(
        KEPT,
        "`off` by setting, `declined` by the caller, `refused` for want of space, "
        "`failed` in the middle: what came before is there.",
    ),
    "trouble": _or_null(text("Code of the last thing that went wrong.")),
    "rating": _or_null(_whole("Stars.", minimum=1, maximum=5)),
    "turns": _whole(),
    "interruptions": _whole(),
    "latency_ms": _or_null(
        _whole("Median from the end of the caller's speech to the agent's first sound.")
    ),
    "cost_usd": _or_null(_number()),
    "skew_ms": _or_null(_number("Largest misalignment of the recording's legs.")),
}

MARK = of(
    {
        "at_ms": _whole("On the clock of the call, which is that of the recording."),
        "kind": one_of(("interruption", "answer", "pause", "handover", "trouble")),
    },
    {
        "ms": _whole(
            "Of an interruption: how much of the reply was heard; of an answer: its "
            "latency, it is heard at `at_ms`; of a pause of the recording: its length."
        ),
        "text": text("Of a handover: the new agent; of a trouble: what it was."),
    },
)

TURN = of(
    {
        "who": one_of(("caller", "agent")),
        "text": text("As it was heard."),
        "start_ms": _whole(),
        "end_ms": _or_null(_whole()),
        "final": {"type": "boolean"},
        "interrupted": {"type": "boolean"},
        "heard_ms": _or_null(_whole()),
    }
)

SPAN = of({"start_ms": _whole(), "end_ms": _or_null(_whole())})

NAMED = of({"name": text(), "title": text()})

LEVELS = array(
    {"type": "integer", "minimum": 0, "maximum": 255},
    "Peak of each step, 0 to 255.",
    maxItems=4000,
)

SCHEMAS: dict[str, Schema] = {
    "CallId": CALL_ID,
    "Call": of(
        {
            **CALL_FIELDS,
            "meeting": _or_null({**MOMENT, "description": "When it is to begin."}),
        }
    ),
    "CallDetail": of(
        {
            **CALL_FIELDS,
            "files": {
                "type": "object",
                "description": "Addresses of what there is by now, by file name.",
                "additionalProperties": {"type": "string"},
            },
            "metrics": _or_null(
                _described(OBJECT, "As python -m convai.metrics tells them.", {})
            ),
            "figures": _or_null(_described(OBJECT, "How the line was.", {})),
            "recording_report": _or_null(_described(OBJECT, "How exact it is.", {})),
            "rating": _or_null(of({"stars": _whole(), "note": text()})),
            "meeting": _or_null(_described(OBJECT, "The last one agreed on.", {})),
            "meetings": array(ref("Meeting"), "Also drafts and cancelled ones."),
            "marks": array(ref("Mark"), "For a timeline, in order."),
        }
    ),
    "LiveCall": of(
        {
            "call": ref("CallId"),
            "agent": text(),
            "profile": text(),
            "began": MOMENT,
            "length_ms": _whole("So far."),
        }
    ),
    "Calls": of(
        {
            "calls": array(ref("Call"), "Newest first."),
            "live": array(ref("LiveCall"), "Calls that are running now."),
            "next": {
                "description": "Give it as `before` for the next page.",
                "anyOf": [ref("CallId"), {"type": "null"}],
            },
        }
    ),
    "Choices": of(
        {name: array(text()) for name in ("agent", "profile", "reason")},
    ),
    "Mark": MARK,
    "Standing": STANDING,
    "Evidence": EVIDENCE,
    "Meeting": MEETING,
    "MeetingAnswer": of({"meeting": ref("Meeting")}),
    "CallerAction": of(
        {"action": one_of(("undo", "correct"))},
        CORRECTION,
    ),
    "DeskAction": of(
        {"action": one_of(("approve", "discard", "correct", "resend"))},
        CORRECTION,
    ),
    "Peaks": of(
        {
            "length_ms": _whole(),
            "step_ms": _number("Between two points.", exclusiveMinimum=0),
            "caller": LEVELS,
            "agent": LEVELS,
        }
    ),
    "Transcript": of(
        {
            "conversation": text("The provider's own id of it."),
            "turns": array(TURN, "In the order in which they began."),
        },
        {"pauses": array(SPAN, "In which the recording was paused.")},
    ),
    "Rating": of(
        {"stars": _whole(minimum=1, maximum=5)},
        {"note": text(maxLength=2000)},
    ),
    "Offer": of(
        {"sdp": text(), "type": one_of(("offer",))},
        {
            "agent": text(maxLength=100),
            "profile": text(maxLength=100),
            "zone": text("IANA name of the caller's time zone.", maxLength=100),
            "record": {
                "type": "boolean",
                "description": "Whether the caller agrees to be recorded.",
            },
        },
    ),
    "Answer": of(
        {
            "sdp": text(),
            "type": one_of(("answer",)),
            "call": ref("CallId"),
            "agent": text("Who began; not who was asked for, if that one could not."),
            "profile": text(),
            "recording": one_of(KEPT),
        }
    ),
    "Config": of(
        {
            "iceServers": array(OBJECT, "As RTCPeerConnection takes them."),
            "agents": array(NAMED),
            "agent": text("Who answers unless asked otherwise."),
            "profiles": array(NAMED),
            "profile": text(),
            "recording": one_of(("on", "off", "ask")),
            "meetings": of(
                {},
                {
                    "confirm": one_of(("auto", "review", "off")),
                    "delay_s": _number("Until letters leave."),
                    "outbox": {
                        "type": "boolean",
                        "description": "There is no mail server.",
                    },
                },
            ),
            "version": text(),
        }
    ),
    "Problem": of(
        {
            "type": text(),
            "title": text(),
            "status": {"type": "integer"},
            "detail": text("For people."),
            "code": text("For programs; stable."),
        }
    ),
}
