"""`python -m rtc.render RECORDING KIND LEG OUTPUT`: how the server has it rendered.

A process of its own, so that neither the GIL nor the processor is taken from calls.
Tells on its output, a line each: `SIZE THERE` in bytes (`?`: not known yet), at last
`failed WHY`. Its end is noticed by these lines; and who is not listened to any more,
because the server died, stops.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

NICE = 10
"The media of calls goes first; there is still progress on a busy machine."


def main() -> int:
    if hasattr(os, "nice"):
        os.nice(NICE)
    # Not before: what is imported is as much work as a call of a minute.
    from .make import FAULTS, explain, make

    recording, kind, leg, output = sys.argv[1:]
    try:
        make(Path(recording), kind, leg, Path(output), told)
    except BrokenPipeError:
        return 1
    except FAULTS as error:
        tell(f"failed {explain(error)}")
        return 1
    return 0


def told(size: int | None, there: int) -> None:
    tell(f"{'?' if size is None else size} {there}")


def tell(line: str) -> None:
    sys.stdout.write(line.replace("\n", " ") + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
