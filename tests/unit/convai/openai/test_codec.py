"""The OpenAI codec, message by message; what it sends pleases OpenAI's own types."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from convai.agent import (
    AgentLost,
    AgentProtocolError,
    AgentRefused,
    AgentUnavailable,
)
from convai.brief import Brief, Utterance
from convai.events import (
    Corrected,
    Event,
    Interrupted,
    Ready,
    ReplyDone,
    Said,
    Speech,
    ToolCall,
    Trouble,
    Usage,
)
from convai.notes import Background, Typing
from convai.openai.codec import OpenAiCodec
from convai.profile import Profile
from tests.openai_schema import check_client

PROFILE = Profile(name="test", prompt="Sell boats.")
SECOND = bytes(48_000)


class Wire:
    """A codec, and the server's end of it."""

    def __init__(self, brief: Brief | None = None, *, ready: bool = True) -> None:
        self.codec = OpenAiCodec(brief or Brief())
        self.now = 0.0
        self.sent: list[dict[str, Any]] = []
        self.events: list[Event] = []
        self.take(self.codec.opening())
        if ready:
            self.tell("session.created", session={"id": "sess_1"})
            self.tell("session.updated", session={"type": "realtime"})

    def take(self, messages: list[str]) -> list[str]:
        """Check and keep what is sent; returns its types."""
        fields = [json.loads(message) for message in messages]
        for one in fields:
            check_client(one)
        self.sent += fields
        return [one["type"] for one in fields]

    def tell(self, kind: str, **fields: Any) -> list[Event]:
        """A server message; returns the events."""
        events, answers = self.codec.receive(
            json.dumps({"type": kind, "event_id": "e", **fields}), self.now
        )
        self.take(answers)
        self.events += events
        return events

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.sent if message["type"] == kind]

    # The server's habits.

    def begin(self, response: str, kind: str = "") -> None:
        metadata = {"kind": kind} if kind else None
        self.tell("response.created", response={"id": response, "metadata": metadata})

    def speak(
        self, response: str, pcm: bytes = SECOND, item: str = "", text: str = ""
    ) -> list[Event]:
        place = {"response_id": response, "item_id": item or f"item_{response}"}
        if text:
            self.tell("response.output_audio_transcript.delta", delta=text, **place)
        delta = base64.b64encode(pcm).decode()
        return self.tell("response.output_audio.delta", delta=delta, **place)

    def end(self, response: str, status: str = "completed", **more: Any) -> list[Event]:
        told = {"id": response, "status": status, **more}
        return self.tell("response.done", response=told)

    def call(self, response: str, call: str, arguments: str = "{}") -> list[Event]:
        item = {
            "type": "function_call",
            "id": f"item_{call}",
            "call_id": call,
            "name": "book",
            "arguments": arguments,
            "status": "completed",
        }
        return self.tell("response.output_item.done", response_id=response, item=item)

    def caller(self, what: str) -> list[Event]:
        kind = f"input_audio_buffer.{what}"
        return self.tell(kind, item_id="item_u", audio_start_ms=0, audio_end_ms=0)

    def refuse(self, code: str | None, text: str = "no", **more: Any) -> list[Event]:
        error = {"type": "invalid_request_error", "code": code, "message": text}
        return self.tell("error", error={**error, **more})


@pytest.fixture
def wire() -> Wire:
    return Wire()


# The start.


def test_ready_comes_when_the_session_is_as_wanted():
    wire = Wire(ready=False)
    assert wire.tell("session.created", session={"id": "sess_7"}) == []
    ready = wire.tell("session.updated", session={"type": "realtime"})
    assert ready == [Ready("sess_7", 24_000, 24_000)]
    assert wire.tell("session.updated", session={"type": "realtime"}) == []
    assert wire.of("response.create") == []


def test_sound_in_another_format_is_not_taken():
    wire = Wire(ready=False)
    telephone = {"output": {"format": {"type": "audio/pcmu"}}}
    with pytest.raises(AgentProtocolError, match="24 kHz"):
        wire.tell("session.updated", session={"audio": telephone})


def test_the_greeting_is_said_as_it_is():
    profile = Profile(name="t", first_message="Hi {{who}}!", variables={"who": "Nat"})
    wire = Wire(Brief(profile=profile))
    (create,) = wire.of("response.create")
    response = create["response"]
    assert response["instructions"].endswith("and nothing else: Hi Nat!")
    assert response["metadata"] == {"kind": "greeting"}
    assert response["tool_choice"] == "none"


def test_with_a_prompt_only_the_agent_opens_by_itself():
    wire = Wire(Brief(profile=PROFILE))
    (create,) = wire.of("response.create")
    assert create["response"] == {"metadata": {"kind": "answer"}}


def test_an_empty_first_message_leaves_the_caller_to_speak():
    profile = Profile(name="t", prompt="Wait.", first_message="")
    assert Wire(Brief(profile=profile)).of("response.create") == []


def test_who_takes_over_is_told_what_was_said_and_does_not_greet():
    profile = Profile(name="t", prompt="Sell.", first_message="Hello!")
    history = (Utterance("agent", "Hello!"), Utterance("caller", "Hi."))
    wire = Wire(Brief(profile=profile, history=history))
    items = [message["item"] for message in wire.of("conversation.item.create")]
    assert [(item["role"], item["content"]) for item in items] == [
        ("assistant", [{"type": "output_text", "text": "Hello!"}]),
        ("user", [{"type": "input_text", "text": "Hi."}]),
    ]
    assert wire.of("response.create") == []
    wire = Wire(Brief(profile=profile, history=history, bridge="Sorry."))
    (create,) = wire.of("response.create")
    assert create["response"]["instructions"].endswith(": Sorry.")


def test_noise_before_the_greeting_is_held_back():
    wire = Wire(Brief(profile=PROFILE))
    assert wire.codec.audio(SECOND) == []
    wire.begin("r1", "answer")
    assert wire.codec.audio(SECOND) == []
    wire.speak("r1")
    assert wire.take(wire.codec.audio(SECOND)) == ["input_audio_buffer.append"]


def test_noise_is_not_held_back_for_ever():
    wire = Wire(Brief(profile=PROFILE))
    kinds = [wire.take(wire.codec.audio(SECOND)) for _ in range(7)]
    assert kinds[:4] == [[], [], [], []]
    assert kinds[-1] == ["input_audio_buffer.append"]


def test_a_greeting_that_fails_opens_the_ears():
    wire = Wire(Brief(profile=PROFILE))
    wire.begin("r1", "answer")
    wire.end("r1", "cancelled")
    assert wire.codec.audio(SECOND)


# Sound.


def test_the_callers_sound_is_base64_of_whole_samples(wire: Wire):
    (message,) = wire.codec.audio(b"\1\2\3\4\5")
    fields = json.loads(message)
    check_client(fields)
    assert base64.b64decode(fields["audio"]) == b"\1\2\3\4"
    assert wire.codec.audio(b"\1") == []


def test_a_reply_is_numbered_spoken_and_done(wire: Wire):
    wire.begin("r1")
    assert wire.speak("r1", b"\1\2" * 10) == [Speech(1, b"\1\2" * 10)]
    assert wire.end("r1") == [ReplyDone(1)]
    wire.begin("r2")
    assert wire.speak("r2", b"\1\2\3") == [Speech(2, b"\1\2")]
    assert wire.speak("r2", b"\4") == [Speech(2, b"\3\4")]


def test_sound_that_is_not_base64_is_a_fault(wire: Wire):
    with pytest.raises(AgentProtocolError, match="base64"):
        wire.tell(
            "response.output_audio.delta", response_id="r", item_id="i", delta="é"
        )


def test_words_of_several_items_are_one_reply(wire: Wire):
    wire.begin("r1")
    wire.speak("r1", item="a", text="One ")
    wire.speak("r1", item="a", text="two. ")
    wire.speak("r1", item="b", text="Three.")
    said = [event for event in wire.events if isinstance(event, Said)]
    assert [event.text for event in said] == ["One", "One two.", "One two. Three."]
    assert not any(event.final for event in said)
    assert wire.end("r1")[0] == Said("agent", "One two. Three.", True, 1)


# Interruptions.


def test_a_caller_who_speaks_cuts_the_answer_that_is_being_made(wire: Wire):
    wire.begin("r1")
    wire.speak("r1", SECOND * 2, text="one two three four five")
    assert wire.caller("speech_started") == [Interrupted(1)]
    assert wire.take(wire.codec.cut(1, 1500)) == ["conversation.item.truncate"]
    truncate = wire.sent[-1]
    assert (truncate["item_id"], truncate["audio_end_ms"]) == ("item_r1", 1500)
    # 1.5 s of the 2.0 s that five words take.
    assert wire.speak("r1") == [Corrected(1, "one two three four")]
    assert wire.codec.late_chunks == 1
    assert wire.end("r1", "cancelled") == []


def test_one_that_is_made_but_still_played_is_cut_by_item(wire: Wire):
    wire.begin("r1")
    for item in ("a", "b", "c"):
        wire.speak("r1", item=item, text=f"words of {item}")
        wire.tell("response.output_audio.done", response_id="r1", item_id=item)
    wire.end("r1")
    wire.now = 1.4
    assert wire.caller("speech_started") == [Interrupted(1)]
    kinds = wire.take(wire.codec.cut(1, 1400))
    assert kinds == ["conversation.item.truncate", "conversation.item.delete"]
    assert (wire.sent[-2]["item_id"], wire.sent[-2]["audio_end_ms"]) == ("b", 400)
    assert wire.sent[-1]["item_id"] == "c"
    assert wire.codec.cut(1, 1400) == []
    told = wire.tell("conversation.item.truncated", item_id="b", audio_end_ms=400)
    assert told == [Corrected(1, "words of a words")]


def test_what_waits_to_be_told_goes_with_a_message_of_any_type(wire: Wire):
    wire.begin("r1")
    wire.speak("r1", SECOND * 2, text="one two three four five")
    wire.caller("speech_started")
    wire.codec.cut(1, 1500)
    assert wire.tell("rate_limits.updated") == [Corrected(1, "one two three four")]
    assert wire.tell("rate_limits.updated") == []


def test_one_that_was_heard_to_the_end_is_left_alone(wire: Wire):
    wire.begin("r1")
    wire.speak("r1", text="All of it.")
    wire.end("r1")
    wire.now = 1.2
    assert wire.caller("speech_started") == [Interrupted(1)]
    assert wire.codec.cut(1, 990) == []
    wire.now = 1.6
    assert not wire.of("conversation.item.truncate")


def test_the_call_knows_better_what_is_still_heard(wire: Wire):
    # The last words of another agent were played first, say.
    assert wire.caller("speech_started") == [Interrupted(0)]
    wire.begin("r1")
    wire.speak("r1", SECOND * 2, text="one two three four")
    wire.end("r1")
    wire.now = 60.0
    assert wire.caller("speech_started") == [Interrupted(1)]
    assert wire.take(wire.codec.cut(1, 1000)) == ["conversation.item.truncate"]


def test_words_that_come_after_the_answer_say_so(wire: Wire):
    wire.caller("speech_started")
    wire.caller("committed")
    wire.begin("r1")
    wire.speak("r1")
    kind = "conversation.item.input_audio_transcription.completed"
    told = wire.tell(kind, item_id="item_u", transcript="Hi.")
    assert told == [Said("caller", "Hi.", True, late=True)]


def test_a_cut_is_never_longer_than_what_came(wire: Wire):
    wire.begin("r1")
    wire.speak("r1")
    wire.caller("speech_started")
    wire.take(wire.codec.cut(1, 5000))
    assert wire.sent[-1]["audio_end_ms"] == 1000


def test_what_was_not_heard_at_all_is_deleted(wire: Wire):
    wire.begin("r1")
    wire.speak("r1", text="Unheard.")
    wire.caller("speech_started")
    assert wire.take(wire.codec.cut(1, 0)) == ["conversation.item.delete"]
    late = {"type": "message", "id": "late", "role": "assistant", "content": []}
    wire.tell("response.output_item.added", response_id="r1", item=late)
    wire.end("r1", "cancelled")
    assert [m["item_id"] for m in wire.of("conversation.item.delete")] == [
        "item_r1",
        "late",
    ]
    assert Corrected(1, "") in wire.events


def test_an_answer_that_was_not_begun_is_no_interruption(wire: Wire):
    wire.begin("r1")
    place = {"response_id": "r1", "item_id": "a"}
    wire.tell("response.output_audio_transcript.delta", delta="Wel", **place)
    assert wire.caller("speech_started") == [Corrected(1, ""), Interrupted(0)]
    wire.end("r1", "cancelled")
    assert wire.of("conversation.item.delete")[0]["item_id"] == "a"


def test_each_of_two_replies_that_wait_is_interrupted(wire: Wire):
    for response in ("r1", "r2"):
        wire.begin(response)
        wire.speak(response)
        wire.end(response)
    wire.now = 0.5
    assert wire.caller("speech_started") == [Interrupted(1), Interrupted(2)]
    wire.take(wire.codec.cut(1, 500) + wire.codec.cut(2, 0))
    kinds = [message["type"].rpartition(".")[2] for message in wire.sent[-2:]]
    assert kinds == ["truncate", "delete"]


def test_what_the_call_did_not_cut_was_heard_as_far_as_it_came(wire: Wire):
    wire.begin("r1")
    wire.speak("r1", text="one")
    wire.caller("speech_started")  # the call had played all of it: no cut
    wire.speak("r1")
    wire.end("r1", "cancelled")
    wire.begin("r2")
    assert wire.of("conversation.item.truncate")[0]["audio_end_ms"] == 1000


def test_a_cut_by_the_person_cancels_what_is_being_made(wire: Wire):
    wire.begin("r1")
    wire.speak("r1")
    kinds = wire.take(wire.codec.cut(1, 300))
    assert kinds == ["response.cancel", "conversation.item.truncate"]
    assert wire.speak("r1") == []
    assert wire.codec.cut(9, 300) == []


def test_a_server_that_does_not_interrupt_by_itself_is_told_to():
    wire = Wire(ready=False)
    detection = {"type": "server_vad", "interrupt_response": False}
    session = {"audio": {"input": {"turn_detection": detection}}}
    wire.tell("session.updated", session=session)
    wire.begin("r1")
    wire.speak("r1")
    wire.caller("speech_started")
    assert wire.of("response.cancel")[0]["response_id"] == "r1"
    wire.caller("speech_started")
    assert len(wire.of("response.cancel")) == 1


# One response at a time.


def test_a_typed_turn_interrupts_and_is_answered_after_it(wire: Wire):
    wire.begin("r1")
    wire.speak("r1")
    kinds = wire.take(wire.codec.say("And the price?"))
    assert kinds == ["response.cancel", "conversation.item.create"]
    item = wire.sent[-1]["item"]
    assert item["content"] == [{"type": "input_text", "text": "And the price?"}]
    assert wire.tell("conversation.item.added", item=item) == [Interrupted(1)]
    assert wire.of("response.create") == []
    wire.end("r1", "cancelled")
    assert len(wire.of("response.create")) == 1


def test_the_servers_own_response_answers_what_it_knows_of(wire: Wire):
    wire.caller("speech_started")
    assert wire.take(wire.codec.say("Typed.")) == ["conversation.item.create"]
    wire.tell("conversation.item.added", item=wire.sent[-1]["item"])
    wire.caller("speech_stopped")
    wire.begin("r1")
    wire.end("r1")
    assert wire.of("response.create") == []


def test_and_not_what_came_too_late_for_it(wire: Wire):
    wire.caller("speech_started")
    wire.take(wire.codec.say("Typed."))
    wire.caller("speech_stopped")
    wire.begin("r1")
    wire.tell("conversation.item.added", item=wire.sent[-1]["item"])
    wire.end("r1")
    assert len(wire.of("response.create")) == 1


def test_a_turn_that_the_server_does_not_answer_is_not_waited_for(wire: Wire):
    wire.caller("speech_started")
    wire.take(wire.codec.say("Typed."))
    wire.caller("speech_stopped")
    wire.take([m for _ in range(4) for m in wire.codec.audio(SECOND)])
    assert wire.of("response.create") == []
    wire.take(wire.codec.audio(SECOND))
    assert len(wire.of("response.create")) == 1


def test_a_collision_is_asked_again_after_it(wire: Wire):
    wire.take(wire.codec.say("Typed."))
    asked = wire.sent[-1]["event_id"]
    wire.begin("r1")  # the server's own came first
    code = "conversation_already_has_active_response"
    assert wire.refuse(code, event_id=asked) == []
    wire.end("r1")
    assert len(wire.of("response.create")) == 2
    wire.begin("r2", "answer")
    assert wire.refuse(code) == []  # of the server with itself
    wire.end("r2")
    assert len(wire.of("response.create")) == 2


def test_a_turn_that_the_server_could_not_answer_is_answered_after_it(wire: Wire):
    wire.take(wire.codec.say("Typed."))
    wire.caller("speech_started")
    wire.caller("speech_stopped")
    wire.begin("r1", "answer")  # asked for before the caller spoke
    assert wire.refuse("conversation_already_has_active_response") == []
    wire.end("r1")
    assert len(wire.of("response.create")) == 2


def test_an_answer_that_begins_while_the_caller_speaks_is_not_heard(wire: Wire):
    wire.take(wire.codec.say("Typed."))
    wire.caller("speech_started")
    wire.begin("r1", "answer")
    assert wire.of("response.cancel")[0]["response_id"] == "r1"
    assert wire.speak("r1", text="Well") == []
    wire.end("r1", "cancelled")
    assert len(wire.of("response.create")) == 1  # the server answers the turn
    wire.caller("speech_stopped")
    wire.begin("r2")
    assert Speech(2, SECOND) in wire.speak("r2")


def test_a_response_that_is_not_taken_is_trouble(wire: Wire):
    wire.take(wire.codec.say("Typed."))
    trouble = wire.refuse("invalid_value", event_id=wire.sent[-1]["event_id"])
    assert trouble == [Trouble("agent-error", "no")]
    wire.take(wire.codec.say("Again."))
    assert len(wire.of("response.create")) == 2


def test_a_response_that_fails_is_asked_for_once_more(wire: Wire):
    wire.begin("r1")
    details = {"error": {"type": "server_error", "message": "Oops"}}
    trouble = wire.end("r1", "failed", status_details=details)
    assert trouble == [Trouble("agent-error", "Oops")]
    assert len(wire.of("response.create")) == 1
    wire.begin("r2", "answer")
    with pytest.raises(AgentLost, match="Oops") as lost:
        wire.end("r2", "failed", status_details=details)
    assert lost.value.code == "agent-error"


# Tools.


def test_all_tools_are_answered_before_one_response_is_asked_for(wire: Wire):
    wire.begin("r1")
    assert wire.call("r1", "c1", '{"day": 1}') == [ToolCall("c1", "book", {"day": 1})]
    assert wire.call("r1", "c2", "") == [ToolCall("c2", "book", {})]
    assert wire.call("r1", "c2", "") == []
    kinds = wire.take(wire.codec.answer("c1", "Booked.", False))
    assert kinds == ["conversation.item.create"]
    wire.end("r1")
    assert wire.of("response.create") == []
    kinds = wire.take(wire.codec.answer("c2", "full", True))
    assert kinds == ["conversation.item.create", "response.create"]
    assert wire.sent[-2]["item"]["output"] == '{"error": "full"}'
    assert wire.codec.answer("c2", "again", False) == []
    assert wire.codec.answer("c9", "what?", False) == []


def test_tools_answered_early_wait_for_the_end_of_their_response(wire: Wire):
    wire.begin("r1")
    wire.call("r1", "c1")
    wire.take(wire.codec.answer("c1", "Booked.", False))
    assert wire.of("response.create") == []
    wire.end("r1")
    assert len(wire.of("response.create")) == 1


@pytest.mark.parametrize("arguments", ["{", "[1]", "nul", '{"a": 1} x'])
def test_arguments_that_are_none_are_answered_at_once(wire: Wire, arguments: str):
    wire.begin("r1")
    assert wire.call("r1", "c1", arguments) == []
    output = wire.of("conversation.item.create")[0]["item"]["output"]
    assert "not JSON" in output
    wire.end("r1")
    assert len(wire.of("response.create")) == 1


def test_a_call_that_was_interrupted_is_not_made(wire: Wire):
    wire.begin("r1")
    wire.caller("speech_started")
    call = {"type": "function_call", "call_id": "c1", "name": "book"}
    cut = {**call, "arguments": '{"da', "status": "incomplete"}
    assert wire.end("r1", "cancelled", output=[cut]) == []
    output = wire.of("conversation.item.create")[0]["item"]["output"]
    assert "interrupted" in output


def test_a_call_may_come_in_any_of_three_ways(wire: Wire):
    done = "response.function_call_arguments.done"
    place = {"response_id": "r1", "call_id": "c1", "arguments": "{}"}
    assert wire.tell(done, **place) == []  # the name comes with the item
    assert len(wire.tell(done, name="book", **place)) == 1
    call = {"type": "function_call", "call_id": "c2", "name": "book", "arguments": "{}"}
    assert wire.end("r1", output=[call, "?"]) == [ToolCall("c2", "book", {})]


# Other things.


def test_notes_go_to_the_system_and_may_be_replaced(wire: Wire):
    assert wire.take(wire.codec.note(Background("It rains.", "weather"))) == [
        "conversation.item.create"
    ]
    first = wire.sent[-1]["item"]
    assert first["role"] == "system"
    assert wire.take(wire.codec.note(Background("It is dry.", "weather"))) == [
        "conversation.item.delete",
        "conversation.item.create",
    ]
    assert wire.sent[-2]["item_id"] == first["id"]
    assert wire.codec.note(Typing()) == []


def test_usage_is_told_for_cancelled_responses_too(wire: Wire):
    wire.begin("r1")
    (usage,) = wire.end("r1", "cancelled", usage={"output_tokens": 7})
    amounts = {"input_audio_tokens": 0, "output_audio_tokens": 7, "undetailed": 1}
    assert usage == Usage(amounts, "gpt-realtime-2.1")


def test_messages_not_known_here_are_ignored(wire: Wire):
    assert wire.tell("rate_limits.updated", rate_limits=[]) == []
    assert wire.tell("response.something.new", x=1) == []


@pytest.mark.parametrize("message", ["", "[]", "{}", '{"type": 1}', b"\xff"])
def test_what_is_no_message_is_a_fault(wire: Wire, message: str | bytes):
    with pytest.raises(AgentProtocolError):
        wire.codec.receive(message, 0.0)


# Errors.


def test_settings_that_are_refused_end_the_conversation():
    with pytest.raises(AgentRefused, match="settings: no") as error:
        Wire(ready=False).refuse("unknown_parameter")
    assert error.value.code == "agent-misconfigured"
    with pytest.raises(AgentUnavailable) as error:
        Wire(ready=False).refuse(None, type="server_error")
    assert not isinstance(error.value, AgentRefused)


@pytest.mark.parametrize(
    "code", ["response_cancel_not_active", "item_truncate_invalid_item_id", "other"]
)
def test_errors_of_races_and_unknown_ones_end_nothing(wire: Wire, code: str):
    assert wire.refuse(code) == []


@pytest.mark.parametrize(
    ("native", "kind", "code"),
    [
        ("insufficient_quota", AgentRefused, "agent-quota"),
        ("invalid_api_key", AgentRefused, "agent-auth"),
        ("session_expired", AgentLost, "agent-expired"),
    ],
)
def test_errors_that_end_the_conversation(
    wire: Wire, native: str, kind: type[AgentLost], code: str
):
    with pytest.raises(kind) as error:
        wire.refuse(native)
    assert error.value.code == code


def test_an_error_of_the_server_is_told(wire: Wire):
    assert wire.refuse(None, "Sorry", type="server_error") == [
        Trouble("agent-error", "Sorry")
    ]
    assert wire.tell("error", error="?") == []


def test_the_end_of_the_connection(wire: Wire):
    assert wire.codec.closed(1000, "") is None
    expired = wire.codec.closed(1001, "Your session hit the maximum duration")
    assert isinstance(expired, AgentLost)
    assert expired.code == "agent-expired"
    assert wire.codec.closed(None, "").code == "agent-lost"
