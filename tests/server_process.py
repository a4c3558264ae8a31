"""The real `server.py` as a process of its own, on loopback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

__all__ = ["OURS", "ROOT", "Server", "server"]

ROOT = Path(__file__).parents[1]

START_S = 120.0
"The first start of all may have to unpack the embedded agent's models."

STOP_S = 20.0
"SIGTERM drains the calls; a test that hung up has none left."

OURS = (
    *("PARLEY_", "ELEVENLABS_", "OPENAI_", "SMTP_", "MEETING_", "DATABASE_", "NATS_"),
)
"A developer's own settings must not reach a test."


@dataclass
class Server:
    """A running server."""

    url: str
    "Without a slash at the end."
    recordings: Path
    process: subprocess.Popen[bytes]
    log: Path
    call: str = ""
    "Id of the last call that was connected."

    async def connect(self, sdp: str) -> str:
        """What `Caller` connects through."""
        connector = aiohttp.TCPConnector(ssl=False)  # the certificate is self-signed
        body = {"sdp": sdp, "type": "offer"}
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            session.post(f"{self.url}/offer", json=body) as answer,
        ):
            content: dict[str, Any] = await answer.json(content_type=None)
            assert answer.status == 200, content
            self.call = content["call"]
            return str(content["sdp"])

    @property
    def folder(self) -> Path:
        """Where the last call is recorded."""
        return self.recordings / self.call


@contextmanager
def server(
    tmp_path: Path, *flags: str, env: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Start it, wait until it is ready; SIGTERM at the end must end it with 0.

    A test that killed it itself is not asked for more.
    """
    log = tmp_path / "server.log"
    recordings = tmp_path / "recordings"
    command = [
        *(sys.executable, str(ROOT / "server.py"), "--host", "127.0.0.1"),
        *("--port", "0", "--ice-address", "127.0.0.1"),
        *("--recordings", str(recordings)),
        *("--certificates", str(tmp_path / "certificates"), *flags),
    ]
    clean = {k: v for k, v in os.environ.items() if not k.startswith(OURS)}
    # Into a file and not a pipe: nobody needs to read it for the server to go on.
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**clean, **(env or {})},
        )
    try:
        yield Server(_url(process, log), recordings, process, log)
    finally:
        _stop(process, log)


def _url(process: subprocess.Popen[bytes], log: Path) -> str:
    """The URL in the server's line `ready https://127.0.0.1:PORT`."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        for line in log.read_text(errors="replace").splitlines(keepends=True):
            # Half a line may have been written: wait for its end.
            if line.startswith("ready ") and line.endswith("\n"):
                return line.split()[1].rstrip("/")
        time.sleep(0.05)
    raise AssertionError(f"the server did not start:\n{log.read_text()}")


def _stop(process: subprocess.Popen[bytes], log: Path) -> None:
    ended = process.poll() is not None
    process.send_signal(signal.SIGTERM)
    try:
        code = process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise AssertionError(f"SIGTERM did not stop it:\n{log.read_text()}") from None
    assert ended or code == 0, f"the server ended with {code}:\n{log.read_text()}"
