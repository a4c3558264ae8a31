"""A strict stand-in for OpenAI Realtime on loopback.

    def answers(asked):
        return Answer(lines=(Line("Hello!", pcm),))

    async with FakeOpenAi(answers) as fake:
        agent = openai_agent(brief, api_key=fake.api_key, base_url=fake.url)

It hears turns by their energy, answers them, is interrupted by them, and keeps account
of items, of what it sent of each, and of open calls. Every message of the client is
checked against OpenAI's own types, the schema and that account; what is wrong is raised
when the fake is left. By itself, with the embedded agent's voice:

    python -m tests.fake_openai --port 8089
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.loopback import StandIn
from tests.openai_conversation import Answer, Answers, Asked, Conversation, Line

__all__ = ["Answer", "Asked", "Conversation", "FakeOpenAi", "Line", "spoken"]

_PATH = "/v1"

Hears = Callable[[int], tuple[str, float]]
"Of the n-th turn by voice: its words, and the seconds until they are written down."


def _turn(number: int) -> tuple[str, float]:
    return f"turn {number}", 0.1


class FakeOpenAi(StandIn):
    """The provider; an async context."""

    def __init__(
        self,
        answers: Answers,
        *,
        api_key: str = "sk-test-0123456789",
        hears: Hears = _turn,
        life_s: float = 3600.0,
        think_s: float = 0.1,
        refuse_session: str = "",
        refuse: tuple[int, dict[str, Any]] | None = None,
        silent: bool = False,
    ) -> None:
        """`life_s`: of a session. `think_s`: from a response's begin to its first item.
        `refuse_session`: why session.update is answered with an error. `refuse`: HTTP
        status and JSON for every request. `silent`: accept, and say nothing.
        """
        app = web.Application()
        app.router.add_get(f"{_PATH}/realtime", self._converse)
        super().__init__(app, _PATH)
        self.conversations: list[Conversation] = []
        self.api_key = api_key
        self.answers = answers
        self.hears = hears
        self.life_s = life_s
        self.think_s = think_s
        self.refuse_session = refuse_session
        self.silent = silent
        self._refuse = refuse

    async def _converse(self, request: web.Request) -> web.StreamResponse:
        if self._refuse:
            return web.json_response(self._refuse[1], status=self._refuse[0])
        if "OpenAI-Beta" in request.headers:
            self.faults.append(AssertionError("the header of the beta"))
        if request.headers.get("Authorization") != f"Bearer {self.api_key}":
            text = f"Incorrect API key provided: {request.headers.get('Authorization')}"
            error = {"code": "invalid_api_key", "message": text}
            return web.json_response({"error": error}, status=401)
        conversation = Conversation(self, request, len(self.conversations) + 1)
        self.conversations.append(conversation)
        await conversation.socket.prepare(request)
        try:
            await conversation.run()
        except ExceptionGroup as group:
            # The client may well hang up in the middle of a response.
            _, broken = group.split(ConnectionError)
            if broken is not None:
                self.faults.extend(broken.exceptions)
        return conversation.socket


# By itself.

SENTENCES = (
    "Thanks for taking the call. What do you look for in a fund these days?",
    "I see. Many advisers tell me the same, and active E T Fs can help with that.",
    "That is a fair point. May I show you in twenty minutes how the costs compare?",
    "Would Thursday at three in the afternoon suit you?",
    "Wonderful, I have noted it. Is there anything you want me to prepare?",
    "Then I look forward to it. Have a good day!",
)


def spoken() -> Answers:
    """Answers by turn, in the embedded agent's voice; greetings are said as asked."""
    from convai.local.voice import load

    voice = load()
    said: dict[str, bytes] = {}

    def line(text: str) -> Line:
        if text not in said:
            pcm = b"".join(
                voice.speak(f"{part}.", 1.0) for part in text.split(". ") if part
            )
            said[text] = pcm
        return Line(text, said[text])

    def answer(asked: Asked) -> Answer:
        if asked.kind == "greeting":
            return Answer(lines=(line(asked.text),))
        return Answer(lines=(line(SENTENCES[(asked.number - 1) % len(SENTENCES)]),))

    return answer


def _reader(path: Path | None) -> Hears:
    """What it hears: the lines of a file, one for each turn."""
    if path is None:
        return _turn
    lines = path.read_text().splitlines()
    return lambda number: (lines[(number - 1) % len(lines)], 0.4)


async def _serve(options: argparse.Namespace) -> None:
    fake = FakeOpenAi(
        spoken(), api_key=options.key, hears=_reader(options.heard), think_s=0.3
    )
    try:
        await fake.open(options.port)
        sys.stdout.write(f"{fake.url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()
    finally:
        await fake.__aexit__(None, None, None)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fake_openai")
    parser.add_argument("--port", type=int, default=8089)
    parser.add_argument("--key", default="sk-test-0123456789")
    parser.add_argument(
        "--heard", type=Path, help="a text: what the caller says, a line each"
    )
    try:
        asyncio.run(_serve(parser.parse_args()))
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
