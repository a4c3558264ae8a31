"""Profiles on disk: those that ship with Parley, and the user's own beside them."""

from __future__ import annotations

from pathlib import Path

from .profile import DEFAULT, Profile, ProfileError

__all__ = ["SHIPPED", "load", "offered"]

SHIPPED = Path(__file__).parent / "profiles"
"The profiles that Parley comes with."

SUFFIX = ".toml"

MOST_BYTES = 512 * 1024
"Of a profile's file; a long prompt has some ten thousand."


def load(wanted: str, folder: Path | None = None) -> Profile:
    """The profile of that name, or in the file of that path if it ends in `.toml`.

    A profile in `folder` comes before the shipped one of the same name. Raises
    ProfileError. A path is for the one who runs the server: what a caller asks for must
    be looked up among `offered` ones.
    """
    if wanted.endswith(SUFFIX):
        return _read(_path(wanted))
    found = _files(folder)
    if wanted in found:
        return _read(found[wanted])
    if wanted == DEFAULT.name:
        return DEFAULT
    names = ", ".join(sorted({DEFAULT.name, *found}))
    raise ProfileError(f"there is no profile {wanted}; there are: {names}")


def offered(folder: Path | None = None) -> dict[str, Profile]:
    """Every profile by name, the default one first. Raises ProfileError."""
    found = _files(folder)
    read = {name: _read(found[name]) for name in sorted(found)}
    return {DEFAULT.name: read.pop(DEFAULT.name, DEFAULT), **read}


def _files(folder: Path | None) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for place in (SHIPPED, folder):
        if place is None:
            continue
        try:
            paths = [path for path in place.iterdir() if path.suffix == SUFFIX]
        except OSError as error:
            raise ProfileError(f"profiles in {place}: {error.strerror}") from None
        found.update((path.stem, path) for path in paths if path.is_file())
    return found


def _path(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError:  # ~nobody
        raise ProfileError(f"{text}: there is no such user") from None


def _read(path: Path) -> Profile:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise ProfileError(f"{path}: over {MOST_BYTES // 1024} KiB")
        # Some editors put a mark of byte order first, which TOML does not know.
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise ProfileError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ProfileError(f"{path}: not UTF-8") from None
    except ValueError:  # a zero byte
        raise ProfileError(f"{str(path)!r} is no path") from None
    return Profile.parse(path.stem, text)
