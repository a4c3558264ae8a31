"""Acts: what a clause does in a conversation, told by its words. Pure.

Reads the spelling of `speech`, with `DAY` where a day stood and `HOUR` where a time.
The phrases stand in `acts.txt`.
"""

from __future__ import annotations

import re
from enum import Flag, auto

from .lexicon import lexicon

__all__ = ["Act", "acts", "is_question", "without_false_noes"]


class Act(Flag):
    NOTHING = 0
    YES = auto()
    "Agrees, to whatever it answers."
    GOOD = auto()
    "Praises what it answers: `perfect`, `that works`."
    COMING = auto()
    "Somebody is to come, to call or to be met."
    FITS = auto()
    "In the words of people who look for a time that suits both."
    COMMIT = auto()
    "Takes what is on the table: `see you then`, `book it`."
    BOOKED = auto()
    "Says that it is done: `you're all set`."
    REFUSE = auto()
    HOLD = auto()
    "Leaves it open: `let me check`, `I'll let you know`."
    MAYBE = auto()
    "Is not sure, or only polite: `maybe`."
    CANCEL = auto()
    "Takes back what was agreed, or wants none of it."
    CHANGE = auto()
    "Replaces what was said: `no, make that four`."
    PROPOSE = auto()
    "Puts something on the table: `how about`, `shall we say`."
    CHECK = auto()
    "Asks whether what is on the table is right."
    INFO = auto()
    "Asks what there is, and takes nothing yet."
    ASK_DAY = auto()
    ASK_TIME = auto()
    ASIDE = auto()
    "Of something else: the past, what might be."
    FACT = auto()
    "Of what is so anyway: one's own day, other people, opening hours."
    DELIVERY = auto()
    "Of things that are sent: no meeting."
    BUSY = auto()
    "Of what somebody has to do at a day or time."
    MEET = auto()
    "Speaks of meeting."
    THANKS = auto()
    EITHER = auto()
    "Takes any of several."
    FIRST = auto()
    "Takes the first of several."
    LAST = auto()
    "Takes the last of several."
    EARLIER = auto()
    LATER = auto()
    SAME_TIME = auto()
    REPEAT = auto()
    "Did not understand, or looks something up; takes nothing."


AGREEING = Act.YES | Act.GOOD | Act.COMMIT | Act.BOOKED
"What a `not` before it turns into its contrary."

_NO_THANKS = re.compile(
    r"(?:no ,? ?)?(?:i'm|we're|i am|all) good"
    r"(?: ,? ?(?:thanks|thank you|for now|mate))+"
)
_YES_NO = re.compile(
    r"^(?:yes|yeah|yah|ja) ,? ?(?:no|nah)\b(?! ,? ?(?:yes|yeah|that|it|all|sweet|good"
    r"|problem|worries|ok|sure|fine))"
)
"Both together are a no."
_GOODBYE = re.compile(r"\bgood ?bye\b")
"Praises nothing."
_NEGATED = re.compile(
    r"\b(?:\w+n't|not|never|cannot|nothing|nobody|without|unable|refuse)"
    r"(?: \w+){0,2} $"
)
_WISHES = re.compile(
    r"\b(?:would like|want|wants|'d like|wish|i can|could i|can i|may i) (?:to )?"
    r"(?:take|have|book|make|get|fix|arrange) (?:the|an?|that|this|my)\b"
)
_WHAT = re.compile(r" (?:for|with) (?:what|whom)$")
_ASKS = re.compile(
    r"^(?:(?:ok|so|and|but|well|then|yes|yeah|right|now|great|perfect|good|sure|no|oh|or"
    r"|maybe|alternatively|hello|hi) ,? ?)*"
    r"(?:what|when|where|which|who|why|how|could|can(?!$)|would|will|do|does|did"
    r"|is(?! (?:ok|fine|good|perfect|possible))|are|am"
    r"|shall|should|may|might|have you|has|any chance|was|were)\b"
    r"(?! (?:do$|lah|(?<=do )(?:that|it)$|be (?:fine|great|good|perfect|lovely)))"
)


def without_false_noes(text: str) -> str:
    """With the noes blotted out that refuse nothing: `no problem`, `can't wait`."""
    return lexicon("acts")["NO_REFUSAL"].sub(lambda it: "_" * len(it[0]), text)


def acts(text: str) -> Act:
    """All that the clause does."""
    if _NO_THANKS.fullmatch(text):
        return Act.REFUSE | Act.THANKS
    text = _GOODBYE.sub("bye", text)
    plain = without_false_noes(text)
    found = Act.NOTHING
    for act in Act:
        if _does(act, text, plain):
            found |= act
    if Act.ASIDE in found and text.startswith("so we agreed"):
        found &= ~Act.ASIDE  # a recap
    if _WISHES.search(text):
        found &= ~Act.FACT
    if Act.BUSY in found:
        found |= Act.FACT
    if _YES_NO.search(text):
        found &= ~AGREEING
    if text.startswith("if "):
        found &= ~(AGREEING | Act.CANCEL)
    return found


def _does(act: Act, text: str, plain: str) -> bool:
    pattern = lexicon("acts")[str(act.name)]
    if act in AGREEING:
        return any(
            not _NEGATED.search(plain[: it.start()]) for it in pattern.finditer(text)
        )
    refuses = act in (Act.REFUSE, Act.CANCEL)
    return bool(pattern.search(plain if refuses else text))


def is_question(text: str, sign: str) -> bool:
    """`sign` is what ended the clause; recognisers write none."""
    if sign == "?" or _WHAT.search(text):
        return True
    return sign != "." and bool(_ASKS.match(text))
