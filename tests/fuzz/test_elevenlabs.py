"""Fuzzing the ElevenLabs codec.

Invariant: whatever a message is, `receive` returns events that can be written as JSON
and answers that a client may send, or raises AgentProtocolError, and nothing else.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

from convai.agent import AgentProtocolError
from convai.elevenlabs.codec import ElevenLabsCodec
from convai.event_json import to_json
from convai.events import Speech
from tests.elevenlabs_schema import SERVER, Maker, check_client

SEED = 20261122
MESSAGES = 200_000
PER_CODEC = 500
"Messages that one codec takes: long enough to get into odd states."

ODD_VALUES = [
    None, True, False, 0, -1, 2**53, 10**400, -(10**30), 0.5, 5.0, 1e308, "", "0",
    "-1", "NaN", "\ud800", "\x00", "é", "A", "AAA=", "====", "end_call", [], {}, [[]],
    {"": {}},
]  # fmt: skip
ODD_TOKENS = [
    "NaN", "-Infinity", "Infinity", "1e999", "-1e999", "9" * 4301, "9" * 300,
    '"\\ud800"', '"\\udc00\\ud800"', "[" * 2000, '{"a":' * 2000, "tru", '"\x01"', '"',
    "[" * 40 + "]" * 40, '{"a":' * 900 + "1" + "}" * 900, "}", "\\", ",", "\x00",
    "\ufeff", "\ud800", "0x10", "'", "01", "-", "1.", ".5",
]  # fmt: skip


class Fuzzer:
    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        maker = Maker(self._chance)
        self._valid = [maker.server(kind) for kind in SERVER for _ in range(40)]
        self._valid_text = [json.dumps(message) for message in self._valid]

    def messages(self, count: int) -> Iterator[str | bytes]:
        ways = [self._value, self._key, self._token, self._letters, self._bytes]
        weights = [35, 15, 20, 20, 10]
        for way in self._chance.choices(ways, weights, k=count):
            yield way()

    def metadata(self) -> str:
        return json.dumps(
            Maker(self._chance).server("conversation_initiation_metadata")
        )

    def _value(self) -> str:
        """A valid message with one value replaced."""
        message = self._copy()
        where = self._chance.choice(_objects(message))
        where[self._chance.choice(list(where))] = self._chance.choice(ODD_VALUES)
        return json.dumps(message)

    def _key(self) -> str:
        """A valid message with a key lost, or found."""
        message = self._copy()
        where = self._chance.choice(_objects(message))
        if self._chance.random() < 0.7:
            del where[self._chance.choice(list(where))]
        else:
            where[self._chance.choice(["event_id", "is_final", "x"])] = 1
        return json.dumps(message)

    def _token(self) -> str:
        """A valid text with something in it that JSON does not have, or hardly has."""
        token = self._chance.choice(ODD_TOKENS)
        if self._chance.random() < 0.7:  # in place of a value
            message = self._copy()
            where = self._chance.choice(_objects(message))
            where[self._chance.choice(list(where))] = "TOKEN"
            return json.dumps(message).replace('"TOKEN"', token)
        text = self._chance.choice(self._valid_text)
        place = self._chance.randrange(len(text))
        return text[:place] + token + text[place:]

    def _letters(self) -> str:
        """A valid text with letters changed, lost or doubled."""
        letters = list(self._chance.choice(self._valid_text))
        for _ in range(self._chance.randint(1, 4)):
            place = self._chance.randrange(len(letters))
            letters[place] = self._chance.choice(
                ["", "0", '"', "{", "\\", "\ud83d", letters[place] * 2, "\u2028"]
            )
        return "".join(letters)

    def _bytes(self) -> bytes:
        if self._chance.random() < 0.5:
            return self._chance.randbytes(self._chance.randrange(60))
        data = bytearray(self._chance.choice(self._valid_text).encode())
        data[self._chance.randrange(len(data))] = self._chance.randrange(256)
        return bytes(data)

    def _copy(self) -> dict[str, Any]:
        return json.loads(self._chance.choice(self._valid_text))


def _objects(value: Any) -> list[dict[str, Any]]:
    """All objects in there that have a key."""
    found = [value] if isinstance(value, dict) and value else []
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        found += [inside for item in value for inside in _objects(item)]
    return found


def _is_sound(codec: ElevenLabsCodec, message: str | bytes, now: float) -> bool:
    """Whether the message was accepted. What comes out must be usable by others."""
    try:
        events, answers = codec.receive(message, now)
    except AgentProtocolError:
        return False
    for event in events:
        if isinstance(event, Speech):
            assert event.pcm
            assert len(event.pcm) % 2 == 0
        assert abs(getattr(event, "reply", 0)) < 2**53
        # As the page reads it: no NaN, no lone surrogate.
        text = json.dumps(to_json(event), allow_nan=False, ensure_ascii=False)
        text.encode()
    for answer in answers:
        check_client(json.loads(answer))
    return True


def test_only_protocol_errors_come_out():
    fuzzer = Fuzzer(SEED)
    accepted = 0
    for round_ in range(MESSAGES // PER_CODEC):
        codec = ElevenLabsCodec(story="agent: Hello.")
        if round_ % 10:
            codec.receive(fuzzer.metadata(), 0.0)
        for number, message in enumerate(fuzzer.messages(PER_CODEC)):
            accepted += _is_sound(codec, message, number / 20)
        error = codec.closed(round_ * 10, "")
        assert error is None or str(error)
    # A fuzzer that is always refused, or never, tests nothing.
    assert MESSAGES * 0.2 < accepted < MESSAGES * 0.8
