"""Expressions: the Python that builds settings again, with ``import condensekit as ck``."""

import dataclasses
import functools
from typing import Any

from .knobs import Settings

__all__ = ["arguments", "expressed", "expression", "lines_of"]


def _is_ours(kind: type) -> bool:
    return kind.__module__.partition(".")[0] == __name__.partition(".")[0]


def lines_of(door: Any, value: object, base: type, *more: object) -> Any:
    """What a door says of a value; of a reader's own class what it says of `base`.

    Own classes may change what they inherit, so that nothing can be told from the class above. One
    that was registered at the door itself is heard.
    """
    kind = type(value)
    known = _is_ours(kind) or kind in door.registry
    return door.dispatch(kind if known else base)(value, *more)


def expression(value: object) -> str:
    """The Python expression that builds settings, with what differs from their defaults.

    A class of the reader's own is called by its name alone: it is defined where this is run.

    Examples
    --------
    >>> from condensekit import GradientDescent
    >>> expression(GradientDescent(lr=0.1))
    'ck.GradientDescent(lr=0.1)'
    """
    if isinstance(value, Settings) and not _is_ours(type(value)):
        return f"{type(value).__name__}({arguments(value)})"
    return expressed(value)


@functools.singledispatch
def expressed(value: object) -> str:
    """`expression`, for what the package knows."""
    return repr(value)


@expressed.register
def _settings(value: Settings) -> str:
    kind = type(value)
    return f"ck.{kind.__module__.split('.')[1]}.{kind.__name__}({arguments(value)})"


def arguments(settings: Settings) -> str:
    """What differs from the defaults."""
    fields = dataclasses.fields(settings)  # type: ignore[arg-type]
    return ", ".join(
        f"{field.name}={expression(getattr(settings, field.name))}"
        for field in fields
        if getattr(settings, field.name) != field.default
    )
