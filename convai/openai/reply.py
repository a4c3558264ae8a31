"""Reply: one response of the model, as far as it came over the wire. Pure.

A response has a number for everybody else, but truncation is by item, and a response
may hold several. So the reply remembers in which order its items' sound came, and from
how much of all that was heard it tells what was heard of each.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..events import Corrected
from ..heard import heard_words
from ..untrusted import Fields
from . import items
from .session import RATE

__all__ = ["Item", "Reply"]

MS = RATE // 1000
"Samples."
FRAME_MS = 20
"""The call counts whole frames. What is this close to the end was heard to the end:
truncating it would cost the words and save nothing."""
LONGEST_TEXT = 64 * 1024
"Characters of an item: an hour of speech; a bound."
MOST_ITEMS = 64
"Of one reply; there is one, now and then two."


@dataclass(slots=True)
class Item:
    """A message of the agent."""

    id: str
    samples: int = 0
    "Given out to be played."
    text: str = ""
    done: bool = False
    "All of its sound has been given out."
    settled: bool = False
    "The server was told how much of it was heard, or need not be told."

    def share(self, heard: int) -> str:
        """The words in the first `heard` samples: the transcript has no times."""
        length_ms = self.samples / MS
        return heard_words(self.text, heard / MS, length_ms, whole=self.done)


@dataclass(slots=True)
class Reply:
    number: int
    items: dict[str, Item] = field(default_factory=dict)
    "In order of arrival."
    pieces: list[tuple[Item, int]] = field(default_factory=list)
    "The sound as it is played: samples of which item."
    ends: float = 0.0
    "When the sound given out so far ends at the earliest; seconds, as `now`."
    done: bool = False
    "The response is over."
    stopped: bool = False
    "Given way: nothing of it is to be heard any more."
    broken: bool = False
    "It was stopped while the model was still speaking."
    cut: bool = False
    "The call has told how much of it was heard."
    half: bytes = b""
    "First byte of a sample whose second has not come yet."

    @property
    def samples(self) -> int:
        return sum(item.samples for item in self.items.values())

    @property
    def text(self) -> str:
        texts = (item.text.strip() for item in self.items.values())
        return " ".join(text for text in texts if text)

    def item(self, item_id: str) -> Item:
        """The item of that id; beyond the bound, one that nobody remembers."""
        item = self.items.get(item_id)
        if item is None:
            item = Item(item_id)
            if len(self.items) < MOST_ITEMS:
                self.items[item_id] = item
        return item

    def add(self, item: Item, data: bytes) -> bytes:
        """Sound of an item; returns what can be played of it."""
        data = self.half + data
        whole = len(data) & ~1
        self.half = data[whole:]
        samples = whole // 2
        item.samples += samples
        if self.pieces and self.pieces[-1][0] is item:
            samples += self.pieces.pop()[1]
        if samples:
            self.pieces.append((item, samples))
        return data[:whole]

    def stop_at(self, heard_ms: int) -> tuple[list[Fields], Corrected | None]:
        """What to tell the server, and everybody, after so much was heard."""
        heard = heard_ms * MS
        whole = heard >= self.samples - FRAME_MS * MS
        if self.cut or (whole and self.done and not self.broken):
            return [], None
        self.stopped = self.cut = True
        told: list[Fields] = []
        words: list[str] = []
        for item, part in self._heard(heard):
            told += self._settle(item, part)
            words.append(item.share(part) if part else "")
        text = " ".join(word for word in words if word)
        return told, Corrected(self.number, text) if self.text else None

    def _heard(self, left: int) -> list[tuple[Item, int]]:
        parts = {item.id: 0 for item in self.items.values()}
        for item, samples in self.pieces:
            part = max(0, min(left, samples))
            left -= part
            if item.id in parts:
                parts[item.id] += part
        return [(self.items[item_id], part) for item_id, part in parts.items()]

    def _settle(self, item: Item, part: int) -> list[Fields]:
        if item.settled:
            return []
        item.settled = True
        if part and part == item.samples and item.done:
            return []
        heard_ms = part // MS
        return [
            items.truncate(item.id, heard_ms) if heard_ms else items.delete(item.id)
        ]

    def unheard(self) -> list[Fields]:
        """Once the response is over: what came after it had been stopped."""
        if not self.stopped or (self.samples and not self.cut):
            return []
        late = [item for item in self.items.values() if not item.settled]
        return [told for item in late for told in self._settle(item, 0)]
