"""Problems: what a network is asked to learn, and from which samples.

A problem is a target function, a law for its inputs and an optional label noise. ``data()`` turns
it into numbers; with one seed the samples are nested, so that n samples are the first n of n + 1
(a grid excepted: its points are evenly spaced for every n).
"""

import abc
import dataclasses
import math
from typing import Any, ClassVar

import torch
from torch import Tensor

from ..knobs import Knob, Settings
from ..losses import Loss, mean_squared_error
from ..models import Model
from ..plain import real
from ..streams import stream
from ..words import many

__all__ = [
    "Data",
    "EvenlySpaced",
    "Inputs",
    "Normal",
    "Problem",
    "Uniform",
]

TEST_POINTS = 2_000
_ROWS = 64  # random samples are drawn this many at a time, which makes them nested


@dataclasses.dataclass(frozen=True, eq=False)
class Data:
    """Training and test samples, float64.

    Attributes
    ----------
    x, y : Tensor, shapes [n, d] and [n]
        Training inputs and labels. Labels are [n, ...] where an output is not one number, and
        whole numbers where they name classes.
    x_test, y_test : Tensor, shapes [N, d] and [N]
        Test inputs and the target there, without noise.
    """

    x: Tensor
    y: Tensor
    x_test: Tensor
    y_test: Tensor


class Inputs(Settings, abc.ABC):
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
class EvenlySpaced(Inputs):
    """Evenly spaced points of the interval [low, high], its ends included; d = 1."""

    low: float = -1.0
    high: float = 1.0

    def __post_init__(self) -> None:
        """Refuse an empty interval."""
        super().__post_init__()
        _set_interval(self)

    @property
    def dim(self) -> int:
        """One input coordinate."""
        return 1

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """`n` evenly spaced inputs, shape [n, 1]; nothing random.

        Symmetric about the middle to the last bit: what a sample can tell may depend on it.
        """
        points = torch.linspace(self.low, self.high, n, dtype=torch.float64, device="cpu")
        if n % 2 and n > 1:
            points[n // 2] = (self.low + self.high) / 2  # which torch reaches but for rounding
        return points[:, None]


@dataclasses.dataclass(frozen=True)
class Uniform(Inputs):
    """Independent uniform coordinates on [low, high]."""

    low: float = -1.0
    high: float = 1.0
    d: int = 1

    def __post_init__(self) -> None:
        """Refuse an empty interval and a dimension that is none."""
        super().__post_init__()
        _set_interval(self)
        object.__setattr__(self, "d", _DIMENSION.check(self.d))

    @property
    def dim(self) -> int:
        """Number of input coordinates d."""
        return self.d

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """`n` random inputs, shape [n, d]."""
        unit = _nested(
            n,
            lambda: torch.rand(
                _ROWS, self.d, generator=generator, dtype=torch.float64, device="cpu"
            ),
        )
        return self.low + (self.high - self.low) * unit


@dataclasses.dataclass(frozen=True)
class Normal(Inputs):
    """Independent standard normal coordinates."""

    d: int = 1

    def __post_init__(self) -> None:
        """Refuse a dimension that is none."""
        super().__post_init__()
        object.__setattr__(self, "d", _DIMENSION.check(self.d))

    @property
    def dim(self) -> int:
        """Number of input coordinates d."""
        return self.d

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """`n` random inputs, shape [n, d]."""
        return _nested(
            n,
            lambda: torch.randn(
                _ROWS, self.d, generator=generator, dtype=torch.float64, device="cpu"
            ),
        )


_DIMENSION = Knob("d", 1, 1, 10_000)


def _set_interval(inputs: EvenlySpaced | Uniform) -> None:
    """Make the ends of an interval floats; raise a ValueError if it is none."""
    given = inputs.low, inputs.high
    low, high = map(real, given)
    if low is None or high is None or not (low < high and math.isfinite(high - low)):
        raise ValueError(
            f"Inputs need an interval with low < high, but have [{given[0]!r}, {given[1]!r}]."
        )
    object.__setattr__(inputs, "low", low)
    object.__setattr__(inputs, "high", high)


def _nested(n: int, draw: Any) -> Tensor:
    """Whole blocks, then cut: torch fills a tensor in an order that depends on its size."""
    return torch.cat([draw() for _ in range(-(-n // _ROWS))])[:n]


class Problem(Settings, abc.ABC):
    """A target, a law for its inputs, and a loss.

    Attributes
    ----------
    score_names : tuple of str
        What else is recorded on the test points, see `scores`.
    """

    max_samples: ClassVar[int] = 100_000
    score_names: ClassVar[tuple[str, ...]] = ()
    noise_std: float

    @property
    def loss(self) -> Loss:
        """What training makes small: the mean squared error, if nothing else is said."""
        return mean_squared_error

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Shape of the output for one input that the problem asks of a model."""
        return ()

    def scores(self, outputs: Tensor, labels: Tensor) -> tuple[float, ...]:
        """One number for each of `score_names`, from the outputs [N, ...] on the test points."""
        del outputs, labels
        return ()

    def standardized(self, x: Tensor) -> Tensor:
        """Inputs [N, d] in the units of the data as a network sees them: scaled, or the same."""
        return x

    def in_units(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Inputs [N, d] and outputs [N, ...] of a network in the units of the data."""
        return x, y

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

    def check_model(self, model: Model) -> None:
        """Raise a ValueError unless `model` reads the inputs of this problem."""
        if model.input_dim != self.inputs.dim:
            raise ValueError(
                f"The model reads {many(model.input_dim, 'coordinate')}, but the inputs of the "
                "problem "
                f"have {self.inputs.dim}."
            )
        if model.output_shape != self.output_shape:
            raise ValueError(
                f"The model gives outputs of shape {[*model.output_shape]}, but the problem asks "
                f"for {[*self.output_shape]}."
            )
