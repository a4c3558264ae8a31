"""`python -m rtc.startup table|env|toml`: what is written from the settings.

The README's table and the two example files; a test compares them with the tree.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from .manual import env_example, table, toml_example
from .settings import OPTIONS

__all__ = ["main"]


def main(words: Sequence[str]) -> int:
    """Write one of them to stdout; returns the exit status."""
    writers = {"table": table, "env": env_example, "toml": toml_example}
    if len(words) != 1 or words[0] not in writers:
        sys.stderr.write("usage: python -m rtc.startup table|env|toml\n")
        return 2
    sys.stdout.write(writers[words[0]](OPTIONS))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
