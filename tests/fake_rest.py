"""A strict stand-in for ElevenLabs' REST side of agents and tools, on loopback.

    async with FakeRest() as fake:
        ... base_url=fake.url, key=fake.key ...
        assert fake.agents[agent_id]["name"] == "Sarah"

Every body must fit the types of the official client, without keys that these do not
know, and must come out of them as it went in. It keeps what it is given, adds what the
real one adds by itself, and hands it back. `status` answers everything with an error.
"""

from __future__ import annotations

import json
from types import NoneType, UnionType
from typing import Any, ForwardRef, Literal, Union, get_args, get_origin

import pydantic
from aiohttp import web
from elevenlabs import types
from elevenlabs.types import tool_request_model_tool_config as tool_types

from tests.loopback import Loopback

__all__ = ["CreateAgent", "FakeRest", "Fault", "check", "check_tool"]

MASKED = {
    ("AgentConfig", "dynamic_variables"): types.DynamicVariablesConfig,
}
"Fields that the client's types leave open although a type for them is there."


class Fault(Exception):
    """A body that the real one would answer with 422."""

    def __init__(self, path: tuple[str, ...], why: str) -> None:
        super().__init__(f"{'.'.join(path)}: {why}")
        self.path, self.why = path, why


class CreateAgent(pydantic.BaseModel):
    """As the arguments of the client's `agents.create`."""

    conversation_config: types.ConversationalConfig
    platform_settings: types.AgentPlatformSettingsRequestModel | None = None
    name: str | None = None
    tags: list[str] | None = None


class ChangeAgent(CreateAgent):
    """As the arguments of `agents.update`."""

    conversation_config: types.ConversationalConfig | None = None  # type: ignore[assignment]
    version_description: str | None = None


def check(annotation: Any, value: Any, path: tuple[str, ...] = ()) -> None:
    """Raises Fault unless the value is of the type, to the letter."""
    origin, inside = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        _check_union(inside, value, path)
    elif isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel):
        _check_model(annotation, value, path)
    elif origin is Literal:
        _want(value in inside, path, f"not one of {inside}")
    elif origin is list:
        _want(isinstance(value, list), path, "not a list")
        for index, item in enumerate(value):
            check(inside[0], item, (*path, str(index)))
    elif origin is dict:
        _want(isinstance(value, dict), path, "not an object")
        for key, item in value.items():
            check(inside[1], item, (*path, key))
    elif hasattr(annotation, "__metadata__"):
        check(inside[0], value, path)
    elif annotation is float:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        _want(number, path, "not a number")
    elif annotation is not Any:
        assert not isinstance(annotation, ForwardRef), annotation
        _want(type(value) is annotation, path, f"not {annotation}")


def _check_union(options: tuple[Any, ...], value: Any, path: tuple[str, ...]) -> None:
    # `Literal[...] | Any` is how the client takes what a later server may say.
    if any(get_origin(option) is Literal for option in options):
        options = tuple(option for option in options if option is not Any)
    if value is None and NoneType in options:
        return
    faults = []
    for option in options:
        if option is NoneType:
            continue
        try:
            return check(option, value, path)
        except Fault as fault:
            faults.append(fault)
    # The deepest one is of the option that was meant.
    raise max(faults, key=lambda fault: len(fault.path))


def _check_model(
    model: type[pydantic.BaseModel], value: Any, path: tuple[str, ...]
) -> None:
    _want(isinstance(value, dict), path, "not an object")
    fields = model.model_fields
    for key in value:
        _want(key in fields, (*path, key), "no such key")
    for key, field in fields.items():
        if key in value:
            kind = MASKED.get((model.__name__, key), field.annotation)
            if value[key] is not None or field.is_required():
                check(kind, value[key], (*path, key))
        else:
            _want(not field.is_required(), (*path, key), "missing")
    back = model.model_validate(value).model_dump(mode="json", exclude_unset=True)
    _want(_covers(back, value), path, "does not survive the client's types")


def _covers(back: Any, value: Any) -> bool:
    if isinstance(value, dict):
        return all(key in back and _covers(back[key], value[key]) for key in value)
    return bool(back == value)


def _want(fine: bool, path: tuple[str, ...], why: str) -> None:
    if not fine:
        raise Fault(path, why)


class FakeRest(Loopback):
    """One account."""

    def __init__(self, key: str = "xi-secret-123456789") -> None:
        app = web.Application(middlewares=[self._guard])
        app.router.add_post("/v1/convai/agents/create", self._create_agent)
        app.router.add_get("/v1/convai/agents", self._list_agents)
        app.router.add_get("/v1/convai/agents/{id}", self._get_agent)
        app.router.add_patch("/v1/convai/agents/{id}", self._change_agent)
        app.router.add_get("/v1/convai/tools", self._list_tools)
        app.router.add_post("/v1/convai/tools", self._create_tool)
        app.router.add_patch("/v1/convai/tools/{id}", self._change_tool)
        super().__init__(app)
        self.key = key
        self.agents: dict[str, dict[str, Any]] = {}
        self.tools: dict[str, dict[str, Any]] = {}
        self.requests: list[tuple[str, str, Any]] = []
        "(method, path, body), in order."
        self.status: tuple[int, Any] | None = None
        "An error to answer every request with: status and body."

    @property
    def writes(self) -> list[tuple[str, str, Any]]:
        return [request for request in self.requests if request[0] != "GET"]

    @web.middleware
    async def _guard(self, request: web.Request, handler: Any) -> web.StreamResponse:
        body = await request.json() if request.can_read_body else None
        self.requests.append((request.method, request.path, body))
        if self.status is not None:
            status, text = self.status
            return web.json_response(text, status=status)
        if request.headers.get("xi-api-key") != self.key:
            detail = {"status": "invalid_api_key", "message": "Invalid API key"}
            return web.json_response({"detail": detail}, status=401)
        if body is not None:
            assert request.content_type == "application/json"
        try:
            return await handler(request)
        except Fault as fault:
            detail = [{"loc": ["body", *fault.path], "msg": fault.why, "type": "x"}]
            return web.json_response({"detail": detail}, status=422)

    async def _create_agent(self, request: web.Request) -> web.Response:
        body = await request.json()
        check(CreateAgent, body)
        agent_id = f"agent_{len(self.agents) + 1:04}"
        agent = _deep(_new_agent(agent_id), body)
        self._check_agent(agent)
        self.agents[agent_id] = agent
        return web.json_response({"agent_id": agent_id})

    async def _get_agent(self, request: web.Request) -> web.Response:
        return self._shown(self.agents.get(request.match_info["id"]))

    async def _change_agent(self, request: web.Request) -> web.Response:
        agent_id = request.match_info["id"]
        if agent_id not in self.agents:
            return self._shown(None)
        body = await request.json()
        check(ChangeAgent, body)
        agent = _deep(self.agents[agent_id], body)
        self._check_agent(agent)
        self.agents[agent_id] = agent
        return self._shown(agent)

    async def _list_agents(self, request: web.Request) -> web.Response:
        found = [
            {"agent_id": agent["agent_id"], "name": agent["name"]}
            for agent in self.agents.values()
            if request.query.get("search", "") in agent["name"]
        ]
        return self._page(request, "agents", found)

    async def _list_tools(self, request: web.Request) -> web.Response:
        found = [
            tool
            for tool in self.tools.values()
            if tool["tool_config"]["name"].startswith(request.query.get("search", ""))
            and request.query.get("types") in (None, tool["tool_config"]["type"])
        ]
        return self._page(request, "tools", found)

    async def _create_tool(self, request: web.Request) -> web.Response:
        return self._written(f"tool_{len(self.tools) + 1:04}", await request.json())

    async def _change_tool(self, request: web.Request) -> web.Response:
        tool_id = request.match_info["id"]
        if tool_id not in self.tools:
            return self._shown(None)
        return self._written(tool_id, await request.json())

    def _written(self, tool_id: str, body: dict[str, Any]) -> web.Response:
        check_tool(body)
        tool = {"id": tool_id, "tool_config": _deep(NEW_TOOL, body["tool_config"])}
        self.tools[tool_id] = tool
        return self._shown(tool)

    def _page(
        self, request: web.Request, key: str, found: list[dict[str, Any]]
    ) -> web.Response:
        """Two at a time, whatever was asked for: who turns no pages misses some."""
        at = int(request.query.get("cursor", 0))
        more = at + 2 < len(found)
        cursor = str(at + 2) if more else None
        page = {key: found[at : at + 2], "has_more": more, "next_cursor": cursor}
        return self._shown(page)

    def _shown(self, fields: dict[str, Any] | None) -> web.Response:
        if fields is None:
            detail = {"status": "agent_not_found", "message": "Document not found"}
            return web.json_response({"detail": detail}, status=404)
        return web.json_response(fields)

    def _check_agent(self, agent: dict[str, Any]) -> None:
        """Rules that are in no type."""
        config = agent["conversation_config"]
        tts, prompt = config["tts"], config["agent"]["prompt"]
        at = ("conversation_config",)
        _want("tools" not in prompt, at, "tools are named by tool_ids")
        for tool_id in prompt["tool_ids"]:
            _want(tool_id in self.tools, (*at, "tool_ids"), f"no tool {tool_id}")
        for key in ("stability", "similarity_boost"):
            _want(0 <= tts[key] <= 1, (*at, "tts", key), "not from 0 to 1")
        _want(0.7 <= tts["speed"] <= 1.2, (*at, "tts", "speed"), "not 0.7 to 1.2")
        english = config["agent"]["language"] == "en"
        multilingual = not tts["model_id"].endswith("_v2")
        _want(english or multilingual, at, "The agent config is invalid.")


def check_tool(body: dict[str, Any]) -> None:
    _want(body.keys() <= {"tool_config", "response_mocks"}, (), "no such key")
    config = body.get("tool_config", {})
    at = ("tool_config",)
    _want(config.get("type") == "client", at, "only client tools are made here")
    check(tool_types.ToolRequestModelToolConfig_Client, config, at)
    seconds = config.get("response_timeout_secs", 20)
    _want(1 <= seconds <= 120, (*at, "response_timeout_secs"), "not from 1 to 120")
    if config.get("parameters") is not None:
        _check_described(config["parameters"], (*at, "parameters"))


def _check_described(schema: dict[str, Any], path: tuple[str, ...]) -> None:
    """A single value has one source; here it is the model, told by a description."""
    if schema.get("type") == "object":
        for key, inside in (schema.get("properties") or {}).items():
            _check_described(inside, (*path, key))
        known = (schema.get("properties") or {}).keys()
        _want(set(schema.get("required") or ()) <= known, path, "required what is not")
    elif schema.get("type") == "array":
        _check_described(schema["items"], (*path, "items"))
    else:
        _want(bool(schema.get("description")), path, "has no description")


NEW_TOOL: dict[str, Any] = {
    "disable_interruptions": False,
    "interruption_mode": "allow",
    "assignments": [],
    "tool_call_sound": None,
    "execution_mode": "immediate",
}


def _new_agent(agent_id: str) -> dict[str, Any]:
    """What an agent is before anything is said about it."""
    return json.loads(
        json.dumps(
            {
                "agent_id": agent_id,
                "name": "New agent",
                "conversation_config": {
                    "asr": {
                        "quality": "high",
                        "provider": "elevenlabs",
                        "user_input_audio_format": "pcm_16000",
                        "keywords": [],
                    },
                    "turn": {
                        "turn_timeout": 7.0,
                        "turn_eagerness": "normal",
                        "silence_end_call_timeout": -1.0,
                    },
                    "tts": {
                        "model_id": "eleven_flash_v2",
                        "voice_id": "cjVigY5qzO86Huf0OWal",
                        "agent_output_audio_format": "pcm_16000",
                        "stability": 0.5,
                        "speed": 1.0,
                        "similarity_boost": 0.8,
                    },
                    "conversation": {
                        "text_only": False,
                        "max_duration_seconds": 600,
                        "client_events": ["audio", "interruption"],
                    },
                    "agent": {
                        "first_message": "",
                        "language": "en",
                        "dynamic_variables": {"dynamic_variable_placeholders": {}},
                        "prompt": {
                            "prompt": "",
                            "llm": "gemini-2.5-flash",
                            "temperature": 0.0,
                            "tool_ids": [],
                            "built_in_tools": {"end_call": None, "skip_turn": None},
                        },
                    },
                },
                "platform_settings": {
                    "auth": {"enable_auth": False, "allowlist": []},
                    "overrides": {
                        "custom_llm_extra_body": False,
                        "conversation_config_override": {
                            "agent": {
                                "first_message": False,
                                "language": False,
                                "prompt": {"prompt": False, "llm": False},
                            },
                            "tts": {"voice_id": False, "stability": False},
                            "conversation": {"text_only": True},
                        },
                    },
                },
                "metadata": {"created_at_unix_secs": 1, "updated_at_unix_secs": 1},
            }
        )
    )


WHOLE = {"dynamic_variable_placeholders", "properties"}
"Maps with keys of the user's own: what is written replaces what was there."


def _deep(old: Any, new: Any, key: str = "") -> Any:
    """What PATCH makes of an agent: what is not mentioned stays."""
    if not (isinstance(old, dict) and isinstance(new, dict)) or key in WHOLE:
        return new
    return {**old, **{k: _deep(old.get(k), v, k) for k, v in new.items()}}
