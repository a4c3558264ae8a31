"""pause_recording, resume_recording: the agent spares the recording a secret. Pure.

A tool knows nothing of the call, which may not be recorded at all, or be paused by the
caller too: so the results say what is true in any case.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..events import RecordingState
from .tool import Done, Tool

__all__ = ["PAUSE", "RESUME"]

NOTHING: Mapping[str, Any] = {"type": "object", "properties": {}, "required": []}

PAUSED = (
    "Recording is paused: nothing that is said is kept until you use resume_recording."
)
RESUMED = (
    "Your pause is over: what is said from now on is kept, unless the other person does"
    " not want this call to be recorded or has paused the recording."
)


async def _pause(arguments: Mapping[str, Any]) -> Done:
    return Done(PAUSED, (RecordingState("paused", "agent"),))


async def _resume(arguments: Mapping[str, Any]) -> Done:
    return Done(RESUMED, (RecordingState("on", "agent"),))


PAUSE = Tool(
    name="pause_recording",
    description=(
        "Pause the recording of this call. Use it before the other person says"
        " something that must not be kept, such as a card number or a password, and"
        " whenever they ask for it. The result tells when they may speak."
    ),
    parameters=NOTHING,
    run=_pause,
)

RESUME = Tool(
    name="resume_recording",
    description=(
        "Go on recording after pause_recording, once what must not be kept has been"
        " said."
    ),
    parameters=NOTHING,
    run=_resume,
)
