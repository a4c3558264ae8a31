"""Where ElevenLabs is reached."""

from __future__ import annotations

import pytest

from convai.elevenlabs.hosts import REGIONS, base_url


@pytest.mark.parametrize("region", REGIONS)
def test_a_region_is_a_host_of_the_provider(region):
    url = base_url(f" {region.upper()}\n")
    assert url == REGIONS[region]
    assert url.startswith("https://api.")
    assert url.endswith(".elevenlabs.io")
    assert base_url(url) == url


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://api.elevenlabs.io/", "https://api.elevenlabs.io"),
        ("wss://api.elevenlabs.io", "https://api.elevenlabs.io"),
        ("ws://127.0.0.1:8012/proxy/", "http://127.0.0.1:8012/proxy"),
        ("http://[::1]:1", "http://[::1]:1"),
    ],
)
def test_an_address_is_taken_as_it_is(text, url):
    assert base_url(text) == url


@pytest.mark.parametrize(
    "text",
    [
        "", "mars", "api.elevenlabs.io", "ftp://x", "http://[", "ws:", "http://x:0",
        "http://x:99999", "https://x/?a=b", "https://x/#y",
    ],
)  # fmt: skip
def test_what_is_neither_is_told(text):
    with pytest.raises(ValueError, match="must be a region .global, us, eu, in, sg."):
        base_url(text)
