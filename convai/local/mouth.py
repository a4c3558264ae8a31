"""Mouth: sentences as bytes in the wire's format, the fixed ones ready beforehand."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from .formats import AudioFormat, encode
from .style import PLAIN, Style
from .voice import Voice

__all__ = ["Mouth"]

FASTEST = 2.0
"Times its own pace: what the engine follows."


class Mouth:
    """One voice for all conversations. Leave through `close`."""

    def __init__(self, voice: Voice, wire: AudioFormat) -> None:
        self._voice = voice
        self._wire = wire
        # One thread: the engine does not promise more, and is 100x real time.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="voice")
        self._ready: dict[str, bytes] = {}  # bounded by the script's fixed sentences

    async def prepare(self, sentences: tuple[str, ...]) -> None:
        """Synthesise what is sure to be said; one by one, to let others through."""
        for sentence in sentences:
            self._ready[sentence] = await self.say(sentence)

    async def say(self, sentence: str, style: Style = PLAIN) -> bytes:
        """The sentence in the wire's format; empty when there is nothing to say."""
        if style == PLAIN and sentence in self._ready:
            return self._ready[sentence]
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._say, sentence, style)

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _say(self, sentence: str, style: Style) -> bytes:
        """A pitch is playing at another rate what was spoken at another pace."""
        pcm = self._voice.speak(sentence, min(style.speed / style.pitch, FASTEST))
        return encode(pcm, round(self._voice.rate * style.pitch), self._wire)
