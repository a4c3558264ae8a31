"""Mail, with a real mail server that refuses, fails and falls silent, and with a post
that is killed: one mail for each Message-ID in the end.
"""

from __future__ import annotations

import asyncio
import logging
import random
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope

from convai.mail.letter import letters
from convai.post.parcel import Parcel, Report
from convai.post.post import Post
from convai.post.smtp import Smtp
from tests.mail_server import PASSWORD, USER, MailServer, certificate
from tests.pension import NOW, meeting, occasion
from tests.server_process import ROOT

pytestmark = [
    pytest.mark.filterwarnings("ignore:Session.login_data is deprecated"),
]

QUICK = (0.05,) * 6


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tried again at once: what is tried is the server, not our patience."""
    monkeypatch.setattr("convai.post.schedule.WAITS_S", QUICK)
    monkeypatch.setattr("convai.post.schedule.SLOW_S", 0.2)


def letter(**changes: Any) -> Parcel:
    """The desk's letter, or the attendee's when there is no desk."""
    about = {name: changes.pop(name) for name in ("desk", "sender") if name in changes}
    made = letters(
        meeting(**changes),
        occasion(**about),
        method="REQUEST",
        now=NOW,
        host="example.com",
    )[0]
    return Parcel(
        id=made.id,
        kind="mail",
        call="call-1",
        meeting=meeting(**changes).id,
        body=made.message,
        sender=made.sender,
        recipients=made.recipients,
    )


def message_id(parcel: Parcel) -> str:
    return f"<{parcel.id}@example.com>"


class Office:
    """A post and what it told."""

    def __init__(self, post: Post, told: list[Report]) -> None:
        self.post = post
        self.told = told

    async def until(self, true: Callable[[Report], bool]) -> Report:
        """The first report that is so."""
        async with asyncio.timeout(20):
            seen = 0
            while True:
                for report in self.told[seen:]:
                    if true(report):
                        return report
                seen = len(self.told)
                await asyncio.sleep(0.01)

    async def settled(self) -> Report:
        return await self.until(lambda it: it.state != "waiting")


@asynccontextmanager
async def office(folder: Path, carrier: Smtp) -> AsyncIterator[Office]:
    told: list[Report] = []
    async with Post(folder / "post", {"mail": carrier}, tell=told.append) as post:
        yield Office(post, told)


async def test_accepted(tmp_path: Path) -> None:
    parcel = letter()
    async with MailServer(tmp_path) as server:
        async with office(tmp_path, Smtp(server.server())) as it:
            await it.post.put(parcel)
            await it.post.put(parcel)
            report = await it.settled()
            await it.post.put(parcel)
        assert (report.state, report.attempts, report.why) == ("sent", 1, "")
        (taken,) = server.taken
    assert taken.message_id == message_id(parcel)
    assert taken.content == parcel.body
    assert (taken.tls, taken.user) == (True, USER)
    assert (taken.sender, taken.recipients) == (parcel.sender, parcel.recipients)
    assert server.connections == 1


async def test_tls_from_the_first_byte(tmp_path: Path) -> None:
    async with MailServer(tmp_path, "tls") as server:
        async with office(tmp_path, Smtp(server.server())) as it:
            await it.post.put(letter())
            assert (await it.settled()).state == "sent"
        assert server.taken[0].tls


async def test_on_this_machine_tls_is_not_needed(tmp_path: Path) -> None:
    async with MailServer(tmp_path, "none", login=False) as server:
        async with office(tmp_path, Smtp(server.server())) as it:
            await it.post.put(letter())
            assert (await it.settled()).state == "sent"
        assert not server.taken[0].tls


async def test_on_this_machine_any_certificate_will_do(tmp_path: Path) -> None:
    async with MailServer(tmp_path) as server:
        near = server.server(security="optional", context=None)
        async with office(tmp_path, Smtp(near)) as it:
            await it.post.put(letter())
            assert (await it.settled()).state == "sent"
        assert server.taken[0].tls


async def test_451_then_accepted(tmp_path: Path) -> None:
    answers = iter(["451 Greylisted", "421 Too busy", "250 OK"])

    async def script(server: SMTP, envelope: Envelope) -> str:
        return next(answers)

    async with MailServer(tmp_path, script=script) as server:
        async with office(tmp_path, Smtp(server.server())) as it:
            await it.post.put(letter())
            report = await it.settled()
        assert (report.state, report.attempts) == ("sent", 3)
        assert [told.why for told in it.told] == [
            "localhost says 451 Greylisted",
            "localhost says 421 Too busy",
            "",
        ]
    assert list(server.counts.values()) == [1]


async def test_it_is_given_up_in_the_end(tmp_path: Path) -> None:
    async def script(server: SMTP, envelope: Envelope) -> str:
        return "451 Never now"

    async with MailServer(tmp_path, script=script) as server:
        async with office(tmp_path, Smtp(server.server())) as it:
            await it.post.put(letter())
            report = await it.settled()
            assert (report.state, report.attempts) == ("failed", len(QUICK) + 1)
            server.script = None
            await it.post.retry(report.parcel)
            report = await it.until(lambda told: told.state == "sent")
    assert list(server.counts.values()) == [1]


async def test_5xx_is_final(tmp_path: Path) -> None:
    async def script(server: SMTP, envelope: Envelope) -> str:
        return "554 5.7.1 Spam, says <ann.lee@example.com>"

    async with MailServer(tmp_path, script=script) as server:
        async with office(tmp_path, Smtp(server.server())) as it:
            await it.post.put(letter())
            report = await it.settled()
    assert (report.state, report.attempts) == ("failed", 1)
    assert report.why == "localhost says 554 5.7.1 Spam, says <…>"
    assert not server.taken


async def test_one_of_two_recipients_is_refused(tmp_path: Path) -> None:
    parcel = letter(desk=("good@example.com", "bad@example.com"))
    refuse = {"bad@example.com": "550 No such user bad@example.com"}
    async with MailServer(tmp_path, refuse=refuse) as server:
        async with office(tmp_path, Smtp(server.server())) as it:
            await it.post.put(parcel)
            report = await it.settled()
    assert (report.state, report.attempts) == ("sent", 1)
    assert report.why == "1 of 2 addresses refused: localhost says 550 No such user …"
    assert [it.recipients for it in server.taken] == [("good@example.com",)]


async def test_who_has_it_does_not_get_it_again(tmp_path: Path) -> None:
    """One has it, one never takes it, one takes it the second time."""
    desk = ("good@example.com", "bad@example.com", "late@example.com")
    parcel = letter(desk=desk)
    refuse = {"bad@example.com": "550 No", "late@example.com": "450 Later"}
    async with MailServer(tmp_path, refuse=refuse) as server:
        async with office(tmp_path, Smtp(server.server())) as it:
            await it.post.put(parcel)
            first = await it.until(lambda told: told.attempts == 1)
            assert first.state == "waiting" and "450 Later" in first.why
            del refuse["late@example.com"]
            report = await it.settled()
    assert report.state == "sent" and "550 No" in report.why
    got = [it.recipients for it in server.taken]
    assert got == [("good@example.com",), ("late@example.com",)]


async def test_both_recipients_are_refused(tmp_path: Path) -> None:
    desk = ("a@example.com", "b@example.com")
    refuse = dict.fromkeys(desk, "550 No")
    async with MailServer(tmp_path, refuse=refuse) as server:
        async with office(tmp_path, Smtp(server.server())) as it:
            await it.post.put(letter(desk=desk))
            report = await it.settled()
    assert report.state == "failed"
    assert report.why.startswith("2 of 2 addresses refused")
    assert not server.taken


async def test_wrong_password(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is lost, it is told, and who mends it and starts anew has it sent."""
    caplog.set_level(logging.DEBUG)
    parcel = letter()
    async with MailServer(tmp_path) as server:
        wrong = server.server(password="wrong-password-1")
        assert "wrong-password-1" not in repr(wrong) and USER not in repr(wrong)
        async with office(tmp_path, Smtp(wrong)) as it:
            await it.post.put(parcel)
            report = await it.until(lambda told: told.attempts == 2)
        assert (report.state, report.why) == (
            "waiting",
            "localhost refuses our user name or password (535)",
        )
        assert not server.taken
        async with office(tmp_path, Smtp(server.server())) as it:
            assert (await it.settled()).state == "sent"
    assert server.counts == {message_id(parcel): 1}
    ours = "\n".join(r.getMessage() for r in caplog.records if "aiosmtpd" not in r.name)
    assert "wrong-password-1" not in ours and PASSWORD not in ours
    left = [path.read_bytes() for path in tmp_path.rglob("post/**/*") if path.is_file()]
    assert not any(b"wrong-password-1" in it for it in left)


async def test_no_tls_offered_nothing_in_clear_text(tmp_path: Path) -> None:
    async with MailServer(tmp_path, "none", login=False) as server:
        far = server.server(security="starttls", user=USER, password=PASSWORD)
        async with office(tmp_path, Smtp(far)) as it:
            await it.post.put(letter())
            report = await it.until(lambda told: told.attempts == 1)
    assert (report.state, report.why) == (
        "waiting",
        "localhost offers no encryption",
    )
    said = bytes(server.heard).upper()
    assert said.startswith(b"EHLO ") and b"AUTH" not in said and b"MAIL" not in said
    assert not server.taken


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_certificate_that_is_not_trusted(tmp_path: Path, security: Any) -> None:
    async with MailServer(tmp_path, security) as server:
        async with office(tmp_path, Smtp(server.server(context=None))) as it:
            await it.post.put(letter())
            report = await it.until(lambda told: told.attempts == 1)
    assert report.state == "waiting"
    assert "certificate of localhost is not good: self-signed" in report.why
    assert b"AUTH" not in server.heard and not server.taken


async def test_a_certificate_of_another(tmp_path: Path) -> None:
    async with MailServer(tmp_path) as server:
        other = tmp_path / "other"
        other.mkdir()
        chain, _ = certificate(other, "other.example")
        context = server.server().context
        assert context is not None
        context.load_verify_locations(chain)
        elsewhere = server.server(host="127.0.0.2", context=context)
        async with office(tmp_path, Smtp(elsewhere)) as it:
            await it.post.put(letter())
            report = await it.until(lambda told: told.attempts == 1)
    assert report.state == "waiting" and not server.taken


async def test_nobody_is_there(tmp_path: Path) -> None:
    async with MailServer(tmp_path) as server:
        pass
    async with office(tmp_path, Smtp(server.server())) as it:
        await it.post.put(letter())
        report = await it.until(lambda told: told.attempts == 2)
        assert report.state == "waiting"
        assert report.why.startswith("localhost cannot be reached")
        async with MailServer(tmp_path, port=server.port) as again:
            assert (await it.settled()).state == "sent"
    assert list(again.counts.values()) == [1]


async def test_a_name_that_nobody_has(tmp_path: Path) -> None:
    async with MailServer(tmp_path) as server:
        far = server.server(host="mail.invalid")
        async with office(tmp_path, Smtp(far)) as it:
            await it.post.put(letter())
            report = await it.until(lambda told: told.attempts == 1)
    assert report.state == "waiting"
    assert report.why.startswith("mail.invalid cannot be reached")


async def test_silence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that takes the connection and says nothing; then one that never says 250."""
    monkeypatch.setattr("convai.post.smtp.STEP_S", 0.2)
    monkeypatch.setattr("convai.post.smtp.TAKEN_S", 0.2)
    done = asyncio.Event()

    async def say_nothing(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await done.wait()
        writer.close()

    silent = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    async with MailServer(tmp_path) as server:
        async with office(tmp_path, Smtp(server.server(port=port))) as it:
            await it.post.put(letter())
            report = await it.until(lambda told: told.attempts == 1)
            assert (report.state, report.why) == (
                "waiting",
                "localhost does not answer",
            )

        async def script(_: SMTP, envelope: Envelope) -> str:
            await done.wait()
            return "451 too late"

        server.script = script
        async with office(tmp_path / "b", Smtp(server.server())) as it:
            await it.post.put(letter())
            report = await it.until(lambda told: told.attempts == 1)
            assert report.why == "localhost does not answer"
            server.script = None
            assert (await it.settled()).state == "sent"
    done.set()
    silent.close()
    assert list(server.counts.values()) == [1]


@pytest.mark.parametrize("kept", [False, True])
async def test_the_connection_breaks_in_the_letter(tmp_path: Path, kept: bool) -> None:
    """Before the server has it, or after, when it can no more say so."""
    parcel = letter()
    breaks = iter([True, True, False])

    async def script(session: SMTP, envelope: Envelope) -> str:
        if next(breaks):
            if kept:
                assert session.session is not None
                server.keep(session.session, envelope)
            assert isinstance(session.transport, asyncio.Transport)
            session.transport.abort()
            return "451 nobody hears this"
        return "250 OK"

    async with MailServer(tmp_path, script=script) as server:
        async with office(tmp_path, Smtp(server.server())) as it:
            await it.post.put(parcel)
            report = await it.settled()
    assert (report.state, report.attempts) == ("sent", 3)
    assert set(server.counts) == {message_id(parcel)}
    # SMTP cannot ask (RFC 5321, 4.2.5): what is in doubt comes again, the very same.
    assert {it.content for it in server.taken} == {parcel.body}
    assert len(server.taken) == (3 if kept else 1)


async def test_many_at_once(tmp_path: Path) -> None:
    parcels = [letter(id=f"{k:032x}") for k in range(40)]
    chance = random.Random(7)

    async def script(_: SMTP, envelope: Envelope) -> str:
        return chance.choice(["250 OK", "250 OK", "451 Not now"])

    async with MailServer(tmp_path, script=script) as server:
        async with office(tmp_path, Smtp(server.server())) as it:
            await asyncio.gather(*(it.post.put(parcel) for parcel in parcels))
            await it.until(lambda _: it.post.counters()["sent"] == len(parcels))
            assert it.post.counters()["waiting"] == 0
    assert server.counts == dict.fromkeys(map(message_id, parcels), 1)


VICTIM = """
import asyncio, os, signal, sys
from pathlib import Path
from convai.post import disk, post as office, schedule, smtp, spool
from tests.fault.test_mail import letter
from tests.mail_server import PASSWORD, USER, trust
from convai.post.server import Server

folder, port, moment, count = Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]
schedule.WAITS_S = (0.02,) * 1000
office.LOOK_S = 0.1

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

class Smtp(smtp.Smtp):
    async def carry(self, parcel):
        if moment == "before it is sent":
            die()
        state = await super().carry(parcel)
        if moment == "between sent and marked":
            die()
        return state

def write(path, content):
    if moment == "between marked and recorded" and b'"sent"' in content:
        die()
    disk.write(path, content)

spool.write = write
if moment == "between recorded and removed":
    spool.remove = die

async def main():
    server = Server("localhost", port, "starttls", USER, PASSWORD, trust(folder))
    told = []
    carriers = {"mail": Smtp(server)}
    async with office.Post(folder / "post", carriers, tell=told.append) as post:
        for k in range(int(count)):
            await post.put(letter(id=f"{k:032x}"))
        print("put", flush=True)
        while post.counters()["waiting"]:
            await asyncio.sleep(0.01)
    print("all sent", flush=True)

asyncio.run(main())
"""


class Child:
    """A process with a post; killed at its moment, or after so long."""

    def __init__(self, folder: Path, port: int, moment: str, count: int = 1) -> None:
        self._arguments = [str(folder), str(port), moment, str(count)]

    async def run(self, after_s: float | None = None) -> int:
        """Its exit code."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            VICTIM,
            *self._arguments,
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        if after_s is not None:
            await process.stdout.readline()
            try:
                async with asyncio.timeout(after_s):
                    return await process.wait()
            except TimeoutError:
                process.kill()
        async with asyncio.timeout(60):
            await process.stdout.read()
            return await process.wait()


@pytest.mark.parametrize(
    ("moment", "copies"),
    [
        ("before it is sent", 1),
        ("between sent and marked", 2),
        ("between marked and recorded", 1),
        ("between recorded and removed", 1),
    ],
)
async def test_the_process_is_killed(tmp_path: Path, moment: str, copies: int) -> None:
    async with MailServer(tmp_path) as server:
        assert await Child(tmp_path, server.port, moment).run() == -signal.SIGKILL
        assert len(server.taken) == (0 if moment == "before it is sent" else 1)
        assert await Child(tmp_path, server.port, "never").run() == 0
        assert await Child(tmp_path, server.port, "never").run() == 0
    # One mail for its Message-ID. The one copy more is the doubt that nobody can take
    # away: the same to the last byte, so that servers and readers drop it.
    assert len(server.counts) == 1
    assert len({it.content for it in server.taken}) == 1
    assert len(server.taken) == copies


async def test_killed_at_any_moment(tmp_path: Path) -> None:
    """Twelve times in the middle of thirty letters, of which the server defers many."""
    count, chance = 30, random.Random(11)

    async def script(_: SMTP, envelope: Envelope) -> str:
        await asyncio.sleep(chance.uniform(0, 0.02))
        return chance.choice(["250 OK", "451 Not now", "451 Not now"])

    async with MailServer(tmp_path, script=script) as server:
        for _ in range(12):
            child = Child(tmp_path, server.port, "never", count)
            await child.run(after_s=chance.uniform(0.0, 0.25))
        assert await Child(tmp_path, server.port, "never", count).run() == 0
    parcels = {f"<{k:032x}-0-desk-request@example.com>" for k in range(count)}
    assert set(server.counts) == parcels
    for name in parcels:
        same = {it.content for it in server.taken if it.message_id == name}
        assert len(same) == 1
    # At each kill at most the four that were under way are in doubt.
    assert len(server.taken) - count <= 12 * 4


async def test_two_processes_share_a_folder(tmp_path: Path) -> None:
    count = 30
    async with MailServer(tmp_path) as server:
        children = [Child(tmp_path, server.port, "never", count) for _ in range(2)]
        codes = await asyncio.gather(*(child.run() for child in children))
    assert codes == [0, 0]
    assert len(server.counts) == count
    assert set(server.counts.values()) == {1}
