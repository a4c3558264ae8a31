"""Matroska: what others read in the files that are written here."""

from __future__ import annotations

import io
import json
import subprocess
from pathlib import Path

import av
import pytest

from rtc.opus import silence
from rtc.recording.matroska import CUE_EVERY, LONGEST, Block, Matroska

SLOT = 960
MS = 48

TITLES = ("caller", "agent")


def talk(slots: int, tracks: int = 2) -> list[Block]:
    """Packets that can be told apart, of every length up to a few hundred bytes."""
    return [
        (k * SLOT, track, silence() + bytes((track,)) * (k % 300))
        for k in range(slots)
        for track in range(tracks)
    ]


def whole(blocks: list[Block], step: int = 50) -> bytes:
    """A finished file of clusters with `step` blocks each, at most."""
    matroska = Matroska(TITLES)
    file = bytearray(matroska.head)
    for begin in range(0, len(blocks), step):
        for cluster in matroska.clusters(blocks[begin : begin + step]):
            file += cluster
    cues, patches = matroska.end()
    file += cues
    for position, patch in patches:
        file[position : position + len(patch)] = patch
    return bytes(file)


def packets(file: bytes) -> list[Block]:
    """What libavformat finds in it."""
    with av.open(io.BytesIO(file)) as container:
        return [
            (round(packet.pts * packet.time_base * 48_000), packet.stream.index, it)
            for packet in container.demux()
            if packet.pts is not None and packet.time_base and (it := bytes(packet))
        ]


def probe(path: Path, *what: str) -> dict[str, object]:
    """What ffprobe reads in a file; it must have nothing to complain about."""
    command = ["ffprobe", "-v", "warning", "-of", "json", *what, str(path)]
    found = subprocess.run(command, capture_output=True, check=True, text=True)
    assert found.stderr == ""
    return dict(json.loads(found.stdout))


def test_packets_come_out_as_they_went_in_and_when() -> None:
    blocks = talk(500)
    assert packets(whole(blocks)) == blocks


def test_every_length_of_packet_can_be_read() -> None:
    """Those that no Opus packet has are passed over, and what follows is found."""
    lengths = (1, 2, 122, 123, 127, 128, 1275, 16_378, 16_384, 70_000, 3)
    blocks = [(k * SLOT, 0, silence() + bytes(n - 1)) for k, n in enumerate(lengths)]
    found = [len(it) for _, _, it in packets(whole(blocks))]
    assert found == [1, 2, 122, 123, 127, 128, 1275, 3]


def test_times_are_rounded_to_a_millisecond() -> None:
    odd = [(k * 1080 + 23, 0, silence()) for k in range(200)]  # 22.5 ms apart
    for (at, _, _), (read, _, _) in zip(odd, packets(whole(odd)), strict=True):
        assert abs(read - at) <= MS


def test_the_tracks_are_opus_and_have_their_names(tmp_path: Path) -> None:
    path = tmp_path / "x.mka"
    path.write_bytes(whole(talk(500)))
    found = probe(path, "-show_streams", "-show_format")
    streams = found["streams"]
    assert isinstance(streams, list)
    assert [it["tags"]["title"] for it in streams] == list(TITLES)
    for stream in streams:
        assert (stream["codec_name"], stream["channels"]) == ("opus", 1)
        assert stream["sample_rate"] == "48000"
        assert float(stream["start_time"]) == 0.0
    assert isinstance(form := found["format"], dict)
    assert float(form["duration"]) == pytest.approx(10.0, abs=0.01)


def test_a_file_cut_off_anywhere_gives_all_clusters_that_are_whole() -> None:
    """What `kill -9` leaves: no end, and perhaps a piece of a cluster."""
    matroska, blocks = Matroska(TITLES), talk(200)
    file, ends = matroska.head, []
    for begin in range(0, len(blocks), 50):
        file += b"".join(matroska.clusters(blocks[begin : begin + 50]))
        ends.append(len(file))
    for count, end in enumerate(ends, 1):
        assert packets(file[:end]) == blocks[: count * 50]
        torn = packets(file[: end + 100])
        assert torn[: count * 50] == blocks[: count * 50]


def test_clusters_are_no_longer_than_a_second() -> None:
    matroska = Matroska(TITLES)
    clusters = list(matroska.clusters(talk(1000)))
    assert len(clusters) == 1000 * SLOT // LONGEST
    # An hour between two blocks, as after a laptop slept: their distance would not fit.
    far = [(0, 0, silence()), (3600 * 48_000, 0, silence())]
    assert packets(whole(far)) == far
    assert list(matroska.clusters([])) == []


def test_a_player_can_jump(tmp_path: Path) -> None:
    path = tmp_path / "x.mka"
    path.write_bytes(whole(talk(5000)))
    for second in (3, 42, 99):
        found = probe(path, "-read_intervals", f"{second}%+#1", "-show_packets")
        assert isinstance(it := found["packets"], list)
        assert second - CUE_EVERY / 48_000 <= float(it[0]["pts_time"]) <= second


def test_what_is_overwritten_at_the_end_was_left_free() -> None:
    """Beyond the sizes nothing moves: all blocks are where they were before."""
    matroska = Matroska(TITLES)
    body = b"".join(matroska.clusters(talk(300)))
    file = whole(talk(300), step=600)
    assert len(matroska.end()[0]) > 0
    assert file[len(matroska.head) :].startswith(body)
    for position, patch in matroska.end()[1]:
        assert position + len(patch) <= len(matroska.head)
        old = matroska.head[position : position + len(patch)]
        assert old[0] == 0xEC or old == b"\x01" + b"\xff" * 7
