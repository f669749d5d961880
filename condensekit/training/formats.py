"""Formats of settings in files and tokens: each has a number, and older ones can be read for ever.

Who changes how settings are written raises `SETTINGS` by one, adds the way from the number before
to `_MIGRATIONS`, and puts a file of the new format beside the others in ``tests/data/formats``.
"""

from collections.abc import Callable
from typing import Any

__all__ = ["NUMBER", "SETTINGS", "migrated"]

SETTINGS = 2
"""The format in which settings are written today."""

NUMBER = "as"
"""Where the number stands; no field can have this name. Settings without it have format 1."""


def migrated(data: Any) -> Any:
    """Settings of any format as those of today, without the number.

    Raises
    ------
    ValueError
        If they are of a format that is not known here.
    """
    if not isinstance(data, dict):
        return data
    number = data.get(NUMBER, 1)
    if type(number) is not int or not 1 <= number <= SETTINGS:
        raise ValueError(
            f"These settings are of format {number!r}, but formats 1 to {SETTINGS} are known here: "
            "a later condensekit wrote them."
        )
    data = {name: value for name, value in data.items() if name != NUMBER}
    for older in range(number, SETTINGS):
        data = _MIGRATIONS[older](data)
    return data


def _renamed(renamed: dict[str, str]) -> Callable[[Any], Any]:
    """The way to a format in which some classes of condensekit have other names."""

    def migrate(data: Any) -> Any:
        if isinstance(data, list):
            return [migrate(item) for item in data]
        if not isinstance(data, dict):
            return data
        found = {name: migrate(value) for name, value in data.items()}
        if "is" in found:
            found["is"] = renamed.get(found["is"], found["is"])
        return found

    return migrate


_MIGRATIONS: dict[int, Callable[[Any], Any]] = {1: _renamed({"Grid": "EvenlySpaced"})}
"""From each older format to the next."""
