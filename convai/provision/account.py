"""An ElevenLabs account over REST: its agents and its tools.

AccountError    the account could not be read or written; the text is for people
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self, TypeAlias
from urllib.parse import quote

import aiohttp

from ..elevenlabs import hosts
from ..endpoint import Endpoint

__all__ = ["Account", "AccountError", "Answer"]

Answer: TypeAlias = dict[str, Any]

DEADLINE_S = 30.0
"Of one request; writing an agent takes the provider a second or two."
LARGEST_ANSWER = 8 * 1024 * 1024
"Bytes. An agent with a long prompt and a workflow has some hundred thousand."
PAGE = 100
"Tools in one answer: the most there may be."
MOST_PAGES = 20
LONGEST_WORDS = 600
"Characters of the provider's own explanation that are shown."


class AccountError(Exception):
    """The account could not be read or written. Never holds the key."""


class Account:
    """Used as a context. Everything raises AccountError."""

    def __init__(self, base_url: str, key: str) -> None:
        """Raises AccountError for an address or a key that cannot be one."""
        try:
            self._base = hosts.base_url(base_url)
        except ValueError as error:
            raise AccountError(f"ELEVENLABS_BASE_URL {error}") from None
        key = key.strip()  # pasted keys come with a line break
        if not key.isascii() or not key.isprintable():
            raise AccountError("the API key has characters that no key has")
        self._secret = Endpoint(self._base, headers={"xi-api-key": key})
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=DEADLINE_S)
        self._session = aiohttp.ClientSession(timeout=timeout)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def agent(self, agent_id: str) -> Answer:
        return await self._ask("GET", _agent(agent_id))

    async def agents_named(self, name: str) -> list[str]:
        """Their ids."""
        found = await self._pages("/v1/convai/agents", "agents", {"search": name})
        return [it["agent_id"] for it in found if it.get("name") == name]

    async def create_agent(self, body: Mapping[str, Any]) -> str:
        """Its id."""
        answer = await self._ask("POST", "/v1/convai/agents/create", body)
        return _id(answer, "agent_id")

    async def change_agent(self, agent_id: str, body: Mapping[str, Any]) -> Answer:
        return await self._ask("PATCH", _agent(agent_id), body)

    async def tools_named(self, name: str) -> list[Answer]:
        """Client tools, each as `{"id", "tool_config", ...}`."""
        query = {"search": name, "types": "client"}
        return [
            it
            for it in await self._pages("/v1/convai/tools", "tools", query)
            if _config(it).get("name") == name and _config(it).get("type") == "client"
        ]

    async def create_tool(self, config: Mapping[str, Any]) -> str:
        """Its id."""
        body = {"tool_config": config}
        return _id(await self._ask("POST", "/v1/convai/tools", body), "id")

    async def change_tool(self, tool_id: str, config: Mapping[str, Any]) -> None:
        path = f"/v1/convai/tools/{quote(tool_id, safe='')}"
        await self._ask("PATCH", path, {"tool_config": config})

    async def _pages(
        self, path: str, key: str, query: Mapping[str, str]
    ) -> list[Answer]:
        found: list[Answer] = []
        query = {**query, "page_size": str(PAGE)}
        for _ in range(MOST_PAGES):
            answer = await self._ask("GET", path, query=query)
            page = answer.get(key)
            found += [it for it in page or () if isinstance(it, dict)]
            if not (answer.get("has_more") and answer.get("next_cursor")):
                break
            query = {**query, "cursor": str(answer["next_cursor"])}
        return found

    async def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        assert self._session is not None, "use it as a context"
        try:
            async with self._session.request(
                method,
                f"{self._base}{path}",
                json=body,
                params=query,
                headers=self._secret.headers,
                allow_redirects=False,  # aiohttp would take the key along anywhere
            ) as answer:
                data = await _read(answer)
                return self._understood(answer.status, data, path)
        except (aiohttp.ClientError, OSError) as error:
            raise AccountError(self._unreachable(error)) from None

    def _understood(self, status: int, data: bytes, path: str) -> Answer:
        try:
            fields = json.loads(data)
        except (ValueError, RecursionError):
            fields = None
        if status == HTTPStatus.OK and isinstance(fields, dict):
            return fields
        words = self._secret.scrub(_words(fields))
        raise AccountError(f"{_meaning(status, self._secret.host, path)}{words}")

    def _unreachable(self, error: Exception) -> str:
        # Texts of other errors may hold more than a person should see.
        why = "it breaks off"
        if isinstance(error, TimeoutError):
            why = f"no answer within {DEADLINE_S:g} seconds"
        elif isinstance(error, aiohttp.ClientConnectorError):
            why = error.os_error.strerror or "no connection"
        return f"{self._secret.host} cannot be reached: {why}"


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    data = bytearray()
    async for piece in answer.content.iter_chunked(64 * 1024):
        data += piece
        if len(data) > LARGEST_ANSWER:
            raise AccountError("the answer is longer than any agent")
    return bytes(data)


def _agent(agent_id: str) -> str:
    return f"/v1/convai/agents/{quote(agent_id, safe='')}"


def _config(tool: Answer) -> Answer:
    config = tool.get("tool_config")
    return config if isinstance(config, dict) else {}


def _id(answer: Answer, key: str) -> str:
    found = answer.get(key)
    if not isinstance(found, str) or not found:
        raise AccountError("the answer names no id of what was made")
    return found


def _meaning(status: int, host: str, path: str) -> str:
    """What a status means here, ready for the provider's own words to follow."""
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return f"{host} does not accept the key in ELEVENLABS_API_KEY for this"
    if status == HTTPStatus.NOT_FOUND and path.startswith("/v1/convai/agents/"):
        return "there is no such agent in this account"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return f"{host} is asked too often; try again later"
    if status == HTTPStatus.OK:
        return f"{host} answers with something that is no JSON object"
    if 400 <= status < 500:
        return f"{host} does not take these settings (HTTP status {status})"
    return f"{host} has trouble (HTTP status {status}); try again later"


def _words(fields: Any) -> str:
    """`: ` and what the provider says, in any of the shapes it has for that."""
    detail = fields.get("detail") if isinstance(fields, dict) else None
    if isinstance(detail, list):
        said = "; ".join(_one(it) for it in detail if isinstance(it, dict))
    elif isinstance(detail, dict):
        said = str(detail.get("message") or detail.get("status") or "")
    else:
        said = detail if isinstance(detail, str) else ""
    return f": {' '.join(said.split())[:LONGEST_WORDS]}" if said else ""


def _one(fault: Mapping[str, Any]) -> str:
    """One of a validation error's list: where, and what."""
    place = fault.get("loc")
    steps = [str(step) for step in place] if isinstance(place, list) else []
    where = ".".join(steps[1:] if steps[:1] == ["body"] else steps)
    what = str(fault.get("msg") or "is wrong")
    return f"{where}: {what}" if where else what
