"""Who may import whom: server -> rtc -> convai, never back; a pure file does no I/O."""

from __future__ import annotations

import ast
import sys

import pytest

from tests.tree import Module, module, modules

IO = {
    "aiohttp", "aioice", "aiortc", "asyncio", "av", "socket", "subprocess",
    "threading", "time", "websockets",
}  # fmt: skip
"What a pure file does not import: with it would come waiting, clocks or wires."

PURE = {
    "convai.agent",
    "convai.brief",
    "convai.captions",
    "convai.cast",
    "convai.compare.bill",
    "convai.compare.contender",
    "convai.compare.ledger",
    "convai.compare.listen",
    "convai.compare.markup",
    "convai.compare.order",
    "convai.compare.plots",
    "convai.compare.rating",
    "convai.compare.report",
    "convai.compare.spread",
    "convai.compare.summary",
    "convai.compare.tables",
    "convai.compare.words",
    "convai.desk.correction",
    "convai.desk.entry",
    "convai.desk.outgoing",
    "convai.desk.rules",
    "convai.desk.shown",
    "convai.desk.standing",
    "convai.elevenlabs.brief",
    "convai.elevenlabs.codec",
    "convai.elevenlabs.fault",
    "convai.elevenlabs.hosts",
    "convai.elevenlabs.notes",
    "convai.elevenlabs.overrides",
    "convai.elevenlabs.scores",
    "convai.elevenlabs.sound",
    "convai.elevenlabs.texts",
    "convai.elevenlabs.tools",
    "convai.elevenlabs.words",
    "convai.endpoint",
    "convai.event_json",
    "convai.events",
    "convai.heard",
    "convai.local.booking",
    "convai.local.days",
    "convai.local.demo",
    "convai.local.dialogue",
    "convai.local.hearing",
    "convai.local.history",
    "convai.local.intake",
    "convai.local.messages",
    "convai.local.occasion",
    "convai.local.playing",
    "convai.local.sarah",
    "convai.local.sarah_ears",
    "convai.local.sarah_words",
    "convai.local.script",
    "convai.local.slots",
    "convai.local.style",
    "convai.local.turns",
    "convai.mail.address",
    "convai.mail.digest",
    "convai.mail.excerpt",
    "convai.mail.invitation",
    "convai.mail.letter",
    "convai.mail.links",
    "convai.mail.occasion",
    "convai.mail.spoken",
    "convai.mail.timezone",
    "convai.mail.when",
    "convai.mail.wording",
    "convai.meeting.acts",
    "convai.meeting.agenda",
    "convai.meeting.answers",
    "convai.meeting.clauses",
    "convai.meeting.dates",
    "convai.meeting.day",
    "convai.meeting.days",
    "convai.meeting.detect",
    "convai.meeting.digest",
    "convai.meeting.durations",
    "convai.meeting.hour",
    "convai.meeting.hours",
    "convai.meeting.meeting",
    "convai.meeting.negotiation",
    "convai.meeting.offers",
    "convai.meeting.options",
    "convai.meeting.parts",
    "convai.meeting.polarity",
    "convai.meeting.reading",
    "convai.meeting.reckoned",
    "convai.meeting.speech",
    "convai.meeting.table",
    "convai.meeting.tokens",
    "convai.meeting.transcripts",
    "convai.meeting.verdict",
    "convai.meeting.zones",
    "convai.metrics.cost",
    "convai.metrics.happened",
    "convai.metrics.metrics",
    "convai.metrics.moments",
    "convai.metrics.prices",
    "convai.metrics.sound",
    "convai.metrics.spread",
    "convai.metrics.table",
    "convai.metrics.turn",
    "convai.metrics.turns",
    "convai.metrics.words",
    "convai.notes",
    "convai.openai.calls",
    "convai.openai.codec",
    "convai.openai.fault",
    "convai.openai.floor",
    "convai.openai.items",
    "convai.openai.notes",
    "convai.openai.replies",
    "convai.openai.reply",
    "convai.openai.session",
    "convai.openai.turns",
    "convai.openai.usage",
    "convai.outbox",
    "convai.pauses",
    "convai.post.book",
    "convai.post.line",
    "convai.post.packing",
    "convai.post.parcel",
    "convai.post.record",
    "convai.post.schedule",
    "convai.post.server",
    "convai.post.signature",
    "convai.profile",
    "convai.providers.provider",
    "convai.provision.dialect",
    "convai.provision.difference",
    "convai.provision.plan",
    "convai.provision.wanted",
    "convai.succession.breaker",
    "convai.succession.floor",
    "convai.succession.history",
    "convai.succession.lately",
    "convai.succession.renewal",
    "convai.succession.turnover",
    "convai.toml_model",
    "convai.tools.booking",
    "convai.tools.recording",
    "convai.tools.tool",
    "convai.transcript",
    "convai.turn",
    "convai.ulaw",
    "convai.untrusted",
    "rtc.archive.query",
    "rtc.archive.row",
    "rtc.bands",
    "rtc.bargein",
    "rtc.beat",
    "rtc.call_id",
    "rtc.consent",
    "rtc.drift",
    "rtc.echo",
    "rtc.echo_path",
    "rtc.echo_voice",
    "rtc.emodel",
    "rtc.frame",
    "rtc.gain",
    "rtc.health",
    "rtc.history.accept",
    "rtc.history.marks",
    "rtc.history.openapi",
    "rtc.history.operations",
    "rtc.history.parts",
    "rtc.history.ranges",
    "rtc.history.schemas",
    "rtc.jitter",
    "rtc.ledger",
    "rtc.outcome",
    "rtc.page",
    "rtc.patience",
    "rtc.playout",
    "rtc.reception",
    "rtc.recording.clusters",
    "rtc.recording.leg",
    "rtc.recording.matroska",
    "rtc.reflex",
    "rtc.render.format",
    "rtc.repair",
    "rtc.report",
    "rtc.rtp",
    "rtc.sdp",
    "rtc.slots",
    "rtc.spread",
    "rtc.startup.banner",
    "rtc.startup.manual",
    "rtc.startup.option",
    "rtc.startup.values",
    "rtc.startup.values_meetings",
    "rtc.timeline",
    "rtc.vad",
}
"A name here that is no module is a mistake: the test says so."

CODECS = {"convai.elevenlabs", "convai.openai"}
"Codecs, each a package of its parts."

CODEC_MAY_IMPORT = {
    "convai.agent",
    "convai.brief",
    "convai.endpoint",
    "convai.events",
    "convai.heard",
    "convai.notes",
    "convai.profile",
    "convai.tools.tool",
    "convai.ulaw",
    "convai.untrusted",
}
"The vocabulary; all of it is pure."

READ_THE_ENVIRONMENT = {
    "server",
    "convai.local.__main__",  # `python -m convai.local`: an edge of its own
    "convai.local.models",  # `python -m convai.local.models`, likewise
    "convai.provision.__main__",  # `python -m convai.provision`, likewise
}


def under(name: str, folder: str) -> bool:
    return name == folder or name.startswith(folder + ".")


def wrong_way(found: Module) -> set[str]:
    """What is imported against the arrows."""
    above = {"convai": ("rtc", "server", "tests"), "rtc": ("server", "tests")}
    floor = found.name.split(".")[0]
    return {
        name
        for name in found.imports
        for folder in above.get(floor, ("tests",))
        if under(name, folder)
    }


def io_of(found: Module) -> set[str]:
    return {name for name in found.imports if name.split(".")[0] in IO}


def strange_in_codec(found: Module, codec: str) -> set[str]:
    """What a codec imports beside the standard library, numpy and its own parts."""

    def fine(name: str) -> bool:
        top = name.split(".")[0]
        ours = any(under(name, allowed) for allowed in CODEC_MAY_IMPORT)
        own = under(name, codec)
        # `from . import ulaw` names the package, too; which is a docstring only.
        return top in sys.stdlib_module_names or ours or own or top in {"numpy"}

    return {name for name in found.imports if not fine(name)} - {"convai"}


def reads_environment(found: Module) -> bool:
    names = {"environ", "environb", "getenv", "getenvb"}
    reading = {f"os.{name}" for name in names}
    return bool(found.imports & reading) or any(
        isinstance(node, ast.Attribute) and ast.unparse(node) in reading
        for node in ast.walk(found.tree)
    )


@pytest.mark.parametrize("name", modules())
def test_imports_follow_the_arrows(name: str) -> None:
    assert not wrong_way(modules()[name])


def test_against_the_arrows_is_noticed() -> None:
    for text in ("import rtc.call", "from rtc import call", "def f(): import server"):
        assert wrong_way(module("convai.wire", text))
    assert wrong_way(module("rtc.call", "from server import main"))
    assert wrong_way(module("rtc.x.y", "from ...server import main"))
    assert not wrong_way(module("rtc.call", "from convai.agent import Agent"))
    assert not wrong_way(module("convai.a", "from . import server\nimport rtcx"))


def test_no_module_is_in_a_circle() -> None:
    known = modules()
    edges = {
        name: {other for other in found.imports if other in known and other != name}
        for name, found in known.items()
        # A package is a docstring; naming it on the way to its module is no edge.
    }
    edges = {
        name: {other for other in others if not known[other].package}
        for name, others in edges.items()
    }
    while edges:
        free = {name for name, others in edges.items() if not others & edges.keys()}
        assert free, f"these import each other: {sorted(edges)}"
        edges = {name: others for name, others in edges.items() if name not in free}


@pytest.mark.parametrize("name", sorted(PURE))
def test_a_pure_file_does_no_io(name: str) -> None:
    assert not io_of(modules()[name])


def test_io_is_noticed() -> None:
    assert io_of(module("convai.x", "import asyncio"))
    assert io_of(module("convai.x", "def f():\n    from time import monotonic"))
    assert io_of(module("convai.x", "import av.audio"))
    assert not io_of(module("convai.x", "from datetime import time"))


@pytest.mark.parametrize("codec", sorted(CODECS))
def test_a_codec_stands_on_the_vocabulary_only(codec: str) -> None:
    parts = [name for name in modules() if under(name, codec)]
    assert parts
    for name in parts:
        assert not strange_in_codec(modules()[name], codec), name


def test_a_strange_import_in_a_codec_is_noticed() -> None:
    codec = "convai.elevenlabs"
    part = f"{codec}.codec"
    assert strange_in_codec(module(part, "from .. import wire"), codec)
    assert strange_in_codec(module(part, "import websockets"), codec)
    assert strange_in_codec(module(part, "from ..local import intake"), codec)
    fine = "import json\nfrom .. import ulaw\nfrom .fault import Fault"
    assert not strange_in_codec(module(part, fine), codec)


def test_only_the_edges_read_the_environment() -> None:
    readers = {name for name, found in modules().items() if reads_environment(found)}
    assert readers <= READ_THE_ENVIRONMENT


def test_reading_the_environment_is_noticed() -> None:
    for text in ("import os\nos.environ['A']", "from os import getenv", "os.getenv(1)"):
        assert reads_environment(module("rtc.x", text))
    assert not reads_environment(module("rtc.x", "def f(environ): environ.get('A')"))
