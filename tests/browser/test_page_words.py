"""What both sides say, as the page writes it down."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser import far
from tests.browser.chromium import PHONE, Pages
from tests.browser.conftest import Site
from tests.browser.steps import (
    button,
    call,
    lines,
    state,
)


async def test_a_guess_gives_way_to_the_final_words(
    site: Site, browser_page: Pages
) -> None:
    page, end = await call(browser_page, site.url)
    await end.say("transcript.user", text="what is", final=False, at_ms=61_000)
    await expect(lines(page)).to_have_text(["You1:01what is"])
    # Screen readers hear the final words once, not every guess on the way.
    await expect(lines(page).first).to_have_attribute("aria-hidden", "true")
    await end.say("transcript.agent", text="Hello", final=True, reply=1)
    await end.say("transcript.user", text="what is parley", final=False, at_ms=62_000)
    await end.say("transcript.user", text="What is Parley?", final=True, at_ms=63_000)
    await expect(lines(page)).to_have_text(["You1:03What is Parley?", "Agent0:00Hello"])
    await expect(page.locator("#lines [aria-hidden]")).to_have_count(0)
    await end.say("transcript.user", text="hm", final=False)
    await end.say("transcript.user", text="", final=True)
    await expect(lines(page)).to_have_count(2)
    # What the agent says is text, never markup.
    await end.say("transcript.agent", text="<img src=x>", final=True, reply=2)
    await expect(lines(page).last).to_contain_text("<img src=x>")


async def test_a_reply_that_broke_off_is_not_taken_for_the_next_one(
    site: Site, browser_page: Pages
) -> None:
    page, end = await call(browser_page, site.url)
    await end.say("transcript.agent", text="Good morning, this", final=False, reply=1)
    await end.say("transcript.corrected", reply=1, text="Good morning")
    await end.say("transcript.agent", text="Where were we?", final=True, reply=2)
    first = "Agentinterrupted0:00Good morning"
    await expect(lines(page)).to_have_text([first, "Agent0:00Where were we?"])
    # Nobody has corrected this one, and it will not go on either.
    await end.say("transcript.agent", text="As I", final=False, reply=3)
    await end.say("transcript.agent", text="Hello again.", final=True, reply=4)
    await expect(lines(page)).to_have_count(4)
    await expect(lines(page).nth(2)).to_contain_text("As I")
    await expect(page.locator("#lines [aria-hidden]")).to_have_count(0)


async def test_an_interrupted_reply_keeps_what_was_heard(
    site: Site, browser_page: Pages
) -> None:
    page, end = await call(browser_page, site.url)
    await end.say("transcript.agent", text="One. Two. Three.", final=True, reply=1)
    await end.say("conversation.interrupted", reply=1, heard_ms=700)
    await expect(lines(page)).to_have_text(["Agentinterrupted0:00One. Two. Three."])
    await end.say("transcript.corrected", reply=1, text="One. Tw")
    await expect(lines(page)).to_have_text(["Agentinterrupted0:00One. Tw"])
    # Cut before its words came.
    await end.say("conversation.interrupted", reply=2, heard_ms=0)
    await end.say("transcript.agent", text="Four.", final=True, reply=2)
    await end.say("transcript.corrected", reply=2, text="")
    await expect(lines(page).last).to_contain_text("Interrupted before it was heard.")
    await end.say("transcript.agent", text="Five.", final=True, reply=3)
    await expect(lines(page).last).to_have_text("Agent0:00Five.")


async def test_typing_to_the_agent(site: Site, browser_page: Pages) -> None:
    page, end = await call(browser_page, site.url)
    field = page.get_by_label("Type to the agent")
    await field.fill("  my address is a@b.org ")
    await field.press("Enter")
    await expect(field).to_have_value("")
    await expect(lines(page)).to_contain_text(["my address is a@b.org"])
    await expect(page.locator(".note")).to_have_text("typed")
    await button(page, "Send").click()  # nothing to send
    await button(page, "Interrupt").click()
    assert await end.received(3) == [
        {"type": "typing"},
        {"type": "text.input", "text": "my address is a@b.org"},
        {"type": "conversation.interrupt"},
    ]
    # An agent that echoes the typed turn does not make it appear twice.
    await end.say("transcript.user", text="my address is a@b.org", final=True)
    await end.say("tool.called", id="1", name="book", arguments={})
    await expect(lines(page)).to_have_count(2)
    await expect(lines(page).last).to_have_text("The agent uses “book”.")


async def test_reading_back_is_not_disturbed(site: Site, browser_page: Pages) -> None:
    page, end = await call(browser_page, site.url, viewport=PHONE)
    for number in range(20):
        await end.say(
            "transcript.agent", text=f"line {number}", final=True, reply=number
        )
    await expect(lines(page).last).to_be_in_viewport()
    await page.locator("#transcript").evaluate("(log) => log.scrollTo(0, 0)")
    await expect(lines(page).first).to_be_in_viewport()
    await page.wait_for_timeout(100)  # the scroll event comes with the next frame
    await end.say("transcript.agent", text="one more", final=True, reply=99)
    await expect(lines(page)).to_have_count(21)
    await expect(lines(page).first).to_be_in_viewport()


async def test_unknown_and_broken_messages_change_nothing(
    site: Site, browser_page: Pages
) -> None:
    page, end = await call(browser_page, site.url)
    await end.say("call.stats", mos=4.2)
    await end.say("constructor")
    await end.say("voice.score", score=0.9)
    await end.say("usage", amounts={"cost_usd": 0.1}, model="x")
    await end.say("reply.begun", reply=1)
    await end.say("turn.measured")
    for raw in ("no json", "null", "7", '{"type": 5}', '{"nothing": 1}'):
        await page.evaluate("async (raw) => (await far.opened).send(raw)", raw)
    await end.say("transcript.user", text="still here", final=True)
    await expect(lines(page)).to_have_text(["You0:00still here"])
    assert browser_page.errors == []


async def test_a_typed_turn_stands_once_whoever_echoes_it(
    site: Site, browser_page: Pages
) -> None:
    page = await browser_page.open(site.url, scripts=[far.SCRIPT])
    await page.clock.install()
    end = await far.FarEnd.of(page)
    await button(page, "Call").click()
    await state(page, "connected")
    field = page.get_by_label("Type to the agent")
    for _ in range(2):  # the same words twice are two turns
        await field.fill("yes")
        await field.press("Enter")
    # The server says that it has them, and the agent, as if they had been said.
    for typed in (True, True, False, False):
        more = {"typed": True} if typed else {}
        await end.say("transcript.user", text="yes", final=True, **more)
    await end.say("transcript.agent", text="Fine.", final=True, reply=1)
    await expect(lines(page).last).to_contain_text("Fine.")
    await expect(lines(page)).to_have_count(3)
    await expect(page.locator(".note")).to_have_text(["typed", "typed"])
    # An agent that echoes nothing: what is said later, is said.
    await field.fill("good")
    await field.press("Enter")
    await end.say("transcript.user", text="good", final=True, typed=True)
    await expect(lines(page)).to_have_count(4)
    await page.clock.fast_forward(4_000)
    await end.say("transcript.user", text="good", final=True, at_ms=9_000)
    await expect(lines(page).last).to_have_text("You0:09good")
    # Not as it was typed here: the server knows better.
    await end.say("transcript.user", text="by hand", final=True, typed=True)
    await expect(lines(page).last).to_have_text("Youtyped0:00by hand")


async def test_writing_is_told_now_and_then(site: Site, browser_page: Pages) -> None:
    page = await browser_page.open(site.url, scripts=[far.SCRIPT])
    await page.clock.install()
    end = await far.FarEnd.of(page)
    await button(page, "Call").click()
    await state(page, "connected")
    field = page.get_by_label("Type to the agent")
    await field.press_sequentially("hello there")
    assert await end.received(1) == [{"type": "typing"}]
    await page.clock.fast_forward(1_500)
    await field.press_sequentially(" I")
    await page.clock.fast_forward(600)
    await field.press_sequentially(" am")
    await field.press("Enter")
    assert await end.received(3) == [
        {"type": "typing"},
        {"type": "typing"},
        {"type": "text.input", "text": "hello there I am"},
    ]
    await end.say("conversation.ended", reason="time-limit")
    await state(page, "ended")
    await field.press_sequentially("x")
    assert len(await page.evaluate("far.received")) == 3
    assert browser_page.errors == []
