"""What the carrier makes of a server's words; `fault/test_mail` has the rest."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from convai.post.parcel import Later, Never, Parcel, Partly
from convai.post.server import Server
from convai.post.smtp import Smtp

PARCEL = Parcel(
    "a",
    "mail",
    "c",
    "m",
    b"Subject: x\r\n\r\n.dot\r\n",
    "me@x.example",
    ("a@x.example", "b@x.example"),
)
PASSWORD = "secret-0123"

FINE = {
    "": "220 ready",
    "EHLO": "250-there\r\n250-SIZE 1000000\r\n250 AUTH PLAIN",
    "AUTH": "235 welcome",
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go on",
    ".": "250 taken",
    "RSET": "250 ok",
    "QUIT": "221 bye",
}


class Scripted:
    """A server that has one answer for each command; None: it hangs up. Empty: none."""

    def __init__(self, **answers: str | None) -> None:
        self.answers: dict[str, str | None] = {**FINE, **answers}
        self.said: list[str] = []
        self.port = 0
        self.gone = asyncio.Event()
        "The client is."

    async def talk(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        letter = False
        try:
            await self._answer(writer, "")
            while heard := await reader.readline():
                line = heard.decode().rstrip("\r\n")
                self.said.append(line)
                if letter and line != ".":
                    continue
                command = line.split(" ")[0]
                letter = command == "DATA"
                await self._answer(writer, command)
        except ConnectionError:
            pass
        finally:
            self.gone.set()
            writer.close()

    async def _answer(self, writer: asyncio.StreamWriter, command: str) -> None:
        answer = self.answers[command]
        if answer is None:
            raise ConnectionError
        writer.write(f"{answer}\r\n".encode() if answer else b"")
        await writer.drain()

    def server(self, **changes: Any) -> Server:
        given = {"user": "ann", "password": PASSWORD, "security": "optional"}
        return Server("127.0.0.1", self.port, **{**given, **changes})


@asynccontextmanager
async def scripted(**answers: str | None) -> AsyncIterator[Scripted]:
    script = Scripted(**answers)
    server = await asyncio.start_server(script.talk, "127.0.0.1", 0)
    script.port = server.sockets[0].getsockname()[1]
    try:
        yield script
    finally:
        server.close()


async def test_a_letter() -> None:
    async with scripted() as script:
        assert await Smtp(script.server()).carry(PARCEL) == "sent"
        async with asyncio.timeout(10):
            await script.gone.wait()  # QUIT is said, but its answer not waited for
    login = base64.b64encode(b"\0ann\0secret-0123").decode()
    assert script.said[1:] == [
        f"AUTH PLAIN {login}",
        "MAIL FROM:<me@x.example> size=20",
        "RCPT TO:<a@x.example>",
        "RCPT TO:<b@x.example>",
        "DATA",
        "Subject: x",
        "",
        "..dot",
        ".",
        "QUIT",
    ]


@pytest.mark.parametrize(
    ("answers", "kind", "slow", "why"),
    [
        ({"": "554 no service here"}, Later, True, "says 554 no service here"),
        ({"": "421 too busy"}, Later, False, "says 421 too busy"),
        ({"": None}, Later, False, "breaks off|cannot be reached"),
        ({"": "garbage"}, Later, False, "says what is no SMTP"),
        ({"EHLO": "550 go away"}, Later, True, "says 550 go away"),
        ({"EHLO": "250 there"}, Later, True, "takes no login of ours"),
        ({"AUTH": "535 bad"}, Later, True, r"refuses our user name or password .535."),
        ({"AUTH": "454 later"}, Later, False, r"refuses our login for now .454."),
        ({"MAIL": "530 log in"}, Later, True, "says 530"),
        ({"MAIL": "550 not you"}, Never, False, "says 550 not you"),
        ({"MAIL": "451 not now"}, Later, False, "says 451"),
        ({"MAIL": None}, Later, False, "breaks off|cannot be reached"),
        ({"RCPT": "550 nobody"}, Never, False, "2 of 2 addresses refused"),
        ({"RCPT": "452 full"}, Later, False, "2 of 2 addresses refused"),
        ({"DATA": "554 no"}, Never, False, "says 554 no"),
        ({".": "552 too long"}, Never, False, "says 552 too long"),
        ({".": "452 full"}, Later, False, "says 452 full"),
        ({".": None}, Later, False, "breaks off|cannot be reached"),
        ({".": "554 ann secret-0123"}, Never, False, r"says 554 \*\*\* \*\*\*"),
    ],
)
async def test_what_a_server_says(
    answers: dict[str, str | None], kind: type[Exception], slow: bool, why: str
) -> None:
    async with scripted(**answers) as script:
        with pytest.raises(kind, match=f"127.0.0.1 .*{why}|{why}") as raised:
            await Smtp(script.server()).carry(PARCEL)
    assert getattr(raised.value, "slow", False) == slow
    assert PASSWORD not in str(raised.value)


async def test_after_the_250_nothing_can_go_wrong_any_more() -> None:
    async with scripted(QUIT=None) as script:
        assert await Smtp(script.server()).carry(PARCEL) == "sent"


async def test_an_address_that_is_none() -> None:
    wrong = Parcel("a", "mail", "c", "m", b"x", "me@x.example", ("ä@x.example",))
    async with scripted() as script:
        with pytest.raises(Never, match="an address that cannot be sent to"):
            await Smtp(script.server()).carry(wrong)
    assert "DATA" not in script.said


async def test_some_take_it() -> None:
    class Picky(Scripted):
        async def _answer(self, writer: asyncio.StreamWriter, command: str) -> None:
            if self.said and self.said[-1] == "RCPT TO:<b@x.example>":
                writer.write(b"550 not b@x.example\r\n")
            else:
                await super()._answer(writer, command)

    script = Picky()
    server = await asyncio.start_server(script.talk, "127.0.0.1", 0)
    script.port = server.sockets[0].getsockname()[1]
    try:
        with pytest.raises(Partly, match="1 of 2 addresses refused") as raised:
            await Smtp(script.server(user="", password="")).carry(PARCEL)
    finally:
        server.close()
    assert "@" not in str(raised.value)


async def test_cancelled_in_the_middle_nothing_more_is_said() -> None:
    async with scripted(DATA="") as script, asyncio.timeout(10):
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(Smtp(script.server()).carry(PARCEL))
            while "DATA" not in script.said:  # noqa: ASYNC110, a script tells nobody
                await asyncio.sleep(0.01)
            task.cancel()
        assert task.cancelled()
        await script.gone.wait()
    assert script.said[-1] == "DATA"
