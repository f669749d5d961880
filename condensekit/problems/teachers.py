"""Problems whose target is itself a network, the teacher."""

import abc
import dataclasses
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from ..arrays import finite
from ..derivatives import evaluate
from ..knobs import Knob, knob
from ..models import Model, Params, TwoLayer
from ..plain import as_python
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

    def __post_init__(self) -> None:
        """Check the weights, the law and the activation."""
        super().__post_init__()
        a, w, b = (finite(getattr(self, name), name) for name in "awb")
        shapes, k = [a.shape, w.shape, b.shape], a.size
        if k == 0 or w.ndim != 2 or shapes != [(k,), (k, w.shape[1]), (k,)]:
            raise ValueError(f"a, w and b must have shapes [k], [k, d] and [k], but have {shapes}.")
        if not isinstance(self.law, Inputs):
            raise ValueError(
                "inputs must be a law of inputs, such as Normal(2) or EvenlySpaced(), but is "
                f"{self.law!r}."
            )
        if self.law.dim != w.shape[1]:
            raise ValueError(
                f"The inputs have {many(self.law.dim, 'coordinate')}, but w has {w.shape[1]}."
            )
        for name, array in (("a", a), ("w", w), ("b", b)):
            object.__setattr__(self, name, as_python(array.tolist()))
        TwoLayer(self.law.dim, k, self.teacher_activation)  # refuses what is no activation

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


_SIDE = Knob("side", 5, 1, 10_000)


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
    weights = finite(a, "a"), finite(w, "w")
    shift = np.zeros(weights[0].shape) if b is None else finite(b, "b")
    law = Normal(weights[1].shape[-1]) if inputs is None and weights[1].size else inputs
    first, second, third = (as_python(array.tolist()) for array in (*weights, shift))
    return Teacher(first, second, third, law, activation, noise_std)  # type: ignore[arg-type]


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
    side = int(_SIDE.check(side))
    entries = finite(kernel, "kernel").ravel().tolist()
    places = side + 1 - len(entries)
    if not entries or places < 1:
        raise ValueError(
            f"kernel must have from 1 to side = {side} entries, but has {len(entries)}."
        )
    rows = [[0.0] * p + entries + [0.0] * (places - 1 - p) for p in range(places)]
    return teacher([1.0] * places, rows, noise_std=noise_std)
