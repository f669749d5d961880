"""What the theorems count: model ranks from the structure of the parameters alone."""

from functools import singledispatch

import numpy as np

from ..models import MatrixFactorization, Model, Params, TwoLayer, TwoLayerConv
from .field import FUNCTIONS
from .sample_size import NoTheorem
from .tangents import rational_rank, tangents

__all__ = ["structural_count"]


@singledispatch
def structural_count(model: Model, params: Params) -> int:
    """Model rank by the theorem for this family; an upper bound where it says nothing.

    - `TwoLayer`, tanh: each class of (w, b) != (0, b) up to sign counts 1, and d more (d + 1 with
      biases) if a member has an output weight; neurons with w = 0 as in `tangents` (Zhang et al.,
      arXiv:2406.18035, Corollary on two-layer tanh networks; biases: ours, by the same argument).
    - `TwoLayerConv` with shared weights: m_a s + m_K p, m_K classes of kernels, m_a the dimensions
      of the spans of their output arrays, summed; without: the same on padded kernels, class by
      class (ibid., Theorem on convolutional networks).
    - `MatrixFactorization`: m r_B + n r_A - r_A r_B for A B of shape [m, n] (ibid., square case).

    Raises
    ------
    NoTheorem
        If there is no theorem for this family, or none at this point.
    """
    raise NoTheorem(f"No theorem here: {type(model).__name__} has no count.")


@structural_count.register
def _two_layer(model: TwoLayer, params: Params) -> int:
    if model.activation not in FUNCTIONS:
        raise NoTheorem(
            f"No theorem here: the activation is {model.activation}, and the count is for "
            f"{' and '.join(FUNCTIONS)}."
        )
    return tangents(model, params).count


@structural_count.register
def _factorization(model: MatrixFactorization, params: Params) -> int:
    of_a, of_b = (rational_rank(params[name].detach().numpy()) for name in ("A", "B"))
    return model.rows * of_b + model.columns * of_a - of_a * of_b


@structural_count.register
def _convolution(model: TwoLayerConv, params: Params) -> int:
    if model.activation != "tanh":
        raise NoTheorem(
            f"No theorem here: the activation is {model.activation}, and the count is for tanh."
        )
    w, a = (params[name].detach().numpy() for name in ("w", "a"))
    k, p = a.shape
    if not (w != 0.0).any(axis=-1).all():
        raise NoTheorem("No theorem here: a kernel is zero.")
    own = w.reshape(-1, w.shape[-1])
    b = params["b"].detach().numpy().reshape(-1) if model.bias else np.zeros(len(own))
    place = np.zeros(k) if model.sharing else np.tile(np.arange(1.0, p + 1.0), k)
    kernel = np.column_stack([own, b]) + 0.0
    first = (kernel != 0.0).argmax(axis=1)
    sign = np.sign(kernel[np.arange(len(kernel)), first])
    upright = np.column_stack([kernel * sign[:, None] + 0.0, place])
    _, label = np.unique(upright, axis=0, return_inverse=True)
    outputs = a if model.sharing else a.reshape(-1, 1)
    spans = [rational_rank(outputs[label.ravel() == c]) for c in range(int(label.max()) + 1)]
    entries, places = int(w.shape[-1]) + model.bias, int(p) if model.sharing else 1
    return sum(spans) * entries + len(spans) * places
