"""Call: how it runs and every way in which it ends, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import numpy as np
import pytest

from convai.agent import AgentError, AgentLost, AgentRefused
from convai.cast import Cast, NoTools
from convai.events import (
    Corrected,
    Cut,
    Ended,
    Event,
    Handover,
    Interrupted,
    RecordingState,
    ReplyBegun,
    ReplyDone,
    Said,
    Speech,
    Stats,
    Talking,
    ToolCall,
    ToolDone,
    Trouble,
)
from convai.notes import Note, Typing
from convai.tools.recording import PAUSE, RESUME
from convai.tools.toolbox import Toolbox
from rtc import rtp
from rtc.announcement import packets
from rtc.call import Call
from rtc.frame import Frame
from rtc.line import Line
from rtc.media import Media
from rtc.opus import Encoder
from rtc.outcome import Limits, Outcome
from rtc.sdp import BadOffer
from tests import virtual
from tests.media import virtual_media

RATE = 16_000


class Context:
    """Something that notes when it is entered and left."""

    def __init__(self, name: str, diary: list[str]) -> None:
        self.name, self.diary = name, diary

    async def __aenter__(self) -> Context:
        self.diary.append(f"{self.name} in")
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.diary.append(f"{self.name} out")


class FakePeer(Context):
    """A caller in virtual time, on the clock once connected."""

    gone = "caller-left"

    def __init__(self, diary: list[str]) -> None:
        super().__init__("peer", diary)
        self.connected = asyncio.Event()
        self.inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.left = asyncio.Event()
        self.vanished = asyncio.Event()
        self.deaf = False
        self.voiced = 0
        self.line: Line | None = None

    async def __aexit__(self, *exc: object) -> None:
        if self.line:
            self.line.stop()
        await super().__aexit__(*exc)

    async def answer(self, offer: str, line: Line) -> str:
        self.line = line
        pull = line.playout.pull

        def counted() -> Frame | None:
            frame = pull()
            self.voiced += frame is not None
            return frame

        line.playout.pull = counted  # type: ignore[method-assign]
        return f"answer to {offer} at {line.input_rate}"

    async def carry(self) -> None:
        await self.connected.wait()
        assert self.line is not None
        if not self.deaf:
            self.line.transmit = lambda payload, timestamp, marker: 1
        self.line.start()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.line.failure())
            await self.left.wait()
            self.line.uplink.end()

    async def silence(self, limit: float) -> None:
        await self.vanished.wait()

    async def message(self) -> dict[str, Any]:
        return await self.inbox.get()

    def counters(self) -> dict[str, int]:
        return {"packets_late": 0}

    async def flush(self, limit: float) -> None:
        # A cancellation that was not undone would break every timeout from here on.
        task = asyncio.current_task()
        assert task is not None and task.cancelling() == 0
        self.diary.append("flush")


Script = Callable[["FakeAgent"], AsyncIterator[Event]]


class FakeAgent(Context):
    input_rate = output_rate = RATE

    def __init__(self, diary: list[str], script: Script) -> None:
        super().__init__("agent", diary)
        self.script = script
        self.did: list[tuple[Any, ...]] = []
        self.refuses: Exception | None = None
        self.slow = 0.0
        self.clings = 0.0

    async def __aexit__(self, *exc: object) -> None:
        await asyncio.sleep(self.clings)
        await super().__aexit__(*exc)

    async def __aenter__(self) -> FakeAgent:
        await asyncio.sleep(self.slow)
        if self.refuses:
            raise self.refuses
        await super().__aenter__()
        return self

    def __aiter__(self) -> AsyncIterator[Event]:
        return self.script(self)

    async def hear(self, pcm: bytes) -> None:
        self.did.append(("hear", len(pcm)))

    async def cut(self, reply: int, heard_ms: int) -> None:
        self.did.append(("cut", reply, heard_ms))

    async def say(self, text: str) -> None:
        self.did.append(("say", text))

    async def answer(self, call_id: str, result: str, error: bool = False) -> None:
        self.did.append(("answer", call_id, result, error))

    async def note(self, note: Note) -> None:
        self.did.append(("note", note))


class FakeRecorder(Context):
    def __init__(self, diary: list[str]) -> None:
        super().__init__("recorder", diary)
        self.sent: list[int] = []

    def counters(self) -> dict[str, int]:
        return {"agent_not_recorded": 0}

    def caller(self, payload: bytes, at: int) -> None: ...

    def agent(self, payload: bytes, at: int) -> None:
        self.sent.append(at)

    def tick(self, at: int) -> None: ...


class Stage:
    """A call with everything around it made up."""

    def __init__(
        self,
        script: Script,
        media: Media,
        limits: Limits | None = None,
        announcement: bytes = b"",
        **cast: Any,
    ) -> None:
        self.diary: list[str] = []
        self.events: list[Event] = []
        self.peer = FakePeer(self.diary)
        self.agent = FakeAgent(self.diary, script)
        self.recorder = FakeRecorder(self.diary)
        self.call = Call(
            0.0,
            media=media,
            cast=Cast(agent=self.agent, agent_name="fake", **cast),
            peer=self.peer,  # type: ignore[arg-type]
            recorder=self.recorder,  # type: ignore[arg-type]
            listeners=[self.events.append],
            limits=limits or Limits(),
            announcement=announcement,
        )

    def kinds(self) -> list[str]:
        return [type(event).__name__ for event in self.events]


async def silent(agent: FakeAgent) -> AsyncIterator[Event]:
    await asyncio.Event().wait()
    yield Ended("never")


Meanwhile = Callable[[Stage], Awaitable[None]]


def play(
    script: Script,
    meanwhile: Meanwhile | None = None,
    *,
    limits: Limits | None = None,
    connect: bool = True,
    prepare: Callable[[Stage], None] = lambda stage: None,
    **cast: Any,
) -> tuple[Stage, Outcome]:
    async def main() -> tuple[Stage, Outcome]:
        media = virtual_media()
        stage = Stage(script, media, limits, **cast)
        prepare(stage)
        if connect:
            asyncio.get_running_loop().call_later(0.1, stage.peer.connected.set)
        async with media.clock, asyncio.TaskGroup() as tasks:
            running = tasks.create_task(stage.call.run("offer"))
            if meanwhile:
                await meanwhile(stage)
        return stage, running.result()

    return virtual.run(main())


LEFT_IN_ORDER = ["agent out", "peer out", "recorder out"]


def test_the_caller_leaves() -> None:
    async def leave(stage: Stage) -> None:
        await asyncio.sleep(5)
        stage.peer.left.set()

    stage, outcome = play(silent, leave)
    assert outcome.reason == "caller-left"
    assert 4.8 < outcome.seconds < 5.1
    assert stage.diary[-4:] == ["flush", *LEFT_IN_ORDER]
    assert stage.events[-1] == Ended("caller-left")
    assert stage.call.answer.result() == "answer to offer at 16000"
    assert ("hear", 1280) in stage.agent.did


def test_what_the_agent_said_is_heard_to_the_end_when_it_hangs_up() -> None:
    async def goodbye(agent: FakeAgent) -> AsyncIterator[Event]:
        await asyncio.sleep(0.5)
        yield Said("agent", "Goodbye", True, 1)
        yield Speech(1, bytes(RATE * 2 * 3))
        yield Ended("agent-ended")

    stage, outcome = play(goodbye)
    assert outcome.reason == "agent-ended"
    assert stage.peer.voiced == 150
    assert 3.3 < outcome.seconds < 4.2
    assert [e for e in stage.events if isinstance(e, Talking)] == [
        Talking("agent", True),
        Talking("agent", False),
    ]


def test_an_agent_that_says_goodbye_but_stays_is_left_after_its_grace() -> None:
    async def clinging(agent: FakeAgent) -> AsyncIterator[Event]:
        yield Ended("agent-ended")
        await asyncio.Event().wait()

    _, outcome = play(clinging)
    assert outcome.reason == "agent-ended"
    assert outcome.seconds < 4


def test_the_agent_breaks_off() -> None:
    async def breaking(agent: FakeAgent) -> AsyncIterator[Event]:
        await asyncio.sleep(1)
        raise AgentLost("the line to the agent broke")
        yield  # pragma: no cover

    stage, outcome = play(breaking)
    assert outcome.reason == "agent-failed"
    assert stage.events[-3] == Trouble("agent-lost", "the line to the agent broke")
    assert stage.events[-1] == Ended("agent-failed")
    assert stage.diary[-3:] == LEFT_IN_ORDER


def test_an_agent_that_refuses_is_the_answer_to_the_offer() -> None:
    def refuse(stage: Stage) -> None:
        stage.agent.refuses = AgentRefused("no more quota")

    stage, outcome = play(silent, prepare=refuse)
    assert outcome.reason == "agent-failed"
    assert isinstance(stage.call.answer.exception(), AgentRefused)


def test_barge_in_stops_the_sound_and_tells_what_was_heard() -> None:
    async def interrupted(agent: FakeAgent) -> AsyncIterator[Event]:
        await asyncio.sleep(0.5)
        yield Speech(4, bytes(RATE * 2 * 10))
        await asyncio.sleep(1.0)
        yield Interrupted(4)
        await asyncio.sleep(1.0)

    stage, _ = play(interrupted)
    (cut,) = (event for event in stage.events if isinstance(event, Cut))
    assert cut.reply == 4
    assert 950 <= cut.heard_ms <= 1030
    assert ("cut", 4, cut.heard_ms) in stage.agent.did
    assert stage.peer.voiced <= 52


def test_replies_may_be_counted_from_nought() -> None:
    async def first(agent: FakeAgent) -> AsyncIterator[Event]:
        yield Speech(0, bytes(RATE * 2 * 2))
        await asyncio.sleep(1)
        yield Interrupted(0)
        await asyncio.sleep(1)

    stage, _ = play(first)
    (cut,) = (event for event in stage.events if isinstance(event, Cut))
    assert cut.reply == 0
    assert 850 < cut.heard_ms < 1000
    assert 40 < stage.peer.voiced < 55


def test_a_reply_interrupted_before_its_first_sound_was_not_heard() -> None:
    async def early(agent: FakeAgent) -> AsyncIterator[Event]:
        yield Speech(2, bytes(640))
        yield Interrupted(2)
        await asyncio.sleep(1)

    stage, _ = play(early, prepare=lambda stage: None)
    assert Cut(2, 0) in stage.events


def test_an_interruption_after_the_end_is_none() -> None:
    async def late(agent: FakeAgent) -> AsyncIterator[Event]:
        yield Speech(1, bytes(RATE * 2))
        yield ReplyDone(1)
        await asyncio.sleep(3)
        yield Interrupted(1)
        await asyncio.sleep(1)

    stage, _ = play(late)
    assert not [event for event in stage.events if isinstance(event, Cut)]
    assert "cut" not in {act[0] for act in stage.agent.did}


def test_of_each_reply_that_is_stopped_it_is_told_how_much_was_heard() -> None:
    async def two(agent: FakeAgent) -> AsyncIterator[Event]:
        await asyncio.sleep(0.5)
        for reply in (1, 2):
            yield Speech(reply, bytes(RATE * 2 * 3))
            yield ReplyDone(reply)
        await asyncio.sleep(1)
        yield Interrupted(2)
        await asyncio.sleep(1)

    stage, _ = play(two)
    first, second = (event for event in stage.events if isinstance(event, Cut))
    assert (first.reply, second.reply) == (1, 2)
    assert 900 < first.heard_ms < 1100
    assert second.heard_ms == 0


def test_an_interruption_of_the_past_does_not_stop_the_present() -> None:
    async def late(agent: FakeAgent) -> AsyncIterator[Event]:
        yield Speech(5, bytes(RATE * 2 * 2))
        await asyncio.sleep(1)
        yield Interrupted(4)
        await asyncio.sleep(2)

    stage, _ = play(late)
    assert not [event for event in stage.events if isinstance(event, Cut)]
    assert stage.peer.voiced == 100


def test_trouble_that_the_agent_announced_is_told_once() -> None:
    async def announced(agent: FakeAgent) -> AsyncIterator[Event]:
        yield Trouble("agent-lost", "quota")
        raise AgentLost("quota")

    stage, _ = play(announced)
    assert stage.events.count(Trouble("agent-lost", "quota")) == 1


def test_nobody_connects_in_time() -> None:
    stage, outcome = play(silent, connect=False)
    assert outcome == Outcome("setup-timeout", 0.0, outcome.counters)
    assert stage.diary[-3:] == LEFT_IN_ORDER


def test_an_agent_that_takes_too_long_counts_as_setup() -> None:
    def slow(stage: Stage) -> None:
        stage.agent.slow = 60

    stage, outcome = play(silent, prepare=slow)
    assert outcome.reason == "setup-timeout"
    assert "setup-timeout" in str(stage.call.answer.exception())


def test_the_longest_call_ends() -> None:
    stage, outcome = play(silent, limits=Limits(call_s=1800))
    assert outcome.reason == "time-limit"
    assert 1799 < outcome.seconds < 1801


def test_a_caller_who_vanished() -> None:
    async def vanish(stage: Stage) -> None:
        await asyncio.sleep(9)
        stage.peer.vanished.set()

    _, outcome = play(silent, vanish)
    assert outcome.reason == "caller-vanished"


@pytest.mark.parametrize("after", [0.0, 0.05, 1.0])
def test_hanging_up_works_at_any_time(after: float) -> None:
    async def hang_up(stage: Stage) -> None:
        await asyncio.sleep(after)
        stage.call.hang_up("caller-hung-up")
        stage.call.hang_up("server-stopping")

    def slow(stage: Stage) -> None:
        stage.agent.slow = 0.5

    stage, outcome = play(silent, hang_up, prepare=slow)
    assert outcome.reason == "caller-hung-up"
    assert stage.diary[-1] == "recorder out"


def test_hanging_up_before_it_runs_and_after_it_ended_does_no_harm() -> None:
    async def again(stage: Stage) -> None:
        await asyncio.sleep(3)
        stage.call.hang_up("caller-hung-up")

    stage, outcome = play(
        silent, again, prepare=lambda stage: stage.call.hang_up("server-stopping")
    )
    assert outcome.reason == "server-stopping"
    assert "agent in" not in stage.diary


def test_hanging_up_while_it_already_ends_does_no_harm() -> None:
    async def again(stage: Stage) -> None:
        await asyncio.sleep(16.5)  # its deadline has passed, its agent is leaving
        stage.call.hang_up("server-stopping")

    def cling(stage: Stage) -> None:
        stage.agent.clings = 5.0

    stage, outcome = play(silent, again, prepare=cling, connect=False)
    assert outcome.reason == "setup-timeout"


def test_the_button_stops_a_reply_that_is_still_arriving() -> None:
    async def talking(agent: FakeAgent) -> AsyncIterator[Event]:
        yield Speech(1, bytes(RATE * 2))
        yield ReplyDone(1)
        await asyncio.sleep(2)
        for _ in range(20):  # the second reply, 100 ms at a time
            yield Speech(2, bytes(RATE // 5))
            await asyncio.sleep(0.1)
        yield Speech(3, bytes(RATE // 5 * 2))
        await asyncio.sleep(1)

    async def press(stage: Stage) -> None:
        await asyncio.sleep(3)
        stage.peer.inbox.put_nowait({"type": "conversation.interrupt"})

    stage, _ = play(talking, press)
    (cut,) = (event for event in stage.events if isinstance(event, Cut))
    assert cut.reply == 2
    assert 700 < cut.heard_ms < 1100
    # All of the first, what was cut of the second, all of the third.
    assert abs(stage.peer.voiced * 20 - (1000 + cut.heard_ms + 200)) <= 40


def test_nothing_is_told_after_the_end() -> None:
    async def talking(agent: FakeAgent) -> AsyncIterator[Event]:
        yield Speech(1, bytes(RATE * 2 * 60))
        await asyncio.Event().wait()

    def slow(stage: Stage) -> None:
        async def flush(limit: float) -> None:
            await asyncio.sleep(3)  # the line goes on meanwhile

        stage.peer.flush = flush  # type: ignore[method-assign]

    async def leave(stage: Stage) -> None:
        await asyncio.sleep(2.5)
        stage.call.hang_up("caller-hung-up")

    stage, _ = play(talking, leave, prepare=slow)
    assert stage.events[-1] == Ended("caller-hung-up")


def test_a_goodbye_that_is_interrupted_ends_the_call_at_once() -> None:
    async def goodbye(agent: FakeAgent) -> AsyncIterator[Event]:
        yield Speech(1, bytes(RATE * 2 * 60))

    async def press(stage: Stage) -> None:
        await asyncio.sleep(4)
        stage.peer.inbox.put_nowait({"type": "conversation.interrupt"})

    _, outcome = play(goodbye, press)
    assert outcome.reason == "agent-ended"
    assert outcome.seconds < 5


def test_a_caller_who_takes_nothing_cannot_hold_the_line() -> None:
    async def goodbye(agent: FakeAgent) -> AsyncIterator[Event]:
        yield Speech(1, bytes(RATE * 2 * 5))

    def deaf(stage: Stage) -> None:
        stage.peer.deaf = True

    _, outcome = play(goodbye, prepare=deaf)
    assert outcome.reason == "agent-ended"
    assert outcome.seconds < 9


def test_an_offer_over_which_aiortc_stumbles_is_its_answer() -> None:
    def stumble(stage: Stage) -> None:
        async def answer(*args: object, **more: object) -> str:
            raise BadOffer("no")

        stage.peer.answer = answer  # type: ignore[method-assign]

    stage, outcome = play(silent, prepare=stumble)
    assert outcome.reason == "bad-offer"
    assert isinstance(stage.call.answer.exception(), BadOffer)
    assert stage.diary[-3:] == LEFT_IN_ORDER


def test_a_listener_that_fails_does_not_end_the_call(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def talk(agent: FakeAgent) -> AsyncIterator[Event]:
        yield Said("agent", "Hello", True, 1)
        await asyncio.sleep(1)
        yield Said("agent", "Still here", True, 2)

    def spoil(stage: Stage) -> None:
        def bad(event: Event) -> None:
            raise KeyError("a bug")

        stage.call._listeners = [bad, stage.events.append]

    stage, outcome = play(talk, prepare=spoil)
    assert outcome.reason == "agent-ended"
    assert Said("agent", "Still here", True, 2) in stage.events
    assert "a listener failed on Said" in caplog.text


def test_a_bug_is_not_swallowed_and_everything_is_left() -> None:
    async def buggy(agent: FakeAgent) -> AsyncIterator[Event]:
        await asyncio.sleep(1)
        raise ZeroDivisionError
        yield  # pragma: no cover

    stages: list[Stage] = []
    with pytest.raises(ExceptionGroup) as caught:
        play(buggy, prepare=stages.append)
    assert caught.group_contains(ZeroDivisionError)
    assert stages[0].events[-1] == Ended("internal-error")
    assert stages[0].diary[-3:] == LEFT_IN_ORDER


def test_the_page_types_interrupts_and_answers_tools() -> None:
    async def talking(agent: FakeAgent) -> AsyncIterator[Event]:
        yield Speech(1, bytes(RATE * 2 * 60))
        yield ReplyDone(1)
        yield ToolCall("t1", "book_meeting", {"day": "Monday"})
        await asyncio.Event().wait()

    async def page(stage: Stage) -> None:
        await asyncio.sleep(1)
        for message in (
            {"type": "text.input", "text": "  hello "},
            {"type": "text.input", "text": "  "},
            {"type": "text.input", "text": 5},
            {"type": "conversation.interrupt"},
            {"type": "conversation.interrupt"},
            {"type": "tool.result", "id": "t1", "result": "{}", "error": True},
            {"type": "rumour"},
            {"type": "typing"},
        ):
            stage.peer.inbox.put_nowait(message)
        await asyncio.sleep(1)
        stage.peer.left.set()

    stage, _ = play(talking, page)
    acts = [act for act in stage.agent.did if act[0] != "hear"]
    heard_ms = acts[1][2]
    assert acts == [
        ("say", "hello"),
        ("cut", 1, heard_ms),
        ("note", Typing()),
        ("answer", "t1", "{}", True),
    ]
    assert ToolDone("t1", "book_meeting", "{}", True) in stage.events
    assert 850 < heard_ms < 950
    # What was typed stands in the transcript like what was said.
    assert Said("caller", "hello", True, typed=True) in stage.events


def test_the_button_leaves_the_words_that_were_heard_and_is_told_once() -> None:
    async def telling(agent: FakeAgent) -> AsyncIterator[Event]:
        yield Said("agent", "one two three four five six seven eight", True, 1)
        yield Speech(1, bytes(RATE * 2 * 8))
        yield ReplyDone(1)
        await asyncio.sleep(6)
        yield Interrupted(1)  # the agent comes to the same, later
        await asyncio.sleep(1)

    async def press(stage: Stage) -> None:
        await asyncio.sleep(4.1)
        stage.peer.inbox.put_nowait({"type": "conversation.interrupt"})

    stage, _ = play(telling, press)
    assert Corrected(1, "one two three four") in stage.events
    assert stage.kinds().count("Cut") == 1


def test_each_packet_is_recorded_at_the_place_where_its_tick_was_due() -> None:
    async def talking(agent: FakeAgent) -> AsyncIterator[Event]:
        yield Speech(1, bytes(RATE * 2))
        await asyncio.sleep(1)

    stage, _ = play(talking)
    sent = stage.recorder.sent
    assert len(sent) > 40
    assert {b - a for a, b in zip(sent[:40], sent[1:41], strict=False)} == {960}


def test_how_well_it_was_carried_is_told_each_second_and_at_the_end() -> None:
    async def leave(stage: Stage) -> None:
        await asyncio.sleep(3.5)
        stage.peer.left.set()

    stage, _ = play(silent, leave)
    told = [event for event in stage.events if isinstance(event, Stats)]
    assert [event.final for event in told] == [False, False, False, True]
    assert told[0].figures["tick_max_ms"] == 0
    assert told[-1].figures["packets_late"] == 0
    assert stage.kinds()[-2:] == ["Stats", "Ended"]


def test_a_bug_on_the_clock_ends_the_call_and_is_not_swallowed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def spoil(stage: Stage) -> None:
        def bad(at: int) -> None:
            raise ZeroDivisionError

        stage.recorder.tick = bad  # type: ignore[method-assign]

    with pytest.raises(ExceptionGroup) as caught:
        play(silent, prepare=spoil)
    assert caught.group_contains(ZeroDivisionError)
    assert "off the clock" in caplog.text


def test_a_tool_of_ours_can_end_the_call_and_the_goodbye_is_heard() -> None:
    async def leaving(agent: FakeAgent) -> AsyncIterator[Event]:
        yield Speech(1, bytes(RATE * 2 * 5))
        yield ToolCall("t1", "end_call", {})
        await asyncio.Event().wait()

    class Box(NoTools):
        def has(self, name: str) -> bool:
            return True

        async def use(self, call: ToolCall) -> tuple[ToolDone, tuple[Event, ...]]:
            return ToolDone(call.id, call.name, "ok"), (Ended("agent-ended"),)

    stage, outcome = play(leaving, toolbox=Box())
    assert outcome.reason == "agent-ended"
    assert stage.peer.voiced == 250
    assert outcome.seconds < 6.5
    assert ToolCall("t1", "end_call", {}, ours=True) in stage.events
    assert "answer" not in {act[0] for act in stage.agent.did}


def test_an_agent_that_never_answers_fails() -> None:
    async def mute(agent: FakeAgent) -> AsyncIterator[Event]:
        yield Said("caller", "is anybody there", True)
        await asyncio.Event().wait()

    stage, outcome = play(mute)
    assert outcome.reason == "agent-failed"
    assert Trouble("agent-stalled", "the agent does not answer") in stage.events
    assert outcome.seconds < 23


def test_an_agent_that_never_answers_may_be_replaced() -> None:
    whys: list[AgentError] = []

    async def fail(why: AgentError) -> None:
        whys.append(why)

    async def mute(agent: FakeAgent) -> AsyncIterator[Event]:
        yield Said("caller", "is anybody there", True)
        await asyncio.sleep(25)
        yield Speech(1, bytes(RATE * 2))
        await asyncio.sleep(60)

    _, outcome = play(mute, fail=fail)
    assert [why.code for why in whys] == ["agent-stalled"]
    assert outcome.reason == "agent-ended"


def test_the_first_sound_of_each_reply_is_told() -> None:
    async def talking(agent: FakeAgent) -> AsyncIterator[Event]:
        for reply in (0, 0, 3, 3, 2, 7):
            yield Speech(reply, bytes(640))

    stage, _ = play(talking)
    begun = [event.reply for event in stage.events if isinstance(event, ReplyBegun)]
    assert begun == [0, 3, 7]


def test_where_nothing_is_played_nothing_is_stopped() -> None:
    async def quiet(agent: FakeAgent) -> AsyncIterator[Event]:
        yield Speech(1, bytes(RATE * 2))
        yield ReplyDone(1)
        await asyncio.sleep(3)
        yield Interrupted(2)
        await asyncio.sleep(1)

    stage, _ = play(quiet)
    assert "Cut" not in stage.kinds()


class EndCall(NoTools):
    def has(self, name: str) -> bool:
        return True

    async def use(self, call: ToolCall) -> tuple[ToolDone, tuple[Event, ...]]:
        return ToolDone(call.id, call.name, "ok"), (Ended("agent-ended"),)


@pytest.mark.parametrize("takes_over", [True, False])
def test_an_agent_that_dies_after_its_goodbye_is_not_missed(takes_over: bool) -> None:
    async def leaving(agent: FakeAgent) -> AsyncIterator[Event]:
        yield Speech(1, bytes(RATE * 2 * 5))
        yield ToolCall("t1", "end_call", {})
        await asyncio.sleep(1)
        if not takes_over:
            raise AgentLost("gone")
        yield Handover("b", "a", "agent-lost", owes=True)
        yield Speech(2, bytes(RATE * 2 * 2))
        await asyncio.Event().wait()

    stage, outcome = play(leaving, toolbox=EndCall())
    assert outcome.reason == "agent-ended"
    assert stage.peer.voiced == 250, "the goodbye, all of it and nothing else"
    assert "Trouble" not in stage.kinds()


def test_a_caller_who_listens_has_not_been_left_waiting() -> None:
    async def telling(agent: FakeAgent) -> AsyncIterator[Event]:
        yield Said("caller", "Tell me", True)
        yield Speech(1, bytes(RATE * 2 * 8))
        yield ReplyDone(1)
        await asyncio.sleep(2)
        yield Said("caller", "Tell me everything", True, late=True)
        await asyncio.sleep(60)

    _, outcome = play(telling)
    assert outcome.reason == "agent-ended"


def test_a_long_goodbye_after_the_tool_that_ends_the_call_is_heard_to_its_end() -> None:
    class Ending(NoTools):
        def has(self, name: str) -> bool:
            return True

        async def use(self, call: ToolCall) -> tuple[ToolDone, tuple[Event, ...]]:
            return ToolDone(call.id, call.name, "ok"), (Ended("agent-ended"),)

    async def goodbye(agent: FakeAgent) -> AsyncIterator[Event]:
        yield Speech(1, bytes(RATE * 2 * 30))
        yield ReplyDone(1)
        await asyncio.sleep(2)
        yield ToolCall("1", "end_call", {})
        await asyncio.Event().wait()

    stage, outcome = play(goodbye, toolbox=Ending())
    assert outcome.reason == "agent-ended"
    assert stage.peer.voiced == 30 * 50


ANNOUNCEMENT = bytes(48_000 * 2 * 2)
"Two seconds; silence is as good as anything here."
ANNOUNCED_S = len(packets(ANNOUNCEMENT)) * 0.02


async def greeting(agent: FakeAgent) -> AsyncIterator[Event]:
    yield Said("agent", "one two three four", True, 1)
    yield Speech(1, bytes(RATE * 2 * 4))
    yield ReplyDone(1)
    await asyncio.sleep(6)
    yield Interrupted(1)
    await asyncio.sleep(1)


def test_the_greeting_waits_for_the_announcement_and_its_ms_are_not_counted() -> None:
    stage, _ = play(greeting, announcement=ANNOUNCEMENT)
    (cut,) = (event for event in stage.events if isinstance(event, Cut))
    # Connected at 0.1 s, interrupted at 6.0 s.
    assert cut.heard_ms == pytest.approx((5.9 - ANNOUNCED_S) * 1000, abs=60)
    assert len(stage.recorder.sent) > (ANNOUNCED_S + cut.heard_ms / 1000) * 50


def test_nobody_interrupts_the_announcement_or_the_greeting_behind_it() -> None:
    async def press(stage: Stage) -> None:
        await asyncio.sleep(1)
        stage.peer.inbox.put_nowait({"type": "conversation.interrupt"})

    stage, outcome = play(greeting, press, announcement=ANNOUNCEMENT)
    assert [event.reply for event in stage.events if isinstance(event, Cut)] == [1]
    assert outcome.seconds > 6, "the agent's own interruption, later"


def test_a_caller_who_talks_over_the_announcement_is_not_heard_by_the_agent() -> None:
    heard: list[tuple[float, bool]] = []

    async def listening(agent: FakeAgent) -> AsyncIterator[Event]:
        async def hear(pcm: bytes) -> None:
            heard.append((asyncio.get_running_loop().time(), any(pcm)))

        agent.hear = hear  # type: ignore[method-assign]
        await asyncio.sleep(5)
        yield Ended("agent-ended")

    async def talk(stage: Stage) -> None:
        await stage.peer.connected.wait()
        encoder, loop = Encoder(RATE), asyncio.get_running_loop()
        noise = np.random.default_rng(1).integers(-8000, 8000, 320, np.int16).tobytes()
        assert stage.peer.line is not None
        for k in range(200):
            packet = rtp.Packet(96, False, k, k * 960, 1, encoder.encode(noise))
            stage.peer.line.uplink.take(packet, loop.time())
            await asyncio.sleep(0.02)

    play(listening, talk, announcement=ANNOUNCEMENT)
    ends = 0.1 + ANNOUNCED_S
    assert not any(sound for at, sound in heard if at < ends)
    later = [sound for at, sound in heard if ends + 0.1 < at < 4]
    assert len(later) > 20 and all(later)
    assert len([at for at, _ in heard if at < ends]) > 20, "silence is sent meanwhile"


def test_a_goodbye_behind_the_announcement_is_heard_to_its_end() -> None:
    async def goodbye(agent: FakeAgent) -> AsyncIterator[Event]:
        yield Speech(1, bytes(RATE * 2 * 5))

    long = bytes(48_000 * 2 * 19)
    stage, outcome = play(goodbye, announcement=long)
    assert stage.peer.voiced == 250
    assert outcome.reason == "agent-ended"
    assert outcome.seconds > 24


def test_the_page_and_tools_pause_the_recording() -> None:
    async def asking(agent: FakeAgent) -> AsyncIterator[Event]:
        yield ToolCall("t1", "pause_recording", {})
        await asyncio.sleep(1)
        yield ToolCall("t2", "resume_recording", {})
        await asyncio.sleep(5)

    async def press(stage: Stage) -> None:
        await asyncio.sleep(2)
        for what in ("pause", "pause", "resume", "stop"):
            stage.peer.inbox.put_nowait({"type": f"recording.{what}"})

    stage, _ = play(asking, press, toolbox=Toolbox((PAUSE, RESUME)))
    told = [event for event in stage.events if isinstance(event, RecordingState)]
    assert told == [
        RecordingState("paused", "agent"),
        RecordingState("on", "agent"),
        RecordingState("paused", "caller"),
        RecordingState("paused", "caller"),
        RecordingState("on", "caller"),
    ]
    # It is so before the agent is told that it is.
    kinds = [kind for kind in stage.kinds() if kind in ("RecordingState", "ToolDone")]
    assert kinds[:4] == ["RecordingState", "ToolDone"] * 2
