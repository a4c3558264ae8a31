"""The settings of the sound and its way: a part of `rtc.startup.settings`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from .option import About
from .values import IceServers, LocalAddress, blank_is_none

__all__ = ["MEDIA", "MediaSettings"]

MEDIA = "Media"
"Heading of the help."

_blank = BeforeValidator(blank_is_none)


class MediaSettings(BaseSettings):
    """Inherited by `Settings`, which says how they are read."""

    model_config = SettingsConfigDict(use_attribute_docstrings=True)

    ice_address: Annotated[
        LocalAddress | None,
        _blank,
        About(MEDIA, "an IP address of this machine", default="all addresses"),
    ] = None
    "The one address to send and take audio on."

    ice_servers: Annotated[
        IceServers,
        Field(repr=False),
        About(MEDIA, "a JSON list of RTCIceServer objects", quiet=True, default="[]"),
    ] = Field(default_factory=list)
    """STUN and TURN servers for the page. Every visitor can read them, so give
    short-lived credentials."""

    media: Annotated[Literal["lean", "stock"], About(MEDIA, "lean or stock")] = "lean"
    """Who carries the sound: Parley itself, or aiortc alone, which takes several times
    the CPU and loses more when packets are lost."""

    barge_in: Annotated[
        Literal["duck", "provider"], About(MEDIA, "duck or provider")
    ] = "duck"
    """When the caller speaks up, lower the agent's voice at once, or leave it to the
    provider alone to stop it."""

    agent_chunk_ms: Annotated[int, Field(ge=20, le=500), About(MEDIA, "20 to 500")] = 40
    "Milliseconds of sound that the agent is sent at a time."

    opus_bit_rate: Annotated[
        int, Field(ge=6_000, le=128_000), About(MEDIA, "6000 to 128000")
    ] = 32_000
    "Bits per second of the agent's voice."

    opus_complexity: Annotated[int, Field(ge=0, le=10), About(MEDIA, "0 to 10")] = 5
    "How hard the encoder works for the sound of the agent's voice."
