"""Banner: what the terminal shows when the server is ready to be called.

Pure text. The last line, `ready URL`, is for programs that start the server; it stays
the same whatever is printed above it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import TextIO

import segno

from .addresses import IPAddress, lan_address
from .certificate import Https

__all__ = ["banner", "qr_code", "shows_qr", "url", "urls"]

QUIET_ZONE = 2
"""Modules of margin round the code. The standard asks for 4, which costs a terminal
two more lines; phones read it with 2 against the white ground below."""

PAPER = "\x1b[30;107m"
"Black on bright white, whatever the terminal's colours: few readers take a negative."
PLAIN = "\x1b[0m"

BLOCKS = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}
"(upper, lower) module, 1 is dark: two rows to a line, so that modules are square."


def banner(
    host: str,
    port: int,
    https: Https | None,
    addresses: Iterable[IPAddress],
    way_out: IPAddress | None,
    *,
    qr: bool = False,
) -> str:
    """All that is printed at start, for the host and port that are listened on.

    `addresses` and `way_out` are those of this machine (`rtc.startup.addresses`).
    """
    found = urls(host, port, https, addresses, way_out)
    here, elsewhere = _names(host, https, addresses, way_out)
    lines = ["", "Parley is ready. Open", *(f"  {it}" for it in found)]
    if here and elsewhere:
        lines[-2] += "   on this machine"
        lines[-1] += "   on your phone or another computer"
    lines.append(f"The history of calls is at {found[0]}/calls")
    if https is None:
        lines += ["", "Without HTTPS browsers allow the microphone on localhost only."]
    elif elsewhere and qr:
        lines += ["", qr_code(found[-1])]
    if https is not None and https.self_signed:
        lines += ["", *_warning(https.fingerprint)]
    ready = url(_scheme(https), _target(host), port)
    return "\n".join([*lines, "", f"ready {ready}", ""])


def urls(
    host: str,
    port: int,
    https: Https | None,
    addresses: Iterable[IPAddress],
    way_out: IPAddress | None,
) -> list[str]:
    """Where we are found: first on this machine, last from elsewhere, if that can be.

    The arguments are those of `banner`.
    """
    names = _names(host, https, addresses, way_out)
    return [url(_scheme(https), name, port) for name in names if name]


def url(scheme: str, host: str, port: int) -> str:
    """A URL without the port where that is the usual one, IPv6 in brackets."""
    name = f"[{host}]" if ":" in host else host
    usual = {"https": 443, "http": 80}[scheme]
    return f"{scheme}://{name}" + ("" if port == usual else f":{port}")


def shows_qr(stream: TextIO) -> bool:
    """Whether the stream is a terminal that can draw the blocks of the code."""
    encoding = (stream.encoding or "").lower().replace("-", "")
    return stream.isatty() and encoding == "utf8"


def qr_code(text: str) -> str:
    """The text as a QR code of half blocks, black on white."""
    code = segno.make_qr(text, error="l")  # a screen has no scratches
    rows = [list(row) for row in code.matrix_iter(border=QUIET_ZONE)]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    return "\n".join(
        PAPER + "".join(BLOCKS[pair] for pair in zip(upper, lower, strict=True)) + PLAIN
        for upper, lower in zip(rows[::2], rows[1::2], strict=True)
    )


def _scheme(https: Https | None) -> str:
    return "http" if https is None else "https"


def _names(
    host: str,
    https: Https | None,
    addresses: Iterable[IPAddress],
    way_out: IPAddress | None,
) -> tuple[str, str]:
    """The names for this machine and for others; "" for none of their own."""
    if https is not None and https.own_name:
        return "", https.own_name  # the certificate is not for localhost
    return _hosts(host, addresses, way_out)


def _hosts(
    host: str, addresses: Iterable[IPAddress], way_out: IPAddress | None
) -> tuple[str, str]:
    """Where this machine and where others find us; "" for nowhere of their own."""
    address = _address(host)
    if address is None or not (address.is_loopback or address.is_unspecified):
        return ("localhost", "") if host == "localhost" else ("", host)
    if address.is_loopback:
        return "localhost" if host == "127.0.0.1" else host, ""
    # 0.0.0.0 takes IPv4 only, :: takes both on the systems we run on.
    reachable = [a for a in addresses if address.version == 6 or a.version == 4]
    lan = lan_address(reachable, way_out)
    return "localhost", str(lan) if lan else ""


def _target(host: str) -> str:
    """Where a program on this machine reaches us; it needs no name to be looked up."""
    address = _address(host)
    return "127.0.0.1" if address is not None and address.is_unspecified else host


def _address(host: str) -> IPAddress | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _warning(fingerprint: str) -> list[str]:
    half = len(fingerprint) // 2 + 1
    return [
        "The certificate is self-signed: the browser warns once. Go on if the SHA-256",
        "fingerprint that it shows under the details is",
        f"  {fingerprint[:half]}",
        f"  {fingerprint[half:]}",
    ]
