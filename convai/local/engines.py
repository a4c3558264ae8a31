"""Engines: ears, voice activity and voice, loaded once for all conversations."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from datetime import date

from . import ears, pauses, vad, voice
from .config import DEFAULT_AGENT, Config
from .ears import Ears
from .models import Models
from .mouth import Mouth
from .occasion import Occasion
from .pauses import Pauses
from .vad import MakeVad

__all__ = ["Engines", "load"]


@dataclass(frozen=True, slots=True)
class Engines:
    """Leave through `close`."""

    ears: Ears
    vad: MakeVad
    pauses: Pauses
    mouth: Mouth

    def close(self) -> None:
        self.ears.close()
        self.pauses.close()
        self.mouth.close()


async def load(models: Models, config: Config) -> Engines:
    """Load everything side by side, and make ready what greets the first caller."""
    threads = max(2, os.cpu_count() or 2)
    async with asyncio.TaskGroup() as group:
        hearing = group.create_task(asyncio.to_thread(ears.load, models.vosk, threads))
        activity = group.create_task(asyncio.to_thread(vad.load, models.silero))
        ending = group.create_task(asyncio.to_thread(pauses.load, models.smart_turn))
        speaking = group.create_task(asyncio.to_thread(voice.load))
    mouth = Mouth(speaking.result(), config.output)
    script = config.agents[DEFAULT_AGENT]
    greeting, _ = script.opening(Occasion(today=date.min)).greet()
    await mouth.prepare(greeting.say)
    return Engines(hearing.result(), activity.result(), ending.result(), mouth)
