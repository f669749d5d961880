"""Condensed strata: which neurons of a layer are the same, up to sign, and which are zero."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from ..doors import public
from ..models import Model, Params
from ..models.fitting import check_network
from ..models.parameters import flat, named
from ..streams import checked_seed
from .layers import layer_of
from .subspace import Equation, Subspace

__all__ = ["Stratum", "strata", "stratum_of"]

Member = tuple[int, int]
"""A unit and its sign, 1 or -1."""

MOST_UNITS = 8
"""Width up to which all strata are listed: 4,140 without signs, 819,760 with them."""


@dataclasses.dataclass(frozen=True)
class Stratum:
    """The networks whose units form given blocks: equal up to sign in each, or zero.

    It is the fixed set of a group of permutations and, for odd activations, sign flips. On it
    the layer acts as one of k units, k the number of blocks.

    Attributes
    ----------
    model : Model
        Whose parameters.
    blocks : tuple of tuple of (int, int)
        Units with their signs; the first unit of each block has the sign 1.
    zeros : tuple of int
        Units that are zero.
    layer : int
        Which layer the units belong to.
    """

    model: Model
    blocks: tuple[tuple[Member, ...], ...]
    zeros: tuple[int, ...] = ()
    layer: int = 0

    def __post_init__(self) -> None:
        """Check that the blocks hold every unit once, and that the activation allows them."""
        found = layer_of(self.model, self.layer)
        units = [unit for block in self.blocks for unit, _ in block] + [*self.zeros]
        if sorted(units) != [*range(found.width)] or not all(self.blocks):
            raise ValueError(
                f"The blocks and zeros must hold each of the units 0 to {found.width - 1} once, "
                f"but hold {units}."
            )
        signs = [sign for block in self.blocks for _, sign in block]
        if not found.odd and (self.zeros or -1 in signs):
            raise ValueError(
                f"Opposite and zero units are symmetric for odd activations only, and that of the "
                f"{found.name} is not odd; the blocks are {self.blocks}, the zeros {self.zeros}."
            )
        if any(sign not in (1, -1) for sign in signs) or any(b[0][1] != 1 for b in self.blocks):
            raise ValueError(
                f"Signs must be 1 or -1, the first of a block 1, but the blocks are {self.blocks}."
            )

    @property
    def k(self) -> int:
        """Number of blocks: the width of the narrow network."""
        return len(self.blocks)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of units in each block."""
        return tuple(len(block) for block in self.blocks)

    @property
    def dimension(self) -> int:
        """Its dimension: for two-layer networks k (d + 1), or k (d + 2) with biases."""
        return self.space.dimension

    @property
    def space(self) -> Subspace:
        """The stratum, with its closure, as a linear set."""
        places = layer_of(self.model, self.layer).places
        pairs: list[Equation] = [
            (int(i), float(sign), int(j))
            for block in self.blocks
            for unit, sign in block[1:]
            for i, j in zip(places[unit], places[block[0][0]], strict=True)
        ]
        zeros = [int(i) for unit in self.zeros for i in places[unit]]
        return Subspace.where(self.model.n_parameters, pairs, zeros)

    def place(self, params: Params) -> Params:
        """The nearest network on the stratum."""
        return named(self.model, self.space.project(flat(self.model, params)))

    def distance(self, params: Params) -> float:
        """Euclidean distance of one network to the stratum."""
        return float(self.space.distance(flat(self.model, params)))

    def generic(self, seed: int = 0) -> Params:
        """A network of the stratum with standard normal coordinates."""
        generator = torch.Generator().manual_seed(checked_seed(seed))
        return self.place(self.model.init(generator, 1.0))

    def within(self, other: "Stratum") -> bool:
        """Whether this stratum lies in the closure of `other`: the order of the lattice."""
        return other.space.contains(self.space)

    def __str__(self) -> str:
        """The blocks, e.g. ``'{0 -2} {1} zero {3}'``."""
        blocks = [
            "{" + " ".join(f"{'-' if sign < 0 else ''}{unit}" for unit, sign in block) + "}"
            for block in self.blocks
        ]
        zeros = ["zero {" + " ".join(str(unit) for unit in self.zeros) + "}"] * bool(self.zeros)
        return " ".join([*blocks, *zeros])


@public()
def strata(model: Model, layer: int = 0) -> Iterator[Stratum]:
    """All condensed strata of one layer.

    There are as many as partitions of m units, the Bell numbers 1, 2, 5, 15, 52, ...; for odd
    activations, where blocks have signs and there may be zeros, the Dowling numbers (type B)
    2, 6, 24, 116, 648, ...

    Parameters
    ----------
    model : Model
        A narrow model.
    layer : int
        Which layer; the others stay generic.

    Raises
    ------
    ValueError
        If the layer has more than 8 units, or an even activation, whose strata are others.

    Examples
    --------
    >>> from condensekit import TwoLayer
    >>> [str(found) for found in strata(TwoLayer(1, 2))]
    ['{0 1}', '{0 -1}', '{0} {1}', '{0} zero {1}', '{1} zero {0}', 'zero {0 1}']
    """
    found = layer_of(model, layer)
    if found.width > MOST_UNITS:
        raise ValueError(
            f"Strata are listed for layers of 1 to {MOST_UNITS} units, but this one has "
            f"{found.width}."
        )
    if found.even:
        raise ValueError(
            "Strata are listed for odd activations and for those without symmetry; an even one "
            "keeps (w, b) = 0 with any output weight, which gives another lattice."
        )
    for blocks, zeros in _partitions(found.width, found.odd):
        yield Stratum(model, blocks, zeros, layer)


Parts = tuple[tuple[tuple[Member, ...], ...], tuple[int, ...]]


def _partitions(m: int, signed: bool) -> list[Parts]:
    if m == 0:
        return [((), ())]
    found: list[Parts] = []
    unit, signs = m - 1, (1, -1) if signed else (1,)
    for blocks, zeros in _partitions(m - 1, signed):
        for i, block in enumerate(blocks):
            for sign in signs:
                grown = (*block, (unit, sign))
                found.append(((*blocks[:i], grown, *blocks[i + 1 :]), zeros))
        found.append(((*blocks, ((unit, 1),)), zeros))
        if signed:
            found.append((blocks, (*zeros, unit)))
    return found


@public(check_network)
def stratum_of(model: Model, params: Params, layer: int = 0) -> Stratum:
    """The smallest stratum that holds a network: its units compared bit by bit."""
    found = layer_of(model, layer)
    units: Any = flat(model, params)[found.places] + 0.0
    blocks: list[list[Member]] = []
    zeros: list[int] = []
    for unit, values in enumerate(units):
        if found.odd and not values.any():
            zeros.append(unit)
            continue
        for block in blocks:
            first = units[block[0][0]]
            sign = 1 if np.array_equal(first, values) else -1
            if sign == 1 or (found.odd and np.array_equal(first, -values)):
                block.append((unit, sign))
                break
        else:
            blocks.append([(unit, 1)])
    return Stratum(model, tuple(tuple(block) for block in blocks), tuple(zeros), layer)
