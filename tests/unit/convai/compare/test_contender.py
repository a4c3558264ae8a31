"""Who is compared, and what the command refuses before anything is called."""

from __future__ import annotations

import pytest

from convai.compare.contender import Contender, contenders
from convai.compare.order import interrupted
from convai.compare.trouble import WrongInput


def test_names_and_profiles() -> None:
    assert contenders("local:default, local:sarah,openai") == [
        Contender("local", "default"),
        Contender("local", "sarah"),
        Contender("openai"),
    ]
    assert Contender("local", "sarah").name == "local:sarah"


@pytest.mark.parametrize("text", ["", "a,,b", "a b", "a:", ":b", "a:b:c", "a,a", "-x"])
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(WrongInput, match="--agents"):
        contenders(text)


def test_the_last_but_one_turn_interrupts_unless_told_otherwise() -> None:
    assert [interrupted(None, n) for n in (1, 2, 3, 6)] == [None, 1, 1, 4]
    assert interrupted(0, 3) is None
    assert interrupted(3, 3) == 2
    for wrong in (-1, 4):
        with pytest.raises(WrongInput, match="--interrupt-turn"):
            interrupted(wrong, 3)
