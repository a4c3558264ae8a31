"""The scripts behind `make`, run with made-up programs on their PATH."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tree import ROOT

TOOLS = ("cat", "cmp", "cp", "dirname", "grep", "id", "ls", "mkdir", "mktemp")
TOOLS += ("rm", "sh", "uname")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A folder as the only PATH, with no more than the usual tools in it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found, tool
        (folder / tool).symlink_to(found)
    return folder


def program(path: Path, name: str, script: str) -> None:
    (path / name).unlink(missing_ok=True)
    (path / name).write_text(f"#!/bin/sh\n{script}\n")
    (path / name).chmod(0o755)


def run(
    path: Path, *command: str, cwd: Path = ROOT, **environ: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ROOT / ".ci" / command[0]), *command[1:]],
        cwd=cwd,
        env={"PATH": str(path), "TMPDIR": str(path), **environ},
        capture_output=True,
        text=True,
        timeout=60,
    )


# --- which Python ---------------------------------------------------------------------

REAL = f'exec {sys.executable} "$@"'


def test_the_first_python_that_works_is_taken(path: Path) -> None:
    program(path, "python3.13", "exit 127")  # as pyenv's shims do
    program(path, "python3.11", REAL)
    found = run(path, "python")
    assert (found.returncode, found.stdout) == (0, f"{sys.executable}\n")


def test_a_person_may_name_the_python(path: Path) -> None:
    program(path, "python3.11", "exit 1")
    program(path, "mine", REAL)
    assert run(path, "python", PYTHON="mine").stdout == f"{sys.executable}\n"


def test_no_python_that_is_new_enough(path: Path) -> None:
    program(path, "python3", "exit 1")  # what the question for the version answers
    found = run(path, "python")
    assert found.returncode == 1
    assert "needs Python 3.11 or newer" in found.stderr
    assert "make run PYTHON=" in found.stderr


def test_a_python_without_venv(path: Path) -> None:
    """Debian has ensurepip in a package of its own."""
    no_venv = f'case "$2" in *ensurepip*) exit 1;; esac\n{REAL}'
    program(path, "python3.11", no_venv)
    found = run(path, "python")
    assert found.returncode == 1
    assert "apt install python3-venv" in found.stderr


# --- the virtual environment ----------------------------------------------------------


@pytest.fixture
def project(tmp_path: Path, path: Path) -> Path:
    """A project whose Python makes an environment that notes what pip installs."""
    folder = tmp_path / "project"
    (folder / ".ci").mkdir(parents=True)
    for name in ("python", "venv"):
        shutil.copy(ROOT / ".ci" / name, folder / ".ci" / name)
    (folder / "requirements.txt").write_text("one\n")
    (folder / "requirements-dev.txt").write_text("-r requirements.txt\ntwo\n")
    program(
        path,
        "fake",
        'case "$*" in\n'
        f"*sys.executable*) echo {path}/fake;;\n"
        f"*--clear*) rm -rf .venv; mkdir -p .venv/bin\n"
        f"    cp {path}/pip .venv/bin/python;;\n"
        "esac",
    )
    program(path, "pip", '[ "$1" = -c ] || echo "$*" >>pip.log\nexit ${FAILS:-0}')
    return folder


def installed(project: Path) -> list[str]:
    log = project / "pip.log"
    lines = log.read_text().splitlines() if log.exists() else []
    log.unlink(missing_ok=True)
    return [line.split()[-1] for line in lines]


def set_up(project: Path, path: Path, name: str, **environ: str) -> int:
    script = project / ".ci" / "venv"
    found = subprocess.run(
        [script, name],
        cwd=project,
        env={"PATH": str(path), "PYTHON": "fake", **environ},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return found.returncode


def test_requirements_are_installed_once_and_after_a_change(
    project: Path, path: Path
) -> None:
    dev = "requirements-dev.txt"
    for _ in range(2):
        assert set_up(project, path, "requirements.txt") == 0
    assert installed(project) == ["requirements.txt"]
    for _ in range(2):
        assert set_up(project, path, dev) == 0
    assert installed(project) == [dev]
    os.utime(project / "requirements.txt")  # a git checkout: newer, but the same
    assert set_up(project, path, "requirements.txt") == 0
    assert installed(project) == []
    (project / "requirements.txt").write_text("one\nmore\n")
    assert set_up(project, path, "requirements.txt") == 0
    assert set_up(project, path, dev) == 0
    assert installed(project) == ["requirements.txt", dev]


def test_an_installation_that_failed_is_tried_again(project: Path, path: Path) -> None:
    assert set_up(project, path, "requirements.txt") == 0
    (project / "requirements.txt").write_text("other\n")
    broken = '[ "$1" = -c ] || { echo x >>pip.log; exit 1; }'
    program(project / ".venv" / "bin", "python", broken)
    assert set_up(project, path, "requirements.txt") != 0
    installed(project)
    program(project / ".venv" / "bin", "python", '[ "$1" = -c ] || echo "$*" >>pip.log')
    assert set_up(project, path, "requirements.txt") == 0
    assert installed(project) == ["requirements.txt"]


def test_an_environment_whose_python_is_gone_is_made_anew(
    project: Path, path: Path
) -> None:
    assert set_up(project, path, "requirements.txt") == 0
    installed(project)
    python = project / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nonexistent/python3")
    assert set_up(project, path, "requirements.txt") == 0
    assert installed(project) == ["requirements.txt"]


# --- what the tests need of the system ------------------------------------------------


@pytest.fixture
def bare(project: Path, path: Path) -> Path:
    """A project on a machine that has a Python and nothing else of what is needed."""
    shutil.copy(ROOT / ".ci" / "system", project / ".ci" / "system")
    program(path, "python3.11", REAL)
    return project


def look(bare: Path, path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [bare / ".ci" / "system"],
        env={"PATH": str(path), "TMPDIR": str(path)},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_nothing_is_installed_when_all_is_there(bare: Path, path: Path) -> None:
    for name in ("chromium", "ffprobe", "turnserver", "initdb", "apt-get"):
        program(path, name, "exit 1")
    found = look(bare, path)
    assert (found.returncode, found.stdout + found.stderr) == (0, "")


def test_root_on_debian_gets_what_is_missing(bare: Path, path: Path) -> None:
    program(path, "id", "echo 0")
    program(path, "ffprobe", "exit 1")
    program(path, "ls", "exit 2")
    program(path, "uname", "echo Darwin")
    program(path, "python3.11", f'case "$2" in *venv*) exit 1;; esac\n{REAL}')
    program(path, "apt-get", f'echo "$*" >>{bare}/apt.log')
    assert look(bare, path).returncode == 0
    update, install = (bare / "apt.log").read_text().splitlines()
    assert update.endswith("update")
    assert install.endswith("chromium coturn postgresql python3-venv")


def test_the_library_of_playwright_is_thought_of(bare: Path, path: Path) -> None:
    for name in ("chromium", "ffprobe", "turnserver", "initdb"):
        program(path, name, "exit 1")
    program(path, "uname", "echo Linux")
    program(path, "ls", "exit 2")
    program(path, "id", "echo 1000")
    assert "apt install libatomic1\n" in look(bare, path).stderr
    program(path, "uname", "echo Darwin")
    assert look(bare, path).returncode == 0


def test_what_apt_says_is_shown_when_it_fails(bare: Path, path: Path) -> None:
    program(path, "id", "echo 0")
    program(path, "apt-get", "echo no mirror; exit 100")
    found = look(bare, path)
    assert found.returncode == 1
    assert "no mirror" in found.stderr


def test_others_are_told_what_to_install(bare: Path, path: Path) -> None:
    program(path, "id", "echo 1000")
    program(path, "chromium", "exit 1")
    found = look(bare, path)
    assert found.returncode == 1
    assert "apt install ffmpeg coturn\n" in found.stderr
    for name in ("ffmpeg", "coturn"):
        assert f"brew install {name}\n" in found.stderr
    assert "chromium" not in found.stderr
