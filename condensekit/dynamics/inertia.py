"""Inertia: how many eigenvalues of the Hessian are negative, zero and positive.

Embedding a critical point in a wider network keeps it critical (Zhang et al. 2021,
arXiv:2105.14573), and what becomes of its Hessian is known (Fukumizu and Amari 2000, Neural
Networks 13; the counts for each case: ours). Let x be the input, with a 1 where there are biases, r
the residual f - y, and < > the mean over the samples. In coordinates along and across the
embedding the Hessian falls into blocks, so that by Sylvester's law the signs of its eigenvalues
are those of the narrow network and, besides,

- where a neuron with a_j != 0 is split in two with shares s and 1 - s: one zero, along which the
  shares change, and the signs of s (1 - s) a_j <r act''(z_j) x x^T>, as many as x has entries;
- for each neuron of zeros, with act(0) = 0: one negative and one positive, of the pair that
  <r x> act'(0) couples, and zeros for the rest; zeros alone if <r x> act'(0) = 0.

So a minimum with an error becomes a strict saddle by a neuron of zeros, and by splitting a neuron
it does if the matrix has eigenvalues of both signs; if not, it does for the shares of one sign of
s (1 - s).
"""

import dataclasses
from typing import Any

import numpy as np

from ..checks import a_number
from ..doors import public
from ..experiments import Experiment
from ..measures.spectra import HEADROOM
from ..models import Params, check_params
from ..models.parameters import flat
from ..words import many, number
from .critical import landscape, matrix, slope

__all__ = ["Inertia", "hessian_inertia"]

Array = np.ndarray[Any, np.dtype[Any]]

_EPS = float(np.finfo(float).eps)
_MOST = 2_000
"""Parameters of the largest network: its eigenvalues take some seconds."""


@dataclasses.dataclass(frozen=True, eq=False)
class Inertia:
    """Signs of the eigenvalues of a Hessian, with what is needed to judge them.

    Attributes
    ----------
    eigenvalues : array, shape [P]
        The lowest first.
    tolerance : float
        An eigenvalue is zero if it is below this share of the largest one, both in size.
    gradient : float
        Length of the gradient there: at a critical point it is zero to rounding.
    """

    eigenvalues: Array
    tolerance: float
    gradient: float

    @property
    def _level(self) -> float:
        return self.tolerance * float(np.abs(self.eigenvalues).max())

    @property
    def negative(self) -> int:
        """Directions in which the loss bends down: the index of a critical point."""
        return int((self.eigenvalues < -self._level).sum())

    @property
    def zero(self) -> int:
        """Directions without curvature."""
        return len(self.eigenvalues) - self.negative - self.positive

    @property
    def positive(self) -> int:
        """Directions in which the loss bends up."""
        return int((self.eigenvalues > self._level).sum())

    @property
    def signs(self) -> tuple[int, int, int]:
        """The numbers of negative, zero and positive eigenvalues."""
        return self.negative, self.zero, self.positive

    @property
    def gap(self) -> float:
        """The smallest of those that are not zero, over the largest of those that are.

        Over rounding, if none is zero, or all that are zero are below it.
        """
        size = np.abs(self.eigenvalues)
        if not size.max():
            return float("inf")
        zeros, others = size[size <= self._level], size[size > self._level]
        return float(others.min() / max(zeros.max(initial=0.0), _EPS * size.max()))

    @property
    def clear(self) -> bool:
        """Whether the gap is so wide that the count does not depend on the tolerance."""
        return self.gap >= HEADROOM

    def __str__(self) -> str:
        """The counts in a sentence."""
        told = (
            f"{self.negative:,} negative, {self.zero:,} zero and {self.positive:,} positive of "
            f"{many(len(self.eigenvalues), 'eigenvalue')}"
        )
        apart = f"those that are not zero stand by {number(self.gap)} above those that are"
        doubt = "" if self.clear else ": that is too little to be sure"
        return f"{told}; {apart}{doubt}. The gradient has length {number(self.gradient)}."


@public()
def hessian_inertia(experiment: Experiment, params: Params, tolerance: float = 1e-12) -> Inertia:
    """Signs of the eigenvalues of the Hessian of the training loss: is it a minimum, or a saddle?

    Parameters
    ----------
    experiment : Experiment
        For the model, the samples and the loss; smooth activations.
    params : dict of Tensor
        Parameters of one network, e.g. a critical point embedded in a wider network.
    tolerance : float
        What counts as zero, as a share of the largest eigenvalue.

    Returns
    -------
    Inertia

    Raises
    ------
    ValueError
        If the parameters do not fit, or the model is too large for all of its eigenvalues.

    Examples
    --------
    >>> from condensekit import TwoLayer, three_tanh
    >>> origin = {"a": [0.0], "w": [[0.0]], "b": [0.0]}
    >>> from condensekit.models import params
    >>> experiment = Experiment(TwoLayer(1, 1), three_tanh(), n_samples=20)
    >>> hessian_inertia(experiment, params(experiment.model, **origin)).signs
    (1, 1, 1)
    """
    model = experiment.model
    check_params(model, params)
    a_number("tolerance", tolerance, above=0.0, below=1.0)
    if model.n_parameters > _MOST:
        raise ValueError(
            f"All eigenvalues of a Hessian are computed for up to {_MOST:,} parameters, but this "
            f"model has {model.n_parameters:,}."
        )
    ground = landscape(experiment, model, flat(model, params))
    length = slope(ground)
    curvature = ground.curvature()
    curvature.update()
    values = np.linalg.eigvalsh(matrix(curvature, model.n_parameters))
    return Inertia(values, tolerance, length)
