"""Model: a formula, the shapes of its parameters, and how they are drawn.

A model holds no parameters. ``model(params, x)`` is the formula of the lecture for one input;
runs and inputs are batched around it, never inside it.
"""

import abc
import math
from typing import ClassVar

import torch
from torch import Tensor

from ..activations import Activation, register
from ..knobs import Knob, Settings
from ..streams import stream

__all__ = ["Model", "Params"]

Params = dict[str, Tensor]
"""Parameters by name; a batch of runs has leading axes on every leaf."""
_SEED, _STD = Knob("seed", 0, 0, 2**31 - 1), Knob("std", 1.0, 0.0, 1e12)


class Model(Settings, abc.ABC):
    """A neural network without its weights: the formula f(params, x) and the shapes of params.

    Attributes
    ----------
    dtype : torch.dtype
        Numbers of the parameters: float64, except where a network is large and no claim needs it.
    parallel : bool
        Whether a step is long enough to be shared among threads; for small networks that makes
        every step slower, up to tenfold.
    dropout : float
        Share of the hidden neurons that each step of training leaves out, for each sample anew.
    broadcasts : bool
        Whether the formula, as it is written, holds for inputs [..., d] too. Large models say so:
        automatic differentiation then needs no vmap, which more than doubles their time.
    vmaps : bool
        Whether `torch.vmap` can take the formula. It knows neither masks nor recurrent layers, so
        that of a formula which others write it is not assumed; such a formula broadcasts.
    """

    dtype: ClassVar[torch.dtype] = torch.float64
    parallel: ClassVar[bool] = False
    dropout: float = 0.0
    broadcasts: ClassVar[bool] = False
    vmaps: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Check the knobs; an activation that is given as itself is registered by its name."""
        given = getattr(self, "activation", None)
        if isinstance(given, Activation):
            register(given)
            object.__setattr__(self, "activation", given.name)
        super().__post_init__()

    @abc.abstractmethod
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of every parameter of one network, in the order in which they are drawn."""

    @abc.abstractmethod
    def __call__(self, params: Params, x: Tensor) -> Tensor:
        """Output for one input `x` of shape [d]; shape `output_shape`."""

    @property
    @abc.abstractmethod
    def input_dim(self) -> int:
        """Number of input coordinates d."""

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Shape of the output for one input: () for a number, (c,) for c classes."""
        return ()

    @property
    def n_parameters(self) -> int:
        """Number of parameters M."""
        return sum(math.prod(shape) for shape in self.shapes().values())

    def check_training(self) -> None:
        """Raise a ValueError where networks of this model can be measured, but not trained."""

    @property
    def formula(self) -> "Model":
        """The model without what its draw alone depends on; those of one formula move together."""
        return self

    def init(
        self,
        generator: torch.Generator | None = None,
        std: float = 1.0,
        *,
        seed: int | None = None,
    ) -> Params:
        """Random initial weights of one network, from a seed or a generator.

        Parameters
        ----------
        generator : torch.Generator, optional
            The random stream; or
        seed : int, optional
            its seed: the weights are those of ``Experiment(..., init_std=std, seed=seed)``.
        std : float
            Standard deviation of the weights.

        Raises
        ------
        ValueError
            If there is neither a seed nor a generator, or both; or `std` is negative.

        Examples
        --------
        >>> from condensekit import TwoLayer
        >>> {name: list(leaf.shape) for name, leaf in TwoLayer(1, 3).init(seed=0).items()}
        {'a': [3], 'w': [3, 1], 'b': [3]}
        """
        if (generator is None) == (seed is None):
            given = "both" if seed is not None else "neither"
            raise ValueError(
                "init draws from a seed or a generator, model.init(seed=0) or "
                f"model.init(generator), but has {given}."
            )
        drawn_from = generator or stream(int(_SEED.check(seed)), "weights")
        return self.draw_params(drawn_from, float(_STD.check(std)))

    def draw_params(self, generator: torch.Generator, std: float) -> Params:
        """Draw parameters from N(0, std^2), in float64, and round them to `dtype`.

        They are a draw from the unit normal times `std`: with one seed, changing the variance
        only rescales the network. A model that starts otherwise defines this.
        """
        return {
            name: (
                std * torch.randn(shape, generator=generator, dtype=torch.float64, device="cpu")
            ).to(self.dtype)
            for name, shape in self.shapes().items()
        }
