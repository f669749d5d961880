"""The ten questions in two forms: the same concepts, other numbers."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

from ..checks import one_of
from ..doors import public
from . import concepts
from .concepts import LETTERS, Item

__all__ = ["CONCEPTS", "FORMS", "form", "items", "key"]

_ASKED: Mapping[Callable[..., Item], tuple[Mapping[str, Any], Mapping[str, Any]]] = {
    concepts.samples: ({"m": 400, "k": 4, "d": 2}, {"m": 300, "k": 5, "d": 3}),
    concepts.width: (
        {"narrow": 50, "wide": 200, "k": 5, "d": 3, "place": 1},
        {"narrow": 40, "wide": 120, "k": 3, "d": 5, "place": 2},
    ),
    concepts.hidden_entries: ({"side": 7, "rank": 2}, {"side": 6, "rank": 3}),
    concepts.rank: (
        {"neurons": ((1, 1, 2), (3, -1, -2), (-2, 1, 2), (2, 3, 0.5), (0, 2, 1))},
        {"neurons": ((2, 2, 1), (4, -2, -1), (1, 3, 1), (3, 1, -3), (0, 1, 4))},
    ),
    concepts.small_start: (
        {"powers": (0.1, 0.25, 0.4, 0.75), "place": 2},
        {"powers": (0.15, 0.3, 0.45, 0.8), "place": 0},
    ),
    concepts.adam: (
        {"j": 1, "k": 2, "factor": 3.0, "value": 0.0, "place": 3},
        {"j": 3, "k": 4, "factor": 2.0, "value": 1.0, "place": 1},
    ),
    concepts.effective: (
        {"neurons": ((2, 1, 3), (1, 1, 3), (4, -1, -3), (1, 2, 0.5), (2, 3, 1))},
        {"neurons": ((3, 2, 1), (2, -2, -1), (1, 2, 1), (2, 1, 2), (5, -1, -2))},
    ),
    concepts.sharing: (
        {"side": 6, "size": 3, "kernels": 100, "k": 2},
        {"side": 9, "size": 4, "kernels": 200, "k": 3},
    ),
    concepts.lines: (
        {"name": "xtanh", "formula": "x tanh(x)"},
        {"name": "x2tanh", "formula": "x² tanh(x)"},
    ),
    concepts.direction: (
        {"samples": (((1, 2), 2), ((3, 0), -1)), "place": 0},
        {"samples": (((2, 1), 3), ((-1, 3), 1)), "place": 3},
    ),
}
"""For each concept the settings of form A, and those of form B."""

FORMS = ("A", "B")
"""The names of the forms."""


@functools.cache
def _items(name: str) -> tuple[Item, ...]:
    place = FORMS.index(name)
    return tuple(ask(**settings[place]) for ask, settings in _ASKED.items())


@public(but=["name"])
def items(name: str) -> tuple[Item, ...]:
    """The ten questions of a form, with their keys.

    Parameters
    ----------
    name : str
        ``"A"`` or ``"B"``.

    Raises
    ------
    ValueError
        If there is no such form.
    """
    return _items(one_of("name", name, FORMS))


@public(but=["name"])
def key(name: str) -> tuple[str, ...]:
    """The right answers of a form, q1 to q10, each a whole number or a letter.

    Parameters
    ----------
    name : str
        ``"A"`` or ``"B"``.

    Raises
    ------
    ValueError
        If there is no such form.

    Examples
    --------
    >>> key("A")[0]
    '16'
    """
    return tuple(item.answer for item in items(name))


@public(but=["name"])
def form(name: str) -> str:
    """A form for printing, as Markdown, without its key.

    Parameters
    ----------
    name : str
        ``"A"`` or ``"B"``.

    Raises
    ------
    ValueError
        If there is no such form.

    Examples
    --------
    >>> print(form("A").splitlines()[0])
    # Ten questions on condensation, form A
    """
    told = [
        f"# Ten questions on condensation, form {name}",
        "Name or number: ________________________",
        "Write a whole number, or the letter of one option. Leave open what you do not know.",
    ]
    for i, item in enumerate(items(name), 1):
        told += [f"## Question {i}", item.text]
        told += [
            "\n".join(f"- {a}) {text}" for a, text in zip(LETTERS, item.options, strict=True))
            if item.options
            else "A whole number:"
        ]
        told += ["Answer: ________"]
    return "\n\n".join([*told, ""])


CONCEPTS = tuple(item.concept for item in _items("A"))
"""What the ten questions ask for, in both forms."""
