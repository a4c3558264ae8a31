from __future__ import annotations

import contextlib
import io
import string
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rtc.startup.settings import OPTIONS, Settings, SettingsError
from rtc.startup.values import Pair

AGENT = {"ELEVENLABS_AGENT_ID": "agent_1"}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test may find a parley.toml or .env of the person who runs it."""
    monkeypatch.chdir(tmp_path)


def refusal(
    *argv: str, cwd: Path = Path("empty"), environ: dict[str, str] | None = None
) -> str:
    with pytest.raises(SettingsError) as caught:
        Settings.load(argv, environ or {}, cwd)
    message = str(caught.value)
    assert message == message.strip() != ""
    assert len(message.splitlines()) == 1
    return message


# --- values -------------------------------------------------------------------------


def test_defaults() -> None:
    found = Settings.load([], {})
    assert (found.host, found.port, found.tls) == ("0.0.0.0", 8443, "self")
    assert found.certificates == Path(".cache/certificates")
    assert (found.agent, found.profile) == (("local",), "default")
    assert found.recordings == Path("recordings")
    assert found.ice_address is None and found.ice_servers == []
    assert found.models is None
    assert (found.max_calls, found.max_call_s, found.drain_s) == (100, 3600, 10)
    assert found.setup_timeout_s == 15
    assert found.silence_timeout_s < 10, "a vanished caller is noticed within 10 s"
    assert found.elevenlabs_base_url == "https://api.elevenlabs.io"
    assert found.unused() == []
    assert (found.meeting_confirm, found.meeting_delay_s) == ("auto", 30)
    assert found.meeting_desk == () and found.outbox is None


def test_nothing_outside_is_read_without_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARLEY_PORT", "1")
    monkeypatch.setenv("PORT", "1")
    monkeypatch.setenv("HOST", "1.1.1.1")
    (tmp_path / ".env").write_text("PARLEY_PORT=2")
    (tmp_path / "parley.toml").write_text("port = 3")
    assert (Settings().port, Settings().host) == (8443, "0.0.0.0")
    assert Settings.load([], {}, tmp_path / "empty").port == 8443


def test_each_place_beats_the_next(tmp_path: Path) -> None:
    def port(*argv: str, **environ: str) -> int:
        return Settings.load(argv, environ, tmp_path).port

    assert port() == 8443
    (tmp_path / "parley.toml").write_text("port = 1\nmax_calls = 7")
    assert port() == 1
    (tmp_path / ".env").write_text("PARLEY_PORT=2")
    assert port() == 2
    assert port(PARLEY_PORT="3") == 3
    assert port("--port", "4", PARLEY_PORT="3") == 4
    assert port("--port=4", "--port=5", PARLEY_PORT="3") == 5
    assert Settings.load(["--port=4"], {}, tmp_path).max_calls == 7


def test_a_named_toml_file_replaces_the_usual_one(tmp_path: Path) -> None:
    (tmp_path / "parley.toml").write_text("port = 1")
    (tmp_path / "other.toml").write_text('port = 2\ntls = "off"')
    for found in (
        Settings.load(["--config", "other.toml"], {}, tmp_path),
        Settings.load([], {"PARLEY_CONFIG": "other.toml"}, tmp_path),
    ):
        assert (found.port, found.tls) == (2, "off")
    (tmp_path / ".env").write_text("PARLEY_CONFIG=other.toml")
    assert Settings.load([], {}, tmp_path).port == 2


def test_an_empty_value_in_toml_counts_as_not_set(tmp_path: Path) -> None:
    (tmp_path / "parley.toml").write_text('agent = ""\nhost = ""')
    assert Settings.load([], AGENT, tmp_path).agent == ("elevenlabs",)


def test_an_empty_variable_counts_as_not_set(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PARLEY_PORT=9\nPARLEY_HOST=")
    environ = {"PARLEY_PORT": "", "ELEVENLABS_AGENT_ID": "", "OPENAI_API_KEY": ""}
    found = Settings.load([], environ, tmp_path)
    assert (found.port, found.agent, found.unused()) == (9, ("local",), [])


def test_the_agents_follow_what_is_set_up() -> None:
    key = {"OPENAI_API_KEY": "test-key"}
    assert Settings.load([], AGENT).agent == ("elevenlabs",)
    assert Settings.load([], key).agent == ("openai",)
    assert Settings.load([], AGENT | key).agent == ("elevenlabs", "openai")
    assert Settings.load(["--agent=local"], AGENT | key).agent == ("local",)
    assert Settings.load(["--elevenlabs-agent-id=a"], {}).agent == ("elevenlabs",)


def test_agents_may_be_several(tmp_path: Path) -> None:
    both = ("openai", "local")
    assert Settings.load(["--agent", "openai, local"], {}).agent == both
    (tmp_path / "parley.toml").write_text('agent = ["openai", "local"]')
    assert Settings.load([], {}, tmp_path).agent == both


def test_desks_are_addresses(tmp_path: Path) -> None:
    both = ("ann@example.com", "desk@localhost")
    given = "ann@EXAMPLE.com , desk@localhost,ann@example.com"
    assert Settings.load(["--meeting-desk", given], {}).meeting_desk == both
    (tmp_path / "parley.toml").write_text(f"meeting_desk = {list(both)}")
    assert Settings.load([], {}, tmp_path).meeting_desk == both
    assert (
        Settings.load([], {"PARLEY_MEETING_DESK": ""}, Path("empty")).meeting_desk == ()
    )


def test_where_people_reach_the_server() -> None:
    for text, url in (
        ("https://calls.example/parley/", "https://calls.example/parley"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost", "http://localhost"),
    ):
        assert Settings.load(["--public-url", text], {}).public_url == url


def test_elevenlabs_is_reached_by_region_or_url() -> None:
    eu = Settings.load(["--elevenlabs-base-url", "eu"], {}).elevenlabs_base_url
    assert eu == "https://api.eu.residency.elevenlabs.io"
    own = Settings.load(["--elevenlabs-base-url", "http://a:1/"], {})
    assert own.elevenlabs_base_url == "http://a:1"


def test_own_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/house")
    found = Settings.load(["--tls", "~/c.pem:k.pem"], {})
    assert found.tls == Pair(Path("/house/c.pem"), Path("k.pem"))


def test_ice_servers_from_text_and_from_toml(tmp_path: Path) -> None:
    server = {"urls": ["turn:t.example:3478"], "username": "u", "credential": "c"}
    text = '[{"urls": ["turn:t.example:3478"], "username": "u", "credential": "c"}]'
    assert Settings.load(["--ice-servers", text], {}).ice_servers == [server]
    (tmp_path / "parley.toml").write_text(
        '[[ice_servers]]\nurls = ["turn:t.example:3478"]\n'
        'username = "u"\ncredential = "c"\n'
    )
    assert Settings.load([], {}, tmp_path).ice_servers == [server]


def test_dotenv_understands_quotes_and_leaves_dollars_alone(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "# comment\nexport PARLEY_PORT='9000'\nOTHER=1\nSMTP_URL=smtp://u:$HOME@h\n",
        encoding="utf-8-sig",
    )
    found = Settings.load([], {}, tmp_path)
    assert found.port == 9000
    assert found.smtp_url is not None
    assert found.smtp_url.get_secret_value() == "smtp://u:$HOME@h"


def test_unused_settings_are_named_as_written(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("NATS_URL=nats://localhost:4222")
    found = Settings.load([], {"SMTP_URL": "smtp://localhost"}, tmp_path)
    assert found.unused() == ["NATS_URL in .env"]


def test_a_setting_found_wrong_later_is_named_as_written() -> None:
    found = Settings.load([], {"PARLEY_PORT": "9000"})
    assert str(found.wrong("port", "is taken")) == "PARLEY_PORT: is taken"
    assert str(found.wrong("tls", "no key\nthere")) == "--tls: no key there"


# --- refusals -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--port", "x"], "--port: 'x' is not allowed; allowed: 0 to 65535"),
        (["--port=65536"], "--port: '65536' is not allowed; allowed: 0 to 65535"),
        (["--port"], "--port: a value must follow; allowed: 0 to 65535"),
        (["--prot=1"], "--prot: there is no such flag; did you mean --port?"),
        (["--zebra"], "--zebra: there is no such flag; python server.py --help"),
        (["-p"], "-p: there is no such flag"),
        (["--agent", "elevenlab"], "did you mean elevenlabs?"),
        (["--agent", "local,local"], "names an agent twice"),
        (["--agent", ""], "is not allowed"),
        (["--profile", ""], "--profile: '' is not allowed; allowed: a name, or a"),
        (["--tls", "slef"], "allowed: self, off, or CERT.pem:KEY.pem; did you mean"),
        (["--tls", ":key.pem"], "lacks a file before or after the colon"),
        (["--host", "a b"], "--host: 'a b' is neither an IP address nor a host name"),
        (["--host", "10.0.0.256"], "neither an IP address nor"),
        (["--ice-address", "localhost"], "is not an IP address"),
        (["--ice-address", "0.0.0.0"], "is not the address of one machine"),
        (["--silence-timeout-s", "nan"], "allowed: 2 to 120"),
        (["--max-call-s", "-1"], "--max-call-s: '-1' is not allowed"),
        (["--drain-s", "inf"], "--drain-s: 'inf' is not allowed; allowed: 0 to 3600"),
        (["--max-calls", "0"], "allowed: 1 to 10000"),
        (["--recordings", ""], "--recordings: '' is not a path"),
        (["--recording", "of"], "allowed: on, off or ask; did you mean off?"),
        (["--announcement", ""], "--announcement: '' is not a path; allowed: off, b"),
        (["--keep-days", "-1"], "allowed: 0 to 36500; 0 keeps them for good"),
        (["--store", "C:/calls"], "--store: 'C:/calls' is not a URL; allowed: a URL"),
        (["--store", "sftp://a:b@h/x"], "--store: the value must not hold a passwo"),
        (["--log-level", "warn"], "did you mean warning?"),
        (["--meeting-confirm", "of"], "allowed: auto, review or off; did you mean off"),
        (["--meeting-delay-s", "3601"], "allowed: 0 to 3600"),
        (["--meeting-desk", "ann"], "'ann' is not an e-mail address; allowed: e-mail"),
        (["--meeting-desk", ","], "is not an e-mail address"),
        (["--meeting-desk", ",".join(f"a{n}@b.at" for n in range(21))], "than 20 addr"),
        (["--mail-from", "Ann <ann@b.at>"], "the value is not an e-mail address"),
        (["--public-url", "http://calls.example"], "must begin with https:// unless"),
        (["--public-url", "https://a:b@c.example"], "the value must not hold a user"),
        (["--public-url", "https://c.example/?a"], "must not have a ? part"),
        (["--public-url", "https://c.example/#a"], "must not have a # part"),
        (["--config", "no.toml"], "--config: there is no file no.toml"),
        (["--elevenlabs-agent-id", "a/b"], "holds other characters than"),
        (["--elevenlabs-base-url", "ftp://h"], "does not start with https://"),
        (["--elevenlabs-base-url", "https://"], "names no host"),
        (["--elevenlabs-base-url", "http://h:x"], "is not a URL"),
        (["--ice-servers", "{"], "the value is not valid JSON"),
        (["--ice-servers", "{}"], "is not a list"),
        (["--ice-servers", "[1]"], 'has no "urls" in entry 1'),
        (["--ice-servers", '[{"urls": {}, "x": 1}]'], 'has no "urls" in entry 1'),
        (["--ice-servers", '[{"urls": "stun:a", "x": 1}]'], 'key "x" in entry 1'),
        (["--ice-servers", '[{"urls": "http:a"}]'], "none of stun:, stuns:"),
        (["--ice-servers", '[{"urls": "turn:a"}]'], 'no "username" for TURN'),
    ],
)
def test_wrong_flag(argv: list[str], message: str) -> None:
    assert message in refusal(*argv)


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("PARLEY_PORT", "x", "PARLEY_PORT: 'x' is not allowed; allowed: 0 to 65535"),
        ("PARLEY_PROT", "1", "PARLEY_PROT: there is no such setting; did you mean"),
        ("PARLEY_XYLOPHONE", "1", "PARLEY_XYLOPHONE: there is no such setting; python"),
        ("PARLEY_ZEBRA", "", "PARLEY_ZEBRA: there is no such setting"),
        ("PARLEY_ELEVENLABS_API_KEY", "k", "did you mean ELEVENLABS_API_KEY?"),
        ("SMTP_URL", "http://h", "SMTP_URL: the value does not start with smtp://"),
        ("DATABASE_URL", "file.db", "DATABASE_URL: the value is not a URL"),
        ("PARLEY_HISTORY_PASSWORD", "short", "the value is shorter than 8 characters"),
        (
            "MEETING_WEBHOOK_URL",
            "http://crm.example/x",
            "the value must begin with htt",
        ),
        ("MEETING_WEBHOOK_URL", "https://crm.example/ü", "a character beyond ASCII"),
        ("MEETING_WEBHOOK_SECRET", "0123456789abcde", "is shorter than 16 characters"),
    ],
)
def test_wrong_variable(
    variable: str, value: str, message: str, tmp_path: Path
) -> None:
    assert message in refusal(environ={variable: value})
    (tmp_path / ".env").write_text(f"{variable}={value}")
    place, colon, rest = message.partition(":")
    there = f"{place} in .env{colon}{rest}" if place == variable else message
    assert there in refusal(cwd=tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("prot = 1", "parley.toml: there is no such setting; did you mean port?"),
        ("port = true", "parley.toml: True is not a number; allowed: 0 to 65535"),
        ("port = 1.5", "1.5 is not allowed"),
        ("port = 'x'", "'x' is not allowed"),
        ("host = 1", "1 is not allowed"),
        ("tls = ['a']", "is not allowed; allowed: self, off"),
        ("recordings = 1", "1 is not a path"),
        ("config = 'x'", "parley.toml: there is no such setting"),
        ("[server]\nport = 1", "server in"),
        ("port = ?", "parley.toml: not valid TOML: at line 1, column 8"),
    ],
)
def test_wrong_toml(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "parley.toml").write_text(text)
    assert message in refusal(cwd=tmp_path)


def test_unreadable_files(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PARLEY_PORT=1\nthis is no setting\n")
    assert ".env, line 2: not understood" in refusal(cwd=tmp_path)
    (tmp_path / ".env").write_bytes(b"\xff")
    assert ".env: the file is not UTF-8 text" in refusal(cwd=tmp_path)
    (tmp_path / ".env").unlink()
    (tmp_path / ".env").mkdir()
    assert ".env: Is a directory" in refusal(cwd=tmp_path)


# --- secrets ------------------------------------------------------------------------

SECRET = "hunter2"


@pytest.mark.parametrize(
    "argv",
    [
        ["--elevenlabs-api-key", SECRET],
        [f"--elevenlabs-api-key={SECRET}"],
        ["--elevenlabs_api_key", SECRET],
        [f"--elevenlab-api-key={SECRET}"],
        [f"ELEVENLABS_API_KEY={SECRET}"],
        [SECRET],
        ["--openai-base-url", f"https://user:{SECRET}@host"],
        ["--openai-base-url", f"ftp://user:{SECRET}@host"],
        ["--ice-servers", f'[{{"urls": "turn:a", "credential": "{SECRET}"}}]'],
    ],
)
def test_no_refusal_repeats_a_secret_of_the_command_line(argv: list[str]) -> None:
    assert SECRET not in refusal(*argv)


@pytest.mark.parametrize("option", [o for o in OPTIONS if o.about.secret])
def test_secrets_come_from_the_environment_only(option, tmp_path: Path) -> None:
    wrong = f"{SECRET}\n"  # neither a key nor a URL
    assert SECRET not in refusal(environ={option.variable: wrong})
    assert f"set {option.variable} in" in refusal(f"{option.flag}={SECRET}")
    (tmp_path / "parley.toml").write_text(f'{option.name} = "{SECRET}"')
    message = refusal(cwd=tmp_path)
    assert f"set {option.variable} in the environment" in message
    assert SECRET not in message
    (tmp_path / "parley.toml").write_text(f'{option.name} = "{SECRET}')
    assert SECRET not in refusal(cwd=tmp_path)


def test_the_settings_can_be_logged() -> None:
    environ = AGENT | {
        "ELEVENLABS_API_KEY": SECRET,
        "OPENAI_API_KEY": SECRET,
        "SMTP_URL": f"smtp://u:{SECRET}@h",
        "DATABASE_URL": f"postgresql://u:{SECRET}@h/d",
        "NATS_URL": f"nats://u:{SECRET}@h",
        "PARLEY_ICE_SERVERS": '[{"urls": "turn:a", "username": "u",'
        f' "credential": "{SECRET}"}}]',
    }
    found = Settings.load([], environ)
    assert SECRET not in repr(found) + str(found)
    assert found.elevenlabs_api_key is not None
    assert found.elevenlabs_api_key.get_secret_value() == SECRET


# --- whatever people write ------------------------------------------------------------

texts = st.text(st.characters(codec="utf-8"), max_size=30) | st.sampled_from(
    ["", "0", "1e999", "-1", "[]", "[{}]", '[{"urls": [[]]}]', "a:b", "::", "http://["]
)
variables = st.sampled_from([option.variable for option in OPTIONS]) | st.text(
    string.ascii_uppercase + "_", min_size=1, max_size=20
).map("PARLEY_".__add__)
flags = st.sampled_from([option.flag for option in OPTIONS]) | texts


@settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    argv=st.lists(flags | texts, max_size=4),
    environ=st.dictionaries(variables, texts, max_size=3),
    dotenv=texts,
    toml=texts,
)
def test_anything_gives_settings_or_one_line(
    tmp_path: Path, argv: list[str], environ: dict[str, str], dotenv: str, toml: str
) -> None:
    (tmp_path / ".env").write_text(dotenv, encoding="utf-8")
    (tmp_path / "parley.toml").write_text(toml, encoding="utf-8")
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            Settings.load(argv, environ, tmp_path)
    except SettingsError as error:
        assert len(str(error).splitlines()) == 1
    except SystemExit as end:  # "--help" can be drawn, too
        assert end.code == 0
