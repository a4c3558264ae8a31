"""The agent pauses the recording, and is told what that means."""

from __future__ import annotations

import pytest

from convai.events import RecordingState, ToolCall
from convai.tools.recording import PAUSE, RESUME
from convai.tools.toolbox import Toolbox


@pytest.mark.parametrize(
    ("name", "state", "said"),
    [
        ("pause_recording", "paused", "is paused"),
        ("resume_recording", "on", "is kept, unless"),
    ],
)
async def test_the_recording_is_paused_and_goes_on(
    name: str, state: str, said: str
) -> None:
    # Agents like to give a reason, whether they are asked for one or not.
    call = ToolCall("1", name, {"reason": "a card number"})
    used = await Toolbox((PAUSE, RESUME)).use(call)
    assert not used.done.failed and said in used.done.result
    assert used.events == (RecordingState(state, "agent"),)  # type: ignore[arg-type]
