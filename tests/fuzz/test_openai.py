"""Fuzzing the OpenAI codec.

Invariant: whatever a message is, `receive` returns events that can be written as JSON
and messages that a client may send, or raises AgentProtocolError; or another AgentError
for one of the few errors and failures that end a conversation, and nothing else.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

from convai.agent import AgentError, AgentLost, AgentProtocolError
from convai.brief import Brief
from convai.event_json import to_json
from convai.events import Interrupted, Speech, ToolCall
from convai.openai.codec import OpenAiCodec
from convai.profile import Profile
from tests.openai_schema import SERVER, Maker, check_client

SEED = 20261122
MESSAGES = 100_000
PER_CODEC = 500
"Messages that one codec takes: long enough to get into odd states."

ODD_VALUES = [
    None, True, False, 0, -1, 2**53, 10**400, 0.5, 1e308, "", "NaN", "\ud800", "\x00",
    "é", "A", "AAA=", "====", "insufficient_quota", "session_expired", [], {}, [[]],
    "conversation_already_has_active_response", "failed", {"": {}},
    [{"type": "function_call", "call_id": "c9", "name": "x", "arguments": "{"}],
]  # fmt: skip
ODD_TOKENS = [
    "NaN", "-Infinity", "1e999", "9" * 4301, '"\\ud800"', "[" * 2000, '{"a":' * 900,
    "tru", '"', "[" * 40 + "]" * 40, "}", "\\", ",", "\x00", "\ufeff", "\ud800", "01",
]  # fmt: skip
FATAL = {"agent-auth", "agent-quota", "agent-misconfigured", "agent-expired"}


class Fuzzer:
    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        maker = Maker(self.chance)
        made = [maker.server(kind) for kind in SERVER for _ in range(40)]
        self._texts = [json.dumps(message) for message in made]

    def messages(self, count: int) -> Iterator[str | bytes]:
        ways = [self._valid, self._value, self._key, self._token, self._bytes]
        for way in self.chance.choices(ways, [40, 25, 15, 10, 10], k=count):
            yield way()

    def _valid(self) -> str:
        return self.chance.choice(self._texts)

    def _value(self) -> str:
        """A valid message with one value replaced."""
        message = json.loads(self._valid())
        where = self.chance.choice(_objects(message))
        where[self.chance.choice(list(where))] = self.chance.choice(ODD_VALUES)
        return json.dumps(message)

    def _key(self) -> str:
        """A valid message with a key lost."""
        message = json.loads(self._valid())
        where = self.chance.choice(_objects(message))
        del where[self.chance.choice(list(where))]
        return json.dumps(message)

    def _token(self) -> str:
        """A valid text with something in it that JSON does not have, or hardly has."""
        text = self._valid()
        place = self.chance.randrange(len(text))
        return text[:place] + self.chance.choice(ODD_TOKENS) + text[place:]

    def _bytes(self) -> bytes:
        if self.chance.random() < 0.3:
            return self.chance.randbytes(self.chance.randrange(60))
        data = bytearray(self._valid().encode())
        data[self.chance.randrange(len(data))] = self.chance.randrange(256)
        return bytes(data)


def _objects(value: Any) -> list[dict[str, Any]]:
    """All objects in there that have a key."""
    found = [value] if isinstance(value, dict) and value else []
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        found += [inside for item in value for inside in _objects(item)]
    return found


def _sound(messages: list[str]) -> None:
    for message in messages:
        check_client(json.loads(message))


def _take(codec: OpenAiCodec, message: str | bytes, now: float, chance: Any) -> bool:
    """Whether it was accepted; the call answers what comes out, as calls do."""
    try:
        events, answers = codec.receive(message, now)
    except AgentProtocolError:
        return False
    except AgentError as error:
        kind = json.loads(message)["type"]
        failed_twice = kind == "response.done" and isinstance(error, AgentLost)
        assert error.code in FATAL or failed_twice
        assert kind in ("error", "response.done")
        return True
    _sound(answers)
    for event in events:
        text = json.dumps(to_json(event), allow_nan=False, ensure_ascii=False)
        text.encode()
        match event:
            case Speech(_, pcm):
                assert pcm
                assert len(pcm) % 2 == 0
            case Interrupted(reply):
                _sound(codec.cut(reply, chance.randrange(-5, 500)))
            case ToolCall(call_id):
                _sound(codec.answer(call_id, "done", chance.random() < 0.5))
    return True


def test_only_agent_errors_come_out():
    fuzzer = Fuzzer(SEED)
    chance = fuzzer.chance
    profile = Profile(name="fuzz", prompt="Hi", first_message="Hello")
    accepted = 0
    for round_ in range(MESSAGES // PER_CODEC):
        codec = OpenAiCodec(Brief(profile=profile))
        _sound(codec.opening())
        if round_ % 10:
            codec.receive('{"type": "session.updated", "session": {}}', 0.0)
        now = 0.0
        for message in fuzzer.messages(PER_CODEC):
            now += 0.05
            accepted += _take(codec, message, now, chance)
            if chance.random() < 0.05:
                _sound(codec.say("Hello?"))
            if chance.random() < 0.2:
                _sound(codec.audio(bytes(4800)))
        codec.closed(round_ * 10, "")
    # A fuzzer that is always refused, or never, tests nothing.
    assert MESSAGES * 0.2 < accepted < MESSAGES * 0.9
