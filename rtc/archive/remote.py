"""Remote: the files of calls behind an fsspec URL, such as s3://bucket/prefix.

Everything has a deadline, and every fault of a driver comes out as StoreDown. Who may
get in is told by the environment (AWS_..., FSSPEC_...), which fsspec reads itself.
"""

from __future__ import annotations

import asyncio
import functools
import re
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from fsspec.core import url_to_fs

from .aside import Aside

__all__ = ["Remote", "StoreDown", "masked"]

T = TypeVar("T")

PATIENCE_S = 30.0
"Until a store has answered; S3 itself mostly does in a tenth of a second."

SLOWEST_BYTES_S = 100_000
"A line that carries less is no line: ten minutes of a call, 4 MB, may take 70 s."

FLAT = {"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "oss", "memory"}
"Stores that know no folders, or make them by themselves."

OPTIONS: Mapping[str, Mapping[str, Any]] = {
    # Of botocore: not to sit out our deadline in a socket.
    "s3": {"config_kwargs": {"connect_timeout": 5, "read_timeout": 20}},
    "file": {"auto_mkdir": True},
}
"What drivers are told."

MOST_TEXT = 300
"Characters of a driver's error; some enclose whole pages."


class StoreDown(Exception):
    """The store cannot be reached, or refuses. The text is without any password."""


def masked(url: str) -> str:
    """The URL for eyes: without user and password, and without a query."""
    url = re.sub(r"(?<=://)[^/@]*@", "***@", url)
    return re.sub(r"\?.*", "?***", url)


class Remote:
    """One folder for each call below a URL."""

    def __init__(self, url: str) -> None:
        """Raises ValueError when there is no driver for such a URL."""
        self.url = masked(url)
        found = re.match(r"[^:]*://([^/@]*)@", url)
        userinfo = found[1] if found else ""
        self._secrets = [it for it in (userinfo, *userinfo.split(":")) if it]
        self._aside = Aside()
        scheme = url.partition(":")[0]
        try:
            self._fs, root = url_to_fs(
                url,
                # Other servers write there, too; and settings are read anew.
                use_listings_cache=False,
                skip_instance_cache=True,
                **OPTIONS.get(scheme, {}),
            )
        except (ImportError, ValueError) as error:
            # Such as: install s3fs to access S3.
            raise ValueError(f"{self.url}: {self._clean(error)}") from None
        self._root = root.rstrip("/")
        self._flat = scheme in FLAT

    def is_at(self, folder: Path) -> bool:
        """Whether it is that folder of this machine."""
        local = "file" in self._fs.protocol
        return local and Path(self._root).resolve() == folder.resolve()

    @property
    def overdue(self) -> int:
        """How often a deadline was missed."""
        return self._aside.overdue

    async def put(self, call: str, path: Path) -> None:
        """Bring a file there, and see that all of it is there. Raises StoreDown."""
        size = (await asyncio.to_thread(path.stat)).st_size
        there = self._path(call, path.name)

        def work() -> None:
            if not self._flat:
                self._fs.makedirs(self._path(call), exist_ok=True)
            try:
                self._fs.put_file(str(path), there)
            except FileNotFoundError:
                if path.exists():  # it was not deleted meanwhile
                    raise OSError("there is no such bucket or folder") from None
                raise
            found = self._fs.info(there)["size"]
            if found != size:
                raise OSError(f"{path.name} has {found} bytes there, {size} here")

        await self._run(call, work, size)

    async def get(self, call: str, name: str, target: Path) -> None:
        """Bring a file here. Raises FileNotFoundError, StoreDown."""
        there = self._path(call, name)
        size = await self._run(call, lambda: int(self._fs.info(there)["size"]))

        def work() -> None:
            self._fs.get_file(there, str(target))
            found = target.stat().st_size
            if found != size:
                raise OSError(f"{name} has {found} bytes here, {size} there")

        await self._run(call, work, size)

    async def has(self, call: str, name: str) -> bool:
        """Whether that file is there. Raises StoreDown."""
        try:
            there = self._path(call, name)
            await self._run(call, lambda: self._fs.info(there))
        except FileNotFoundError:
            return False
        return True

    async def sizes(self, call: str) -> dict[str, int]:
        """Bytes of each file of a call; {} if there are none. Raises StoreDown."""
        # A store without folders looks through all calls when `ls` finds none, while
        # `find` elsewhere takes an error for an empty folder.
        folder, fs, flat = self._path(call), self._fs, self._flat
        try:
            found = await self._run(
                call,
                lambda: (
                    list(fs.find(folder, detail=True).values())
                    if flat
                    else fs.ls(folder, detail=True)
                ),
            )
        except FileNotFoundError:
            return {}
        return {
            PurePosixPath(it["name"]).name: int(it["size"])
            for it in found
            if it["type"] == "file"
        }

    async def remove(self, call: str) -> None:
        """Remove all files of a call; no error if there are none. Raises StoreDown."""
        if self._aside.busy(call):
            # What missed its deadline may still put a file there.
            raise StoreDown(f"{self.url}: {call} is still being moved")
        for name in await self.sizes(call):
            gone = functools.partial(self._fs.rm_file, self._path(call, name))
            try:
                await self._run(call, gone)
            except FileNotFoundError:
                pass
        if not self._flat:
            try:
                await self._run(call, lambda: self._fs.rmdir(self._path(call)))
            except FileNotFoundError:
                pass

    def _path(self, call: str, *name: str) -> str:
        return "/".join((self._root, call, *name))

    async def _run(self, call: str, work: Callable[[], T], size: int = 0) -> T:
        """What `work` gives; its FileNotFoundError, and for all else StoreDown."""
        deadline_s = PATIENCE_S + size / SLOWEST_BYTES_S
        try:
            return await self._aside.run(call, deadline_s, work)
        except FileNotFoundError:
            raise
        except Exception as error:
            if _is_fault(error):
                raise StoreDown(f"{self.url}: {self._clean(error)}") from None
            raise

    def _clean(self, error: Exception) -> str:
        text = str(error) or type(error).__name__
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return masked(text)[:MOST_TEXT]


def _is_fault(error: Exception) -> bool:
    """Whether a driver says so, rather than has a bug.

    Each driver has classes of errors of its own, which only it could name.
    """
    said = isinstance(error, OSError | RuntimeError | ValueError | EOFError)
    return said or type(error).__module__ != "builtins"
