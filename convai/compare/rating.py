"""Rating: the blind pairs, and what the raters' votes say. Pure.

The page knows pairs by numbers only; which agent is behind which letter is in
`report.json`, where the votes are joined again.
"""

from __future__ import annotations

import itertools
import json
import random
import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .trouble import WrongInput

__all__ = ["Ballot", "joined_votes", "pairs", "parsed"]

MOST_PAIRS = 24
"Listened to in some twenty minutes; who is asked for more stops caring."

LEAD_S = 0.3
"Heard before the caller's turn begins."
LONGEST_S = 25.0
"Of a clip: a voice can be judged by then."

SCORES = range(1, 6)
CHOICES = ("a", "b", "same")
MOST_BYTES = 1024 * 1024

Ballot = dict[str, Any]
"""A rater's votes: {"comparison", "rater", "votes": [{"pair", "a", "b", "prefer"}]}."""


def pairs(calls: Sequence[Mapping[str, Any]], seed: int) -> list[dict[str, Any]]:
    """The same turn, answered by two agents in one run; in random order and sides."""
    dice = random.Random(seed)
    found = []
    for one, other in itertools.combinations(calls, 2):
        if one["run"] != other["run"]:
            continue
        clips = _clips(one), _clips(other)
        for turn in sorted(clips[0].keys() & clips[1].keys()):
            sides = [(one, clips[0][turn]), (other, clips[1][turn])]
            dice.shuffle(sides)
            found.append({"run": one["run"], "turn": turn, **_sides(sides)})
    dice.shuffle(found)
    return [
        {"pair": f"p{number}", **pair}
        for number, pair in enumerate(found[:MOST_PAIRS], 1)
    ]


def _sides(sides: Sequence[tuple[Mapping[str, Any], tuple[float, float]]]) -> Any:
    return {
        letter: {
            "agent": call["agent"],
            "audio": call["audio"],
            "from_s": round(clip[0], 2),
            "to_s": round(clip[1], 2),
        }
        for letter, (call, clip) in zip("ab", sides, strict=True)
    }


def _clips(call: Mapping[str, Any]) -> dict[int, tuple[float, float]]:
    """By turn, from when to when the turn and its answer are, if it was answered."""
    if call["replaced"] or not call["audio"]:
        return {}
    turns = call["turns"]
    ends = [turn["begin_s"] for turn in turns[1:]] + [call["length_s"]]
    clips = {}
    for turn, end in zip(turns, ends, strict=True):
        if turn["answered"]:
            begin = max(turn["begin_s"] - LEAD_S, 0.0)
            clips[turn["turn"]] = begin, min(end, begin + LONGEST_S)
    return clips


def parsed(content: bytes, where: str, comparison: str) -> Ballot:
    """A rater's file. Raises WrongInput."""
    try:
        if len(content) > MOST_BYTES:
            raise ValueError
        ballot = json.loads(content)
        votes = [_vote(vote) for vote in ballot["votes"]]
        rater, of = str(ballot["rater"])[:100], ballot["comparison"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise WrongInput(f"{where}: these are no votes of a rating page") from None
    if of != comparison:
        raise WrongInput(f"{where}: these votes are of another comparison")
    return {"comparison": of, "rater": rater, "votes": votes}


def _vote(vote: Mapping[str, Any]) -> dict[str, Any]:
    for letter in "ab":
        # True is an int as well, and a 1.
        if type(vote[letter]) is not int or vote[letter] not in SCORES:
            raise ValueError
    prefer = vote.get("prefer")
    if prefer is not None and prefer not in CHOICES:
        raise ValueError
    return {
        "pair": str(vote["pair"]),
        "a": vote["a"],
        "b": vote["b"],
        "prefer": prefer,
    }


def joined_votes(
    known: Sequence[Mapping[str, Any]], ballots: Iterable[Ballot]
) -> dict[str, Any]:
    """What the votes say of each agent. A rater's later vote on a pair replaces."""
    by_name = {pair["pair"]: pair for pair in known}
    last = {
        (ballot["rater"], vote["pair"]): vote
        for ballot in ballots
        for vote in ballot["votes"]
        if vote["pair"] in by_name
    }
    agents = sorted({pair[letter]["agent"] for pair in known for letter in "ab"})
    votes = [(by_name[pair], vote) for (_, pair), vote in last.items()]
    return {
        "raters": len({rater for rater, _ in last}),
        "votes": len(votes),
        "agents": {agent: _of_agent(agent, votes) for agent in agents},
    }


def _of_agent(
    agent: str, votes: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]
) -> dict[str, Any]:
    scores, preferred, even, other = [], 0, 0, 0
    for pair, vote in votes:
        for letter in "ab":
            if pair[letter]["agent"] != agent:
                continue
            scores.append(vote[letter])
            preferred += vote["prefer"] == letter
            even += vote["prefer"] == "same"
            other += vote["prefer"] in {"a", "b"} - {letter}
    return {
        "n": len(scores),
        "mean": round(statistics.fmean(scores), 2) if scores else None,
        "sd": round(statistics.stdev(scores), 2) if len(scores) > 1 else None,
        "min": min(scores, default=None),
        "max": max(scores, default=None),
        "preferred": preferred,
        "even": even,
        "other_preferred": other,
    }
