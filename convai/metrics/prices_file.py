"""Price tables on disk: the one that ships, and one's own."""

from __future__ import annotations

from pathlib import Path

from .prices import Prices, PricesError

__all__ = ["SHIPPED", "read", "shipped"]

SHIPPED = Path(__file__).with_name("prices.toml")

MOST_BYTES = 1024 * 1024
"Of a table; the one that ships has 4000."


def shipped() -> Prices:
    """The table that comes with Parley."""
    return read(SHIPPED)


def read(path: Path) -> Prices:
    """A table. Raises PricesError, which names the file, and the key that is wrong."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise PricesError("prices: too large to be a table")
        # Some editors put a mark of byte order first, which TOML does not know.
        return Prices.parse(content.decode("utf-8-sig"))
    except (PricesError, UnicodeDecodeError) as error:
        raise PricesError(f"{path}: {error}") from None
    except OSError as error:
        raise PricesError(f"{path}: {error.strerror}") from None
    except ValueError:  # a zero byte
        raise PricesError(f"{str(path)!r} is no path") from None
