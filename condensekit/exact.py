"""What theorems say, in whole numbers."""

from functools import singledispatch

from .knobs import Knob
from .models import Model, TwoLayer

__all__ = ["NoTheorem", "optimistic_sample_size"]


class NoTheorem(ValueError):
    """No theorem here: the literature has no sample size for this model."""


@singledispatch
def optimistic_sample_size(model: Model, *, target_width: int) -> int:
    """Fewest samples from which `model` can recover a target of `target_width` neurons.

    For a two-layer tanh network in d dimensions it is k (d + 1), and k (d + 2) if hidden neurons
    have a bias (the input is then (x, 1)); it does not depend on the width m of the network that
    learns (Zhang et al., arXiv:2406.18035, Corollary on two-layer tanh networks).

    Parameters
    ----------
    model : Model
        The network that learns.
    target_width : int
        Number k of neurons of the target: non-zero, and no two alike up to sign.

    Raises
    ------
    NoTheorem
        If the theorem says nothing about this model.
    ValueError
        If k is not a whole number from 1 to the width of the model.

    Examples
    --------
    >>> optimistic_sample_size(TwoLayer(1, 500), target_width=3)
    9
    >>> optimistic_sample_size(TwoLayer(1, 500, bias=False), target_width=3)
    6
    """
    raise NoTheorem(f"No theorem here: {type(model).__name__} is not a two-layer tanh network.")


@optimistic_sample_size.register
def _two_layer(model: TwoLayer, *, target_width: int) -> int:
    if model.activation != "tanh":
        raise NoTheorem(
            f"No theorem here: the activation is {model.activation}, and the sample size is known "
            "for tanh."
        )
    k = Knob("target_width", 1, 1, model.m).check(target_width)
    return int(k) * (model.d + 1 + model.bias)
