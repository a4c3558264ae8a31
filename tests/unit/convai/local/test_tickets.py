from __future__ import annotations

import pytest

from convai.local import tickets
from convai.local.tickets import VALID_S, Tickets


def test_a_ticket_opens_its_agent_for_a_while() -> None:
    office = Tickets()
    signature = office.issue("local", "", 0.0)
    assert office.admit(signature, "local", 1.0) is not None
    assert office.admit(signature, "other", 1.0) is None
    assert office.admit(signature, "local", VALID_S - 1) is not None
    assert office.admit(signature, "local", VALID_S) is None
    assert office.admit("cvtkn_made_up", "local", 1.0) is None


def test_a_ticket_for_one_conversation_is_good_once() -> None:
    office = Tickets()
    signature = office.issue("local", "conv_1", 0.0)
    ticket = office.admit(signature, "local", 1.0)
    assert ticket is not None and ticket.conversation == "conv_1"
    assert office.admit(signature, "local", 1.0) is None


def test_old_tickets_give_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tickets, "KEPT", 2)
    office = Tickets()
    first, *others = [office.issue("local", "", 0.0) for _ in range(3)]
    assert office.admit(first, "local", 1.0) is None
    assert all(office.admit(other, "local", 1.0) for other in others)
