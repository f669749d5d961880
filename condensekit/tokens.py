"""Tokens: the state of a lab as a short text that can be sent to a friend. No code is in it.

A token holds all settings, whatever a lab opens with today or later. It is short nevertheless: it
is compressed beside a list of words, the settings with which labs open and the defaults of every
class. The list belongs to the version for ever: a token only says where in it a piece stands.
"""

import base64
import binascii
import functools
import json
import zlib
from collections.abc import Sequence
from importlib import resources
from typing import Any

from .checks import a_count, of_kind
from .doors import public
from .knobs import Settings
from .plain import quoted
from .training.storage import decode, encode

__all__ = ["read_moment", "read_token", "write_moment", "write_token"]

VERSION = 2
_HEAD = "ck"
_LONGEST = 50_000_000  # bytes of a token once it is unpacked; a row of own data takes about 40
_LAST = 2**63 - 1  # as many steps as can be counted
_CHECK = 4  # bytes of the checksum of the text, in front


@public()
def write_token(state: dict[str, Any]) -> str:
    """A state, which is JSON data, as text of letters, digits, ``-`` and ``_``.

    Raises
    ------
    ValueError
        If it is no data of JSON, or larger than `read_token` would read.
    """
    try:
        text = json.dumps(state, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"state must be data as JSON has them ({error}).") from None
    if len(text) > _LONGEST:
        raise ValueError(
            f"This state takes {len(text):,} bytes, more than the {_LONGEST:,} of a token: keep "
            "the data in a file, and a token without them."
        )
    packer = zlib.compressobj(9, wbits=-15, zdict=_words())
    packed = _check(text.encode()) + packer.compress(text.encode()) + packer.flush()
    return f"{_HEAD}{VERSION}-{base64.urlsafe_b64encode(packed).decode().rstrip('=')}"


@public()
def read_token(token: str) -> dict[str, Any]:
    """The state that a token holds, of any version.

    Raises
    ------
    ValueError
        If the token is damaged, or of a version that is not known here.
    """
    if not isinstance(token, str):
        raise ValueError(f"A token is a text, but is {quoted(token)}.")
    text = "".join(token.split())  # mail programs break lines
    head, _, content = text.partition("-")
    if not head.startswith(_HEAD) or not head[len(_HEAD) :].isdecimal() or not content:
        raise ValueError(f"This is not a token of a lab: {_short(text)!r}.")
    version = head[len(_HEAD) :]
    if version not in _READERS:
        raise ValueError(
            f"This token has version {_short(version)}, but versions 1 to {VERSION} are known here."
        )
    try:
        state: Any = json.loads(_READERS[version](content))
        if not isinstance(state, dict):
            raise ValueError
        if version == "1":
            state = _second(state)
    except (ValueError, zlib.error, binascii.Error, RecursionError):
        raise ValueError(
            f"This token is damaged: a part of it is missing or changed ({_short(text)!r})."
        ) from None
    found: dict[str, Any] = state
    return found


def _read_second(content: str) -> bytes:
    packed = _bytes(content)
    plain = _unpacked(zlib.decompressobj(-15, zdict=_words()), packed[_CHECK:])
    if _check(plain) != packed[:_CHECK]:
        raise ValueError
    return plain


def _read_first(content: str) -> bytes:
    """Without words, and with a checksum of what is packed, in letters."""
    check, _, rest = content.partition("-")
    packed = _bytes(rest)
    if f"{zlib.crc32(packed):08x}" != check:
        raise ValueError
    return _unpacked(zlib.decompressobj(), packed)


_READERS = {"1": _read_first, "2": _read_second}
"""How a token of each version is read."""


def _second(state: dict[str, Any]) -> dict[str, Any]:
    """A state of version 1 as one of version 2: there, RankLab had a form of its own."""
    if state.keys() != {"lab", "settings"}:
        return state
    settings = {"is": "RankSettings"} | dict(state["settings"])
    return {"lab": state["lab"], "experiments": [settings], "step": 0, "until": 0, "view": {}}


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)


def _unpacked(unpacker: Any, packed: bytes) -> bytes:
    plain: bytes = unpacker.decompress(packed, _LONGEST)
    if not unpacker.eof or unpacker.unused_data:
        raise ValueError
    return plain


def _check(plain: bytes) -> bytes:
    return zlib.crc32(plain).to_bytes(_CHECK, "big")


@functools.cache
def _words() -> bytes:
    return (resources.files(__package__) / f"token_words_{VERSION}.txt").read_bytes()


@public()
def write_moment(
    lab: str, batch: Sequence[Settings], step: int, until: int, view: dict[str, Any]
) -> str:
    """A lab's moment as a token: what is trained, the step on screen, the last one, the view."""
    experiments = [encode(settings) for settings in batch]
    return write_token(
        {"lab": lab, "experiments": experiments, "step": step, "until": until, "view": view}
    )


@public()
def read_moment(token: str, lab: str) -> tuple[list[Settings], int, int, dict[str, Any]]:
    """What `write_moment` was given.

    Raises
    ------
    ValueError
        If the token is damaged, or of another lab, or needs files that are not here.
    """
    state = read_token(token)
    if state.get("lab") != lab:
        raise ValueError(
            f"This is a token of {quoted(state.get('lab'))}, not of a {quoted(lab)[1:-1]}."
        )
    try:
        batch = [decode(data) for data in state["experiments"]]
        step, until = (a_count(name, state[name], 0, _LAST) for name in ("step", "until"))
        view = of_kind("view", state["view"], dict, "choices by name")
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"This token lacks a part of the state: {error}.") from None
    except OSError as error:  # of a reader whose data are files
        raise ValueError(f"This token needs data that are not here: {error}") from None
    if not all(isinstance(settings, Settings) for settings in batch):
        raise ValueError("This token holds something that is no settings.")
    return batch, step, until, view


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:24]} … {text[-8:]}"
