"""Usage: what is billed, and what is said when details are missing."""

from __future__ import annotations

from convai.openai.usage import of_response, of_transcription


def test_a_response_by_kind_of_token():
    usage = {
        "input_tokens": 150,
        "output_tokens": 60,
        "input_token_details": {
            "text_tokens": 100,
            "audio_tokens": 50,
            "cached_tokens": 90,
            "cached_tokens_details": {"text_tokens": 80, "audio_tokens": 10},
        },
        "output_token_details": {"text_tokens": 20, "audio_tokens": 40},
    }
    assert of_response(usage) == {
        "input_text_tokens": 100,
        "input_audio_tokens": 50,
        "cached_text_tokens": 80,
        "cached_audio_tokens": 10,
        "output_text_tokens": 20,
        "output_audio_tokens": 40,
    }


def test_without_details_all_is_the_dearest_and_marked():
    assert of_response({"input_tokens": 5, "output_tokens": 7}) == {
        "input_audio_tokens": 5,
        "output_audio_tokens": 7,
        "undetailed": 1,
    }
    half = {"input_token_details": {"text_tokens": 5, "cached_tokens": 3}}
    assert of_response(half)["undetailed"] == 1
    assert "cached_text_tokens" not in of_response(half)


def test_more_cannot_be_cached_than_there_was():
    cached = {"text_tokens": 9, "audio_tokens": 9}
    details = {"text_tokens": 5, "audio_tokens": 0, "cached_tokens_details": cached}
    amounts = of_response({"input_token_details": details})
    assert (amounts["cached_text_tokens"], amounts["cached_audio_tokens"]) == (5, 0)


def test_nonsense_is_nothing():
    for usage in (None, [], {}, {"input_tokens": -1}, {"output_tokens": True}):
        assert of_response(usage) == {}
        assert of_transcription(usage) == {}
    assert of_response({"output_tokens": float("inf")}) == {}


def test_transcription_by_seconds_or_by_tokens():
    seconds = {"type": "duration", "seconds": 1.5}
    assert of_transcription(seconds) == {"transcription_s": 1.5}
    tokens = {"type": "tokens", "input_tokens": 14, "output_tokens": 3}
    assert of_transcription(tokens) == {
        "transcription_input_tokens": 14,
        "transcription_output_tokens": 3,
    }
