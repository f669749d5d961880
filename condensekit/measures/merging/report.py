"""What merging a network gives, and what it says it has done."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np

from ...models import Params, TwoLayer
from ...words import many, number

__all__ = ["Comparison", "Dropped", "Merged"]

_ROUNDING = 1e-12
"""Outputs that change by this share of the largest, at most, change by rounding only."""


@dataclasses.dataclass(frozen=True)
class Comparison:
    """The outputs of a wide network and of the one that it was merged to.

    Attributes
    ----------
    inputs : int
        Number of inputs: those of the training samples and the test points.
    largest : float
        Largest |output| of the wide network there.
    unpolished, difference : float
        Largest |difference| of the outputs there before the narrow network was polished (neurons as
        the wide network has them, output weights fitted), and after.
    error_wide, error_narrow : float
        Largest |error| of the two networks against the target, at the test points.
    """

    inputs: int
    largest: float
    unpolished: float
    difference: float
    error_wide: float
    error_narrow: float


@dataclasses.dataclass(frozen=True)
class Dropped:
    """The neurons that a narrow network does without, and their share of the outputs.

    Attributes
    ----------
    neurons : int
        Number of neurons.
    groups, of : int
        Number of groups of equal neurons (see `groups`) that they form, and of all groups. Neurons
        that are silent, or cancel exactly, form none.
    largest, together : float
        Largest |output| of a single dropped group, and of all of them together. Together they are
        small where they cancel; where they do not, polishing makes up for them.
    """

    neurons: int
    groups: int
    of: int
    largest: float
    together: float


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Merged:
    """A wide network and a narrow one with the same or similar outputs; unpacks as two.

    Neurons that compute the same are joined: that is exact. With data, the others are replaced by
    fewer that are fitted to the outputs: that is approximation of a function, possible for many
    networks that are not condensed at all. `nearest_condensed` asks for condensation.

    Attributes
    ----------
    model, params
        The narrow network, the strongest neuron first. Where the activation is odd, output weights
        are positive.
    wide : TwoLayer
        The network that was merged.
    condensed : dict of Tensor
        Parameters of `wide` that are exactly condensed and have the outputs of the narrow network:
        every neuron has the (w, b) of its neuron in `labels`, bit by bit up to its own sign, and
        the dropped ones are silent copies (a = 0) of the first. Not the nearest such network.
    labels : array of int, shape [m]
        Which neuron of the narrow network each one of the wide network belongs to; -1 if dropped.
    joined : int
        Neurons fewer because they were joined to an equal one, or add up to nothing for every
        input.
    refitted : int
        Neurons fewer that only a fit to the outputs makes up for.
    distance : float
        |theta - condensed| / |theta|, in parameters of the wide network.
    comparison : Comparison or None
        How outputs changed; None without data, when they change by rounding only.
    dropped : Dropped or None
        What is not needed for these outputs; None without data.
    """

    model: TwoLayer
    params: Params
    wide: TwoLayer
    condensed: Params
    labels: np.ndarray[Any, np.dtype[np.int64]]
    joined: int
    refitted: int
    distance: float
    comparison: Comparison | None = None
    dropped: Dropped | None = None

    @property
    def exact(self) -> bool:
        """Whether nothing was fitted, so that outputs change by rounding only (`_ROUNDING`)."""
        c = self.comparison
        return self.refitted == 0 and (c is None or c.difference <= _ROUNDING * c.largest)

    def __iter__(self) -> Iterator[Any]:
        """``model, params = merge(...)``."""
        return iter((self.model, self.params))

    def __repr__(self) -> str:
        """What was done, and what it changed, in a few sentences."""
        wide, narrow = _counted(self.wide), _counted(self.model)
        c, gone = self.comparison, self.dropped
        if self.exact or c is None or gone is None:
            if self.joined:
                text = f"{wide} compute exactly the same function as {narrow}: {self._joined()}."
            else:
                text = f"{wide}: none is equal to another, so that none is joined."
            where = f" at {many(c.inputs, 'input')}" if c else ""
            return f"{text} Outputs{where} change by rounding only."
        text = (
            f"{wide} {self._similar(c)} {narrow}: {self._joined()}, {self.refitted:,} replaced by "
            f"a fit. A fit needs no condensation; in parameters, this one is "
            f"{_percent(self.distance, 1.0)} of |θ| away. Outputs at {many(c.inputs, 'input')} "
            f"differ by at most {number(c.difference)} ({number(c.unpolished)} before polishing)."
        )
        if gone.groups:
            text += (
                f" Dropped: {many(gone.neurons, 'neuron')}, {gone.groups} of "
                f"{many(gone.of, 'group')}, with "
                f"outputs up to {number(gone.largest)}, together up to {number(gone.together)}."
            )
        return (
            f"{text} Largest error against the target: {number(c.error_wide)} before, "
            f"{number(c.error_narrow)} after."
        )

    @staticmethod
    def _similar(c: Comparison) -> str:
        if c.difference <= _ROUNDING * c.largest:  # of polynomials, a fit may be exact
            return "have the outputs, but for rounding, of"
        return f"are only similar (off by {_percent(c.difference, c.largest)}) to"

    def _joined(self) -> str:
        return f"{self.joined:,} joined to an equal one or without effect"


def _percent(part: float, whole: float) -> str:
    share = 100.0 * part / whole if whole else 0.0
    return f"{number(share)} %"


def _counted(model: TwoLayer) -> str:
    return f"{many(model.m, 'neuron')} ({many(model.n_parameters, 'parameter')})"
