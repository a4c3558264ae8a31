"""The caller's part: what is said, turn by turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .sound import RATE, Samples, read_wav, speech_span
from .trouble import WrongInput

__all__ = ["Line", "load"]

MOST_LINES = 100
"Turns of a call."

MOST_TEXT = 64 * 1024
"Bytes of a script."

LEAD, TAIL = RATE // 20, RATE // 5
"""Samples of the silence around speech that are kept, 50 and 200 ms: a turn is to begin
when its time has come, and breaths belong to the voice."""

WHOLE = "script.txt"
"A script of all turns, a line for each."


@dataclass(frozen=True)
class Line:
    """One turn of the caller."""

    name: str
    pcm: Samples = field(repr=False)
    begin: int
    "Sample at which speech begins."
    end: int
    "Sample at which speech ends; what follows is silence."
    text: str | None = None
    "The words, if there is a script."

    @property
    def begin_s(self) -> float:
        return self.begin / RATE

    @property
    def end_s(self) -> float:
        return self.end / RATE

    @property
    def length_s(self) -> float:
        return len(self.pcm) / RATE


def load(paths: Sequence[Path]) -> list[Line]:
    """Turns from WAV files and folders of them, in name order. Raises WrongInput."""
    lines: list[Line] = []
    for path in paths:
        lines += _folder(path) if path.is_dir() else [_line(path, _beside(path))]
    if len(lines) > MOST_LINES:
        raise WrongInput(f"{len(lines)} turns: {MOST_LINES} are the most of a call")
    return lines


def _folder(folder: Path) -> list[Line]:
    files = sorted(p for p in folder.iterdir() if p.suffix.lower() == ".wav")
    if not files:
        raise WrongInput(f"{folder}: there are no WAV files in it")
    whole = _text(folder / WHOLE)
    texts = [] if whole is None else [t for t in whole.splitlines() if t.strip()]
    if whole is not None and len(texts) != len(files):
        counts = f"{len(texts)} lines for {len(files)} WAV files"
        raise WrongInput(f"{folder / WHOLE}: {counts}")
    return [
        _line(file, _beside(file) or (texts[number].strip() if texts else None))
        for number, file in enumerate(files)
    ]


def _line(path: Path, text: str | None) -> Line:
    pcm = read_wav(path)
    begin, end = speech_span(pcm)
    if begin == end:
        raise WrongInput(f"{path}: nobody speaks in it")
    first, last = max(begin - LEAD, 0), end + TAIL
    return Line(path.stem, pcm[first:last], begin - first, end - first, text)


def _beside(wav: Path) -> str | None:
    """`NAME.txt` beside `NAME.wav`."""
    text = _text(wav.with_suffix(".txt"))
    return None if text is None else " ".join(text.split()) or None


def _text(path: Path) -> str | None:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise WrongInput(f"{path}: {str(error.strerror).lower()}") from None
    if len(content) > MOST_TEXT:
        raise WrongInput(f"{path}: too long for a script")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise WrongInput(f"{path}: this is not text in UTF-8") from None
