"""What went wrong in an ElevenLabs conversation, as far as ElevenLabs says so.

It speaks up to three times: in an `error` or `client_error` message, in the close code
and in the close reason. Texts of the provider are shown to people as they are. The
codes made here, for `Trouble` and for errors:

    agent-quota         the account has nothing left
    agent-override      a setting was sent that the agent does not let callers change
    agent-auth          key, signature or allowlist
    agent-misconfigured the agent cannot work as it is set up
    agent-busy          too many conversations, or the queue's time was up
    agent-time-limit    the longest allowed conversation is over
    agent-error         anything else it reports while the connection is open
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .agent import AgentError, AgentLost, AgentRefused, AgentUnavailable
from .untrusted import Fields, optional_text

__all__ = ["Fault", "refusal_code", "verdict"]

_LONGEST = 500
"Characters of a provider's text that are kept: a paragraph, not a stack trace."

_IN_WORDS = {
    "agent-quota": r"\bquota\b",
    "agent-override": r"\boverride",
    "agent-auth": r"\b(un)?auth(enticat\w+|oriz\w+)?\b|api[ _-]?key|signature"
    r"|allowlist|permission|origin header",
    "agent-misconfigured": r"misconfigured",
    "agent-busy": r"concurren|too many (calls|connections|conversations|requests)",
}
"In this order: `Override for field ... is not allowed by config` names no key."

_BUSY = {3008, 4300}
"Seen, not documented: too many connections; the queue's time was up."
_REFUSALS = {"agent-quota", "agent-override", "agent-auth", "agent-misconfigured"}
"Trying again does not help, whatever the close code: quota comes with 1002."
_CLOSE_SAYS_NOTHING = {None, 1000, 1005, 1006}
"No close frame, no code, or a good end: then what was said before the close counts."


def refusal_code(words: str) -> str | None:
    """The code of a refusal that can be told from its words."""
    lowered = words.lower()
    for code, pattern in _IN_WORDS.items():
        if re.search(pattern, lowered):
            return code
    return None


@dataclass(frozen=True, slots=True)
class Fault:
    """One error message of the provider."""

    close: int | None
    "The WebSocket close code it announces."
    code: str
    text: str
    fatal: bool
    "False: the conversation may go on and may still end well."

    @classmethod
    def read(cls, message: Fields) -> Fault:
        """Both shapes: `error_event` with fields, or flat with a message only.

        Never raises: whatever can be read of an error is better than nothing.
        """
        fatal = message.get("type") == "error"
        event = message.get("error_event")
        if not isinstance(event, dict):
            words = optional_text(message, "message")[:_LONGEST]
            # "received 1002 (protocol error) This request exceeds your quota limit."
            seen = re.match(r"received (\d{4})\b", words)
            return cls(int(seen[1]) if seen else None, _code("", words), words, fatal)
        kind = optional_text(event, "error_type") or optional_text(event, "error_name")
        words = optional_text(event, "reason") or optional_text(event, "message")
        close = event.get("code")
        return cls(
            close=close if type(close) is int and 1000 <= close < 5000 else None,
            code=_code(kind, words),
            text=(words or kind)[:_LONGEST],
            fatal=fatal,
        )


def _code(kind: str, words: str) -> str:
    if kind == "max_duration_exceeded":
        return "agent-time-limit"
    return refusal_code(f"{kind} {words}") or "agent-error"


def verdict(fault: Fault | None, close: int | None, reason: str) -> AgentError | None:
    """What the end of the connection means; None is an end in good order."""
    fatal = fault if fault and fault.fatal else None
    code = refusal_code(reason) or (fault.code if fault else "agent-error")
    text = reason or (fault.text if fault else "") or _unexplained(close)
    if code == "agent-time-limit" and close in (None, 1000):
        return None
    if close == 1000 and fatal is None and code != "agent-quota":
        return None
    if fatal and fatal.close and close in _CLOSE_SAYS_NOTHING:
        close = fatal.close
    if code in _REFUSALS:
        return AgentRefused(text, code=code)
    if close in _BUSY or code == "agent-busy":
        return AgentUnavailable(text, code="agent-busy")
    if close == 1008:
        return AgentRefused(text)
    return AgentLost(text)


def _unexplained(close: int | None) -> str:
    how = "without a word" if close is None else f"with code {close}"
    return f"the agent closed the connection {how}"
