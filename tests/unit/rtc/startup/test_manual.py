from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from rtc.startup import manual
from rtc.startup.__main__ import main
from rtc.startup.settings import OPTIONS, Settings

ROOT = Path(__file__).resolve().parents[4]


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_names_every_setting(
    flag: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        Settings.load(["--port", "wrong", flag], {"PARLEY_WRONG": "1"})
    text = capsys.readouterr().out
    assert end.value.code == 0
    assert max(map(len, text.splitlines())) < 80
    flat = " ".join(text.split())
    for option in OPTIONS:
        secret = option.about.secret
        name = option.variable if secret else f"{option.flag} VALUE or"
        assert f"{name} " in flat
        assert f"Allowed: {option.about.allowed}." in flat
        assert option.description in flat
        if option.default:
            assert f"Default: {option.default}." in flat


def test_every_setting_says_what_it_is() -> None:
    for option in OPTIONS:
        assert option.description.endswith("."), option.name
        assert option.about.allowed, option.name
        assert option.default or option.name in {
            "elevenlabs_api_key",
            "elevenlabs_agent_id",
            "openai_api_key",
            "meeting_webhook_secret",
            "meeting_webhook_url",
            "smtp_url",
            "history_password",
            "nats_url",
        }


def test_groups_are_not_torn_apart() -> None:
    headings = [line for line in manual.help_text(OPTIONS).splitlines() if line]
    for group in {option.about.group for option in OPTIONS}:
        assert headings.count(group) == 1


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        Settings.load(["--version"], {})
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert capsys.readouterr().out == f"parley {project['version']}\n"
    assert end.value.code == 0


def test_examples_are_those_that_the_code_writes() -> None:
    env, toml = ROOT / ".env.example", ROOT / "parley.example.toml"
    assert env.read_text() == manual.env_example(OPTIONS), (
        "run: python -m rtc.startup env > .env.example"
    )
    assert toml.read_text() == manual.toml_example(OPTIONS), (
        "run: python -m rtc.startup toml > parley.example.toml"
    )


def test_examples_uncommented_are_the_defaults(tmp_path: Path) -> None:
    """Every line of the examples is one that the server takes."""

    def uncommented(text: str) -> str:
        lines = text.splitlines()
        return "\n".join(line[1:] if line[1:2] != " " else line for line in lines)

    env = uncommented(manual.env_example(OPTIONS))
    (tmp_path / ".env").write_text(env)
    assert Settings.load([], {}, tmp_path).model_dump() == Settings().model_dump()
    (tmp_path / ".env").unlink()
    (tmp_path / "parley.toml").write_text(uncommented(manual.toml_example(OPTIONS)))
    assert Settings.load([], {}, tmp_path).model_dump() == Settings().model_dump()


def test_the_command_writes_each_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["table"]) == 0
    assert capsys.readouterr().out == manual.table(OPTIONS)
    assert main(["nonsense"]) == 2
    assert "table|env|toml" in capsys.readouterr().err
