from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias

import httpx
import pytest
from aiohttp import web
from elevenlabs.client import ElevenLabs

from convai.elevenlabs.brief import EVENTS
from convai.provision import account
from convai.provision.__main__ import main
from tests.fake_rest import CreateAgent, FakeRest, Fault, check, check_tool
from tests.tree import ROOT

OTTO = """
title = "Otto"
prompt = "You are Otto. Today is {{today}}, you call {{caller_name}}."
first_message = "Hi {{caller_name}}!"
language = "en"
temperature = 0.7
tools = ["book_meeting", "end_call"]
[voice]
id = "21m00Tcm4TlvDq8ikWAM"
stability = 0.65
similarity = 0.75
[variables]
caller_name = "Nat"
[elevenlabs]
llm = "gpt-4o"
turn_timeout_s = 8
max_duration_s = 900
events = ["vad_score"]
"""

Ran: TypeAlias = tuple[int, str, str]
"Exit status, stdout, stderr."
Run: TypeAlias = Callable[..., Awaitable[Ran]]


@pytest.fixture
async def fake() -> AsyncIterator[FakeRest]:
    async with FakeRest() as fake:
        yield fake


@pytest.fixture
def otto(tmp_path: Path) -> Path:
    path = tmp_path / "otto.toml"
    path.write_text(OTTO)
    return path


@pytest.fixture
def run(fake: FakeRest, capsys: pytest.CaptureFixture[str]) -> Run:
    async def run(*arguments: object, **environ: str) -> Ran:
        base = {"ELEVENLABS_API_KEY": f"{fake.key}\n", "ELEVENLABS_BASE_URL": fake.url}
        words = [str(argument) for argument in arguments]
        status = await asyncio.to_thread(main, words, base | environ)
        out, err = capsys.readouterr()
        assert fake.key not in out + err
        return status, out, err

    return run


async def made(run: Run, otto: Path) -> str:
    status, out, _ = await run(otto)
    assert status == 0
    return out.rpartition("ELEVENLABS_AGENT_ID=")[2].strip()


def config(fake: FakeRest, agent_id: str) -> Any:
    return fake.agents[agent_id]["conversation_config"]


async def test_make_an_agent(fake: FakeRest, run: Run, otto: Path) -> None:
    status, out, err = await run(otto)
    assert (status, err) == (0, "")
    [agent_id] = fake.agents
    assert out.endswith(
        f"Made agent {agent_id}. To talk with it:\n"
        f"export ELEVENLABS_AGENT_ID={agent_id}\n"
    )
    assert "Warning" not in out
    agent = fake.agents[agent_id]
    assert agent["name"] == "Otto"
    assert agent["platform_settings"]["auth"]["enable_auth"] is True
    found = config(fake, agent_id)
    assert found["agent"]["first_message"] == "Hi {{caller_name}}!"
    assert found["agent"]["prompt"]["llm"] == "gpt-4o"
    assert found["agent"]["prompt"]["temperature"] == 0.7
    assert found["agent"]["prompt"]["built_in_tools"]["end_call"]
    assert found["tts"]["agent_output_audio_format"] == "pcm_24000"
    assert found["tts"]["stability"] == 0.65
    assert found["turn"]["turn_timeout"] == 8
    assert found["turn"]["turn_eagerness"] == "normal"
    assert found["conversation"]["max_duration_seconds"] == 900
    assert set(found["conversation"]["client_events"]) == {*EVENTS, "vad_score"}
    variables = found["agent"]["dynamic_variables"]["dynamic_variable_placeholders"]
    assert variables.keys() == {"today", "weekday", "now", "zone", "caller_name"}
    allowed = agent["platform_settings"]["overrides"]["conversation_config_override"]
    assert allowed["agent"]["first_message"] and allowed["agent"]["prompt"]["prompt"]
    assert allowed["tts"]["voice_id"] and "speed" not in allowed["tts"]
    [tool] = fake.tools.values()
    assert found["agent"]["prompt"]["tool_ids"] == [tool["id"]]
    assert tool["tool_config"]["name"] == "book_meeting"


async def test_the_second_time_there_is_nothing_to_change(
    fake: FakeRest, run: Run, otto: Path
) -> None:
    agent_id = await made(run, otto)
    fake.requests.clear()
    status, out, err = await run(otto, "--agent-id", agent_id)
    assert (status, out, err) == (0, "Nothing to change.\n", "")
    assert not fake.writes


async def test_a_dry_run_shows_and_writes_nothing(
    fake: FakeRest, run: Run, otto: Path
) -> None:
    status, out, _ = await run(otto, "--dry-run")
    assert status == 0 and not fake.writes and not fake.agents
    assert "Tool book_meeting (new):" in out and "export" not in out
    assert '  conversation_config.tts.voice_id = "21m00Tcm4TlvDq8ikWAM"' in out

    agent_id = await made(run, otto)
    otto.write_text(OTTO.replace("0.65", "0.7").replace("turn_timeout_s = 8", ""))
    fake.requests.clear()
    status, out, _ = await run(otto, "--agent-id", agent_id, "--dry-run")
    assert status == 0 and not fake.writes
    assert out == (
        f"Agent ({agent_id}):\n"
        "  conversation_config.tts.stability: 0.65 -> 0.7\n"
        "Dry run: nothing was changed.\n"
    )


async def test_only_what_the_profile_says_is_changed(
    fake: FakeRest, run: Run, otto: Path
) -> None:
    agent_id = await made(run, otto)
    theirs = config(fake, agent_id)
    theirs["agent"]["dynamic_variables"]["dynamic_variable_placeholders"]["x"] = 1
    theirs["conversation"]["client_events"].append("context_usage")
    theirs["agent"]["prompt"]["built_in_tools"]["skip_turn"] = {"name": "skip_turn"}
    theirs["tts"]["agent_output_audio_format"] = "pcm_48000"
    fake.agents[agent_id]["name"] = "Renamed"
    before = {**config(fake, agent_id)}
    otto.write_text(OTTO.replace("Hi {{", "Hello {{").replace('"Nat"', '"Ann"'))
    fake.requests.clear()
    status, out, _ = await run(otto, "--agent-id", agent_id)
    assert status == 0 and "Warning" not in out and "export" not in out
    [(method, path, body)] = fake.writes
    assert (method, path) == ("PATCH", f"/v1/convai/agents/{agent_id}")
    variables = body["conversation_config"]["agent"].pop("dynamic_variables")
    assert body == {"conversation_config": {"agent": {"first_message": HELLO}}}
    assert variables["dynamic_variable_placeholders"]["x"] == 1
    after = config(fake, agent_id)
    assert fake.agents[agent_id]["name"] == "Renamed"
    for part in ("asr", "turn", "tts", "conversation"):
        assert after[part] == before[part]
    assert after["agent"]["prompt"] == before["agent"]["prompt"]


HELLO = "Hello {{caller_name}}!"


async def test_a_name_and_a_format_can_be_asked_for(
    fake: FakeRest, run: Run, otto: Path
) -> None:
    agent_id = await made(run, otto)
    await run(
        *(otto, "--agent-id", agent_id, "--name", "Otto II"),
        *("--output-format", "pcm_48000"),
    )
    assert fake.agents[agent_id]["name"] == "Otto II"
    assert config(fake, agent_id)["tts"]["agent_output_audio_format"] == "pcm_48000"


async def test_the_agent_may_be_named_in_the_profile(
    fake: FakeRest, run: Run, otto: Path
) -> None:
    agent_id = await made(run, otto)
    mine = OTTO.replace("[elevenlabs]", f'[elevenlabs]\nagent_id = "{agent_id}"')
    otto.write_text(mine)
    assert (await run(otto))[1] == "Nothing to change.\n"


async def test_no_second_agent_of_one_name_by_accident(
    fake: FakeRest, run: Run, otto: Path
) -> None:
    agent_id = await made(run, otto)
    status, _, err = await run(otto)
    assert status == 1 and f"--agent-id {agent_id}" in err
    status, _, _ = await run(otto, "--name", "Otto B")
    assert status == 0 and len(fake.agents) == 2
    assert len(fake.tools) == 1  # both have the same one


async def test_tools_are_found_on_later_pages(
    fake: FakeRest, run: Run, otto: Path
) -> None:
    """And those of others, with the same name or one like it, stay as they are."""
    agent_id = await made(run, otto)
    [mine] = fake.tools
    for number in range(7):
        name = "book_meeting" if number % 2 else "book_meeting_room"
        other = {**fake.tools[mine]["tool_config"], "name": name, "description": "?"}
        fake.tools[f"other_{number}"] = {"id": f"other_{number}", "tool_config": other}
    fake.tools[mine] = fake.tools.pop(mine)  # the last of all
    fake.tools[mine]["tool_config"]["description"] = "Old."
    before = {**fake.tools}
    status, out, _ = await run(otto, "--agent-id", agent_id)
    assert status == 0 and f"Tool book_meeting ({mine}):" in out
    assert fake.tools[mine]["tool_config"]["description"].startswith("Book a meeting")
    del before[mine]
    assert all(fake.tools[key] == tool for key, tool in before.items())


async def test_ones_own_function_becomes_a_client_tool(
    fake: FakeRest, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "parley_test_provision.py").write_text(
        "from typing import Literal\n"
        "def price(symbol: str, side: Literal['buy', 'sell'] = 'buy') -> float:\n"
        "    'Tell the price of a stock.'\n    return 1.0\n"
        "def either(x: int | str) -> str:\n    'Do.'\n    return ''\n"
    )
    path = tmp_path / "x.toml"
    path.write_text('tools = ["parley_test_provision:price"]')
    status, out, _ = await run("x", "--profiles", tmp_path)
    assert status == 0, out
    [tool] = fake.tools.values()
    assert tool["tool_config"]["parameters"]["properties"] == {
        "symbol": {"type": "string", "description": "symbol"},
        "side": {"type": "string", "description": "side", "enum": ["buy", "sell"]},
    }
    path.write_text('tools = ["parley_test_provision:either"]')
    status, _, err = await run(path, "--name", "y")
    assert status == 2 and "x: ElevenLabs knows no either-or" in err
    assert len(fake.agents) == 1


async def test_another_language_gets_a_model_that_speaks_it(
    fake: FakeRest, run: Run, otto: Path
) -> None:
    otto.write_text(OTTO.replace('language = "en"', 'language = "de"'))
    agent_id = await made(run, otto)
    assert config(fake, agent_id)["tts"]["model_id"] == "eleven_flash_v2_5"


async def test_shipped_profiles_can_be_provisioned(fake: FakeRest, run: Run) -> None:
    names = [path.stem for path in (ROOT / "convai" / "profiles").glob("*.toml")]
    assert names
    for name in names:
        status, out, err = await run(name)
        assert (status, err) == (0, "") and "Warning" not in out, out


async def test_what_is_left_out_or_missing_is_said(run: Run, otto: Path) -> None:
    voice = "[voice]\nstyle = 0.2"
    otto.write_text(OTTO.replace("[voice]", voice).replace("{{today}}", "{{to_day}}"))
    _, out, _ = await run(otto, "--dry-run")
    assert "Left out: voice.style" in out
    assert "Warning: nothing fills {{to_day}}" in out


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            (401, {"detail": {"message": "Invalid API key xi-secret-123456789"}}),
            "does not accept the key in ELEVENLABS_API_KEY for this: Invalid API key",
        ),
        (
            (404, {"detail": {"status": "agent_not_found"}}),
            "there is no such agent in this account: agent_not_found",
        ),
        (
            (422, {"detail": [{"loc": ["body", "a", 0], "msg": "bad"}]}),
            "does not take these settings (HTTP status 422): a.0: bad",
        ),
        ((400, {"detail": "no"}), "does not take these settings (HTTP status 400): no"),
        ((429, {}), "is asked too often; try again later"),
        ((500, [1]), "has trouble (HTTP status 500); try again later"),
        ((302, {}), "has trouble (HTTP status 302)"),
        ((200, [1]), "answers with something that is no JSON object"),
        ((422, {"detail": [1, {"loc": 3}, {}]}), "is wrong; is wrong"),
        ((400, {"detail": {"message": ["x" * 9999]}}), "status 400"),
    ],
)
async def test_refusals_are_told_in_words(
    fake: FakeRest, run: Run, otto: Path, answer: Any, said: str
) -> None:
    fake.status = answer
    status, _, err = await run(otto, "--agent-id", "agent_9")
    assert status == 1 and err.startswith("error: ") and said in err
    assert len(err) < 1000 and err.count("\n") == 1


async def test_real_refusals(fake: FakeRest, run: Run, otto: Path) -> None:
    status, _, err = await run(otto, "--agent-id", "agent_9/../x")
    assert status == 1 and "no such agent" in err
    status, _, err = await run(otto, ELEVENLABS_API_KEY="xi-other-987654321")
    assert status == 1 and "ELEVENLABS_API_KEY" in err and "987654321" not in err
    otto.write_text(OTTO.replace("0.75", "0.75\nspeed = 3.5"))
    status, _, err = await run(otto)
    assert status == 1 and "conversation_config.tts.speed: not 0.7 to 1.2" in err
    otto.write_text(OTTO.replace("vad_score", "wind_score"))
    status, _, err = await run(otto)
    assert status == 1 and "client_events" in err
    assert not fake.agents and len(fake.tools) == 1


async def test_nobody_there(run: Run, otto: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        status, _, err = await run(otto, "--base-url", url)
    assert status == 1 and "127.0.0.1 cannot be reached: Connect" in err


async def test_somebody_who_says_nothing(
    run: Run, otto: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account, "DEADLINE_S", 0.1)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        status, _, err = await run(otto, "--base-url", url)
    assert status == 1 and "no answer within 0.1 seconds" in err


async def test_an_answer_without_end(run: Run, otto: Path) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        try:
            while True:
                await answer.write(b" " * 2**20)
        except ConnectionError:
            return answer

    app = web.Application()
    app.router.add_get("/{tail:.*}", endless)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"ws://127.0.0.1:{runner.addresses[0][1]}"
        status, _, err = await run(otto, "--base-url", url)
    finally:
        await runner.cleanup()
    assert status == 1 and "longer than any agent" in err


@pytest.mark.parametrize(
    ("environ", "status", "said"),
    [
        ({"ELEVENLABS_API_KEY": " "}, 2, "ELEVENLABS_API_KEY is not set"),
        ({"ELEVENLABS_API_KEY": "a\nb"}, 1, "characters that no key has"),
        ({"ELEVENLABS_API_KEY": "ключ"}, 1, "characters that no key has"),
        ({"ELEVENLABS_BASE_URL": "api.elevenlabs.io"}, 1, "must be a region"),
        ({"ELEVENLABS_BASE_URL": "http://[::1"}, 1, "must be a region"),
    ],
)
async def test_a_wrong_environment(
    run: Run, otto: Path, environ: dict[str, str], status: int, said: str
) -> None:
    found, out, err = await run(otto, **environ)
    assert (found, out) == (status, "") and said in err


async def test_the_key_may_be_in_a_file(
    fake: FakeRest,
    otto: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(otto.parent)
    monkeypatch.delenv("ELEVENLABS_API_KEY", raising=False)
    monkeypatch.setenv("ELEVENLABS_BASE_URL", fake.url)
    assert await asyncio.to_thread(main, ["otto.toml"]) == 2
    Path(".env").write_text(
        f"# mine\nELEVENLABS_API_KEY={fake.key}\nELEVENLABS_BASE_URL=us\nrubbish\n"
    )
    assert await asyncio.to_thread(main, ["otto.toml"]) == 0  # the environment wins
    assert len(fake.agents) == 1
    assert await asyncio.to_thread(main, ["otto"]) == 2  # by its name, in `profiles`
    Path("profiles").mkdir()
    Path("otto.toml").rename("profiles/otto.toml")
    assert (
        await asyncio.to_thread(main, ["otto", "--agent-id", "agent_0001", "--dry-run"])
        == 0
    )
    Path("profiles/otto.toml").rename("otto.toml")
    Path(".env").write_bytes(b"\xff")
    assert await asyncio.to_thread(main, ["otto.toml"]) == 2
    out, err = capsys.readouterr()
    assert fake.key not in out + err


async def test_a_wrong_profile(run: Run, otto: Path) -> None:
    status, out, err = await run("nobody")
    assert status == 2 and "there is no profile nobody; there are: default" in err
    otto.write_text("tools = ['fly']")
    status, out, err = await run(otto)
    assert status == 2 and "there is no tool fly" in err
    otto.write_text("temperature = 'hot'")
    status, out, err = await run(otto)
    assert status == 2 and "temperature: input should be a valid number" in err


async def test_it_is_a_command(fake: FakeRest, otto: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "convai.provision", str(otto), "--dry-run"),
        cwd=ROOT,
        env={
            **os.environ,
            "ELEVENLABS_API_KEY": fake.key,
            "ELEVENLABS_BASE_URL": fake.url,
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    assert process.returncode == 0, out.decode()
    assert b"Dry run: nothing was changed." in out and not fake.writes


async def test_the_official_client_reads_what_was_written(
    fake: FakeRest, run: Run, otto: Path
) -> None:
    agent_id = await made(run, otto)
    with httpx.Client() as http:
        client = ElevenLabs(base_url=fake.url, api_key=fake.key, httpx_client=http)
        agents = client.conversational_ai.agents
        agent = await asyncio.to_thread(agents.get, agent_id)
        # ... and writes what the stand-in takes, and we then put right.
        other: Any = {"tts": {"stability": 0.1}}
        await asyncio.to_thread(agents.update, agent_id, conversation_config=other)
    assert agent.conversation_config.tts.stability == 0.65
    prompt = agent.conversation_config.agent.prompt
    assert prompt.built_in_tools.end_call.params.system_tool_type == "end_call"
    _, out, _ = await run(otto, "--agent-id", agent_id)
    assert "conversation_config.tts.stability: 0.1 -> 0.65" in out


@pytest.mark.parametrize(
    "config",
    [
        {"agent": {"promt": "x"}},
        {"agent": {"prompt": "x"}},
        {"agent": {"dynamic_variables": {"a": 1}}},
        {"tts": {"model_id": "eleven_nine"}},
        {"tts": {"stability": "0.5"}},
        {"turn": {"turn_timeout": True}},
        {"conversation": {"client_events": ["wind_score"]}},
        {"conversation": {"max_duration_seconds": 60.5}},
    ],
)
def test_the_stand_in_is_strict_about_agents(config: Any) -> None:
    with pytest.raises(Fault):
        check(CreateAgent, {"conversation_config": config})


def test_the_stand_in_is_strict_about_tools() -> None:
    fine = {"type": "client", "name": "x", "description": "y"}
    check_tool({"tool_config": fine})
    for wrong in (
        {"colour": "red"},
        {"expects_response": "yes"},
        {"response_timeout_secs": 0},
        {"description": None},
        {"tool_error_handling_mode": "loudly"},
        {"parameters": {"type": "object", "properties": {"a": {"type": "string"}}}},
        {"parameters": {"type": "object", "properties": {"a": {"type": "date"}}}},
        {"parameters": {"type": "object", "title": "x"}},
    ):
        with pytest.raises(Fault):
            check_tool({"tool_config": fine | wrong})
