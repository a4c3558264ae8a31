"""Tools on ElevenLabs' wire: the caller's side's, the provider's own, and MCP's. Pure.

A tool of ours is called and answered. A tool of the provider's own is only heard of
when it was used: `end_call` is how the agent hangs up. A tool of an MCP server runs at
the provider, too, but may want the person's consent first.
"""

from __future__ import annotations

import json
import logging

from .. import untrusted
from ..events import ApprovalAsked, Ended, Event, ToolCall
from ..untrusted import Fields

__all__ = ["Tools"]

_log = logging.getLogger(__name__)

_MOST_UNANSWERED = 256
"Tool calls remembered as wanting no answer; conversations have a handful."
_LONGEST_LOGGED = 200
"Characters: what a tool server says may be a page of HTML."

_MOST_LOGGED = 20
"Lines for one message."


class Tools:
    """What tools were asked for in one conversation."""

    def __init__(self) -> None:
        self.ended = False
        "The agent has said goodbye."
        self._unanswered: dict[str, None] = {}

    def answer(self, call_id: str, result: str, error: bool) -> list[str]:
        if call_id in self._unanswered:
            del self._unanswered[call_id]
            return []
        message = {
            "type": "client_tool_result",
            "tool_call_id": call_id,
            "result": result,
            "is_error": error,
        }
        return [json.dumps(message)]

    def call(self, message: Fields) -> list[Event]:
        call = untrusted.inner(message, "client_tool_call")
        call_id = untrusted.text(call, "tool_call_id")
        arguments = untrusted.plain(untrusted.optional_inner(call, "parameters"))
        if not untrusted.flag(call, "expects_response", default=True):
            self._unanswered[call_id] = None
            if len(self._unanswered) > _MOST_UNANSWERED:
                del self._unanswered[next(iter(self._unanswered))]
        return [ToolCall(call_id, untrusted.text(call, "tool_name"), arguments)]

    def response(self, message: Fields) -> list[Event]:
        result = untrusted.inner(message, untrusted.text(message, "type"))
        failed = untrusted.flag(result, "is_error", default=False)
        called = untrusted.flag(result, "is_called", default=True)
        name = untrusted.text(result, "tool_name")
        _log.info(
            "the agent's tool %.80r was %s",
            name,
            "used" if called and not failed else "failing" if called else "not called",
        )
        if name != "end_call" or failed or not called or self.ended:
            return []
        self.ended = True
        return [Ended("agent-ended")]

    def mcp(self, message: Fields) -> list[Event]:
        call = untrusted.inner(message, "mcp_tool_call")
        name, state = untrusted.text(call, "tool_name"), call.get("state")
        if state == "failure":
            why = untrusted.optional_text(call, "error_message")[:_LONGEST_LOGGED]
            _log.warning("the agent's MCP tool %.80r failed: %r", name, why)
        if state != "awaiting_approval":
            return []
        key = "approval_timeout_secs"
        limit_s = 0 if call.get(key) is None else untrusted.whole(call, key)
        asked = ApprovalAsked(
            id=untrusted.text(call, "tool_call_id"),
            name=name,
            description=untrusted.optional_text(call, "tool_description"),
            arguments=untrusted.plain(untrusted.optional_inner(call, "parameters")),
            limit_s=max(0.0, float(limit_s)),
        )
        return [asked]

    def connections(self, message: Fields) -> list[Event]:
        """Tool servers that cannot be reached are a matter for the log."""
        status = message.get("mcp_connection_status")
        listed = status.get("integrations") if isinstance(status, dict) else None
        for one in listed[:_MOST_LOGGED] if isinstance(listed, list) else []:
            if isinstance(one, dict) and one.get("is_connected") is False:
                named = untrusted.optional_text(one, "integration_id")
                _log.warning("the agent's MCP server %.80r is not connected", named)
        return []
