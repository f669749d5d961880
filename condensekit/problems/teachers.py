"""Problems whose target is itself a network, the teacher."""

import abc
import dataclasses
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from ..derivatives import evaluate
from ..knobs import knob
from ..models import Model, Params, TwoLayer
from ..words import many
from .base import EvenlySpaced, Inputs, Normal, Problem

__all__ = ["Teacher", "TeacherProblem", "ThreeTanh", "sliding_tanh", "teacher", "three_tanh"]


class TeacherProblem(Problem):
    """A problem whose target is itself a network, the teacher."""

    @abc.abstractmethod
    def teacher(self) -> tuple[Model, Params]:
        """The network that makes the labels."""

    def target(self, x: Tensor) -> Tensor:
        """The teacher's output at inputs `x` of shape [n, d]; shape [n]."""
        model, params = self.teacher()
        return evaluate(model, params, x)


@dataclasses.dataclass(frozen=True)
class ThreeTanh(TeacherProblem):
    """y = sum_j tanh(x - c_j), with centres c_j = 7 (j - (k - 1) / 2) for j = 0 .. k - 1.

    The inputs are evenly spaced on [-L, L], L = 8 + 7 (k - 1) / 2. With k = 3 and 50 samples these
    are the data of Zhang et al. 2021 (arXiv:2105.14573, Figure 1), read off its vector figure.
    """

    max_samples: ClassVar[int] = 1_000
    target_width: int = knob(
        3, 1, 5, symbol="k", help="Number of tanh neurons that make up the target."
    )
    noise_std: float = knob(0.0, 0.0, 10.0, help="Standard deviation of noise on the labels.")

    @property
    def inputs(self) -> EvenlySpaced:
        """The grid on [-L, L]."""
        half = 8.0 + 3.5 * (self.target_width - 1)
        return EvenlySpaced(-half, half)

    def teacher(self) -> tuple[TwoLayer, Params]:
        """The k-neuron network that is the target."""
        k = self.target_width
        ones = torch.ones(k, dtype=torch.float64, device="cpu")
        centres = 7.0 * (torch.arange(k, dtype=torch.float64, device="cpu") - (k - 1) / 2)
        return TwoLayer(1, k), {"a": ones, "w": ones[:, None].clone(), "b": -centres}


@dataclasses.dataclass(frozen=True)
class Teacher(TeacherProblem):
    """A target y = sum_j a_j act(w_j . x + b_j) with given weights; build it with `teacher`."""

    a: tuple[float, ...]
    w: tuple[tuple[float, ...], ...]
    b: tuple[float, ...]
    law: Inputs
    teacher_activation: str = "tanh"
    noise_std: float = knob(0.0, 0.0, 10.0, help="Standard deviation of noise on the labels.")

    @property
    def inputs(self) -> Inputs:
        """The law of the inputs."""
        return self.law

    def teacher(self) -> tuple[TwoLayer, Params]:
        """The network that makes the labels; without biases where all of them are zero."""
        weights = {"a": self.a, "w": self.w, "b": self.b}
        params = {
            name: torch.tensor(leaf, dtype=torch.float64, device="cpu")
            for name, leaf in weights.items()
        }
        bias = any(value != 0.0 for value in self.b)
        model = TwoLayer(len(self.w[0]), len(self.a), self.teacher_activation, bias=bias)
        return model, {name: params[name] for name in model.shapes()}


def three_tanh(target_width: int = 3, noise_std: float = 0.0) -> ThreeTanh:
    """The published recovery problem: a target of `target_width` tanh neurons (see `ThreeTanh`)."""
    return ThreeTanh(target_width, noise_std)


def teacher(
    a: Sequence[float],
    w: Sequence[Sequence[float]],
    b: Sequence[float] | None = None,
    *,
    inputs: Inputs | None = None,
    activation: str = "tanh",
    noise_std: float = 0.0,
) -> Teacher:
    """A problem whose target is a two-layer network with weights of your choice.

    Parameters
    ----------
    a, w, b : sequences, shapes [k], [k, d] and [k]
        Output weights, input weights and biases of the k neurons (no `b`: zeros).
    inputs : Inputs, optional
        The law of the inputs; standard normal by default.
    activation : str
        The activation of the target.
    noise_std : float
        Standard deviation of noise on the labels.

    Raises
    ------
    ValueError
        If the shapes do not fit together or a weight is not finite.
    """
    arrays = [np.asarray(a, float), np.asarray(w, float)]
    arrays.append(np.zeros(arrays[0].shape) if b is None else np.asarray(b, float))
    k = arrays[0].size
    shapes = [array.shape for array in arrays]
    if k == 0 or arrays[1].ndim != 2 or shapes != [(k,), (k, arrays[1].shape[1]), (k,)]:
        raise ValueError(f"a, w and b must have shapes [k], [k, d] and [k], but have {shapes}.")
    if not all(np.isfinite(array).all() for array in arrays):
        raise ValueError("The weights of a teacher must be finite numbers.")
    law = inputs or Normal(shapes[1][1])
    if law.dim != shapes[1][1]:
        raise ValueError(
            f"The inputs have {many(law.dim, 'coordinate')}, but w has {shapes[1][1]}."
        )
    first, second, third = (array.tolist() for array in arrays)
    rows = tuple(tuple(row) for row in second)
    TwoLayer(law.dim, k, activation)
    return Teacher(tuple(first), rows, tuple(third), law, activation, noise_std)


def sliding_tanh(
    side: int = 5, kernel: Sequence[float] = (0.6, 0.8, 1.0), *, noise_std: float = 0.0
) -> Teacher:
    """A kernel that slides over the inputs: sum_p tanh(kernel . (x_p, ..., x_(p+s-1))), x normal.

    One kernel that slides over the inputs: a single neuron for a convolution with shared weights,
    one for each position for other networks. The defaults are the target of Zhang et al.
    (arXiv:2307.08921, Figure 4), three positions in R^5.

    Parameters
    ----------
    side : int
        Number of inputs.
    kernel : sequence of float
        Its s entries, s <= side.
    noise_std : float
        Standard deviation of noise on the labels.

    Raises
    ------
    ValueError
        If the kernel does not fit.
    """
    entries, places = [float(value) for value in kernel], side + 1 - len(kernel)
    if not entries or places < 1:
        raise ValueError(
            f"kernel must have from 1 to side = {side} entries, but has {len(entries)}."
        )
    rows = [[0.0] * p + entries + [0.0] * (places - 1 - p) for p in range(places)]
    return teacher([1.0] * places, rows, noise_std=noise_std)
