"""Heard: how much of a reply's words were spoken when it was stopped. Pure.

A provider that stops itself tells the words. When the call stops it (the person's
button), nobody does: then the words are cut in proportion to the sound, which for a
sentence at an even pace is right to a word or two.
"""

from __future__ import annotations

from .events import Corrected, Event, ReplyDone, Said, Speech

__all__ = ["HeardWords", "heard_words"]

WORDS_PER_S = 2.5
"An unhurried voice; used while the end of a reply's sound has not come yet."


def heard_words(text: str, heard_ms: float, length_ms: float, *, whole: bool) -> str:
    """The words of the first `heard_ms`; unless `whole`, more sound may be to come."""
    words = text.split()
    if not whole:
        length_ms = max(length_ms, len(words) * 1000 / WORDS_PER_S)
    share = min(1.0, heard_ms / length_ms) if length_ms else 0.0
    return " ".join(words[: round(len(words) * share)])


class HeardWords:
    """Feed `note` with the agent's events; ask `cut` when a reply was stopped."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        "Hz of the agent's voice."
        self._reply = -1
        "The newest reply that has words or sound, which alone is remembered."
        self._text = ""
        self._samples = 0
        self._whole = False

    def note(self, event: Event) -> None:
        """Take an event of the agent."""
        match event:
            case Said("agent", text, _, reply):
                self._turn_to(reply)
                self._text = text
            case Speech(reply, pcm):
                self._turn_to(reply)
                self._samples += len(pcm) // 2
            case ReplyDone(reply) if reply == self._reply:
                self._whole = True

    def cut(self, reply: int, heard_ms: int) -> Corrected | None:
        """The words of `reply` that were heard; None when they are not known."""
        if reply != self._reply or not self._text:
            return None
        length_ms = self._samples * 1000 / self._rate
        text = heard_words(self._text, heard_ms, length_ms, whole=self._whole)
        return Corrected(reply, text)

    def _turn_to(self, reply: int) -> None:
        if reply != self._reply:
            self._reply, self._text = reply, ""
            self._samples, self._whole = 0, False
