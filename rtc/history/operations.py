"""Operations: what each address of the API takes and answers. Pure."""

from __future__ import annotations

from typing import Any

from ..archive.query import MOST
from ..archive.row import KEPT
from ..render.format import FORMATS
from ..render.sound import CHOICES
from .parts import (
    BEHIND,
    GUARDED,
    ID,
    MEETING,
    body,
    bytes_of,
    content,
    json_of,
    operation,
    parameter,
)
from .schemas import Schema, one_of, ref, text

__all__ = ["LINE", "PRIVATE", "QUERY"]

DAY = text(format="date")

QUERY: dict[str, Schema] = {
    "q": text("Words that were said, all of them; the last one may be a beginning."),
    "agent": text(),
    "profile": text(),
    "reason": text("How the call ended."),
    "day": {**DAY, "description": "YYYY-MM-DD; with `until` the first of several."},
    "until": {**DAY, "description": "The last day."},
    "zone": text("IANA name of the time zone in which days begin.", default="UTC"),
    "meeting": one_of(("yes", "no"), "Whether one was agreed on."),
    "recording": one_of(KEPT),
    "before": {"description": "Only calls older than this.", **ref("CallId")},
    "limit": {
        "description": "Calls at a time; an export has no limit.",
        "type": "integer",
        "minimum": 1,
        "maximum": MOST,
    },
}

SOUNDS = [kind.content_type for kind in FORMATS.values()]


FOUND = [parameter(name, schema) for name, schema in QUERY.items()]

SOUND_PARAMETERS = [
    ID,
    parameter("format", one_of(tuple(FORMATS)), "path"),
    parameter(
        "leg",
        one_of(CHOICES, "`both`: caller left, agent right."),
    ),
    parameter("download", one_of(("1",), "Offer it as a file.")),
]

ACTED = (
    "bad-meeting",
    "bad-request",
    "meeting-settled",
    "meeting-unavailable",
    "not-found",
    "too-large",
)

LINE: dict[str, dict[str, Any]] = {
    "/config": {
        "get": operation(
            "config",
            "What a page needs to know before it calls",
            {"200": json_of("Config")},
            (),
            tag="line",
        )
    },
    "/offer": {
        "post": operation(
            "offer",
            "Begin a call: a WebRTC offer for an answer",
            {"200": json_of("Answer")},
            (
                "agent-refused",
                "agent-unavailable",
                "bad-offer",
                "bad-request",
                "caller-hung-up",
                "no-audio",
                "server-full",
                "server-stopping",
                "setup-timeout",
                "too-large",
                "unknown-agent",
                "unknown-profile",
            ),
            tag="line",
            requestBody=body("Offer"),
        )
    },
    "/calls/{id}": {
        "delete": operation(
            "hangUp",
            "Hang up; also for a call that is over",
            {"204": {}},
            (),
            tag="line",
            parameters=[{**ID, "schema": {"type": "string"}}],
        )
    },
    "/meetings/{id}": {
        "get": operation(
            "meeting",
            "A meeting, for who was told its id",
            {"200": json_of("MeetingAnswer")},
            ("meeting-unavailable", "not-found"),
            tag="line",
            parameters=[{**MEETING, "name": "id"}],
        ),
        "post": operation(
            "changeMeeting",
            "Correct or undo it, before its letters leave",
            {"200": json_of("MeetingAnswer")},
            ACTED,
            tag="line",
            parameters=[{**MEETING, "name": "id"}],
            requestBody=body("CallerAction"),
        ),
    },
}
"What is open to everybody."

PRIVATE: dict[str, dict[str, Any]] = {
    "/calls": {
        "get": operation(
            "calls",
            "Calls, newest first; a page for browsers",
            {
                "200": {
                    "content": {
                        "application/json": {"schema": ref("Calls")},
                        "text/html": {},
                    }
                }
            },
            (*BEHIND, "bad-query"),
            parameters=FOUND,
        )
    },
    "/calls/choices": {
        "get": operation(
            "choices",
            "Agents, profiles and reasons that calls can be chosen by",
            {"200": json_of("Choices")},
            BEHIND,
        )
    },
    "/calls.csv": {
        "get": operation(
            "callsAsCsv",
            "All calls that are found, as CSV (RFC 4180)",
            {"200": bytes_of("text/csv")},
            (*BEHIND, "bad-query"),
            parameters=FOUND,
        )
    },
    "/calls.jsonl": {
        "get": operation(
            "callsAsJsonLines",
            "All calls that are found, a `Call` each line",
            {"200": bytes_of("application/jsonl")},
            (*BEHIND, "bad-query"),
            parameters=FOUND,
        )
    },
    "/calls/{id}": {
        "get": operation(
            "call",
            "One call; a page with a player for browsers",
            {
                "200": {
                    "content": {
                        "application/json": {"schema": ref("CallDetail")},
                        "text/html": {},
                    }
                }
            },
            (*BEHIND, "not-found"),
            parameters=[ID],
        )
    },
    "/calls/{id}/peaks.json": {
        "get": operation(
            "peaks",
            "How loud each leg is, to draw a waveform",
            {"200": json_of("Peaks")},
            (*BEHIND, "call-running", "not-found", "render-failed"),
            parameters=[ID],
        )
    },
    "/calls/{id}/recording.{format}": {
        "get": operation(
            "recording",
            "The sound; a single range of bytes may be asked for",
            {"200": bytes_of(*SOUNDS), "206": bytes_of(*SOUNDS)},
            (
                *BEHIND,
                "bad-query",
                "bad-range",
                "call-running",
                "not-found",
                "render-failed",
            ),
            parameters=SOUND_PARAMETERS,
        )
    },
    "/calls/{id}/transcript.{form}": {
        "get": operation(
            "transcript",
            "What was said",
            {
                "200": {
                    "content": {
                        "application/json": {"schema": ref("Transcript")},
                        "text/vtt": {},
                        "text/plain": {},
                    }
                }
            },
            (*BEHIND, "not-found"),
            parameters=[ID, parameter("form", one_of(("json", "vtt", "txt")), "path")],
        )
    },
    "/calls/{id}/events.jsonl": {
        "get": operation(
            "events",
            "All that happened, an object each line",
            {"200": bytes_of("application/jsonl")},
            (*BEHIND, "not-found"),
            parameters=[ID],
        )
    },
    "/calls/{id}/meeting.ics": {
        "get": operation(
            "meetingForCalendars",
            "The last meeting agreed on, as iCalendar (RFC 5545)",
            {"200": bytes_of("text/calendar")},
            (*BEHIND, "not-found"),
            parameters=[ID, parameter("id", text("Of another meeting of the call."))],
        )
    },
    "/calls/{id}/meetings/{meeting}": {
        "post": operation(
            "decideMeeting",
            "Approve, discard, correct a meeting, or send its failed letters again",
            {"200": json_of("MeetingAnswer")},
            (*BEHIND, *ACTED),
            parameters=[ID, MEETING],
            requestBody=body("DeskAction"),
        )
    },
    "/calls/{id}/rating": {
        "put": operation(
            "rate",
            "Rate a call that is over",
            {"204": {}},
            (*BEHIND, "bad-request", "call-running", "not-found", "too-large"),
            parameters=[ID],
            requestBody=body("Rating"),
        )
    },
    "/calls/{id}/everything": {
        "delete": operation(
            "deleteEverything",
            "Delete a call for good: its files and all that is known of it",
            {"204": {}},
            (*BEHIND, "call-running", "not-found"),
            parameters=[ID],
        )
    },
    "/api": {
        "get": operation(
            "api",
            "This document",
            {"200": content("application/json", {"type": "object"})},
            GUARDED,
        )
    },
}
"What the guard stands before."
