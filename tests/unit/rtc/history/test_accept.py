"""Accept: browsers get a page, programs get JSON."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtc.history.accept import prefers_html

CHROME = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,"
    "image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7"
)


@pytest.mark.parametrize(
    "accept",
    [
        CHROME,
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "text/html",
        "TEXT/HTML",
        "text/*",
        "text/html; charset=utf-8",
        "application/json;q=0.5, text/html",
        "*/*;q=0.1, text/html;q=0.2",
    ],
)
def test_a_page(accept: str) -> None:
    assert prefers_html(accept)


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "*/*",
        "application/json",
        "application/json, text/plain, */*",
        "text/html;q=0.5, application/json",
        "text/html;q=0, */*",
        "text/html, application/json",
        "image/png",
        "q=1",
        ",,;",
    ],
)
def test_json(accept: str) -> None:
    assert not prefers_html(accept)


@given(st.text() | st.text("text/html*;q=0.9, \t").filter(bool))
def test_any_header_is_decided(accept: str) -> None:
    assert prefers_html(accept) in (True, False)
