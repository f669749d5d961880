"""The model rank in floating point: a spectrum, a tolerance, and whether it is to be trusted."""

import dataclasses
import enum
from typing import Any

import numpy as np
from torch import Tensor

from ..checks import a_number
from ..doors import public
from ..exact import NoExactMethod, rank_certificate
from ..models import Model, Params, check_params
from ..words import many, number
from .probes import probes_for
from .spectra import generic_rank, seen

__all__ = ["RankReport", "RankStatus", "model_rank", "rank_report"]

Array = np.ndarray[Any, np.dtype[Any]]

DROP = 1e3
"""A spectrum has a gap where it falls at least by this factor."""


class RankStatus(enum.StrEnum):
    """What a numerical rank is worth."""

    PROVEN = "proven"
    CLEAR = "clear"
    LOWER_BOUND = "lower bound"
    CANNOT_TELL = "cannot tell"


@dataclasses.dataclass(frozen=True, eq=False)
class RankReport:
    """A numerical model rank, with what is needed to judge it.

    Attributes
    ----------
    rank : int
        Number of singular values above `tolerance` times the largest.
    spectrum : array, shape [r]
        The singular values, largest first.
    tolerance : float
        Relative to the largest singular value.
    gap : float
        By which factor the spectrum falls behind the rank; infinite if nothing follows, or zeros.
    probes : int
        Number of inputs.
    n_parameters : int
        Number of parameters.
    clear : bool
        Whether the rank is to be trusted: it is the proven one or, where no proof was asked for or
        there is no exact method, the singular values tell it by themselves. Then all that are
        counted stand far above rounding, and random networks with the same zeros and equalities
        have no more.
    certain : int
        Number of singular values that stand far above rounding.
    exact : int or None
        The proven rank, where it was asked for and there is an exact method.
    """

    rank: int
    spectrum: Array
    tolerance: float
    gap: float
    probes: int
    n_parameters: int
    clear: bool = False
    certain: int = 0
    exact: int | None = None

    @property
    def status(self) -> RankStatus:
        """What the rank is worth; where there is a proof, nothing but the proof counts."""
        if self.exact is not None:
            return RankStatus.PROVEN if self.rank == self.exact else RankStatus.CANNOT_TELL
        if self.clear:
            return RankStatus.CLEAR
        if 0 < self.rank <= self.certain:
            return RankStatus.LOWER_BOUND
        return RankStatus.CANNOT_TELL

    @property
    def falls(self) -> str:
        """How the spectrum falls behind the rank, in half a sentence; empty if nothing follows."""
        if self.rank == 0 or (self.rank == len(self.spectrum) and self.gap >= DROP):
            return ""
        if self.rank == len(self.spectrum):
            return f"the smallest singular value is only {number(self.gap)} times the tolerance"
        if self.gap == float("inf"):
            return "behind it the singular values are zero"
        if self.gap_to_rounding >= DROP:
            return f"behind it the singular values fall by a factor {self.fall}"
        told = f"behind it the singular values fall only by a factor {self.fall}"
        after = self._widest()
        if after == 0:
            return f"{told}: no gap at this tolerance, nor at another"
        factor = self.spectrum[after - 1] / max(self.spectrum[after], self._rounding())
        return (
            f"{told}: no gap at this tolerance; the widest, of {number(factor)}, is behind {after}"
        )

    @property
    def gap_to_rounding(self) -> float:
        """The gap, where what is below rounding counts as rounding: its size says nothing."""
        if self._resolved:
            return self.gap
        return float(self.spectrum[self.rank - 1] / self._rounding())

    @property
    def fall(self) -> str:
        """That gap in words."""
        return number(self.gap_to_rounding) + ("" if self._resolved else " down to rounding")

    @property
    def _resolved(self) -> bool:
        """Whether what follows the rank, if anything does, is more than rounding."""
        after = self.spectrum[self.rank : self.rank + 1]
        return self.rank == 0 or not (after < self._rounding()).any()

    def _rounding(self) -> float:
        return float(max(self.probes, self.n_parameters) * np.finfo(float).eps * self.spectrum[0])

    def _widest(self) -> int:
        """The rank behind which the spectrum falls most, or 0 if that is no gap."""
        values = np.maximum(self.spectrum, self._rounding())
        steps = values[:-1] / values[1:]
        return int(steps.argmax()) + 1 if steps.max(initial=1.0) >= DROP else 0

    def __str__(self) -> str:
        """The report in a few sentences."""
        told = (
            f"Numerical rank {self.rank} of {many(self.n_parameters, 'parameter')} at relative "
            f"tolerance {number(self.tolerance)}, {many(self.probes, 'probe')}"
        )
        falls = f"{told}; {self.falls}" if self.falls else told
        return f"{falls}. {self._worth()}"

    def _worth(self) -> str:
        match self.status:
            case RankStatus.PROVEN:
                return "Proven: it is the model rank."
            case RankStatus.CLEAR:
                return "Clear: what is counted stands far above rounding, and more there is not" + (
                    "."
                    if self.rank == self.n_parameters
                    else " in random networks with the same zeros and equalities."
                )
            case RankStatus.LOWER_BOUND:
                return (
                    "A lower bound: what is counted stands far above rounding, but more may hide "
                    "below."
                )
        if self.exact is not None:
            return f"Floating point cannot tell it here: the model rank is {self.exact}, proven."
        return "Floating point cannot tell the rank of the model."


@public(but=["tolerance"])
def model_rank(
    model: Model,
    params: Params,
    tolerance: float | None = None,
    probes: Tensor | None = None,
    fewer_probes: bool = False,
    prove: bool = True,
) -> RankReport:
    """Numerical model rank: dim span {d f / d theta_i}, as far as floating point can tell.

    For smooth activations it often cannot: the singular values of many tanh neurons on a line fall
    exponentially, and a generic network of 200 neurons seems to have rank 24 instead of 400. So
    the report says what its number is worth, and asks `condensekit.exact_rank` where it can.

    All is computed in float64, whatever the numbers of the network are: that is exact.

    Parameters
    ----------
    model, params
        One network.
    tolerance : float, optional
        Relative to the largest singular value; by default max(N, P) times the machine epsilon.
    probes : Tensor, shape [N, d], optional
        Inputs, at least as many as parameters; by default twice as many, where the neurons bend.
    fewer_probes : bool
        Allow fewer; the rank is then that on the probes, as in the theory of rank_S, and what the
        report says is about that.
    prove : bool
        Ask the exact method, where there is one.

    Returns
    -------
    RankReport
        *Proven*: the exact method gives the same. *Clear*: the singular values tell the rank, see
        `condensekit.measures.spectra`. *Lower bound*: so many stand far above rounding. *Cannot
        tell*: some do not, or the proven rank is another.

    Raises
    ------
    ValueError
        If there are too few probes, or an argument does not fit; if derivatives are not finite.
    """
    check_params(model, params)
    count = model.n_parameters
    if tolerance is not None:
        a_number("tolerance", tolerance, above=0.0, below=1.0)
    x = probes_for(model, params, 2 * count) if probes is None else probes
    _check_probes(model, x, fewer_probes)
    here = seen(model, params, x)
    relative = max(len(x), count) * float(np.finfo(float).eps) if tolerance is None else tolerance
    exact = _proven(model, params) if prove and not fewer_probes else None
    found = rank_report(here.spectrum, relative, len(x), count, exact)
    clear = found.rank == here.rank == here.certain if exact is None else found.rank == exact
    if exact is None and clear and found.rank < min(count, len(here.spectrum)):
        clear = generic_rank(model, params, x if fewer_probes else None, found.rank) == found.rank
    return dataclasses.replace(found, clear=clear, certain=here.certain)


def _check_probes(model: Model, x: Tensor, fewer_probes: bool) -> None:
    if x.ndim != 2 or x.shape[1] != model.input_dim or not len(x):
        raise ValueError(
            f"probes must have shape [N, {model.input_dim}] with N > 0, but have {[*x.shape]}."
        )
    if len(x) < model.n_parameters and not fewer_probes:
        raise ValueError(
            f"probes must be at least as many as the {model.n_parameters:,} parameters, but are "
            f"{len(x):,}: no larger rank could be seen. If that is what you want, say "
            "fewer_probes=True."
        )


def _proven(model: Model, params: Params) -> int | None:
    try:
        certificate = rank_certificate(model, params)
    except NoExactMethod:
        return None
    return certificate.at_most if certificate.proven else None


def rank_report(
    values: Array, tolerance: float, probes: int, n_parameters: int, exact: int | None = None
) -> RankReport:
    """What a spectrum says at a tolerance; see `RankReport` for the arguments."""
    limit = tolerance * float(values[0])
    rank = int((values > limit).sum())
    gap = _gap(values, rank, limit)
    return RankReport(rank, values, tolerance, gap, probes, n_parameters, exact=exact)


def _gap(values: Array, rank: int, limit: float) -> float:
    if rank == 0:
        return float("inf")
    after = values[rank] if rank < len(values) else limit
    return float(values[rank - 1] / after) if after > 0.0 else float("inf")
