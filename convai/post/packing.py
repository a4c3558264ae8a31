"""Packing: a parcel as one file, of which one can tell whether it is whole. Pure.

A line of JSON, then the body as it is: `tail -n +2 FILE` is a mail that one can read.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from hashlib import sha256

from .parcel import Parcel

__all__ = ["packed", "unpacked"]


def packed(parcel: Parcel) -> bytes:
    label = asdict(parcel)
    del label["body"]
    label["sha256"] = sha256(parcel.body).hexdigest()
    return json.dumps(label).encode() + b"\n" + parcel.body


def unpacked(content: bytes) -> Parcel:
    """What `packed` made. Raises ValueError when it is torn or something else."""
    line, _, body = content.partition(b"\n")
    try:
        label = json.loads(line)
        whole = label.pop("sha256") == sha256(body).hexdigest()
        recipients = tuple(label.pop("recipients"))
        parcel = Parcel(body=body, recipients=recipients, **label)
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"not a parcel: {type(error).__name__}") from None
    texts = (parcel.kind, parcel.call, parcel.meeting, parcel.sender, *recipients)
    if not whole or not all(isinstance(text, str) for text in texts):
        raise ValueError("a torn parcel")
    return parcel
