"""The scripts there are, by name; a new one is a brain and a line here."""

from __future__ import annotations

from .demo import DEMO
from .sarah import SARAH
from .script import Script

__all__ = ["SCRIPTS"]

SCRIPTS: dict[str, Script] = {script.name: script for script in (DEMO, SARAH)}
