"""Guard: who is let in, who is not, and that it stands before every route."""

from __future__ import annotations

import asyncio
import base64
import logging
import re
import unicodedata
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import HttpVersion10, web
from aiohttp.test_utils import make_mocked_request

from rtc.history import guard as module
from rtc.history.guard import Guard
from rtc.problem import Problem
from tests import virtual

from .desk import CALL, Desk, desk

PASSWORD = "höchst geheim: 漢字"


class Line:
    """The transport of a request that comes from `peer`."""

    def __init__(self, peer: Any) -> None:
        self._peer = peer

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._peer if name == "peername" else default


def request(
    peer: Any = ("127.0.0.1", 50000), method: str = "GET", **headers: str
) -> web.Request:
    found = {name.replace("_", "-"): text for name, text in headers.items() if text}
    line: Any = Line(peer)
    return make_mocked_request(method, "/calls", headers=found, transport=line)


def outcome(guard: Guard, asked: web.Request) -> str:
    async def check() -> str:
        try:
            await guard.check(asked)
        except Problem as problem:
            return f"{problem.status} {problem.code}"
        return "in"

    return virtual.run(check())


def basic(password: str | bytes, user: str = "anyone") -> str:
    word = password.encode() if isinstance(password, str) else password
    return "Basic " + base64.b64encode(user.encode() + b":" + word).decode()


@pytest.mark.parametrize(
    "peer", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1", "::1%lo"]
)
@pytest.mark.parametrize(
    "host",
    ["localhost", "LocalHost:8080", "127.0.0.1:8080", "127.0.0.2", "[::1]:8080"],
)
def test_without_a_password_it_is_for_this_machine(peer: str, host: str) -> None:
    assert outcome(Guard(None), request((peer, 1), Host=host)) == "in"


@pytest.mark.parametrize(
    "peer",
    [
        ("192.168.1.7", 1), ("8.8.8.8", 1), ("::ffff:192.168.1.7", 1, 0, 0),
        ("2001:db8::1", 1, 0, 0), ("", 1), ("localhost", 1), None, "", "/run/x.sock",
        ("0.0.0.0", 1),
    ],
)  # fmt: skip
def test_others_are_not_let_in(peer: Any) -> None:
    assert outcome(Guard(None), request(peer, Host="localhost")) == "403 history-locked"


@pytest.mark.parametrize(
    "host",
    [
        "", "evil.example", "evil.example:8080", "127.0.0.1.evil.example", "10.0.0.1",
        "localhost.evil.example", "localhost@evil.example", "evil.example#localhost",
        "localhost/", "localhost:", "[::2]", "[::1", "localhost:99999999",
        "\tlocalhost", "localhost\xe9", "a@localhost", "0.0.0.0:8080", "2130706433",
        "127.1",
    ],
)  # fmt: skip
def test_a_name_that_was_rebound_is_not_let_in(host: str) -> None:
    expected = "in" if host == "localhost:" else "403 history-locked"
    assert outcome(Guard(None), request(Host=host)) == expected


@pytest.mark.parametrize(
    "name",
    ["Forwarded", "X_Forwarded_For", "x_forwarded_proto", "X_FORWARDED_X", "X_Real_IP",
     "Via"],
)  # fmt: skip
def test_a_proxy_on_this_machine_speaks_for_others(name: str) -> None:
    forwarded = request(Host="localhost", **{name: "127.0.0.1"})
    assert outcome(Guard(None), forwarded) == "403 history-locked"


def test_a_proxy_that_says_nothing_is_told_by_its_version() -> None:
    """nginx as it comes: HTTP/1.0, and a Host that it made up itself."""
    line: Any = Line(("127.0.0.1", 50000))
    asked = make_mocked_request(
        "GET",
        "/calls",
        headers={"Host": "127.0.0.1:8080"},
        version=HttpVersion10,
        transport=line,
    )
    assert outcome(Guard(None), asked) == "403 history-locked"


def test_the_refusal_names_the_variable() -> None:
    async def refused() -> str:
        with pytest.raises(Problem) as caught:
            await Guard(None).check(request(("8.8.8.8", 1), Host="localhost"))
        return caught.value.detail

    assert "PARLEY_HISTORY_PASSWORD" in virtual.run(refused())


def test_an_empty_password_is_none() -> None:
    away = request(("8.8.8.8", 1), Host="x.example", Authorization=basic(""))
    assert outcome(Guard(""), away) == "403 history-locked"


@pytest.mark.parametrize(
    "header",
    [
        basic(PASSWORD),
        basic(PASSWORD, user=""),
        basic(PASSWORD, user="käthe"),
        basic(unicodedata.normalize("NFD", PASSWORD)),
        basic(PASSWORD).replace("Basic", "bAsIC"),
        basic(PASSWORD).replace(" ", "   "),
    ],
)
def test_who_knows_the_password_is_let_in(header: str) -> None:
    away = request(("8.8.8.8", 1), Host="parley.example", Authorization=header)
    assert outcome(Guard(PASSWORD), away) == "in"


def test_a_password_in_latin_1_is_understood() -> None:
    header = basic("höchst".encode("latin-1"))
    assert outcome(Guard("höchst"), request(Authorization=header)) == "in"


@pytest.mark.parametrize(
    "header",
    [
        "", "Basic", "Basic ", "Basic !!!!", "Basic YQ", "Bearer x", basic("wrong"),
        basic(""), basic(PASSWORD + " "), basic(PASSWORD[:-1]), basic(b"\xff\xfe"),
        "Basic " + base64.b64encode(PASSWORD.encode()).decode(), "Basic ä",
        basic(PASSWORD) + ", " + basic(PASSWORD), "Basic " + "A" * 8000,
    ],
)  # fmt: skip
def test_who_does_not_is_asked_for_it(header: str) -> None:
    local = request(Host="localhost", Authorization=header)
    assert outcome(Guard(PASSWORD), local) == "401 history-locked"


def test_only_a_wrong_password_costs_time_and_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def costs() -> tuple[float, float]:
        guard, loop = Guard(PASSWORD), asyncio.get_running_loop()
        before = loop.time()
        with pytest.raises(Problem):
            await guard.check(request())
        asked = loop.time() - before
        with pytest.raises(Problem):
            await guard.check(request(Authorization=basic("secret guess")))
        return asked, loop.time() - before

    with caplog.at_level(logging.WARNING):
        assert virtual.run(costs()) == (0.0, module.DELAY_S)
    (line,) = caplog.messages
    assert "127.0.0.1" in line and "secret" not in line


def test_many_wrong_passwords_fill_neither_log_nor_memory(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def storm() -> tuple[float, int]:
        guard, loop = Guard(PASSWORD), asyncio.get_running_loop()
        asked = request(Authorization=basic("x"))
        wrong = [guard.check(asked) for _ in range(1000)]
        results = await asyncio.gather(*wrong, return_exceptions=True)
        assert all(isinstance(it, Problem) for it in results)
        taken = loop.time()
        await asyncio.sleep(module.LOG_S)
        with pytest.raises(Problem):
            await guard.check(request(Authorization=basic("x")))
        return taken, guard._delayed

    with caplog.at_level(logging.WARNING):
        assert virtual.run(storm()) == (module.DELAY_S, 0)
    assert len(caplog.messages) == 2
    assert "1000 times" in caplog.messages[1]


SITES: list[tuple[str, dict[str, str], bool]] = [
    ("GET", {}, True),
    ("DELETE", {}, True),  # a program
    ("GET", {"Sec_Fetch_Site": "none"}, True),
    ("DELETE", {"Sec_Fetch_Site": "same-origin", "Origin": "http://localhost"}, True),
    ("GET", {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Dest": "document"}, True),
    ("GET", {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Dest": "iframe"}, False),
    ("GET", {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Dest": "audio"}, False),
    ("GET", {"Sec_Fetch_Site": "cross-site"}, False),
    ("GET", {"Sec_Fetch_Site": "same-site"}, False),
    ("POST", {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Dest": "document"}, False),
    ("DELETE", {"Sec_Fetch_Site": "cross-site", "Origin": "http://localhost"}, False),
    ("PUT", {"Origin": "http://localhost"}, True),
    ("PUT", {"Origin": "http://LOCALHOST"}, True),
    ("PUT", {"Origin": "http://localhost:81"}, False),
    ("PUT", {"Origin": "http://evil.example"}, False),
    ("PUT", {"Origin": "null"}, False),
    ("PUT", {"Origin": "http://["}, False),
    ("GET", {"Origin": "http://evil.example"}, False),
]


@pytest.mark.parametrize(("method", "headers", "fine"), SITES)
def test_pages_of_other_sites(method: str, headers: dict[str, str], fine: bool) -> None:
    expected = "in" if fine else "403 cross-site"
    for guard, more in (
        (Guard(None), {}),
        (Guard(PASSWORD), {"Authorization": basic(PASSWORD)}),
    ):
        asked = request(method=method, Host="localhost", **headers, **more)
        assert outcome(guard, asked) == expected


def paths(found: Desk) -> list[tuple[str, str]]:
    """Method and path of every route."""
    fill = {"{id}": CALL, "{format}": "wav", "{form}": "vtt", "{meeting}": "a" * 32}
    routes = []
    for route in found.app(None).router.routes():
        assert route.resource is not None
        path = route.resource.canonical
        path = re.sub(r"\{\w+\}", lambda match: fill[match[0]], path)
        routes.append((route.method, path))
    return routes


async def test_the_guard_stands_before_every_route(tmp_path: Path) -> None:
    async with desk(tmp_path, PASSWORD) as found:
        routes = paths(found)
        assert len(routes) > 20  # HEAD has a route of its own
        for method, path in routes:
            for headers in ({}, {"Accept": "text/html"}, {"Accept": "*/*"}):
                status, told, _ = await found.ask(path, method, headers=headers)
                assert status == 401, path
                assert told["WWW-Authenticate"] == (
                    'Basic realm="Parley history", charset="UTF-8"'
                )
    assert found.keeper.deleted == []


async def test_without_a_password_every_route_asks_where_one_is(
    tmp_path: Path,
) -> None:
    async with desk(tmp_path) as found:
        for method, path in paths(found):
            for headers in ({"Via": "1.1 x"}, {"Host": "evil.example"}):
                status, _, _ = await found.ask(path, method, headers=headers)
                assert status == 403, path
            for headers in ({"Sec-Fetch-Site": "cross-site"},):
                status, _, _ = await found.ask(path, method, headers=headers)
                assert status == 403, path
        assert (await found.ask("/calls"))[0] == 200
    assert found.keeper.deleted == []


async def test_the_password_opens_the_door_over_http(tmp_path: Path) -> None:
    async with desk(tmp_path, PASSWORD) as found:
        right = {"Authorization": aiohttp.encode_basic_auth("me", PASSWORD, "utf-8")}
        assert (await found.ask("/calls", headers=right))[0] == 200
        assert (await found.ask("/calls", headers={"Authorization": "Basic x"}))[
            0
        ] == 401


async def raw(url: str, text: str) -> bytes:
    port = int(url.rsplit(":", 1)[1])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(text.encode())
    answer = await reader.read(1000)
    writer.close()
    await writer.wait_closed()
    return answer


async def test_hosts_that_only_a_bare_hand_can_send(tmp_path: Path) -> None:
    async with desk(tmp_path) as found:
        none = await raw(found.url, "GET /calls HTTP/1.0\r\n\r\n")
        assert b" 403 " in none.split(b"\r\n")[0]
        whole = "GET http://evil.example/calls HTTP/1.1\r\nHost: localhost\r\n\r\n"
        assert b" 403 " in (await raw(found.url, whole)).split(b"\r\n")[0]
        two = "GET /calls HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n"
        assert b" 40" in (await raw(found.url, two)).split(b"\r\n")[0]
        fine = "GET /calls HTTP/1.1\r\nHost: localhost\r\n\r\n"
        assert b" 200 " in (await raw(found.url, fine)).split(b"\r\n")[0]
