"""History: what was said before we took over, and where in a script that leads. Pure.

It comes as text, a line for each turn: `agent: ...` or `caller: ...`. A brain is a
value, so it learns where the talk is by living through it.
"""

from __future__ import annotations

from .script import Brain

__all__ = ["TOPIC", "lived"]

TOPIC = "history"
"Of the contextual update that holds it."


def lived(brain: Brain, text: str) -> Brain:
    """The brain as it would be now, had it been there all along.

    A tool that was asked for last, with no word of what came of it, counts as not
    asked for: agreeing twice is better than a meeting that nobody has written down.
    """
    asking: tuple[Brain, Brain] | None = None
    for line in text.splitlines():
        who, _, said = line.partition(":")
        said = said.strip()
        if who == "agent":
            brain = brain.overhear(said)
        elif who == "caller" and said:
            answer, after = brain.hear(said)
            if answer.tool is not None:
                asking = brain, after
            brain = after
    if asking is not None and brain == asking[1]:
        return asking[0]
    return brain
