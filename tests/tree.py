"""The source tree as tests about the house see it: modules, parsed, with imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["ROOT", "Module", "files", "module", "modules"]

ROOT = Path(__file__).resolve().parent.parent

PACKAGES = ("convai", "rtc")

NOT_OURS = {
    ".cache",
    ".env",
    ".git",
    ".hypothesis",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".venv",
    "__pycache__",
    "recordings",
}
"Made by tools or by the server; the same that .gitignore names, and .git."


@dataclass(frozen=True)
class Module:
    name: str
    "Dotted; a package has the name of its folder."
    text: str
    package: bool = False

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def imports(self) -> set[str]:
        """Full names of all that is imported anywhere in the module.

        `from a import b` counts as both `a` and `a.b`: b may be a module.
        """
        found: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = self._absolute(node)
                found.add(base)
                found.update(f"{base}.{alias.name}" for alias in node.names)
        return found

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self.name.split(".")
        up = node.level - (1 if self.package else 0)
        parts = parts[: len(parts) - up]
        return ".".join([*parts, *([node.module] if node.module else [])])


def files(*suffixes: str) -> Iterator[Path]:
    """Files of the project, relative to its root."""
    pending = [ROOT]
    while pending:
        for path in sorted(pending.pop().iterdir()):
            if path.name in NOT_OURS:
                continue
            if path.is_dir():
                pending.append(path)
            elif not suffixes or path.suffix in suffixes:
                yield path.relative_to(ROOT)


@cache
def modules() -> dict[str, Module]:
    """The modules that run in production, by name."""
    paths = [ROOT / "server.py"]
    for package in PACKAGES:
        paths += sorted((ROOT / package).rglob("*.py"))
    found = {}
    for path in paths:
        parts = list(path.relative_to(ROOT).with_suffix("").parts)
        package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if package else parts)
        found[name] = Module(name, path.read_text("utf-8"), package)
    return found


def module(name: str, text: str, *, package: bool = False) -> Module:
    """A made-up module, to see that a rule catches what it is for."""
    return Module(name, text, package)
