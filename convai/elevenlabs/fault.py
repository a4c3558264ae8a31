"""What went wrong in an ElevenLabs conversation, as far as ElevenLabs says so. Pure.

It speaks up to three times: in an `error` or `client_error` message, in the close code
and in the close reason. `texts` has the sentences for people. The codes made
here, for `Trouble` and for errors:

    agent-quota         the account has nothing left
    agent-override      a setting was sent that the agent does not let callers change
    agent-auth          key, signature or allowlist
    agent-misconfigured the agent cannot work as it is set up
    agent-refused       something else that trying again does not help
    agent-busy          too many conversations, or the queue's time was up
    agent-time-limit    the longest allowed conversation is over
    agent-error         anything else it reports while the connection is open
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..agent import AgentError, AgentLost, AgentRefused, AgentUnavailable
from ..untrusted import Fields, optional_text
from .texts import REFUSALS, told

__all__ = ["QUEUE_TIMED_OUT", "Fault", "at_the_door", "verdict"]

_BUSY = {3008, 4300}
"Seen, not documented: too many connections; the queue's time was up."
_CLOSE_SAYS_NOTHING = {None, 1000, 1005, 1006}
"No close frame, no code, or a good end: then what was said before the close counts."


@dataclass(frozen=True, slots=True)
class Fault:
    """One error message of the provider."""

    close: int | None
    "The WebSocket close code it announces."
    code: str
    text: str
    "For people."
    fatal: bool
    "False: the conversation may go on and may still end well."
    kind: str = ""
    "The provider's name for it."

    @classmethod
    def read(cls, message: Fields) -> Fault:
        """Both shapes: `error_event` with fields, or flat with a message only.

        Never raises: whatever can be read of an error is better than nothing.
        """
        fatal = message.get("type") == "error"
        event = message.get("error_event")
        if not isinstance(event, dict):
            words = optional_text(message, "message")
            # "received 1002 (protocol error) This request exceeds your quota limit."
            seen = re.match(r"received (\d{4})\b", words)
            code, text = told("", words)
            return cls(int(seen[1]) if seen else None, code, text, fatal)
        kind = optional_text(event, "error_type") or optional_text(event, "error_name")
        words = optional_text(event, "reason") or optional_text(event, "message")
        code, text = told(kind, words)
        close = event.get("code")
        valid = type(close) is int and 1000 <= close < 5000
        return cls(close if valid else None, code, text, fatal, kind)


QUEUE_TIMED_OUT = Fault(
    close=4300,
    code="agent-busy",
    text="No agent became free in time: as many conversations are running as may run "
    "at once. Try again later.",
    fatal=True,
)


def verdict(fault: Fault | None, close: int | None, reason: str) -> AgentError | None:
    """What the end of the connection means; None is an end in good order."""
    fatal = fault if fault and fault.fatal else None
    code, text = _told_last(fault, reason)
    if code == "agent-time-limit" and close in (None, 1000):
        return None
    if close == 1000 and fatal is None and code != "agent-quota":
        return None
    if fatal and fatal.close and close in _CLOSE_SAYS_NOTHING:
        close = fatal.close
    text = text or _unexplained(close)
    if code in REFUSALS:
        return AgentRefused(text, code=code)
    if close in _BUSY or code == "agent-busy":
        return AgentUnavailable(text, code="agent-busy")
    if close == 1008:
        return AgentRefused(text)
    return AgentLost(text)


def _told_last(fault: Fault | None, reason: str) -> tuple[str, str]:
    """The close reason, in the light of the error before it, if there was one."""
    if not fault:
        return told("", reason)
    if not reason or reason in fault.text:
        return fault.code, fault.text
    return told(fault.kind, reason, fault.code)


def at_the_door(error: AgentUnavailable) -> AgentUnavailable:
    """The same for a refusal by HTTP, before there was a conversation."""
    code, text = told("", str(error), error.code)
    kind = AgentRefused if code in REFUSALS else type(error)
    return kind(text, code=code)


def _unexplained(close: int | None) -> str:
    how = "without a word" if close is None else f"with code {close}"
    return f"the agent closed the connection {how}"
