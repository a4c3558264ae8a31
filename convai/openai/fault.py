"""What an OpenAI error means. Pure.

Most errors leave the session open: races that do no harm, and messages of ours that
came too late. Some end it, and then trying again helps or does not. Codes made here:

    agent-auth          the key is not accepted
    agent-quota         the account has nothing left
    agent-misconfigured model or settings that the account or the model does not have
    agent-busy          more than the account may use at a time
    agent-expired       the session was as long as sessions may be: a new one goes on
    agent-error         anything else
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ..agent import AgentError, AgentLost, AgentRefused, AgentUnavailable
from ..untrusted import Fields, optional_text

__all__ = ["Fault", "at_the_door", "verdict"]

_LONGEST = 500
"Characters of OpenAI's text that are kept: a paragraph, not a stack trace."

_CODES = {
    "insufficient_quota": "agent-quota",
    "billing_hard_limit_reached": "agent-quota",
    "invalid_api_key": "agent-auth",
    "account_deactivated": "agent-auth",
    "model_not_found": "agent-misconfigured",
    "beta_api_shape_disabled": "agent-misconfigured",
    "session_expired": "agent-expired",
    "rate_limit_exceeded": "agent-busy",
    "inference_rate_limit_exceeded": "agent-busy",
}
_REFUSALS = {"agent-auth", "agent-quota", "agent-misconfigured"}
"Trying again does not help."
_HARMLESS = {
    "response_cancel_not_active",
    "input_audio_buffer_commit_empty",
    "item_truncate_invalid_item_id",
    "item_delete_invalid_item_id",
    "unsupported_content_type",
}
"Races between what was heard and what the server knew."
_IN_REASON = {
    r"maximum duration|session_expired": "agent-expired",
    r"invalid_api_key": "agent-auth",
    r"insufficient_quota|billing_hard_limit": "agent-quota",
    r"beta_api_shape": "agent-misconfigured",
}
_CLOSES = {1001: "agent-expired", 3000: "agent-auth", 4000: "agent-misconfigured"}


@dataclass(frozen=True, slots=True)
class Fault:
    """One error of OpenAI."""

    native: str
    "OpenAI's own code, or kind where there is none."
    text: str
    about: str = ""
    "Event id of the message that is to blame."

    @classmethod
    def read(cls, error: Any) -> Fault:
        """Never raises: whatever can be read of an error is better than nothing."""
        if not isinstance(error, dict):
            return cls("", "the agent reported an error")
        native = optional_text(error, "code") or optional_text(error, "type")
        text = optional_text(error, "message") or native
        param = optional_text(error, "param")
        if param and param not in text:
            text = f"{text} ({param})"
        about = optional_text(error, "event_id")
        shown = text[:_LONGEST] or "the agent reported an error"
        return cls(native[:80], shown, about)

    @classmethod
    def of_response(cls, response: Fields) -> Fault | None:
        """Why a response failed; None for one that did not."""
        if response.get("status") != "failed":
            return None
        details = response.get("status_details")
        return cls.read(details.get("error") if isinstance(details, dict) else None)

    @property
    def code(self) -> str:
        return _CODES.get(self.native, "agent-error")

    @property
    def collision(self) -> bool:
        """There is a response already."""
        return self.native == "conversation_already_has_active_response"

    @property
    def harmless(self) -> bool:
        return self.native in _HARMLESS or "already shorter than" in self.text

    def fatal(self) -> AgentError | None:
        """What ends a running conversation, if this does."""
        if self.code in _REFUSALS:
            return AgentRefused(self.text, code=self.code)
        if self.code == "agent-expired":
            return AgentLost(self.text, code=self.code)
        return None

    def at_start(self) -> AgentError:
        """What it means before the session was ready: there will be none.

        With settings that were not accepted, the agent would speak with a persona and
        a voice that nobody chose.
        """
        if self.code in ("agent-busy", "agent-expired"):
            return AgentUnavailable(self.text, code=self.code)
        if self.native == "server_error":
            return AgentUnavailable(self.text)
        if self.code in _REFUSALS:
            return AgentRefused(self.text, code=self.code)
        text = f"OpenAI does not accept the session's settings: {self.text}"
        return AgentRefused(text, code="agent-misconfigured")


def at_the_door(error: AgentUnavailable) -> AgentUnavailable:
    """What an HTTP answer in place of a connection means; it comes with words only.

    An empty account looks like a busy one: both are status 429.
    """
    text = str(error)
    if re.search(r"\bquota\b|\bbilling\b", text):
        return AgentRefused(text, code="agent-quota")
    if error.code == "agent-refused" and re.search(r"\bmodel\b", text):
        return AgentRefused(text, code="agent-misconfigured")
    return error


def verdict(close: int | None, reason: str) -> AgentError | None:
    """What the end of the connection means; None is an end in good order."""
    if close == 1000:
        return None
    found = (code for words, code in _IN_REASON.items() if re.search(words, reason))
    code = next(found, _CLOSES.get(close or 0, "agent-lost"))
    text = reason[:_LONGEST] or _unexplained(close)
    if code in _REFUSALS:
        return AgentRefused(text, code=code)
    return AgentLost(text, code=code)


def _unexplained(close: int | None) -> str:
    how = "without a word" if close is None else f"with code {close}"
    return f"the agent's server closed the connection {how}"
