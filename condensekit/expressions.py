"""Expressions: the Python that builds settings again, with ``import condensekit as ck``."""

import dataclasses
import functools
from typing import Any

from .knobs import Settings

__all__ = ["arguments", "expressed", "expression", "known_as"]


def known_as(value: object, base: type) -> Any:
    """The class by which something is looked up: of a reader's own, no more than `base` is known.

    Own classes may change what they inherit, so that it cannot be told from the class above.
    """
    ours = type(value).__module__.partition(".")[0] == __name__.partition(".")[0]
    return type(value) if ours else base


def expression(value: object) -> str:
    """The Python expression that builds settings, with what differs from their defaults.

    A class of the reader's own is called by its name alone: it is defined where this is run.

    Examples
    --------
    >>> from condensekit import GradientDescent
    >>> expression(GradientDescent(lr=0.1))
    'ck.GradientDescent(lr=0.1)'
    """
    if isinstance(value, Settings) and known_as(value, Settings) is Settings:
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
