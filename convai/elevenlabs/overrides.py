"""What one ElevenLabs conversation does differently from its agent's settings. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..untrusted import Fields

__all__ = ["Overrides", "only_set"]


def only_set(**fields: Any) -> Fields:
    """The fields that are not None."""
    return {key: value for key, value in fields.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """What this conversation does differently from the agent's own settings.

    None is not sent. Each field that is sent needs its permission on the agent
    (Security tab, all off by default), otherwise the provider ends the conversation.
    """

    first_message: str | None = None
    "Empty: the agent waits for the caller to speak first."
    prompt: str | None = None
    language: str | None = None
    "Two letters, as `de`."
    llm: str | None = None
    voice_id: str | None = None
    stability: float | None = None
    "0 to 1."
    similarity_boost: float | None = None
    "0 to 1."
    speed: float | None = None
    "0.7 to 1.2 for most voices; 1 is the voice's own pace."
    keywords: tuple[str, ...] | None = None
    "Words that the recogniser should expect."
    user_id: str | None = None
    dynamic_variables: Mapping[str, str | float | bool] = field(
        default_factory=dict, repr=False
    )
    "Values for `{{name}}` in the prompt; may be private. Needs no permission."

    def config(self) -> Fields:
        """`conversation_config_override`: only what is set, no empty objects."""
        prompt = only_set(prompt=self.prompt, llm=self.llm)
        agent = only_set(
            first_message=self.first_message,
            language=self.language,
            prompt=prompt or None,
        )
        tts = only_set(
            voice_id=self.voice_id,
            stability=self.stability,
            similarity_boost=self.similarity_boost,
            speed=self.speed,
        )
        asr = only_set(keywords=self.keywords)
        return only_set(
            agent=agent or None,
            tts=tts or None,
            asr=asr or None,
        )
