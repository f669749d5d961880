"""A lecturer's own presets: a text file beside the notebooks, one line for each."""

import functools
from pathlib import Path

from ..doors import public
from ..files import changing, whole_file
from ..tokens import read_token
from .base import Preset

__all__ = ["FILE", "forget", "keep", "kept"]

FILE = Path("condensekit-presets.txt")
"""Where they are kept: a name and a token in each line, with a tab between them."""
_LONGEST = 60  # letters of a name


@public()
def keep(name: str, token: str) -> Preset:
    """Keep a moment of a lab under a name; one of the same lab and name is replaced.

    Parameters
    ----------
    name : str
        One line of at most 60 letters; a question makes a good one.
    token : str
        What `lab.state` gave.

    Returns
    -------
    Preset
        Which every lab of its kind offers from now on, in notebooks of this folder.

    Raises
    ------
    ValueError
        If the name is no name, or the token is damaged; nothing is written.
    OSError
        If the file cannot be written; what it held stays.
    """
    if not name.isprintable() or not name.strip() or len(name) > _LONGEST:
        raise ValueError(
            f"A name is one line of 1 to {_LONGEST} letters, but this is {name[:_LONGEST]!r}."
        )
    made = Preset(str(read_token(token).get("lab")), name.strip(), token=token.strip())
    _change(made.lab, made.name, [f"{made.name}\t{made.token}"])
    return made


@public()
def forget(lab: str, name: str) -> None:
    """Take a preset that was kept out of the file; a ValueError if there is none."""
    if not any(one.name == name for one in kept(lab)):
        raise ValueError(f"No preset {name!r} of {lab} is kept in {FILE}.")
    _change(lab, name, [])


def kept(lab: str) -> list[Preset]:
    """What was kept for a lab; lines that cannot be read are left where they are."""
    found = [_read(line) for line in _lines()]
    return [one for one in found if one is not None and one.lab == lab]


def _change(lab: str, name: str, added: list[str]) -> None:
    with changing(FILE):
        lines = [line for line in _lines() if not _names(line, lab, name)]
        with whole_file(FILE) as file:
            file.write("".join(f"{line}\n" for line in [*lines, *added]).encode())


def _names(line: str, lab: str, name: str) -> bool:
    one = _read(line)
    return one is not None and (one.lab, one.name) == (lab, name)


def _lines() -> list[str]:
    try:
        text = FILE.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return []
    return [line for line in text.splitlines() if line.strip()]


@functools.lru_cache(256)
def _read(line: str) -> Preset | None:
    name, _, token = line.partition("\t")
    try:
        return Preset(str(read_token(token).get("lab")), name, token=token)
    except ValueError:
        return None
