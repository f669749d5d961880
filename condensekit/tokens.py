"""Tokens: the state of a lab as a short text that can be sent to a friend. No code is in it."""

import base64
import binascii
import json
import zlib
from collections.abc import Sequence
from typing import Any

from .knobs import Settings
from .training.storage import decode, encode

__all__ = ["read_moment", "read_token", "write_moment", "write_token"]

VERSION = 1
_HEAD = "ck"
_LONGEST = 50_000_000  # bytes of a token once it is unpacked; a row of own data takes about 40


def write_token(state: dict[str, Any]) -> str:
    """A state, which is JSON data, as text of letters, digits, ``-`` and ``_``.

    Raises
    ------
    ValueError
        If it is larger than `read_token` would read.
    """
    text = json.dumps(state, separators=(",", ":"), allow_nan=False)
    if len(text) > _LONGEST:
        raise ValueError(
            f"This state takes {len(text):,} bytes, more than the {_LONGEST:,} of a token: keep "
            "the data in a file, and a token without them."
        )
    packed = zlib.compress(text.encode(), 9)
    check = f"{zlib.crc32(packed):08x}"
    return f"{_HEAD}{VERSION}-{check}-{base64.urlsafe_b64encode(packed).decode().rstrip('=')}"


def read_token(token: str) -> dict[str, Any]:
    """The state that a token holds.

    Raises
    ------
    ValueError
        If the token is damaged, or of a version that is not known here.
    """
    if not isinstance(token, str):
        raise ValueError(f"A token is a text, but is {token!r}.")
    text = "".join(token.split())  # mail programs break lines
    head, _, rest = text.partition("-")
    check, _, content = rest.partition("-")
    if not head.startswith(_HEAD) or not head[len(_HEAD) :].isdigit() or not content:
        raise ValueError(f"This is not a token of a lab: {_short(text)!r}.")
    if head != f"{_HEAD}{VERSION}":
        raise ValueError(
            f"This token has version {head[len(_HEAD) :]}, but version {VERSION} is known here."
        )
    try:
        packed = base64.b64decode(content + "=" * (-len(content) % 4), b"-_", validate=True)
        if f"{zlib.crc32(packed):08x}" != check:
            raise ValueError
        unpacker = zlib.decompressobj()
        plain = unpacker.decompress(packed, _LONGEST)
        if unpacker.unconsumed_tail:
            raise ValueError
        state = json.loads(plain)
        if not isinstance(state, dict):
            raise ValueError
    except (ValueError, zlib.error, binascii.Error, RecursionError):
        raise ValueError(
            f"This token is damaged: a part of it is missing or changed ({_short(text)!r})."
        ) from None
    return state


def write_moment(
    lab: str, batch: Sequence[Settings], step: int, until: int, view: dict[str, Any]
) -> str:
    """A lab's moment as a token: what is trained, the step on screen, the last one, the view."""
    experiments = [encode(settings) for settings in batch]
    return write_token(
        {"lab": lab, "experiments": experiments, "step": step, "until": until, "view": view}
    )


def read_moment(token: str, lab: str) -> tuple[list[Settings], int, int, dict[str, Any]]:
    """What `write_moment` was given.

    Raises
    ------
    ValueError
        If the token is damaged, or of another lab.
    """
    state = read_token(token)
    if state.get("lab") != lab:
        raise ValueError(f"This is a token of {state.get('lab')!r}, not of a {lab}.")
    try:
        batch = [decode(data) for data in state["experiments"]]
        step, until, view = int(state["step"]), int(state["until"]), dict(state["view"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"This token lacks a part of the state: {error}.") from None
    if not all(isinstance(settings, Settings) for settings in batch):
        raise ValueError("This token holds something that is no settings.")
    return batch, step, until, view


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:24]} … {text[-8:]}"
