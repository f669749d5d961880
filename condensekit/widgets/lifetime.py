"""Lifetime: a lab ends when its cell makes another, and leaves nothing behind."""

import contextlib
import contextvars
import weakref
from collections.abc import Iterator
from typing import Any, Protocol

from .closing import close_all

__all__ = ["apart", "close_lab", "take_place"]


class Closable(Protocol):
    """What has a place in a notebook."""

    def close(self) -> None:
        """End what is going on, and let go of every widget."""


_APART: contextvars.ContextVar[bool] = contextvars.ContextVar("apart", default=False)
_PLACES: weakref.WeakValueDictionary[str, Any] = weakref.WeakValueDictionary()


@contextlib.contextmanager
def apart() -> Iterator[None]:
    """Labs that are made here are not for the screen: they take nobody's place."""
    before = _APART.set(True)
    try:
        yield
    finally:
        _APART.reset(before)


def take_place(lab: Closable, place: str | None = None) -> None:
    """Close the lab that the same cell of the notebook made before.

    Otherwise it would train on, and nothing on screen could stop it.

    Parameters
    ----------
    lab : Closable
        A new lab.
    place : str, optional
        The cell; found by itself in a notebook. Elsewhere labs do not replace each other.
    """
    place = place or _cell()
    if place is None or _APART.get():
        return
    name = f"{type(lab).__name__} {place}"
    before = _PLACES.get(name)
    _PLACES[name] = lab
    if before is not None and before is not lab:
        before.close()


def _cell() -> str | None:
    """The identity of the cell that runs, as JupyterLab tells it to the kernel."""
    try:
        from IPython import get_ipython  # noqa: PLC0415  nothing else here needs it
    except ImportError:
        return None
    parent: dict[str, Any] = getattr(get_ipython(), "get_parent", dict)() or {}
    return parent.get("metadata", {}).get("cellId") or None


def close_lab(lab: Any) -> None:
    """Stop the player of a lab, if it has one, and close all its widgets."""
    player = getattr(lab, "player", None)  # a lab that was refused has none yet
    if player is not None:
        player.close()
        close_all(lab.gate.link)
        close_all(lab.gate.bundle)
    close_all(lab)
