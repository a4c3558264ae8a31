"""Disk: files that are there whole or not at all, also after a power cut.

All functions block and raise OSError: call them in a thread.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

__all__ = ["DRAFT", "move", "remove", "sync_folder", "write"]

DRAFT = ".tmp"
"Ends the name of what is not complete; it begins with a dot."

PRIVATE = 0o600
"What people said is for the one who runs the server."


def write(path: Path, content: bytes) -> None:
    """Give `path` that content, in one step."""
    # Of its own for each writer: two of them may be at it at once.
    mine = f"{os.getpid()}-{threading.get_ident()}"
    draft = path.with_name(f".{path.name}.{mine}{DRAFT}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            # Or a power cut could leave the new name with nothing behind it.
            os.fsync(descriptor)
        os.replace(draft, path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def move(path: Path, folder: Path) -> None:
    """Put it into another folder, over what had its name there."""
    folder.mkdir(exist_ok=True)
    os.replace(path, folder / path.name)


def remove(path: Path) -> None:
    """No error when it is not there."""
    path.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Wait until its names are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
