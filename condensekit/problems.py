"""Problems: what a network is asked to learn, and from which samples.

A problem is a target function, a law for its inputs and an optional label noise. ``data()`` turns
it into numbers; with one seed the samples are nested, so that n samples are the first n of n + 1
(a grid excepted: its points are evenly spaced for every n).
"""

import abc
import dataclasses
import math
import zlib
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from .derivatives import evaluate
from .knobs import Knob, Settings, knob
from .models import Params, TwoLayer

__all__ = [
    "Data",
    "Grid",
    "Inputs",
    "Normal",
    "Problem",
    "Teacher",
    "TeacherProblem",
    "ThreeTanh",
    "Uniform",
    "stream",
    "teacher",
    "three_tanh",
]

TEST_POINTS = 2_000
_ROWS = 64  # random samples are drawn this many at a time, which makes them nested


@dataclasses.dataclass(frozen=True)
class Data:
    """Training and test samples, float64.

    Attributes
    ----------
    x, y : Tensor, shapes [n, d] and [n]
        Training inputs and labels.
    x_test, y_test : Tensor, shapes [N, d] and [N]
        Test inputs and the target there, without noise.
    """

    x: Tensor
    y: Tensor
    x_test: Tensor
    y_test: Tensor


def stream(seed: int, purpose: str) -> torch.Generator:
    """A random stream of its own for each `purpose`, so that data and weights are independent."""
    entropy = np.random.SeedSequence([seed, zlib.crc32(purpose.encode())])
    return torch.Generator().manual_seed(int(entropy.generate_state(1, np.uint64)[0] >> 1))


class Inputs(Settings, abc.ABC, role="inputs"):
    """The law of the inputs."""

    @property
    @abc.abstractmethod
    def dim(self) -> int:
        """Number of input coordinates d."""

    @abc.abstractmethod
    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """`n` training inputs, shape [n, d]."""

    def test(self, generator: torch.Generator) -> Tensor:
        """2,000 test inputs, shape [2000, d]."""
        return self.sample(TEST_POINTS, generator)


@dataclasses.dataclass(frozen=True)
class Grid(Inputs):
    """Evenly spaced points of the interval [low, high], its ends included; d = 1."""

    low: float = -1.0
    high: float = 1.0

    def __post_init__(self) -> None:
        """Refuse an empty interval."""
        _check_interval(self.low, self.high)

    @property
    def dim(self) -> int:
        """One input coordinate."""
        return 1

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """`n` evenly spaced inputs, shape [n, 1]; nothing random."""
        return torch.linspace(self.low, self.high, n, dtype=torch.float64)[:, None]


@dataclasses.dataclass(frozen=True)
class Uniform(Inputs):
    """Independent uniform coordinates on [low, high]."""

    low: float = -1.0
    high: float = 1.0
    d: int = 1

    def __post_init__(self) -> None:
        """Refuse an empty interval and a dimension that is none."""
        _check_interval(self.low, self.high)
        _DIMENSION.check(self.d)

    @property
    def dim(self) -> int:
        """Number of input coordinates d."""
        return self.d

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """`n` random inputs, shape [n, d]."""
        unit = _nested(
            n, lambda: torch.rand(_ROWS, self.d, generator=generator, dtype=torch.float64)
        )
        return self.low + (self.high - self.low) * unit


@dataclasses.dataclass(frozen=True)
class Normal(Inputs):
    """Independent standard normal coordinates."""

    d: int = 1

    def __post_init__(self) -> None:
        """Refuse a dimension that is none."""
        _DIMENSION.check(self.d)

    @property
    def dim(self) -> int:
        """Number of input coordinates d."""
        return self.d

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """`n` random inputs, shape [n, d]."""
        return _nested(
            n, lambda: torch.randn(_ROWS, self.d, generator=generator, dtype=torch.float64)
        )


_DIMENSION = Knob("d", 1, 1, 10_000)


def _check_interval(low: float, high: float) -> None:
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(f"Inputs need an interval with low < high, but have [{low}, {high}].")


def _nested(n: int, draw: Any) -> Tensor:
    """Whole blocks, then cut: torch fills a tensor in an order that depends on its size."""
    return torch.cat([draw() for _ in range(-(-n // _ROWS))])[:n]


class Problem(Settings, abc.ABC, role="problem"):
    """A target and a law for its inputs; the loss is the mean squared error."""

    max_samples: ClassVar[int] = 100_000
    noise_std: float

    @property
    @abc.abstractmethod
    def inputs(self) -> Inputs:
        """The law of the inputs."""

    @abc.abstractmethod
    def target(self, x: Tensor) -> Tensor:
        """The target at inputs `x` of shape [n, d]; shape [n]."""

    def data(self, n_samples: int, seed: int = 0) -> Data:
        """Draw the samples.

        Parameters
        ----------
        n_samples : int
            Number of training samples n.
        seed : int
            Seed of the streams of inputs, label noise and test inputs.

        Raises
        ------
        ValueError
            If the problem has no `n_samples` samples.
        """
        self.check_samples(n_samples)
        x = self.inputs.sample(n_samples, stream(seed, "inputs"))
        noise = Normal(1).sample(n_samples, stream(seed, "noise"))[:, 0]
        x_test = self.inputs.test(stream(seed, "test"))
        return Data(x, self.target(x) + self.noise_std * noise, x_test, self.target(x_test))

    def check_samples(self, n_samples: int) -> None:
        """Raise a ValueError unless 1 <= `n_samples` <= ``max_samples``."""
        Knob("n_samples", 1, 1, self.max_samples).check(n_samples)


class TeacherProblem(Problem):
    """A problem whose target is itself a network, the teacher."""

    @abc.abstractmethod
    def teacher(self) -> tuple[TwoLayer, Params]:
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
    def inputs(self) -> Grid:
        """The grid on [-L, L]."""
        half = 8.0 + 3.5 * (self.target_width - 1)
        return Grid(-half, half)

    def teacher(self) -> tuple[TwoLayer, Params]:
        """The k-neuron network that is the target."""
        k = self.target_width
        ones = torch.ones(k, dtype=torch.float64)
        centres = 7.0 * (torch.arange(k, dtype=torch.float64) - (k - 1) / 2)
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
        params = {name: torch.tensor(leaf, dtype=torch.float64) for name, leaf in weights.items()}
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
        raise ValueError(f"The inputs have {law.dim} coordinates, but w has {shapes[1][1]}.")
    first, second, third = (array.tolist() for array in arrays)
    rows = tuple(tuple(row) for row in second)
    TwoLayer(law.dim, k, activation)
    return Teacher(tuple(first), rows, tuple(third), law, activation, noise_std)
