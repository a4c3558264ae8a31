"""README and code say the same: settings, files, commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from convai.post.signature import signature
from rtc.startup import manual
from rtc.startup.settings import OPTIONS
from tests.tree import ROOT, files

MADE_LATER = {
    *(".env", ".venv", ".cache", "parley.toml", "profiles", "recordings"),
    *("FILE.toml", "NAME.txt", "my-turns", "orders.py", "votes.json"),
}
"Named in the README, made by the user or by the server."

FILES_OF_A_CALL = {"call.json", "events.jsonl", "recording.mka", "transcript.json"}
"What the server writes for each call."

A_FILE = re.compile(r".*(/|\w\.(css|html|js|json|md|py|svg|toml|txt))")


def readme() -> str:
    return (ROOT / "README.md").read_text("utf-8")


def between(text: str, name: str) -> str:
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", text, re.DOTALL)
    assert found, f"README.md has no <!-- {name} --> ... <!-- /{name} -->"
    return found[1].strip()


def paths(text: str) -> Iterator[str]:
    """What stands in backticks or code blocks and looks like a file of the project.

    Such are words with a known suffix or a final slash, and what `python FILE` or
    `python -m MODULE` would run. URLs' paths begin with a slash and are not meant.
    """
    blocks = re.findall(r"```.*?\n(.*?)```", text, re.DOTALL)
    rest = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    for code in [*blocks, *re.findall(r"`([^`\n]+)`", rest)]:
        for word in re.findall(r"(?<![\w/.:~$={}<-])[\w.][\w./-]*", code):
            if A_FILE.fullmatch(word):
                yield word
        for module in re.findall(r"python3? -m ([a-z_]+(?:\.[a-z_]+)*)", code):
            yield f"-m {module}"


def exists(path: str) -> bool:
    if path.startswith("-m "):
        file = path[3:].replace(".", "/")
        ours = path[3:].split(".")[0] in {"convai", "rtc"}
        if not ours:
            return True  # a tool, such as pytest
        return any((ROOT / f"{file}{end}").is_file() for end in (".py", "/__main__.py"))
    if path.split("/")[0] in MADE_LATER:
        return True
    # In prose a file is often named without its folder.
    bare = {file.name for file in files()} | FILES_OF_A_CALL
    rooms = {f"{file.parent.name}/" for file in files()}
    return (ROOT / path).exists() or path in bare | rooms


def test_settings_table() -> None:
    assert between(readme(), "settings") == manual.table(OPTIONS).strip(), (
        "paste what `python -m rtc.startup table` writes"
    )


def test_named_files_exist() -> None:
    named = set(paths(readme()))
    assert named, "the README names no file: the pattern must be wrong"
    assert [path for path in sorted(named) if not exists(path)] == []


def test_linked_files_exist() -> None:
    links = re.findall(r"\]\(([^)#\s]+)", readme()) + re.findall(
        r'src="([^"]+)"', readme()
    )
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (ROOT / link).exists()] == []


def test_the_signature_of_webhooks_is_checked_as_it_is_made() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", readme(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    header = signature("secret", b"{}", datetime.now(UTC))
    assert names["is_ours"]("secret", header, b"{}")
    assert not names["is_ours"]("secret", header, b"{ }")
    assert not names["is_ours"]("another", header, b"{}")
    old = signature("secret", b"{}", datetime.now(UTC) - timedelta(minutes=10))
    assert not names["is_ours"]("secret", old, b"{}")


def test_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    named = set(re.findall(r"(?:`|^ *\$? *)make ([a-z-]+)", readme(), re.M))
    assert {"run", "test"} <= named <= targets


def test_flags_and_variables_exist() -> None:
    flags = {option.flag for option in OPTIONS} | {"--help", "--version"}
    variables = {option.variable for option in OPTIONS}
    served = re.findall(r"server\.py ([^`\n]*)|ARGS=[\"']([^\"']*)", readme())
    used = set(re.findall(r"--[a-z][a-z-]*", " ".join(a + b for a, b in served)))
    assert used <= flags
    assert set(re.findall(r"\bPARLEY_[A-Z_]+\b", readme())) <= variables


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("run `python server.py --port 1`", {"server.py"}),
        ("`rtc/call.py` and `web/`", {"rtc/call.py", "web/"}),
        ("```\npython -m convai.local --host x\n```", {"-m convai.local"}),
        ("`GET /calls/{id}/events.jsonl` at `https://h/x.html`", set()),
        ("server.py without code type", set()),
    ],
)
def test_what_counts_as_a_named_file(text: str, found: set[str]) -> None:
    assert set(paths(text)) == found


def test_a_file_that_is_missing_is_noticed() -> None:
    assert exists("Makefile") and exists("rtc/") and exists("-m rtc.startup.manual")
    assert not exists("rtc/nonsense.py") and not exists("-m rtc.nonsense")
