"""Port: UDP sockets of all calls, read in rounds."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from rtc import port as module
from rtc.port import HOLD_S, MOST_DATAGRAM, VIEW, Port, Ports

Got = list[tuple[bytes, tuple[str, int]]]


@contextmanager
def stranger() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        yield udp


def opened(ports: Ports) -> tuple[Port, Got, asyncio.Event]:
    got: Got = []
    lost = asyncio.Event()

    def receive(size: int, source: tuple[str, int], now: float) -> None:
        assert abs(now - asyncio.get_running_loop().time()) < 1
        got.append((bytes(VIEW[:size]), source))

    return ports.open("127.0.0.1", receive, lost.set), got, lost


async def until(condition: object, got: Got, count: int) -> None:
    async with asyncio.timeout(5):
        while len(got) < count:  # noqa: ASYNC110, there is nothing to await
            await asyncio.sleep(0.002)


async def test_datagrams_arrive_whole_with_their_source_even_empty_ones() -> None:
    ports = Ports()
    port, got, lost = opened(ports)
    address = port.get_extra_info("sockname")
    with stranger() as udp:
        for data in (b"one", b"", b"x" * 1400):
            udp.sendto(data, address)
        await until(None, got, 3)
        assert [data for data, _ in got] == [b"one", b"", b"x" * 1400]
        assert {source for _, source in got} == {udp.getsockname()}
    ports.close()
    await asyncio.wait_for(lost.wait(), 1)


async def test_what_is_too_long_is_cut_off_not_spilled() -> None:
    ports = Ports()
    port, got, _ = opened(ports)
    with stranger() as udp:
        udp.sendto(b"x" * 5000, port.get_extra_info("sockname"))
        await until(None, got, 1)
    assert len(got[0][0]) == MOST_DATAGRAM
    ports.close()


async def test_a_flood_at_one_port_does_not_starve_another() -> None:
    ports = Ports()
    flooded, many, _ = opened(ports)
    other, got, _ = opened(ports)
    with stranger() as udp:
        for _ in range(100):
            udp.sendto(b"flood", flooded.get_extra_info("sockname"))
        udp.sendto(b"word", other.get_extra_info("sockname"))
        await until(None, got, 1)
        assert len(many) <= module.ROUNDS * (0.1 / HOLD_S)
        await until(None, many, 100)
    ports.close()


async def test_driven_it_reads_only_when_told() -> None:
    ports = Ports()
    port, got, _ = opened(ports)
    ports.drive(True)
    with stranger() as udp:
        udp.sendto(b"one", port.get_extra_info("sockname"))
        await asyncio.sleep(0.05)
        assert got == []
        assert ports.read() and not ports.read()
        assert len(got) == 1
        ports.drive(False)
        udp.sendto(b"two", port.get_extra_info("sockname"))
        await until(None, got, 2)
    ports.close()
    ports.drive(True)
    assert not ports.read()


async def test_what_cannot_be_sent_is_counted() -> None:
    ports = Ports()
    port, _, _ = opened(ports)
    port.sendto(b"x", ("192.0.2.1", 9))  # from loopback, no route leads there
    assert port.unsent == 1
    ports.close()


async def test_closing_gives_everything_back_and_is_told_once() -> None:
    before = len(os.listdir("/proc/self/fd"))
    ports = Ports()
    port, _, lost = opened(ports)
    told: list[int] = []
    port._lost = lambda: (told.append(1), lost.set())
    assert not port.is_closing()
    port.close()
    port.close()
    assert port.is_closing()
    await lost.wait()
    await asyncio.sleep(0)
    assert told == [1]
    ports.close()
    ports.close()
    assert len(os.listdir("/proc/self/fd")) == before


async def test_a_port_that_closes_another_in_the_same_round_is_no_harm() -> None:
    ports = Ports()
    first, got, _ = opened(ports)
    second, more, _ = opened(ports)
    first._receive = lambda *args: second.close()
    second._receive = lambda *args: first.close()
    with stranger() as udp:
        for port in (first, second):
            udp.sendto(b"x", port.get_extra_info("sockname"))
        await asyncio.sleep(0.05)
    assert len(ports) == 1
    ports.close()


async def test_an_address_of_another_machine_is_an_error_and_leaks_nothing() -> None:
    ports = Ports()
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(OSError, match="assign requested address"):
        ports.open("192.0.2.1", lambda *args: None, lambda: None)
    assert len(os.listdir("/proc/self/fd")) == before
    ports.close()


@pytest.mark.skipif(not module.STAMPED, reason="only Linux says when datagrams came")
async def test_a_datagram_came_when_it_came_and_not_when_it_was_read() -> None:
    ports, loop = Ports(), asyncio.get_running_loop()
    ports.drive(True)
    came: list[float] = []
    port = ports.open("127.0.0.1", lambda *told: came.append(told[2]), lambda: None)
    with stranger() as udp:
        sent = []
        for _ in range(3):
            before = loop.time()
            udp.sendto(b"x", port.get_extra_info("sockname"))
            sent.append((before, loop.time()))
            await asyncio.sleep(0.008)
        while ports.read():
            pass
    for (before, after), at in zip(sent, came, strict=True):
        # Unless the machine slept for so long that the kernel's word is not taken.
        in_time = before - 0.0005 <= at <= after + 0.0005
        assert in_time or loop.time() - before > 0.05
    ports.close()


@pytest.mark.parametrize("age_ms", [-1000, 60, 3_600_000])
async def test_a_wall_clock_that_jumps_is_not_believed(age_ms: int) -> None:
    ports = Ports()
    ports.drive(True)
    came: list[float] = []
    port = ports.open("127.0.0.1", lambda *told: came.append(told[2]), lambda: None)
    with stranger() as udp:
        udp.sendto(b"x", port.get_extra_info("sockname"))
        await asyncio.sleep(0.005)
        wall_ns = time.clock_gettime_ns(time.CLOCK_REALTIME) + age_ms * 1_000_000
        port.read(7.0, wall_ns)
    assert came == [7.0]
    ports.close()
