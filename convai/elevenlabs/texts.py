"""What ElevenLabs' errors mean, in sentences for people. Pure.

It names a kind of error in a message and gives a reason when it closes; the wording of
neither is for the person on the call. `told` finds the sentence that says what is wrong
and what to do, and keeps the provider's own words behind it. The embedded agent speaks
the same wire: sentences about what it may say, too, name no account.
"""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["REFUSALS", "Told", "refusal_code", "told"]

LONGEST = 500
"Characters of a provider's text that are kept: a paragraph, not a stack trace."

REFUSALS = {
    "agent-quota",
    "agent-override",
    "agent-auth",
    "agent-misconfigured",
    "agent-refused",
}
"Trying again does not help, whatever the close code: quota comes with 1002."


class Told(NamedTuple):
    """An error as people and programs are told it."""

    code: str
    text: str


_IN_WORDS = {
    "agent-quota": r"\bquota(?![a-z])",
    "agent-override": r"\boverrid",
    "agent-auth": r"\b(un)?auth(enticat\w+|oriz\w+)?\b|api[ _-]?key|signature"
    r"|allowlist|permission|origin header",
    "agent-misconfigured": r"misconfigured|dynamic variable",
    "agent-busy": r"concurren|too many (calls|connections|conversations|requests)",
}
"In this order: `Override for field ... is not allowed by config` names no key."

_UNKNOWN_AGENT = re.compile(
    r"(?=.*\bagent)(?=.*(not found|not exist|no such|unknown agent|http status 404))"
)

_ELSEWHERE = "or leave it out of the profile"

_BY_CODE = {
    "agent-quota": "The ElevenLabs account has nothing left for this conversation: "
    "check its plan and credits at elevenlabs.io.",
    "agent-override": "This agent does not allow overriding a setting: switch it on "
    f"under Security in the agent's settings, {_ELSEWHERE}.",
    "agent-auth": "ElevenLabs does not let this server in: check ELEVENLABS_API_KEY "
    "and its permissions, or the allowlist under Security in the agent's settings.",
    "agent-misconfigured": "The agent cannot work as it is set up: check its language "
    "model, voice and tools in the agent's settings at ElevenLabs.",
    "agent-busy": "Too many conversations are running at once: try again in a moment, "
    "or raise the account's concurrency limit.",
    "agent-time-limit": "The longest conversation that the agent allows is over: its "
    "settings say how long that is.",
}

_UNKNOWN = Told(
    "agent-refused",
    "ElevenLabs knows no such agent: check ELEVENLABS_AGENT_ID, or agent_id in the "
    "profile, and whether the key belongs to the agent's workspace.",
)
_VARIABLES = "agent-misconfigured"
_OWN_FAULT = "ElevenLabs had a fault of its own: try again."
_MODEL_FAILED = (
    "The agent's language model failed: if it happens again, choose another one in the "
    "agent's settings."
)

_BY_KIND = {
    "invalid_message": Told(
        "agent-refused",
        "The agent's service did not understand what it was sent: its protocol may "
        "have changed since this version of Parley.",
    ),
    "telephony_agent_error": Told(
        "agent-misconfigured",
        "The agent's telephone settings do not fit: check them in the agent's "
        "settings.",
    ),
    "mcp_tool_error": Told(
        "agent-misconfigured",
        "A tool server (MCP) of the agent failed: check it under Tools in the agent's "
        "settings.",
    ),
    "mcp_https_error": Told(
        "agent-misconfigured",
        "A tool server (MCP) of the agent cannot be reached: check its address under "
        "Tools in the agent's settings; it must be https.",
    ),
    "value_error": Told(
        "agent-misconfigured",
        "A value of the profile is none that ElevenLabs takes: the end of this text "
        "says which.",
    ),
    "missing_fields": Told(
        "agent-misconfigured",
        "Something that the agent needs was not given: the end of this text says what.",
    ),
    "safety_violation": Told(
        "agent-refused",
        "ElevenLabs ended the conversation because it breaks its rules of safety.",
    ),
    "llm_timeout": Told(
        "agent-error",
        "The agent's language model took too long to answer: if it happens again, "
        "choose a faster one in the agent's settings.",
    ),
    "transport_receive_timeout": Told(
        "agent-error", "The agent's service heard nothing from here for a minute."
    ),
    "llm_error": Told("agent-error", _MODEL_FAILED),
    "cascade_brain_error": Told("agent-error", _MODEL_FAILED),
    "custom_llm_error": Told(
        "agent-error",
        "The agent's own language model failed: check its address and key in the "
        "agent's settings.",
    ),
    "asr_transcription_error": Told(
        "agent-error", "ElevenLabs' speech recognition failed: try again."
    ),
    "vad_error": Told("agent-error", "ElevenLabs' speech detection failed: try again."),
    "turn_probability_error": Told(
        "agent-error", "ElevenLabs' turn detection failed: try again."
    ),
    "tts_cascade_error": Told(
        "agent-error",
        "The agent's voice failed: if it happens again, choose another voice or model "
        "in the agent's settings.",
    ),
    "http_exception": Told("agent-error", _OWN_FAULT),
    "asyncio_timeout": Told("agent-error", _OWN_FAULT),
    "redis_timeout_error": Told("agent-error", _OWN_FAULT),
    "unknown_websocket_crash": Told("agent-error", _OWN_FAULT),
}
"As the provider's published types name them; what is not here is told by its words."

_CODE_OF_KIND = {
    "override_error": "agent-override",
    "missing_dynamic_variable": _VARIABLES,
    "missing_dynamic_variable_transfer": _VARIABLES,
    "max_duration_exceeded": "agent-time-limit",
}


def refusal_code(words: str) -> str | None:
    """The code of a refusal that can be told from its words."""
    lowered = words.lower()
    for code, pattern in _IN_WORDS.items():
        if re.search(pattern, lowered):
            return code
    return _UNKNOWN.code if _UNKNOWN_AGENT.search(lowered) else None


def told(kind: str, words: str, code: str | None = None) -> Told:
    """An error of this kind (may be empty), with the provider's words (likewise).

    `code` is what is known beside them. Texts that went through here once may do so
    again: they stay as they are.
    """
    words = " ".join(words[:LONGEST].split())
    in_words = refusal_code(words)
    known = _BY_KIND.get(kind)
    if known is None or (known.code == "agent-error" and in_words in _why(kind)):
        found = _CODE_OF_KIND.get(kind) or in_words or code or "agent-error"
        known = Told(found, _sentence(found, kind, words))
    if not known.text or known.text in words:
        return Told(known.code, words or kind.replace("_", " ")[:LONGEST])
    return Told(known.code, f"{known.text} ({words})" if words else known.text)


def _why(kind: str) -> set[str]:
    """What explains a breakdown better than its kind does, if the words say so."""
    if kind == "custom_llm_error":  # its quota is not that of the ElevenLabs account
        return {"agent-misconfigured"}
    return {"agent-misconfigured", "agent-quota"}


def _sentence(code: str, kind: str, words: str) -> str:
    lowered = words.lower()
    if code == "agent-override" and (field := re.search(r"field '([\w.]+)'", words)):
        return (
            f"This agent does not allow overriding {field[1]}: switch it on under "
            f"Security in the agent's settings, {_ELSEWHERE}."
        )
    if _CODE_OF_KIND.get(kind) == _VARIABLES or "dynamic variable" in lowered:
        return (
            f"The agent's texts speak of {_names(words)} that this call does not "
            "give: set it under [variables] in the profile."
        )
    if code == _UNKNOWN.code:
        return _UNKNOWN.text if _UNKNOWN_AGENT.search(lowered) else ""
    return _BY_CODE.get(code, "")


def _names(words: str) -> str:
    """The variables that a text names: `{'a', 'b'}`, or `...: a, b`."""
    quoted = re.findall(r"['\"`](\w+)['\"`]", words)
    _, colon, last = words.rpartition(":")
    found = quoted or (re.findall(r"\w+", last) if colon else [])
    if not found:
        return "a variable"
    return f"the variable{'s' if len(found) > 1 else ''} {', '.join(found[:10])}"
