"""The named problems on which networks were seen to condense."""

import dataclasses

import torch
from torch import Tensor

from ..knobs import Knob, knob
from .base import EvenlySpaced, Problem, Uniform
from .formulas import Formula
from .teachers import Teacher, teacher

__all__ = ["SineSum", "initial_condensation", "relu_1d"]


def relu_1d(noise_std: float = 0.0) -> Teacher:
    """A target of four ReLU neurons: f(x) = -s(x) + s(2 (x + 0.3)) - s(1.5 (x - 0.4)) + s(0.5 (x - 0.8)).

    s is the ReLU and the inputs are evenly spaced on [-1, 1]. The talk trains 100 ReLU neurons on
    it, all parameters drawn with standard deviation 1e-4, by gradient descent with learning rate
    0.1: the number of directions in which they point grows as training goes on. The number of
    samples is not printed.

    Examples
    --------
    >>> [round(y, 2) for y in relu_1d().target(torch.tensor([[-1.0], [0.0], [1.0]])).tolist()]
    [0.0, 0.6, 0.8]
    """  # noqa: E501  the formula stays in a line
    return teacher(
        a=[-1.0, 1.0, -1.0, 1.0],
        w=[[1.0], [2.0], [1.5], [0.5]],
        b=[0.0, 0.6, -0.6, -0.4],
        inputs=EvenlySpaced(-1.0, 1.0),
        activation="relu",
        noise_std=noise_std,
    )


@dataclasses.dataclass(frozen=True)
class SineSum(Problem):
    """y = 3.5 sum_k sin(5 x_k + 1) with uniform inputs on [-4, 2]^dim.

    With dim = 5 and 80 samples these are the data of Zhou et al. 2021 (arXiv:2105.11686, Figure 3).
    """

    dim: int = 5
    noise_std: float = knob(0.0, 0.0, 10.0, help="Standard deviation of noise on the labels.")

    def __post_init__(self) -> None:
        """Refuse a dimension that is none."""
        super().__post_init__()
        object.__setattr__(self, "dim", Knob("dim", 5, 1, 10_000).check(self.dim))

    @property
    def inputs(self) -> Uniform:
        """Uniform on [-4, 2]^dim."""
        return Uniform(-4.0, 2.0, self.dim)

    def target(self, x: Tensor) -> Tensor:
        """The sum at inputs `x` of shape [n, dim]; shape [n]."""
        return 3.5 * torch.sin(5.0 * x + 1.0).sum(dim=1)


def initial_condensation(dim: int = 5, noise_std: float = 0.0) -> Problem:
    """The problems of initial condensation (Zhou et al. 2021, arXiv:2105.11686).

    Parameters
    ----------
    dim : int
        Number of input coordinates. 1 gives sin(3 x) + sin(6 x) / 2 on [-1, 1.5] (Figures 5 and 6,
        40 samples; evenly spaced here); any other the `SineSum` (Figure 3: dim = 5, 80 samples).
    noise_std : float
        Standard deviation of noise on the labels.
    """
    if dim == 1:
        return Formula("sin(3*x) + sin(6*x)/2", -1.0, 1.5, noise_std)
    return SineSum(dim, noise_std)
