"""The real cost, from a local REST server whose records fit the official types."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from aiohttp import web
from elevenlabs.types import GetConversationResponseModel
from pydantic import TypeAdapter

from convai.events import Usage
from convai.providers import billing
from tests import virtual
from tests.rest_server import KEY, server

AT_ONCE = (0.0, 0.0, 0.0, 0.0)


def record(status: str = "done", **metadata: Any) -> dict[str, Any]:
    """A conversation's record, as the official client reads it."""
    made = {
        "agent_id": "agent_1",
        "conversation_id": "conv_1",
        "status": status,
        "metadata": {
            "start_time_unix_secs": 1_790_000_000,
            "call_duration_secs": 93,
            **metadata,
        },
        "has_audio": True,
        "has_user_audio": True,
        "has_response_audio": True,
        "has_auxiliary_audio": False,
        "transcript": [],
    }
    read = TypeAdapter(GetConversationResponseModel).validate_python(made)
    assert read.status == status
    return made


DONE = record(
    cost=412, cost_fiat=0.1432, charging={"llm_price": 0.0121, "tier": "creator"}
)
COST = Usage({"cost_usd": 0.1432, "credits": 412, "call_s": 93, "llm_usd": 0.0121})


class Records:
    """Answers in turn; the last one for good."""

    def __init__(self, *answers: tuple[int, Any]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    async def answer(self, request: web.Request) -> web.Response:
        assert request.method == "GET"
        assert request.headers["xi-api-key"] == KEY
        self.asked.append(request.raw_path)
        status, body = self.answers[min(len(self.asked), len(self.answers)) - 1]
        return web.json_response(body, status=status)


async def bill(records: Records, conversation: str = "conv_1") -> Usage | None:
    async with server(records.answer) as url:
        return await billing.bill(url, f" {KEY}\n", conversation, pauses_s=AT_ONCE)


async def test_a_record_that_is_ready():
    records = Records((200, DONE))
    assert await bill(records) == COST
    assert records.asked == ["/v1/convai/conversations/conv_1"]


NOT_YET = {"detail": {"status": "not_found", "message": "Conversation not found"}}


@pytest.mark.parametrize(
    "before",
    [
        (404, NOT_YET),
        (429, {}),
        (500, "broken"),
        (200, "no record"),
        (200, record("in-progress")),
        (200, record("processing", cost_fiat=0.01)),
    ],
)
async def test_it_is_asked_until_the_record_is_final(before):
    records = Records(before, before, (200, DONE))
    assert await bill(records) == COST
    assert len(records.asked) == 3


async def test_a_failed_conversation_costs_something_too():
    records = Records((200, record("failed", cost_fiat=0.02)))
    assert await bill(records) == Usage({"cost_usd": 0.02, "call_s": 93})


async def test_old_records_know_no_dollars():
    assert await bill(Records((200, record(cost=7)))) == Usage(
        {"credits": 7, "call_s": 93}
    )


@pytest.mark.parametrize("odd", [None, True, "5", -1, 1e300, [1], {}])
async def test_odd_amounts_are_left_out(odd):
    made = {"status": "done", "metadata": {"cost_fiat": odd, "charging": odd}}
    assert await bill(Records((200, made))) is None


async def test_a_refused_key_is_asked_once(caplog):
    detail = {"detail": {"message": f"Invalid API key {KEY}"}}
    records = Records((401, detail))
    assert await bill(records) is None
    assert len(records.asked) == 1
    assert "conv_1" in caplog.text
    assert "Invalid API key ***" in caplog.text


async def test_a_record_that_is_never_final_is_given_up(caplog):
    records = Records((200, record("processing")))
    assert await bill(records) is None
    assert len(records.asked) == len(AT_ONCE)
    assert "does not become final" in caplog.text


async def test_a_conversation_id_cannot_lead_elsewhere():
    records = Records((200, DONE))
    await bill(records, "../../v1/user?x=1#")
    assert records.asked == ["/v1/convai/conversations/..%2F..%2Fv1%2Fuser%3Fx=1%23"]


async def test_nobody_there(caplog):
    caplog.set_level(logging.DEBUG)
    url = "http://127.0.0.1:1"
    assert await billing.bill(url, KEY, "conv_1", pauses_s=AT_ONCE) is None
    assert "cannot be reached" in caplog.text
    assert KEY not in caplog.text


async def test_an_address_that_is_none():
    assert await billing.bill("nowhere", KEY, "conv_1", pauses_s=AT_ONCE) is None


def test_all_of_it_ends_within_a_minute():
    async def ask(monkeypatch: pytest.MonkeyPatch) -> tuple[float, int]:
        asked = 0

        async def slow(*args: Any, **kwargs: Any) -> dict[str, Any]:
            nonlocal asked
            asked += 1
            await asyncio.sleep(9)
            return {}

        monkeypatch.setattr(billing.rest, "get", slow)
        started = asyncio.get_running_loop().time()
        assert await billing.bill("eu", KEY, "conv_1") is None
        return asyncio.get_running_loop().time() - started, asked

    with pytest.MonkeyPatch.context() as patch:
        lasted, asked = virtual.run(ask(patch))
    assert lasted == pytest.approx(billing.LIMIT_S)
    assert asked == 4
