"""A PostgreSQL of our own for tests: real, private, gone at the end.

Debian's packages put its programs into /usr/lib/postgresql/VERSION/bin, others on the
path. It runs in a temporary folder and listens on 127.0.0.1 only. It refuses to run as
root; then it runs as `postgres`, the user that Debian's package makes.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["PASSWORD", "Cluster", "running"]

PASSWORD = "pass/w:rd@42"
"Of its one user; with all that must be written differently in a URL."

QUOTED = "pass%2Fw%3Ard%4042"

READY_S = 30.0
STOP_S = 15.0

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "40",
    "shared_buffers": "64MB",
}


class Cluster:
    """One server with its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = _free_port()
        self._user = "postgres" if os.geteuid() == 0 else None
        self._process: subprocess.Popen[bytes] | None = None
        self._databases = 0

    def make(self) -> None:
        """Lay out the files."""
        secret = self.folder / "password"
        secret.write_text(PASSWORD + "\n", "utf-8")
        if self._user:
            for path in (self.folder, secret):
                shutil.chown(path, self._user, self._user)
        options = ("-U", "parley", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        self._run(
            "initdb", "-D", str(self._data), *options,
            "--auth=scram-sha-256", f"--pwfile={secret}",
        )  # fmt: skip

    def start(self) -> None:
        """Start the server and wait until it takes connections."""
        settings = {**SETTINGS, "unix_socket_directories": str(self.folder)}
        given = [f"-c{name}={value}" for name, value in settings.items()]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [_program("postgres"), "-D", self._data, "-p", str(self.port), *given],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                **self._as_user(),
            )
        asked = [_program("pg_isready"), "-q", "-h127.0.0.1", f"-p{self.port}"]
        deadline = time.monotonic() + READY_S
        while subprocess.run(asked, check=False).returncode:
            alive = self._process.poll() is None and time.monotonic() < deadline
            assert alive, (self.folder / "log").read_text("utf-8")
            time.sleep(0.05)

    def stop(self) -> None:
        """End it, as an administrator would who does not wait for connections."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def database(self) -> str:
        """The URL of a new, empty database."""
        self._databases += 1
        name = f"test{self._databases}"
        self.sql(f"CREATE DATABASE {name}")
        return self.url(name)

    def url(self, name: str) -> str:
        """Of a database, as people write it."""
        return f"postgresql://parley:{QUOTED}@127.0.0.1:{self.port}/{name}"

    def sql(self, statement: str) -> None:
        """Run it in the database of administrators."""
        url = self.url("postgres")
        self._run("psql", "-q", "-X", "-v", "ON_ERROR_STOP=1", "-c", statement, url)

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _run(self, program: str, *args: str) -> None:
        command = [_program(program), *args]
        done = subprocess.run(
            command,
            capture_output=True,
            check=False,
            cwd=self.folder,
            **self._as_user(),
        )
        assert done.returncode == 0, done.stderr.decode()

    def _as_user(self) -> dict[str, object]:
        if self._user is None:
            return {}
        return {"user": self._user, "group": self._user, "extra_groups": []}


@contextmanager
def running() -> Iterator[Cluster]:
    """A server that runs; its folder is not among pytest's, which only root enters."""
    folder = Path(tempfile.mkdtemp(prefix="parley-postgres-"))
    cluster = Cluster(folder)
    try:
        cluster.make()
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder)


def _program(name: str) -> str:
    if found := shutil.which(name):
        return found
    there = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    newest = max(there, key=lambda path: int(path.parts[-3]), default=None)
    assert newest, f"{name} is missing: install the package postgresql"
    return str(newest)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
