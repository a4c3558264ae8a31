"""Captions: whatever was said, the cues keep their structure and the words survive."""

from __future__ import annotations

import json
import re
import subprocess
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from convai import captions

TIMES = re.compile(
    r"(\d{2,}):([0-5]\d):([0-5]\d)\.(\d{3}) --> (\d{2,}):([0-5]\d):([0-5]\d)\.(\d{3})"
)


class Cue(NamedTuple):
    start_ms: int
    end_ms: int
    voice: str
    text: str


def parsed(text: str) -> list[Cue]:
    """What a strict reader of WebVTT finds; AssertionError for what is none."""
    text.encode()
    assert "\r" not in text and "\0" not in text
    head, *blocks = text.removesuffix("\n").split("\n\n")
    assert head == "WEBVTT" or (head == "WEBVTT\n" and not blocks)
    return [cue(block.split("\n")) for block in blocks]


def cue(lines: list[str]) -> Cue:
    times, payload = lines
    match = TIMES.fullmatch(times)
    assert match, times
    numbers = [int(group) for group in match.groups()]
    start_ms, end_ms = (
        ((h * 60 + m) * 60 + s) * 1000 + ms
        for h, m, s, ms in (numbers[:4], numbers[4:])
    )
    assert "-->" not in payload and payload
    voice = re.match(r"<v (Caller|Agent)>", payload)
    inside = payload[voice.end() :] if voice else payload
    assert "<" not in inside and ">" not in inside
    assert not re.search(r"&(?!amp;|lt;|gt;)", inside)
    return Cue(start_ms, end_ms, voice[1] if voice else "", unescape(inside))


def turn(who: str, text: str, start: Any, end: Any = None, **more: Any) -> dict:
    return {"who": who, "text": text, "start_ms": start, "end_ms": end, **more}


CONTENT = {
    "conversation": "conv_1",
    "turns": [
        turn("agent", "Hello, this is Sarah.", 900, 2400),
        turn("caller", "5 < 6 & 7 > 6 --> ok", 65_000, 66_500),
        turn("agent", "Let me tell you all", 66_000, 67_000, interrupted=True),
        turn("caller", "Wait", 66_800),
        turn("agent", "Good\n\nbye", 3_723_004, 3_724_000),
    ],
    "pauses": [{"start_ms": 30_000, "end_ms": 42_000}],
}


def test_webvtt_has_voices_pauses_and_what_was_cut_off() -> None:
    assert parsed(captions.vtt(CONTENT)) == [
        Cue(900, 2400, "Agent", "Hello, this is Sarah."),
        Cue(30_000, 42_000, "", "[recording paused]"),
        Cue(65_000, 66_500, "Caller", "5 < 6 & 7 > 6 --> ok"),
        Cue(66_000, 67_000, "Agent", "Let me tell you all —"),
        Cue(66_800, 67_800, "Caller", "Wait"),
        Cue(3_723_004, 3_724_000, "Agent", "Good bye"),
    ]
    assert captions.vtt(CONTENT).startswith(
        "WEBVTT\n\n00:00:00.900 --> 00:00:02.400\n<v Agent>Hello, this is Sarah.\n\n"
    )


def test_text_is_for_people() -> None:
    assert captions.words(CONTENT).splitlines() == [
        "[00:00] Agent: Hello, this is Sarah.",
        "[00:30] [recording paused]",
        "[01:05] Caller: 5 < 6 & 7 > 6 --> ok",
        "[01:06] Agent: Let me tell you all —",
        "[01:06] Caller: Wait",
        "[1:02:03] Agent: Good bye",
    ]


def test_nothing_said_is_still_webvtt() -> None:
    for content in ({}, {"turns": []}, {"turns": None, "pauses": 5}):
        assert captions.vtt(content) == "WEBVTT\n"
        assert captions.words(content) == ""


def test_an_end_is_guessed_from_the_words_where_it_is_not_known() -> None:
    (long,) = parsed(captions.vtt({"turns": [turn("agent", "x" * 100, 5)]}))
    assert long.end_ms == 5 + 6000
    (backwards,) = parsed(captions.vtt({"turns": [turn("agent", "x", 500, 400)]}))
    assert backwards.end_ms == 1500


def test_what_is_no_turn_is_left_out() -> None:
    odd: list[Any] = [
        None, 5, "x", [], {},
        turn("nobody", "x", 1), turn("caller", "", 1), turn("caller", " \n ", 1),
        turn("caller", "x", None), turn("caller", "x", True), turn("caller", "x", -1),
        turn("caller", "x", float("nan")), turn("caller", "x", float("inf")),
        turn("caller", "x", 10**400), turn(["caller"], "x", 1), turn("caller", 5, 1),
    ]  # fmt: skip
    pauses = [None, {"start_ms": "1"}, {"start_ms": 7}]
    (pause,) = parsed(captions.vtt({"turns": odd, "pauses": pauses}))
    assert pause == Cue(7, 1007, "", "[recording paused]")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["caller", "agent"]),
            st.text(st.characters(codec=None), max_size=40)
            | st.sampled_from(["-->", "\n\nNOTE x", "</v><b>", "&amp;", "\r\n\r\n1"]),
            st.integers(0, 10**7),
            st.none() | st.integers(0, 10**7),
            st.booleans(),
        ),
        max_size=6,
    )
)
def test_any_text_survives(said: list[tuple[str, str, int, int | None, bool]]) -> None:
    turns = [turn(*rest, interrupted=cut) for *rest, cut in said]
    cues = parsed(captions.vtt({"turns": turns}))
    expected = []
    for who, text, start, _, cut in sorted(said, key=lambda it: it[2]):
        plain = re.sub(r"[\0-\x20\x7f\x85\u2028\u2029]+", " ", text).strip()
        plain = plain.encode(errors="replace").decode()
        if plain:
            expected.append((start, who.title(), plain + (" —" if cut else "")))
    assert [(it.start_ms, it.voice, it.text) for it in cues] == expected
    assert all(it.end_ms > it.start_ms for it in cues)
    assert captions.words({"turns": turns}).count("\n") == len(expected)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["turns", "pauses", "who", "text", "start_ms", "end_ms"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["turns", "pauses"]), json_values))
def test_any_file_of_json_makes_captions(content: dict[str, Any]) -> None:
    parsed(captions.vtt(content))
    captions.words(content)


def test_ffmpeg_reads_the_captions(tmp_path: Path) -> None:
    path = tmp_path / "transcript.vtt"
    path.write_text(captions.vtt(CONTENT), "utf-8")
    command = ["ffprobe", "-v", "error", "-show_packets", "-show_streams"]
    done = subprocess.run(
        [*command, "-of", "json", str(path)], capture_output=True, check=True
    )
    assert done.stderr == b""
    found = json.loads(done.stdout)
    assert found["streams"][0]["codec_name"] == "webvtt"
    starts = [round(float(it["pts_time"]) * 1000) for it in found["packets"]]
    assert starts == [900, 30_000, 65_000, 66_000, 66_800, 3_723_004]
