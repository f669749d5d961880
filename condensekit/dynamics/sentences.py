"""Sentences: a plateau in words, with the numbers that its kind was told from."""

from typing import TYPE_CHECKING

import numpy as np

from ..words import many, number

if TYPE_CHECKING:
    from .nearest import Critical
    from .plateaus import Plateau

__all__ = ["sentence"]

_BELOW = 0.99
"""A run whose loss is below this share of a saddle's level has passed it."""


def sentence(plateau: "Plateau", matrix: bool = False) -> str:
    """What a plateau is, in a few plain sentences; `matrix`: widths are ranks."""
    parts = {
        "saddle": _saddle,
        "channel to infinity": _channel,
        "minimum": _minimum,
        "undecided": _undecided,
    }[plateau.kind](plateau, matrix)
    return f"{plateau.kind.capitalize()}: {parts}"


def _network(width: int | None, matrix: bool) -> str:
    if width is None:
        return "a critical point"
    if matrix:
        return f"a critical point of rank {width}"
    return f"a critical point of {many(width, 'neuron')}"


def _saddle(plateau: "Plateau", matrix: bool) -> str:
    critical = plateau.critical
    assert critical is not None
    fallen = plateau.levels[1] < _BELOW * critical.level
    did = "passes" if plateau.left or fallen else "stays near"
    besides = ""
    if plateau.runaway is not None:
        besides = f" It goes down a channel to infinity, too: {_channel(plateau, matrix)}"
    return (
        f"the run {did} {_network(critical.width, matrix)} with level {number(critical.level, 4)}, "
        f"{_away(critical)}; the lowest eigenvalue of the Hessian is "
        f"{number(critical.lowest, 3)} there."
        f"{besides}"
    )


def _minimum(plateau: "Plateau", matrix: bool) -> str:
    critical = plateau.critical
    assert critical is not None
    return (
        f"the run stays near {_network(critical.width, matrix)} with level "
        f"{number(critical.level, 4)}, "
        f"{_away(critical)}; the lowest eigenvalue of the Hessian is "
        f"{number(critical.lowest, 3)} there."
    )


def _away(critical: "Critical") -> str:
    of = "the size of the network at the end of the plateau" if critical.zero else "its size"
    return f"at a distance of {number(100 * critical.distance)} % of {of}"


def _channel(plateau: "Plateau", matrix: bool) -> str:
    del matrix
    away = plateau.runaway
    assert away is not None
    k = away.of
    first, last = (np.abs(away.output[i]).max() for i in (0, -1))
    opposite = " of opposite output" if np.ptp(np.sign(away.output[-1])) else ""
    long, short = (away.weight[i].max() for i in (0, -1))
    closes = (
        f"the longest (w, b) shrinks from {number(long, 3)} to {number(short, 3)}"
        if away.towards == "zero"
        else "the largest distance of their (w, b) shrinks as |a| to the power "
        f"{number(away.closing)}"
    )
    level = (
        f"Along it the loss tends to {away.limit:.5f} (extrapolated, ± "
        f"{number(away.uncertainty, 1)})"
    )
    if np.isfinite(away.line):
        level += (
            f"; the best odd polynomial of degree {2 * k - 1} on their line has {away.line:.6f}"
        )
    who = many(k, "merged neuron")
    who = f"{away.neurons} of {who}" if away.neurons < k else who
    return (
        f"{who}{opposite} run{'s' * (away.neurons == 1)} away. The largest |a| grows from "
        f"{number(first, 3)} to {number(last, 3)}, sum |a| "
        f"as t to the power {away.rate:.2f}, while {closes}. {level}."
    )


def _undecided(plateau: "Plateau", matrix: bool) -> str:
    critical = plateau.critical
    near = "no critical point was found at its level"
    if critical is not None:
        near = (
            f"{_network(critical.width, matrix)} with level {number(critical.level, 4)} was found, "
            f"{_away(critical)}; its lowest eigenvalue is {number(critical.lowest, 3)}"
        )
    named = "ranks" if matrix else "merged widths"
    widths = f"; {named} {', '.join(map(str, plateau.widths))}" if plateau.widths else ""
    return f"{near}; |grad L| |theta| / L is at least {number(plateau.gradient)}{widths}."
