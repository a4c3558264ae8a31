"""The command: `python -m convai.compare`.

    python -m convai.compare --agents local,openai --caller turns/ --runs 3 --out DIR
    python -m convai.compare rate DIR votes.json...

Exit status: 0 when every call ran its course, 1 when one did not or there was no server
to call, 2 when what was asked for cannot be done.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from convai.metrics import prices_file
from convai.metrics.prices import Prices, PricesError

from .contender import contenders
from .order import Order, interrupted
from .publish import join_votes, publish
from .run import compare
from .script import load
from .trouble import CompareError, WrongInput

__all__ = ["main"]

MOST_RUNS = 1000


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    for chatty in ("aioice", "aiortc"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    try:
        if words[:1] == ["rate"]:
            return _rate(_rate_parser().parse_args(words[1:]))
        return _compare(_parser().parse_args(words))
    except CompareError as error:
        sys.stderr.write(f"{error}\n")
        return 2 if isinstance(error, WrongInput) else 1
    except OSError as error:
        sys.stderr.write(f"{error.filename or 'the report'}: {error.strerror}\n")
        return 1
    except KeyboardInterrupt:
        return 130


def _compare(given: argparse.Namespace) -> int:
    order = _order(given)
    report = asyncio.run(compare(order))
    page = publish(order.out, report)
    failed = sum(bool(call["failure"]) for call in report["calls"])
    for call in report["calls"]:
        if call["failure"]:
            where = f"{call['agent']}, run {call['run']}"
            sys.stderr.write(f"{where}: {call['failure']}\n")
    sys.stdout.write(f"report {page}\n")
    return 1 if failed else 0


def _rate(given: argparse.Namespace) -> int:
    page = join_votes(given.folder, given.votes)
    sys.stdout.write(f"report {page}\n")
    return 0


def _order(given: argparse.Namespace) -> Order:
    """Raises WrongInput."""
    lines = load(given.caller)
    if not 1 <= given.runs <= MOST_RUNS:
        raise WrongInput(f"--runs: 1 to {MOST_RUNS}")
    if given.url is not None and urlsplit(given.url).scheme not in ("http", "https"):
        raise WrongInput("--url: an http or https URL, such as https://127.0.0.1:8443")
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    out = (given.out or Path("recordings") / "comparisons" / stamp).resolve()
    if (out / "report.json").exists():
        raise WrongInput(f"--out: there is a comparison in {out} already")
    return Order(
        contenders=contenders(given.agents),
        lines=lines,
        runs=given.runs,
        interrupt=interrupted(given.interrupt_turn, len(lines)),
        out=out,
        url=given.url.rstrip("/") if given.url else None,
        flags=given.server_flag,
        prices=_prices(),
        seed=given.seed,
    )


def _prices() -> Prices:
    """The shipped table; it is read here, so that the rest needs no file of it."""
    try:
        return prices_file.shipped()
    except PricesError as error:
        raise WrongInput(str(error)) from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m convai.compare",
        description="Calls agents with the same caller and writes a report about them. "
        "`python -m convai.compare rate --help` tells how votes join it.",
    )
    add = parser.add_argument
    add("--agents", required=True, metavar="NAME[:PROFILE],...", help="who is called")
    add(
        "--caller",
        required=True,
        nargs="+",
        type=Path,
        metavar="DIR_OR_WAV",
        help="turns of the caller: WAV files, or folders of them in name order, with "
        "their words in NAME.txt beside each or in one script.txt",
    )
    add("--runs", type=int, default=1, help="calls to each agent (%(default)s)")
    add("--out", type=Path, metavar="DIR", help="a folder of its own (recordings/...)")
    add("--url", help="a running server; otherwise one is started on loopback")
    add(
        "--interrupt-turn",
        type=int,
        metavar="K",
        help="the turn, from 1, that interrupts the answer before it; 0: none "
        "(the last but one)",
    )
    add("--seed", type=int, default=0, help="of the rating page's order (%(default)s)")
    add(
        "--server-flag",
        action="append",
        default=[],
        metavar="FLAG",
        help="one more for the server that is started, such as --profile=sarah",
    )
    return parser


def _rate_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m convai.compare rate",
        description="Joins votes from the rating page into the report.",
    )
    parser.add_argument("folder", type=Path, help="of the comparison")
    parser.add_argument("votes", nargs="+", type=Path, help="votes.json of each rater")
    return parser


if __name__ == "__main__":
    sys.exit(main())
