"""What there is to see of a model rank."""

import dataclasses

import numpy as np

from .look import Array, Range

__all__ = ["CurveFrame", "SpectrumFrame"]


@dataclasses.dataclass(frozen=True, eq=False)
class SpectrumFrame:
    """Singular values of a Jacobian, and where they are cut.

    Attributes
    ----------
    log_values : array, shape [r]
        log10 of the singular values over the largest one; zeros at the bottom.
    log_tolerance : float
        log10 of the tolerance.
    rank, exact, theorem : int
        What the tolerance says, what is proven, and what the theorem says of the narrow network.
    log_range : pair of float
        Range of `log_values` to show.
    caption : str
        The picture's numbers in words.
    """

    log_values: Array
    log_tolerance: float
    rank: int
    exact: int
    theorem: int
    log_range: Range
    caption: str


@dataclasses.dataclass(frozen=True, eq=False)
class CurveFrame:
    """Ranks of a network over the size of a perturbation.

    Attributes
    ----------
    log_epsilon : array, shape [N]
        log10 of the perturbation.
    numerical, exact : array of int, shape [N]
        The rank by singular values, and the proven one.
    theorem, unperturbed : int
        The theorem's count for the narrow network, and the proven rank without perturbation.
    here : float or None
        log10 of the perturbation that is entered; None without one.
    caption : str
        The picture's numbers in words.
    """

    log_epsilon: Array
    numerical: Array
    exact: Array
    theorem: int
    unperturbed: int
    here: float | None
    caption: str

    @property
    def x_range(self) -> Range:
        """What to show of log10 of the perturbation."""
        return float(self.log_epsilon.min()) - 0.3, float(self.log_epsilon.max()) + 0.3

    @property
    def y_range(self) -> Range:
        """What to show of the ranks."""
        highest = np.max([self.theorem, self.unperturbed, *self.numerical, *self.exact])
        return 0.0, 1.08 * int(highest)
