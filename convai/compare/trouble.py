"""What can go wrong with a comparison, by whose fault it is.

CompareError
├── WrongInput      what was asked for cannot be done: exit status 2
├── ServerTrouble   the server does not start, or cannot be reached: exit status 1
└── CallFailed      one agent's call: a result of the comparison, not its end
"""

from __future__ import annotations

__all__ = ["CallFailed", "CompareError", "ServerTrouble", "WrongInput"]


class CompareError(Exception):
    """The text is for people."""


class WrongInput(CompareError):
    """A file, an agent or an option that is not what it should be."""


class ServerTrouble(CompareError):
    """There is no server to call."""


class CallFailed(CompareError):
    """A call could not be made, or broke off."""
