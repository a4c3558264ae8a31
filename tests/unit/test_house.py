"""The rules of the house that a program can check; each also catches a made-up sin."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

import pytest

from tests.tree import ROOT, Module, files, module, modules

MOST_LINES = 350
MOST_FUNCTION_LINES = 40
"From `def` to the end, docstring, comments and blank lines left out."

TABLES = {("convai.event_json", "to_json")}
"One `match` with a case for each event: a table, which is no clearer in pieces."

BROAD = {
    "rtc.switchboard": 1,
    "rtc.clock": 1,
    "rtc.archive.backlog": 1,
    "rtc.archive.aside": 1,
    "rtc.call": 1,
    "rtc.opinions": 2,
    "convai.tools.toolbox": 1,
    "convai.post.dispatch": 1,
    "convai.desk.courier": 1,
}
"""The walls: between calls, where they are run, where they meet on the clock, where
they are kept (an error of a thread is passed on to who waits for it), and where their
talks are read; between a call and its listeners; between a call and the tools of its
users; between letters, and where those are made."""

SEEN_BY_ALL = re.compile(
    r"""
    (?<![\w.:/])/(?:work|root|tmp/trial|home/\w+|Users/\w+)/   # a machine's folders
    | \bsk[-_](?=\w*\d)\w{20,}                                 # a provider's key
    | \bgh[opsu]_\w{30,} | \bAKIA[0-9A-Z]{16}
    | -----BEGIN\ [A-Z ]*PRIVATE\ KEY-----\s+[A-Za-z0-9+/]{40}
    """,
    re.VERBOSE,
)
"What must never be in a file that others get."


def documented(found: Module) -> list[str]:
    return [] if ast.get_docstring(found.tree) else ["no docstring"]


def exported(found: Module) -> list[str]:
    """`__all__` is there, sorted as ruff sorts it, and names what exists."""
    if found.package or found.name.endswith("__main__"):
        return []
    names = listed(found.tree)
    if names is None:
        return ["no __all__"]
    there = set(defined(found.tree))
    return [f"{name} is in __all__ only" for name in names if name not in there]


def listed(tree: ast.Module) -> list[str] | None:
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return list(ast.literal_eval(node.value))
    return None


def defined(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (ast.unparse(target) for target in node.targets)
        elif isinstance(node, ast.AnnAssign | ast.Import | ast.ImportFrom):
            names = getattr(node, "names", None)
            if names is None:
                yield ast.unparse(node.target)  # type: ignore[union-attr]
            else:
                yield from (alias.asname or alias.name for alias in names)


def bare_package(found: Module) -> list[str]:
    """A package's own file is a docstring: importing one part loads no other."""
    if not found.package:
        return []
    return ["more than a docstring"] if len(found.tree.body) > 1 else []


def short(found: Module) -> list[str]:
    lines = len(found.text.splitlines())
    return [f"{lines} lines"] if lines > MOST_LINES else []


def short_functions(found: Module) -> list[str]:
    source = found.text.splitlines()
    sins = []
    for node in ast.walk(found.tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        lines = set(range(node.lineno, (node.end_lineno or 0) + 1))
        if ast.get_docstring(node):
            lines -= set(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
        code = [n for n in lines if re.match(r"\s*[^\s#]", source[n - 1])]
        table = (found.name, node.name) in TABLES
        if len(code) > MOST_FUNCTION_LINES and not table:
            sins.append(f"{node.name} has {len(code)} lines")
    return sins


def grouped_tasks(found: Module) -> list[str]:
    """A task belongs to a TaskGroup, which waits for it and passes its errors on."""
    sins = []
    for node in ast.walk(found.tree):
        if isinstance(node, ast.Attribute) and node.attr == "ensure_future":
            sins.append("ensure_future")
        if isinstance(node, ast.Attribute) and node.attr == "create_task":
            owner = ast.unparse(node.value)
            if not re.search(r"(group|tasks)$", owner):
                sins.append(f"{owner}.create_task")
        if isinstance(node, ast.ImportFrom) and node.module == "asyncio":
            sins += [a.name for a in node.names if a.name.endswith(("task", "future"))]
    return sins


def steady_clock(found: Module) -> list[str]:
    """The wall clock jumps; nothing may be paced or timed by it."""
    return [
        "time.time"
        for node in ast.walk(found.tree)
        if (isinstance(node, ast.Attribute) and ast.unparse(node) == "time.time")
        or (
            isinstance(node, ast.ImportFrom)
            and node.module == "time"
            and any(alias.name == "time" for alias in node.names)
        )
    ]


def narrow_excepts(found: Module) -> list[str]:
    """Who catches everything hides bugs, unless it is raised again in the end."""
    broad = []
    for node in ast.walk(found.tree):
        if isinstance(node, ast.ExceptHandler):
            kinds = ast.unparse(node.type) if node.type else "BaseException"
            last = node.body[-1]
            passed_on = isinstance(last, ast.Raise) and last.exc is None
            if re.search(r"\b(Base)?Exception\b", kinds) and not passed_on:
                broad.append(f"except {kinds} in line {node.lineno}")
    return broad[BROAD.get(found.name, 0) :]


RULES: list[Callable[[Module], list[str]]] = [
    documented,
    exported,
    bare_package,
    short,
    short_functions,
    grouped_tasks,
    steady_clock,
    narrow_excepts,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("name", modules())
def test_module(name: str, rule: Callable[[Module], list[str]]) -> None:
    assert rule(modules()[name]) == []


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (documented, "import json"),
        (exported, "x = 1"),
        (exported, "__all__ = ['y']\nx = 1"),
        (short, "\n" * 351),
        (short_functions, "def f():\n" + "    x = 1\n" * 40),
        (short_functions, "class A:\n    async def f():\n" + "        x = 1\n" * 40),
        (grouped_tasks, "asyncio.create_task(f())"),
        (grouped_tasks, "asyncio.get_running_loop().create_task(f())"),
        (grouped_tasks, "from asyncio import create_task"),
        (grouped_tasks, "asyncio.ensure_future(f())"),
        (steady_clock, "import time\nclock = time.time"),
        (steady_clock, "from time import time"),
        (narrow_excepts, "try: f()\nexcept Exception: pass"),
        (narrow_excepts, "try: f()\nexcept (ValueError, BaseException): pass"),
        (narrow_excepts, "try: f()\nexcept: pass"),
    ],
)
def test_a_sin_is_noticed(rule: Callable[[Module], list[str]], text: str) -> None:
    assert rule(module("rtc.made_up", text))


def test_a_package_with_code_is_noticed() -> None:
    assert bare_package(module("rtc", '"""Doc."""\nimport json', package=True))


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (
            exported,
            "from a import b\n__all__ = ['b', 'c', 'T']\nclass c: ...\nT: int = 1",
        ),
        (short_functions, "def f():\n" + "    # why\n\n" * 40 + "    x = 1"),
        (short_functions, 'def f():\n    """' + "Doc.\n" * 60 + '"""'),
        (grouped_tasks, "group.create_task(f())\nself._tasks.create_task(f())"),
        (steady_clock, "import time\ntime.monotonic()"),
        (narrow_excepts, "try: f()\nexcept (OSError, MyException): pass"),
        (narrow_excepts, "try: f()\nexcept BaseException:\n    g()\n    raise"),
    ],
)
def test_good_manners_are_no_sin(
    rule: Callable[[Module], list[str]], text: str
) -> None:
    assert rule(module("rtc.made_up", text)) == []


def test_a_wall_may_be_broad_once() -> None:
    wall = "try: f()\nexcept Exception: pass\n"
    assert narrow_excepts(module("rtc.call", wall)) == []
    assert narrow_excepts(module("rtc.call", wall * 2))


def test_nothing_private_is_in_any_file() -> None:
    found = {}
    for path in files():
        try:
            text = (ROOT / path).read_text("utf-8")
        except UnicodeDecodeError:
            continue  # pictures, sound
        if match := SEEN_BY_ALL.search(text):
            found[str(path)] = match[0][:12]
    assert found == {}


def test_something_private_is_noticed() -> None:
    for text in (
        "see /wor" + "k/main",
        "cd /ro" + "ot/x",
        "/ho" + "me/ann/parley",
        "key = sk" + "-proj1234567890abcdefghij",
        "sk" + "_0123456789abcdef0123456789abcdef",
        "-----BEGIN " + "PRIVATE KEY-----\n" + "A" * 64,
    ):
        assert SEEN_BY_ALL.search(text), text
    for text in ("https://x.example/work/1", "task-0123456789abcdefghijklmn", "~/x"):
        assert not SEEN_BY_ALL.search(text), text


def test_requirements_come_from_the_usual_place() -> None:
    """No registry, address or option of one machine; each line says what it is for."""
    for path in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / path).read_text("utf-8").splitlines():
            wanted, _, reason = line.partition("#")
            assert "://" not in line and "index" not in wanted, line
            if wanted.strip() and not wanted.startswith("-r "):
                assert reason.strip() or path.endswith("dev.txt"), line


def test_the_hooks_of_the_makefile_can_be_run() -> None:
    for name in ("run", "venv", "python", "system"):
        assert (ROOT / ".ci" / name).stat().st_mode & 0o111, name
