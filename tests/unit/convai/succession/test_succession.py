"""Succession: agents that die, refuse and dawdle, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Self

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convai.agent import (
    AgentError,
    AgentLost,
    AgentProtocolError,
    AgentRefused,
    AgentUnavailable,
)
from convai.brief import Brief, Utterance
from convai.events import (
    Corrected,
    Ended,
    Event,
    Handover,
    Interrupted,
    Queued,
    Ready,
    ReplyDone,
    Said,
    Speech,
    ToolCall,
)
from convai.notes import Approval, Background, Feedback, Note, Typing
from convai.profile import Profile
from convai.succession.lately import KEPT_S
from convai.succession.succession import (
    GAP_S,
    HURRY_S,
    PATIENCE_S,
    Candidate,
    Succession,
)
from convai.succession.turnover import MOST, WITHIN_S
from tests import virtual

PROFILE = Profile(name="p", bridge="Sorry, {{who}}.", variables={"who": "Nat"})
BRIEF = Brief(profile=PROFILE)
BRIDGE = "Sorry, Nat."
TEN = "one two three four five six seven eight nine ten"
GONE = AgentLost("the line broke")

Script = Callable[["Scripted"], AsyncIterator[Event]]


def sound(reply: int, seconds: float, rate: int = 16_000) -> Speech:
    return Speech(reply, bytes(int(rate * seconds) * 2))


def reply(number: int, text: str, seconds: float = 1.0) -> list[Event]:
    return [Said("agent", text, True, number), sound(number, seconds)]


def whole(number: int, text: str, seconds: float = 1.0) -> list[Event]:
    return [*reply(number, text, seconds), ReplyDone(number)]


class Scripted:
    """An agent in memory that plays a script and remembers what it was told."""

    def __init__(
        self, brief: Brief, script: Script, name: str, options: dict[str, Any]
    ) -> None:
        self.brief = brief
        self.input_rate, self.output_rate = options.get("rates", (16_000, 16_000))
        self.told: list[Any] = []
        self.heard = b""
        self.state = "new"
        self._script = script
        self._name = name
        self._ready_s = options.get("ready_s", 0.0)
        self._leave_s = options.get("leave_s", 0.0)
        self._refuses = options.get("refuses")

    async def __aenter__(self) -> Self:
        await asyncio.sleep(self._ready_s)
        if self._refuses:
            raise self._refuses
        self.state = "entered"
        return self

    async def __aexit__(self, *_: object) -> None:
        self.state = "leaving"
        await asyncio.sleep(self._leave_s)
        self.state = "left"

    async def __aiter__(self) -> AsyncIterator[Event]:
        yield Ready(self._name, self.input_rate, self.output_rate)
        async for event in self._script(self):
            yield event

    async def hear(self, pcm: bytes) -> None:
        self.heard += pcm

    async def cut(self, reply: int, heard_ms: int) -> None:
        self.told.append(("cut", reply, heard_ms))

    async def say(self, text: str) -> None:
        self.told.append(("say", text))

    async def answer(self, call_id: str, result: str, error: bool = False) -> None:
        self.told.append(("answer", call_id, result, error))

    async def note(self, note: Note) -> None:
        self.told.append(note)


class House:
    """A provider: each conversation plays the next script, the last one again."""

    def __init__(self, name: str, *scripts: Script, **options: Any) -> None:
        self.name = name
        self.agents: list[Scripted] = []
        self._scripts = scripts
        self.options = options
        self.candidate = Candidate(
            name=name, make=self._make, renew_s=options.get("renew_s")
        )

    def _make(self, brief: Brief) -> Scripted:
        script = self._scripts[min(len(self.agents), len(self._scripts) - 1)]
        name = f"{self.name}{len(self.agents)}"
        self.agents.append(Scripted(brief, script, name, self.options))
        return self.agents[-1]


def plays(
    *steps: Event | float | AgentError | Callable[[Scripted], Awaitable[None]],
) -> Script:
    """Events to send, seconds to wait, an error to die of; then silence."""

    async def script(agent: Scripted) -> AsyncIterator[Event]:
        for step in steps:
            if isinstance(step, AgentError):
                raise step
            if isinstance(step, float):
                await asyncio.sleep(step)
            else:
                yield step
        if steps and isinstance(steps[-1], Ended):
            return
        await asyncio.sleep(1e6)

    return script


stays = plays()


def houses(*them: House, brief: Brief = BRIEF) -> Succession:
    return Succession([house.candidate for house in them], brief)


async def gather(
    agent: Succession, seconds: float, seen: list[Event] | None = None
) -> list[Event]:
    """The events of that time."""
    seen = [] if seen is None else seen
    try:
        async with asyncio.timeout(seconds):
            async for event in agent:
                seen.append(event)
    except TimeoutError:
        pass
    return seen


def talk(*them: House, seconds: float = 30.0) -> list[Event]:
    async def main() -> list[Event]:
        async with houses(*them) as agent:
            return await gather(agent, seconds)

    return virtual.run(main())


def handovers(events: list[Event]) -> list[tuple[str, str, str]]:
    return [(e.agent, e.previous, e.why) for e in events if isinstance(e, Handover)]


# Entering.


def test_one_agent_passes_as_it_is() -> None:
    events = [*whole(7, "Hello!"), Interrupted(9), ToolCall("t", "x", {})]
    house = House("a", plays(*events, Ended("agent-ended")))
    passed = [Ready("a0", 16_000, 16_000), *events, Ended("agent-ended")]
    assert talk(house) == passed
    assert house.agents[0].brief is BRIEF
    assert house.agents[0].state == "left"


@pytest.mark.parametrize("kind", [AgentUnavailable, AgentRefused])
def test_who_cannot_start_is_skipped(kind: type[AgentError]) -> None:
    down = House("a", stays, refuses=kind("no", code="agent-busy"))
    assert talk(down, House("b", stays)) == [
        Ready("b0", 16_000, 16_000),
        Handover("b", "a", "agent-busy", "b0"),
    ]


def test_when_all_fail_the_first_says_why() -> None:
    why = AgentRefused("no money", code="agent-quota")
    first, last = House("a", stays, refuses=why), House("b", stays, refuses=GONE)
    with pytest.raises(AgentRefused, match=r"^no money \(also tried.*: b\)$") as caught:
        talk(first, last)
    assert caught.value.code == "agent-quota"
    with pytest.raises(AgentRefused, match="^no money$"):
        talk(first)


def test_a_slow_first_is_joined_by_the_next() -> None:
    slow, next_ = House("a", stays, ready_s=60.0), House("b", stays)

    async def main() -> float:
        async with houses(slow, next_) as agent:
            assert agent.input_rate == 16_000
            return asyncio.get_running_loop().time()

    assert virtual.run(main()) == pytest.approx(PATIENCE_S, abs=0.1)
    assert slow.agents[0].state == "new"


def test_a_slow_first_still_wins_when_it_is_first() -> None:
    first = House("a", stays, ready_s=PATIENCE_S + 1)
    assert talk(first, House("b", stays, ready_s=10.0))[0] == Ready(
        "a0", 16_000, 16_000
    )


def test_all_of_many_slow_candidates_fit_in_the_setup() -> None:
    many = [House(str(n), stays, ready_s=60.0) for n in range(5)]

    async def main() -> float:
        with pytest.raises(AgentUnavailable, match="did not answer in time"):
            await houses(*many).__aenter__()
        return asyncio.get_running_loop().time()

    assert virtual.run(main()) < 14
    assert all(house.agents for house in many)


def test_one_alone_may_take_its_time() -> None:
    assert len(talk(House("a", stays, ready_s=40.0))) == 1


def test_a_setup_that_is_cancelled_leaves_nobody_behind() -> None:
    async def main() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(5):
                await houses(House("a", stays, ready_s=60.0), slow).__aenter__()

    slow = House("b", stays, ready_s=60.0)
    virtual.run(main())
    assert slow.agents


def test_a_bug_of_an_agent_is_not_swallowed() -> None:
    async def buggy(_: Scripted) -> AsyncIterator[Event]:
        yield Queued("waiting")
        raise KeyError("bug")

    with pytest.raises(BaseExceptionGroup) as caught:
        talk(House("a", buggy), House("b", stays))
    assert caught.group_contains(KeyError)


def test_an_open_breaker_comes_last() -> None:
    down, up = House("a", stays, refuses=AgentUnavailable("down")), House("b", stays)
    for _ in range(5):
        talk(down, up)
    assert len(down.agents) == 3
    passed_over = Handover("b", "a", "agent-unavailable", "b5")
    assert talk(down, up)[1] == passed_over
    up.options["refuses"] = AgentUnavailable("also down")
    with pytest.raises(AgentUnavailable, match="^down "):
        talk(down, up)


# Dying.


def test_a_dropped_agent_is_followed_by_the_same_provider() -> None:
    house = House("a", plays(*whole(4, "Hello!"), 5.0, GONE), plays(*whole(1, "Yes?")))
    events = talk(house, House("b", stays))
    assert handovers(events) == [("a", "a", "agent-lost")]
    assert events[-3:] == whole(5, "Yes?")
    brief = house.agents[1].brief
    assert brief.history == (Utterance("agent", "Hello!"),)
    assert brief.bridge is None, "nobody was speaking and nothing was owed"
    assert brief.profile is PROFILE
    assert house.agents[0].state == "left"


def test_mid_sentence_is_rounded_off_and_bridged() -> None:
    house = House("a", plays(*reply(0, TEN, 2.0), 0.5, GONE), stays)
    events = talk(house)
    assert events[3:] == [
        Corrected(0, "one two three four five"),
        ReplyDone(0),
        Handover("a", "a", "agent-lost", "a1", owes=True),
    ]
    brief = house.agents[1].brief
    assert brief.history == (Utterance("agent", "one two three four five"),)
    assert brief.bridge == BRIDGE


def test_a_bridge_that_was_never_said_is_still_owed() -> None:
    first = House("a", plays(*reply(0, TEN, 2.0), 0.5, GONE), plays(GONE))
    second = House("b", stays)
    talk(first, second)
    assert [house.agents[-1].brief.bridge for house in (first, second)] == [BRIDGE] * 2


def test_the_call_learns_at_once_that_no_more_sound_comes() -> None:
    async def main() -> None:
        house = House("a", plays(*reply(0, TEN, 2.0), 0.5, GONE), stays, ready_s=0.0)
        async with houses(house) as agent:
            seen = await gather(agent, 0.4)
            house.options["ready_s"] = 3.0
            assert len(await gather(agent, 0.2, seen)) == 5
            assert seen[-1] == ReplyDone(0)

    virtual.run(main())


OWED = [
    [Said("caller", "What is it?", True)],
    [Said("caller", "What is", False)],
    [ToolCall("t", "book_meeting", {})],
    [Interrupted(0)],
    [Said("agent", "Well...", True, 1)],
]


@pytest.mark.parametrize("last", OWED)
def test_an_answer_that_was_owed_is_bridged(last: list[Event]) -> None:
    house = House("a", plays(*whole(0, "Hello!"), 3.0, *last, 3.0, GONE), stays)
    talk(house)
    assert house.agents[1].brief.bridge == BRIDGE


def test_an_answer_that_was_given_is_not_owed() -> None:
    asked = [Said("caller", "What?", True), ToolCall("t", "x", {}), *whole(1, "This.")]
    house = House("a", plays(*asked, 3.0, GONE), stays)
    talk(house)
    assert house.agents[1].brief.bridge is None
    assert house.agents[1].brief.history == (("caller", "What?"), ("agent", "This."))


def test_without_marks_sound_too_short_for_its_words_is_unfinished() -> None:
    house = House("a", plays(*reply(0, TEN, 1.0), 8.0, GONE), stays)
    talk(house)
    assert house.agents[1].brief.bridge == BRIDGE
    house = House("a", plays(*reply(0, TEN, 3.0), 8.0, GONE), stays)
    talk(house)
    assert house.agents[1].brief.bridge is None


def test_who_died_before_a_word_is_followed_by_a_greeting() -> None:
    house = House("a", plays(0.1, GONE), stays)
    talk(house)
    assert house.agents[1].brief.history == ()
    assert house.agents[1].brief.bridge is None


def test_a_second_drop_within_a_minute_is_for_the_next() -> None:
    drop = plays(10.0, GONE)
    events = talk(House("a", drop), House("b", stays))
    assert [agent for agent, *_ in handovers(events)] == ["a", "b"]


def test_a_refusal_is_not_asked_again() -> None:
    refused = AgentRefused("no", code="agent-quota")
    house = House("a", plays(1.0, refused))
    assert handovers(talk(house, House("b", stays))) == [("b", "a", "agent-quota")]
    with pytest.raises(AgentRefused, match="^no$"):
        talk(House("a", plays(1.0, refused)))


def test_nonsense_is_for_the_next_first() -> None:
    nonsense = AgentProtocolError("what?")
    house = House("a", plays(1.0, nonsense), stays)
    assert handovers(talk(house, House("b", stays)))[0][0] == "b"
    assert handovers(talk(House("a", plays(1.0, nonsense), stays)))[0][0] == "a"


def test_the_last_on_the_list_is_followed_by_the_first() -> None:
    first = House("a", stays, refuses=AgentUnavailable("down"))
    refused = AgentRefused("no")
    last = House("b", plays(1.0, refused))

    async def main() -> list[Event]:
        async with houses(first, last) as agent:
            first.options["refuses"] = None
            return await gather(agent, 5)

    assert handovers(virtual.run(main()))[1:] == [("a", "b", "agent-refused")]


def test_when_nobody_is_left_the_first_death_is_the_error() -> None:
    async def main() -> None:
        house = House("a", plays(1.0, AgentLost("gone", code="agent-crashed")))
        other = House("b", stays, refuses=AgentUnavailable("down"))
        async with houses(house, other) as agent:
            house.options["refuses"] = AgentUnavailable("down")
            with pytest.raises(AgentLost, match=r"^gone \(also tried.*a, b") as caught:
                await gather(agent, 20)
            assert caught.value.code == "agent-crashed"
            assert await gather(agent, 20) == []

    virtual.run(main())


def test_a_provider_that_restarts_is_asked_again() -> None:
    async def main() -> None:
        house = House("a", plays(1.0, GONE), stays)
        other = House("b", stays, refuses=AgentRefused("no"))
        house.options["refuses"] = None
        async with houses(house, other) as agent, asyncio.TaskGroup() as tasks:
            house.options["refuses"] = AgentUnavailable("restarting")
            task = tasks.create_task(gather(agent, 20))
            await asyncio.sleep(1.0 + 2.0)
            house.options["refuses"] = None
        assert handovers(task.result()) == [("a", "a", "agent-lost")]
        assert len(other.agents) == 1, "a refusal is not asked again"
        assert len(house.agents) == 1 + 4

    virtual.run(main())


def test_a_provider_that_restarts_is_asked_again_while_another_hangs() -> None:
    async def main() -> None:
        house, other = House("a", plays(1.0, GONE), stays), House("b", stays)
        async with houses(house, other) as agent, asyncio.TaskGroup() as tasks:
            house.options["refuses"] = AgentUnavailable("restarting")
            other.options["ready_s"] = 99.0
            task = tasks.create_task(gather(agent, 20))
            await asyncio.sleep(1.0 + 2.0)
            house.options["refuses"] = None
        assert handovers(task.result()) == [("a", "a", "agent-lost")]
        assert len(other.agents) == 1, "it was not given up"
        assert len(house.agents) < 2 + 5

    virtual.run(main())


def test_nobody_waits_for_ever() -> None:
    async def main() -> None:
        house = House("a", plays(1.0, GONE))
        async with houses(house, House("b", stays, ready_s=99.0)) as agent:
            house.options["ready_s"] = 99.0
            with pytest.raises(AgentLost):
                await gather(agent, 50)
            now = asyncio.get_running_loop().time()
            assert now == pytest.approx(1.0 + GAP_S, abs=0.1)

    virtual.run(main())


def test_a_provider_that_hangs_is_given_little_time() -> None:
    async def main() -> None:
        house = House("a", plays(1.0, GONE))
        async with houses(house, House("b", stays)) as agent:
            house.options["ready_s"] = 99.0
            events: list[Event] = []
            await gather(agent, 1.0 + HURRY_S + 0.1, events)
            assert handovers(events) == [("b", "a", "agent-lost")]

    virtual.run(main())


def test_too_many_deaths_are_the_end() -> None:
    house = House("a", plays(1.0, GONE))
    with pytest.raises(AgentLost, match="^the line broke$"):
        talk(house, seconds=60.0)
    assert len(house.agents) == 1 + MOST
    rare = House("a", plays(WITHIN_S / MOST + 1, GONE))
    assert len(handovers(talk(rare, seconds=10 * WITHIN_S))) > 2 * MOST


def test_a_provider_that_is_ready_and_never_heard_opens_the_breaker() -> None:
    house, other = House("a", plays(0.1, GONE)), House("b", stays)
    for _ in range(3):
        talk(house, other, seconds=1.0)
    assert not house.candidate.breaker.admits(0.0)
    house = House("a", plays(*whole(1, "Hi"), 0.1, GONE))
    for _ in range(3):
        talk(house, other, seconds=1.0)
    assert house.candidate.breaker.admits(0.0), "chance"


def test_a_goodbye_is_final() -> None:
    async def main() -> list[Event]:
        async with houses(House("a", script), House("b", stays)) as agent:
            return await gather(agent, 10)

    script = plays(Ended("agent-ended"), 0.1, GONE, Ended("x"))
    assert virtual.run(main())[1:] == [Ended("agent-ended")]


def test_a_stalled_agent_is_replaced() -> None:
    async def main() -> None:
        a, b = House("a", stays), House("b", stays)
        async with houses(a, b) as agent:
            await gather(agent, 1)
            a.options["refuses"] = AgentUnavailable("still stalled")
            await agent.fail(AgentUnavailable("no answer", code="agent-stalled"))
            events = await gather(agent, 1)
            assert events == [Handover("b", "a", "agent-stalled", "b0")]

    virtual.run(main())


# What the call tells.


def test_numbers_and_ids_are_those_of_the_agent_who_leads() -> None:
    async def main() -> None:
        first = plays(*whole(3, "Hi"), ToolCall("t1", "x", {}), 1.0, GONE)
        second = plays(*whole(-5, "Yes?"), ToolCall("t1", "y", {}))
        house = House("a", first, second)
        async with houses(house) as agent:
            events = await gather(agent, 5)
            assert events[-4:] == [*whole(4, "Yes?"), ToolCall("1:t1", "y", {})]
            for number in (3, 4):
                await agent.cut(number, 10)
                await agent.note(Feedback(number, True))
            for call in ("t1", "1:t1"):
                await agent.answer(call, "done")
                await agent.note(Approval(call, True))
            await agent.note(Typing())
        known = "In this conversation the tool x was used: done"
        assert house.agents[1].told == [
            ("cut", -5, 10),
            Feedback(-5, True),
            Background(known, "tool t1"),
            ("answer", "t1", "done", False),
            Approval("t1", True),
            Typing(),
        ]

    virtual.run(main())


def test_giving_way_before_a_first_word_stops_the_dead_ones_voice() -> None:
    first = plays(*reply(3, TEN, 9.0), 1.0, GONE)
    second = plays(Interrupted(17), *whole(18, "Yes?"), Interrupted(40))
    events = talk(House("a", first, second))
    assert [e.reply for e in events if isinstance(e, Interrupted)] == [3, 4]


def test_what_comes_in_the_gap_is_for_the_successor() -> None:
    async def main() -> None:
        a, b = House("a", plays(1.0, GONE)), House("b", stays, ready_s=2.0)
        async with houses(a, b) as agent:
            a.options["refuses"] = AgentUnavailable("down")
            await agent.note(Background("a customer", topic="who"))
            await agent.note(Background("a good customer", topic="who"))
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(gather(agent, 5))
                await asyncio.sleep(1.5)
                for number in range(1000):
                    await agent.hear(bytes([number % 256, 0]) * 320)
                await agent.say("Are you there?")
                await agent.answer("t", "late")
                await agent.cut(0, 5)
                await agent.note(Typing())
        heard = b.agents[0].heard
        assert len(heard) == KEPT_S * 32_000
        assert heard.endswith(bytes([999 % 256, 0]) * 320)
        note = Background("a good customer", topic="who")
        assert b.agents[0].told == [note, ("say", "Are you there?")]
        assert a.agents[0].heard == b""

    virtual.run(main())


def test_sound_that_words_came_of_is_not_repeated() -> None:
    async def main() -> None:
        script = plays(1.0, Said("caller", "Hello?", True), 1.0, GONE)
        house = House("a", script, stays)
        async with houses(house) as agent:
            await gather(agent, 0.5)
            await agent.hear(b"\1\0" * 320)
            await gather(agent, 1.0)
            await agent.hear(b"\2\0" * 320)
            await gather(agent, 1.0)
        assert house.agents[0].heard == b"\1\0" * 320 + b"\2\0" * 320
        assert house.agents[1].heard == b"\2\0" * 320

    virtual.run(main())


def test_other_rates_are_those_of_the_call() -> None:
    async def main() -> None:
        a = House("a", plays(1.0, GONE))
        b = House("b", plays(sound(1, 1, 24_000), ReplyDone(1)), rates=(8_000, 24_000))
        async with houses(a, b) as agent:
            a.options["refuses"] = AgentUnavailable("down")
            events = await gather(agent, 5)
            assert (agent.input_rate, agent.output_rate) == (16_000, 16_000)
            spoken = sum(len(e.pcm) for e in events if isinstance(e, Speech))
            assert spoken == pytest.approx(32_000, abs=64)
            assert events[-1] == ReplyDone(0)
            for _ in range(50):
                await agent.hear(bytes(640))
            assert len(b.agents[0].heard) == pytest.approx(16_000, abs=64)

    virtual.run(main())


# Renewal.


def test_a_long_conversation_is_renewed_in_a_quiet_moment() -> None:
    script = plays(*whole(1, "Hello!"), 58.0, *whole(2, TEN, 5.0))
    house = House("a", script, plays(*whole(1, "Yes?")), renew_s=60.0)

    async def main() -> None:
        async with houses(house) as agent:
            events = await gather(agent, 62.0)
            assert handovers(events) == []
            events = await gather(agent, 5.0)
            assert events == [Handover("a", "a", "renewed", "a1"), *whole(3, "Yes?")]

    virtual.run(main())
    brief = house.agents[1].brief
    assert brief.bridge is None
    assert brief.history == (("agent", "Hello!"), ("agent", TEN))
    assert house.agents[0].state == "left"


def test_a_renewal_waits_for_the_callers_voice_to_end() -> None:
    async def main() -> None:
        async with houses(house) as agent:
            for _ in range(700):
                await agent.hear(b"\0\x40" * 320)
                await gather(agent, 0.02)
            assert len(house.agents) == 1
            for _ in range(100):
                await agent.hear(bytes(640))
                await gather(agent, 0.02)
            assert len(house.agents) == 2

    house = House("a", stays, renew_s=10.0)
    virtual.run(main())
    assert house.agents[1].heard == bytes(len(house.agents[1].heard))


def test_a_renewal_is_of_no_use_when_more_was_said_meanwhile() -> None:
    script = plays(10.5, Said("caller", "By the way", True), 1.0, *whole(1, "Yes?"))
    house = House("a", script, stays, renew_s=10.0, ready_s=1.0)

    async def main() -> list[Event]:
        async with houses(house) as agent:
            return await gather(agent, 22)

    assert handovers(virtual.run(main())) == [("a", "a", "renewed")]
    assert len(house.agents) == 3
    assert house.agents[1].state == "left"
    assert len(house.agents[2].brief.history) == 2


def test_a_talk_without_a_pause_is_renewed_in_the_end() -> None:
    steps = [step for n in range(400) for step in (*reply(n, TEN, 3.0), 2.0)]
    house = House("a", plays(*steps), stays, renew_s=60.0)
    events = talk(house, seconds=250)
    assert handovers(events) == [("a", "a", "renewed")]
    assert house.agents[1].brief.bridge == BRIDGE


def test_a_renewal_that_presses_in_mid_sentence_hears_its_beginning() -> None:
    async def main() -> None:
        async with houses(house) as agent:
            while len(house.agents) < 2:
                await agent.hear(b"\0\x40" * 8000)
                await gather(agent, 0.5)
            await gather(agent, 1.0)

    house = House("a", stays, renew_s=10.0)
    virtual.run(main())
    assert house.agents[1].heard == b"\0\x40" * int(16_000 * KEPT_S)


def test_a_renewal_that_presses_knows_what_was_typed_meanwhile() -> None:
    steps = [step for n in range(400) for step in (*reply(n, TEN, 3.0), 2.0)]
    house = House("a", plays(*steps), stays, renew_s=60.0, ready_s=0.9)

    async def main() -> list[Event]:
        async with houses(house) as agent:
            seen: list[Event] = []
            while len(house.agents) < 2:
                await gather(agent, 0.1, seen)
            await agent.say("How much?")
            return await gather(agent, 5, seen)

    assert handovers(virtual.run(main())) == [("a", "a", "renewed")]
    assert Utterance("caller", "How much?") in house.agents[-1].brief.history


def test_a_renewal_that_fails_harms_nobody() -> None:
    async def main() -> list[Event]:
        async with houses(house, House("b", stays)) as agent:
            house.options["refuses"] = AgentUnavailable("down")
            events = await gather(agent, 100)
            house.options.update(refuses=None, ready_s=99.0)
            await gather(agent, 20, events)
            assert handovers(events) == []
            house.options.update(ready_s=0.0)
            return await gather(agent, 20, events)

    house = House("a", stays, renew_s=60.0)
    assert handovers(virtual.run(main())) == [("a", "a", "renewed")]


def test_expiry_without_warning_is_nobodys_fault() -> None:
    expired = AgentLost("60 minutes", code="agent-expired")
    house = House("a", plays(60.0, expired), stays)
    assert handovers(talk(house, House("b", stays), seconds=90)) == [
        ("a", "a", "agent-expired")
    ]
    assert house.agents[1].brief.bridge is None


# Leaving.


@pytest.mark.parametrize("at", [0.5, 1.5, 4.0])
def test_leaving_takes_no_second_whatever_goes_on(at: float) -> None:
    async def main() -> None:
        a = House("a", plays(1.0, GONE), leave_s=60.0)
        b = House("b", stays, ready_s=2.0, leave_s=60.0)
        async with houses(a, b) as agent:
            a.options["refuses"] = AgentUnavailable("down")
            await gather(agent, at)
            started = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - started < 1.0

    virtual.run(main())


@pytest.mark.parametrize("at", [0.5, 1.5, 4.0])
def test_leaving_takes_no_second_in_a_cancelled_task(at: float) -> None:
    async def main() -> None:
        a = House("a", plays(1.0, GONE), leave_s=60.0)
        b = House("b", stays, ready_s=2.0, leave_s=60.0)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(at):
                async with houses(a, b) as agent:
                    a.options["refuses"] = AgentUnavailable("down")
                    await gather(agent, 99)
        assert asyncio.get_running_loop().time() <= at + 1.0

    virtual.run(main())


# Whatever happens.

STEP = st.one_of(
    st.builds(sound, st.integers(0, 4), st.floats(0.01, 3)),
    st.builds(Said, st.just("agent"), st.just(TEN), st.booleans(), st.integers(0, 4)),
    st.builds(ReplyDone, st.integers(0, 4)),
    st.builds(Interrupted, st.integers(-3, 9)),
    st.builds(Said, st.just("caller"), st.just("Hm"), st.booleans()),
    st.sampled_from([0.0, 0.1, 1.0, 5.0]).map(float),
    st.sampled_from([GONE, AgentProtocolError("?"), AgentRefused("no")]),
)
LIFE = st.lists(STEP, max_size=12)


@settings(max_examples=150, deadline=None)
@given(st.lists(LIFE, min_size=1, max_size=5), LIFE)
def test_replies_only_grow_and_nothing_unheard_is_told(
    lives: list[list[Any]], other: list[Any]
) -> None:
    a = House("a", *(plays(*sorted_replies(life)) for life in lives), renew_s=20.0)
    b = House("b", plays(*sorted_replies(other)), rates=(8_000, 24_000))
    events: list[Event] = []

    async def main() -> None:
        async with houses(a, b) as agent:
            try:
                await gather(agent, 60, events)
            except AgentError:
                pass

    virtual.run(main())
    newest, floor = -1, -1
    sounding = set()
    for event in events:
        if isinstance(event, Handover):
            floor = newest
        elif isinstance(event, Speech) or (
            isinstance(event, Said) and event.who == "agent"
        ):
            assert event.reply > floor
            newest = max(newest, event.reply)
            if isinstance(event, Speech):
                sounding.add(event.reply)
        elif isinstance(event, Interrupted):
            assert floor <= event.reply or event.reply <= newest
    for one in [*a.agents, *b.agents]:
        told = [text for who, text in one.brief.history if who == "agent"]
        assert len(told) <= len(sounding)
        assert all(TEN.startswith(text) for text in told)


def sorted_replies(life: list[Any]) -> list[Any]:
    """Agents count up."""
    replies = iter(sorted(s.reply for s in life if isinstance(s, Speech)))
    return [
        Speech(next(replies), step.pcm) if isinstance(step, Speech) else step
        for step in life
    ]


# Tools across a handover.


def test_what_a_tool_did_is_known_to_whoever_leads_next() -> None:
    house = House(
        "a", plays(ToolCall("t", "book", {}), 2.0, GONE), plays(GONE), ready_s=0.0
    )
    last = House("b", stays)

    async def main() -> None:
        async with houses(house, last) as agent:
            await gather(agent, 1.0)
            await agent.answer("t", "Booked for Thursday.")
            await gather(agent, 3.0)

    virtual.run(main())
    (note,) = (told for told in last.agents[0].told if isinstance(told, Background))
    assert "book" in note.text
    assert "Booked for Thursday." in note.text


@pytest.mark.parametrize("ready_s", [0.0, 0.5])
def test_the_result_for_an_agent_that_is_gone_is_told_to_the_next(
    ready_s: float,
) -> None:
    house = House("a", plays(ToolCall("t", "book", {}), 2.0, GONE), stays)

    async def main() -> None:
        async with houses(house) as agent:
            await gather(agent, 1.0)
            house.options["ready_s"] = ready_s
            await gather(agent, 1.2)
            await agent.answer("t", "no room", error=True)
            await gather(agent, 1.0)

    virtual.run(main())
    (told,) = house.agents[-1].told
    assert isinstance(told, Background)
    assert "book" in told.text
    assert "no room" in told.text


# What is to be expected of whoever takes over.


def test_who_takes_over_owes_words_only_if_something_was_lost() -> None:
    def owes(*steps: Any) -> list[bool]:
        events = talk(House("a", plays(*steps, GONE), stays))
        return [event.owes for event in events if isinstance(event, Handover)]

    assert owes(*whole(1, "Hello!"), 5.0) == [False]
    assert owes(*whole(1, "Hello!"), Said("caller", "Well?", True)) == [True]


def test_who_follows_a_stalled_agent_says_something() -> None:
    house = House("a", plays(*whole(1, "Hello!")), stays)

    async def main() -> list[Event]:
        async with houses(house) as agent:
            seen = await gather(agent, 30.0)
            await agent.fail(AgentLost("no answer", code="agent-stalled"))
            return await gather(agent, 1.0, seen)

    events = virtual.run(main())
    assert events[-1] == Handover("a", "a", "agent-stalled", "a1", owes=True)
    assert house.agents[1].brief.bridge == BRIDGE


def test_words_that_come_after_their_answer_are_not_owed_and_stand_before_it() -> None:
    late = Said("caller", "How much?", True, late=True)
    house = House("a", plays(*whole(1, "Ten."), late, 5.0, GONE), stays)
    talk(house)
    brief = house.agents[1].brief
    assert brief.bridge is None
    assert brief.history == (
        Utterance("caller", "How much?"),
        Utterance("agent", "Ten."),
    )
