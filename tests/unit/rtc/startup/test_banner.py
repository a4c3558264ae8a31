from __future__ import annotations

import io
import ssl
from ipaddress import ip_address

import pytest
import segno

from rtc.startup import banner as module
from rtc.startup.banner import banner, qr_code, shows_qr, url, urls
from rtc.startup.certificate import Https

CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
FINGERPRINT = ":".join(f"{n:02X}" for n in range(32))
SELF = Https(CONTEXT, FINGERPRINT)
OURS = [ip_address(a) for a in ("127.0.0.1", "192.168.1.2", "::1", "fd00::2")]
WAY_OUT = ip_address("192.168.1.2")


def shown(
    host: str, port: int = 8443, https: Https | None = SELF, *, qr: bool = False
) -> tuple[list[str], str]:
    """The URLs in the banner and its last line."""
    text = banner(host, port, https, OURS, WAY_OUT, qr=qr)
    assert text.endswith("\n") and not text.endswith("\n\n")
    assert max(map(len, text.splitlines())) < 80
    lines = text.splitlines()
    return [line.split()[0] for line in lines if line.startswith("  http")], lines[-1]


@pytest.mark.parametrize(
    ("host", "urls", "ready"),
    [
        (
            "0.0.0.0",
            ["https://localhost:8443", "https://192.168.1.2:8443"],
            "ready https://127.0.0.1:8443",
        ),
        (
            "::",
            ["https://localhost:8443", "https://192.168.1.2:8443"],
            "ready https://127.0.0.1:8443",
        ),
        ("127.0.0.1", ["https://localhost:8443"], "ready https://127.0.0.1:8443"),
        ("localhost", ["https://localhost:8443"], "ready https://localhost:8443"),
        ("::1", ["https://[::1]:8443"], "ready https://[::1]:8443"),
        ("fd00::2", ["https://[fd00::2]:8443"], "ready https://[fd00::2]:8443"),
        ("box.local", ["https://box.local:8443"], "ready https://box.local:8443"),
    ],
)
def test_urls(host: str, urls: list[str], ready: str) -> None:
    assert shown(host) == (urls, ready)


def test_urls_are_for_here_first_and_for_elsewhere_last() -> None:
    found, way_out = [ip_address("192.168.1.5")], ip_address("192.168.1.5")
    assert urls("0.0.0.0", 8443, None, found, way_out) == [
        "http://localhost:8443",
        "http://192.168.1.5:8443",
    ]
    assert urls("127.0.0.1", 80, None, found, None) == ["http://localhost"]


def test_without_a_network_there_is_no_second_url() -> None:
    text = banner("0.0.0.0", 8443, SELF, OURS[:1], None, qr=True)
    assert "on your phone" not in text
    assert module.PAPER not in text


def test_the_history_is_where_it_needs_no_password() -> None:
    text = banner("0.0.0.0", 8443, SELF, OURS, WAY_OUT)
    assert "history of calls is at https://localhost:8443/calls\n" in text


def test_the_usual_port_is_left_out() -> None:
    assert url("https", "a", 443) == "https://a"
    assert url("http", "a", 80) == "http://a"
    assert url("http", "::1", 443) == "http://[::1]:443"


def test_the_warning_of_the_browser_is_explained() -> None:
    text = banner("0.0.0.0", 8443, SELF, OURS, WAY_OUT)
    assert "self-signed" in text
    assert FINGERPRINT in text.replace("\n  ", "")


def test_own_certificate_is_opened_by_its_name() -> None:
    own = Https(CONTEXT, FINGERPRINT, "call.example.org")
    urls, ready = shown("0.0.0.0", 443, own)
    assert urls == ["https://call.example.org"]
    assert ready == "ready https://127.0.0.1"
    assert "self-signed" not in banner("0.0.0.0", 443, own, OURS, WAY_OUT)
    nameless = Https(CONTEXT, FINGERPRINT, "")
    assert shown("127.0.0.1", 8443, nameless)[0] == ["https://localhost:8443"]


def test_without_https_there_is_no_code_and_a_word_about_microphones() -> None:
    text = banner("0.0.0.0", 8080, None, OURS, WAY_OUT, qr=True)
    assert "http://localhost:8080" in text
    assert "microphone on localhost only" in text
    assert module.PAPER not in text


def modules(drawn: str) -> list[list[int]]:
    """The code read back from its blocks."""
    pairs = {block: pair for pair, block in module.BLOCKS.items()}
    rows = []
    for line in drawn.splitlines():
        assert line.startswith(module.PAPER) and line.endswith(module.PLAIN)
        blocks = line.removeprefix(module.PAPER).removesuffix(module.PLAIN)
        columns = [pairs[block] for block in blocks]
        rows += [[upper for upper, _ in columns], [lower for _, lower in columns]]
    return rows


def test_the_code_says_the_second_url() -> None:
    text = banner("0.0.0.0", 8443, SELF, OURS, WAY_OUT, qr=True)
    drawn = "\n".join(line for line in text.splitlines() if module.PAPER in line)
    found = modules(drawn)
    code = segno.make_qr("https://192.168.1.2:8443", error="l")
    expected = [list(row) for row in code.matrix_iter(border=module.QUIET_ZONE)]
    assert found[: len(expected)] == expected
    assert not any(map(any, found[len(expected) :]))
    assert len(drawn.splitlines()) < 20, "it fits on a terminal of 24 lines"


def test_modules_are_square_and_dark_on_light() -> None:
    corner = modules(qr_code("x"))[module.QUIET_ZONE]
    assert corner[: module.QUIET_ZONE] == [0] * module.QUIET_ZONE
    assert corner[module.QUIET_ZONE :][:7] == [1] * 7, "the finder's upper edge"


class Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("encoding", "yes"), [("utf-8", True), ("UTF8", True), ("latin-1", False)]
)
def test_a_code_is_for_utf8_terminals(encoding: str, yes: bool) -> None:
    assert shows_qr(Terminal(io.BytesIO(), encoding=encoding)) is yes
    assert not shows_qr(io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    assert not shows_qr(io.StringIO())
