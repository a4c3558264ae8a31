"""What Sarah makes of what she hears: wishes, objections, needs, moods. Pure.

The first pattern that fits counts, so the order is: what ends a call, then what is
rarer, then what is said in passing.
"""

from __future__ import annotations

import re

from .booking import Wanted
from .slots import yes_in

__all__ = [
    "CANCELLING",
    "COMMON_PHRASES",
    "LEAVING",
    "MEETING_WORDS",
    "MERE_ANSWERS",
    "NOTHING_MORE",
    "PROMISED",
    "PROPOSING",
    "SOME_TIME",
    "asked_by",
    "ending_in",
    "inclined",
    "need_in",
    "objection_in",
    "plain",
    "question_in",
    "spelled",
]

_Table = tuple[tuple[str, re.Pattern[str]], ...]

COMMON_PHRASES = (
    *("not interested", "i'm not interested", "i'm busy", "i have to go"),
    *("who is this", "who are you", "are you a robot", "what does it cost"),
    *("how long", "send me an email", "let me think about it", "call me later"),
    *("next week", "any day", "any time", "whenever", "in the morning", "you choose"),
    *("in the afternoon", "works for me", "how about", "thank you", "thanks"),
)
"What people say instead of an answer: without these the recogniser would bend it\
 into a day or a time."


def _table(*rows: tuple[str, str]) -> _Table:
    return tuple((name, re.compile(pattern)) for name, pattern in rows)


_ENDINGS = _table(
    (
        "voicemail",
        r"\b(?:voice ?mail|mail ?box|leave (?:me )?(?:a|your) (?:message|name)"
        r"|after the (?:tone|beep)|record your message"
        r"|(?:is|am|are) not available (?:right now|to take))\b",
    ),
    (
        "do not call",
        r"\b(?:(?:do not|don't|never|stop) call(?:ing)?(?: me| us| here)?"
        r"(?: again| any ?more)?$|(?:do not|don't|never) call (?:me|us|here)"
        r"|stop calling|(?:do not|no) call list"
        r"|(?:take|remove) (?:me|us|my number|this number) (?:off|from)"
        r"|off (?:your|the) list)\b",
    ),
    (
        "wrong person",
        r"\b(?:wrong (?:number|person)|no ?body (?:here )?(?:by|of|with) that name"
        r"|you have the wrong)\b",
    ),
    (
        "angry",
        r"\b(?:fuck (?:off|you)|piss off|screw you|go to hell|get lost|shut up"
        r"|leave me alone|(?:stop|quit) (?:bothering|harassing|wasting))\b",
    ),
    ("bye", r"\b(?:good ?bye|bye|hang up|end the call)\b"),
)

_QUESTIONS = _table(
    ("repeat", r"\b(?:say (?:that|it) again|repeat|pardon|once more|come again)\b"),
    ("repeat", r"\bwhat did you (?:just )?say\b|\bwhat was that\b|^(?:sorry|what)$"),
    (
        "robot",
        r"\b(?:robot|a bot|(?:a|the) (?:machine|computer)|real (?:person|human|one)"
        r"|(?:a )?human(?: being)?|artificial|an a ?i|(?:are|you) (?:an? )?a ?i)\b",
    ),
    ("recorded", r"\b(?:(?:this|the|a|it) (?:call )?)?(?:recorded|recording)\b"),
    (
        "source",
        r"\b(?:my (?:number|name|details)|how do you know|where did you get)\b",
    ),
    (
        "who",
        r"\bwho(?:'s| is| are|am i)? (?:this|you|calling|speaking|it|there|again)\b"
        r"|\byour name\b|\bwh(?:at|ich) company\b|\bwhere (?:are )?you calling from\b",
    ),
    (
        "why",
        r"\bwhy (?:are|do|did) you\b|\bwhat(?:'s| is) (?:this|it|that) (?:all )?"
        r"(?:about|regarding)\b|\bwhat (?:do you want|are you selling)\b"
        r"|\bwhat can i do for you\b|\bhow (?:can|may) i help\b",
    ),
    (
        "cost",
        r"\bwhat(?:'s| is| are| does| do| would| will)\b.*\b(?:costs?|fees?|prices?"
        r"|charge)\b|\bhow (?:much|expensive)\b|\bis (?:it|that|this) free\b",
    ),
    (
        "advice",
        r"^(?:so |and |well |but |then )*(?:what|which|how|should|can|could|do|does|is"
        r"|are|would|will)\b.*\b(?:performance|perform|returns?|recommend|best|buy"
        r"|sell|guarantee\w*|invest in|outperform|beat)\b",
    ),
    (
        "products",
        r"\b(?:what (?:kind|sort|type)s? of|what (?:products|etfs|funds|do you"
        r" (?:offer|have))|tell me (?:more|about (?:it|your)))\b",
    ),
    ("length", r"\bhow long\b"),
    ("hearing", r"\b(?:can|do) you hear me\b"),
    ("how", r"\bhow are you\b"),
    ("hello", r"^(?:hello|hi|hey|good (?:morning|afternoon|day))(?: \w+)?$"),
)

_OBJECTIONS = _table(
    (
        "not interested",
        r"\b(?:(?:not|no longer) (?:really |at all |that )?interested|no interest"
        r"|(?:don't|do not) want (?:a |any |the |to )?(?:meeting|meet|call)"
        r"|no,? thank you|no,? thanks|not for (?:me|us)|(?:don't|do not) need"
        r"|i'll pass)\b",
    ),
    (
        "authority",
        r"\b(?:not the (?:right|best) (?:person|one)|not my (?:decision|area|job|call)"
        r"|(?:don't|do not) (?:decide|make (?:the|those|these|that))"
        r"|(?:ask|talk to|check with|speak with|speak to) (?:my|our|the)"
        r" (?:boss|partner|manager|colleague|team|committee)"
        r"|somebody else|someone else|wrong department|committee)\b",
    ),
    (
        "email",
        r"\b(?:send (?:me|us|it|over|something|some|an?)|e ?-?mail (?:me|us|it)"
        r"|(?:by|via|an) e ?-?mail|in writing|brochure|mail me)\b",
    ),
    (
        "fees",
        r"\b(?:too (?:expensive|costly|high)|(?:is|are|looks?|sounds?) expensive"
        r"|costs? too much|high fees|cheaper (?:elsewhere|somewhere))\b",
    ),
    (
        "provider",
        r"\b(?:already (?:have|work|use|using|got|covered|working)"
        r"|(?:happy|satisfied|fine|good) with (?:what|my|our|the|who|them)"
        r"|(?:have|got) (?:a|an|our|my) (?:own )?(?:provider|supplier|partner))\b",
    ),
    (
        "think",
        r"\b(?:think (?:about|it|on)|sleep on it|need (?:some )?time"
        r"|consider (?:it|that)|get back to you|maybe later|not sure"
        r"|(?:don't|do not) know(?: yet)?)\b",
    ),
    (
        "busy",
        r"\b(?:busy|(?:in|have) (?:a|another) meeting|(?:have|got) no time|no time"
        r"|(?:not|isn't) (?:a )?(?:good|great|the best) (?:time|moment)"
        r"|bad (?:time|moment)"
        r"|can't talk|(?:have|got|need) to (?:go|run|leave)|gotta (?:go|run)|driving"
        r"|in the middle of|call (?:me |us )?(?:back|later|another)|another time"
        r"|not (?:right )?now|some other time|with a client)\b",
    ),
)

MERE_ANSWERS = {
    "needs": ("fees", "think"),
    "detail": ("fees", "think", "provider"),
    "done": ("fees", "think", "provider", "email", "authority", "not interested"),
}
"What is no objection where it answers what was asked there."

_NEEDS = _table(
    ("income", r"\b(?:income|dividends?|yields?|pay ?outs?|coupons?|retire\w*)\b"),
    ("lower costs", r"\b(?:costs?|fees?|cheap\w*|expenses?|tax|taxes)\b"),
    (
        "stability",
        r"\b(?:volatil\w*|risks?|safe\w*|protect\w*|downside|nervous|worried|afraid"
        r"|crash|uncertain\w*|inflation|stab\w*)\b",
    ),
    ("bonds", r"\b(?:bonds?|fixed|interest rates?)\b"),
    (
        "international markets",
        r"\b(?:international|global|emerging|europe\w*|asia\w*|abroad|overseas)\b",
    ),
    ("growth", r"\b(?:growth|grow\w*|tech\w*|stocks?|equit\w+|returns?)\b"),
)

_EAGER = re.compile(
    r"^(?:well |oh |um |so )*(?:yes|yeah|yep|yup|sure|okay|ok|of course|certainly"
    r"|absolutely|alright|all right|definitely|why not|go ahead|go on)\b"
    r"|\b(?:i (?:do )?have (?:a|some|few|a few|two|five|ten) (?:minutes?|moments?|time)"
    r"|got (?:a|some) (?:minutes?|moment|time)|(?:a )?few minutes|make it quick"
    r"|that's fine|i'm listening|speaking)\b"
)
MEETING_WORDS = re.compile(
    r"\b(?:meet|call|talk|speak|schedule|book|available|free|how about|what about"
    r"|let's|works|could we|can we)\b"
)
SOME_TIME = re.compile(r"\b(?:(?:this|next) week|any ?(?:day|time)|whenever)\b")
LEAVING = re.compile(r"\b(?:to (?:go|run|leave)|gotta|driving|with a client)\b")
CANCELLING = re.compile(r"\b(?:cancel|call it off|forget (?:about )?the meeting)\b")
NOTHING_MORE = re.compile(
    r"\b(?:that's (?:all|it|everything|fine)|that is all|nothing|thanks|thank you"
    r"|see you|talk to you|looking forward)\b"
)
PROMISED = re.compile(
    r"\b(?:booked|all set|confirmed|scheduled|invitation|noted|in the calendar)\b"
)
PROPOSING = re.compile(r"\b(?:specialist|half an hour|thirty minutes|meet|meeting)\b")
_ABBREVIATION = re.compile(r"\b(?:e t f|etf)(?: ?'?s)?\b", re.IGNORECASE)
_DAY_ASKED = re.compile(r"\b(?:what|which) day\b|\bwhen (?:would|could|shall|are)\b")
_TIME_ASKED = re.compile(r"\b(?:what|which) time\b|\bat what\b")


def plain(text: str) -> str:
    """In lower case, with one kind of apostrophe, no commas and no full stops."""
    text = text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    text = re.sub(r"\b([ap])\.m\b\.?", r"\1m", text)
    return " ".join(re.sub(r"[,.!?;]+(?=\s|$)", " ", text).split())


def ending_in(text: str, caller: str) -> str | None:
    """What ends a call at once, a key of `sarah_words.ENDINGS`."""
    if re.search(rf"\b(?:not|no) {re.escape(caller.lower())}\b", text):
        return "wrong person"
    return _first(_ENDINGS, text)


def question_in(text: str) -> str | None:
    return _first(_QUESTIONS, text)


def objection_in(text: str) -> str | None:
    return _first(_OBJECTIONS, text)


def need_in(text: str) -> str | None:
    return _first(_NEEDS, text)


def inclined(text: str) -> bool | None:
    """Yes, no or neither, to a question that commits to nothing: the tone counts."""
    return True if _EAGER.search(text) else yes_in(text)


def asked_by(text: str) -> Wanted | None:
    """What an agent has asked for, a day or a time, from its words."""
    if _TIME_ASKED.search(text):
        return Wanted.TIME
    return Wanted.DAY if _DAY_ASKED.search(text) else None


def _first(table: _Table, text: str) -> str | None:
    for name, pattern in table:
        if pattern.search(text):
            return name
    return None


def spelled(text: str) -> str:
    """The recogniser takes ETF letter by letter."""
    return _ABBREVIATION.sub(
        lambda it: "ETFs" if it[0].lower().endswith("s") else "ETF", text
    )
