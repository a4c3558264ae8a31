"""Notes: what the agent should know beside the talk, as items of the system. Pure."""

from __future__ import annotations

from ..notes import Background, Note
from ..untrusted import Fields
from . import items

__all__ = ["Notes"]

MOST_TOPICS = 64
"Of notes that may be replaced; older ones stay in the conversation."


class Notes:
    def __init__(self) -> None:
        self._items: dict[str, str] = {}
        "The item of each topic."

    def written(self, note: Note, item_id: str) -> list[Fields]:
        """What tells it, in the place of an earlier one on the topic."""
        if not isinstance(note, Background):
            return []
        told = [items.text_item("system", note.text, item_id)]
        if not note.topic:
            return told
        if earlier := self._items.pop(note.topic, ""):
            told.insert(0, items.delete(earlier))
        self._items[note.topic] = item_id
        if len(self._items) > MOST_TOPICS:
            del self._items[next(iter(self._items))]
        return told
