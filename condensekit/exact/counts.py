"""What the theorems count: model ranks from the structure of the parameters alone."""

from typing import Any

import numpy as np

from ..doors import door
from ..models import MatrixFactorization, Model, Params, TwoLayer, TwoLayerConv
from ..models.fitting import check_params
from .field import FIELD_FUNCTIONS
from .sample_size import NoTheorem
from .tangents import rational_rank, tangents

__all__ = ["structural_count"]

Array = np.ndarray[Any, np.dtype[Any]]


@door(check_params)
def structural_count(model: Model, params: Params) -> int:
    """Model rank by the theorem for this family; an upper bound where it says nothing.

    - `TwoLayer`, tanh: each class of (w, b) != (0, b) up to sign counts 1, and d more (d + 1 with
      biases) if a member has an output weight; neurons with w = 0 as in `tangents` (Zhang et al.,
      arXiv:2406.18035, Corollary on two-layer tanh networks; biases: ours, by the same argument).
    - `TwoLayerConv` with shared weights: m_a s + m_K p, m_K classes of kernels, m_a the dimensions
      of the spans of their output arrays, summed; without: kernels are padded with zeros to the
      input, and each class of these counts 1, and 1 more for each entry under a member with an
      output weight (ibid., Theorem on convolutional networks).
    - `MatrixFactorization`: m r_B + n r_A - r_A r_B for A B of shape [m, n] (ibid., square case).

    Raises
    ------
    NoTheorem
        If there is no theorem for this family, or none at this point.
    """
    raise NoTheorem(f"No theorem here: {type(model).__name__} has no count.")


@structural_count.register
def _two_layer(model: TwoLayer, params: Params) -> int:
    if model.activation not in FIELD_FUNCTIONS:
        raise NoTheorem(
            f"No theorem here: the activation is {model.activation}, and the count is for "
            f"{' and '.join(FIELD_FUNCTIONS)}."
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
    if not (w != 0.0).any(axis=-1).all():
        raise NoTheorem("No theorem here: a kernel is zero.")
    b = params["b"].detach().numpy() if model.bias else np.zeros(w.shape[:-1])
    if not model.sharing:
        return _padded(model, a, w, b)
    label = _classes(np.column_stack([w, b]))
    spans = [rational_rank(a[label == c]) for c in range(int(label.max()) + 1)]
    return sum(spans) * int(w.shape[-1] + model.bias) + len(spans) * int(a.shape[1])


def _padded(model: TwoLayerConv, a: Array, w: Array, b: Array) -> int:
    """Each class of padded kernels counts 1, and 1 for each entry that its outputs let move."""
    places = model.patches.numpy()
    (k, p), d = a.shape, model.input_dim
    padded, moves = np.zeros((k, p, d + 1)), np.zeros((k, p, d + 1), dtype=bool)
    at = np.arange(p)[:, None], places
    padded[:, *at], padded[..., d] = w, b
    moves[:, *at] = (a != 0.0)[:, :, None]
    moves[..., d] = model.bias & (a != 0.0)
    label = _classes(padded.reshape(k * p, d + 1))
    flat = moves.reshape(k * p, d + 1)
    return sum(1 + int(flat[label == c].any(axis=0).sum()) for c in range(int(label.max()) + 1))


def _classes(kernels: Array) -> Array:
    """The number of the class of each row, up to sign."""
    kernels = kernels + 0.0  # -0.0 becomes 0.0
    first = (kernels != 0.0).argmax(axis=1)
    sign = np.sign(kernels[np.arange(len(kernels)), first])
    _, label = np.unique(kernels * sign[:, None] + 0.0, axis=0, return_inverse=True)
    return np.asarray(label.ravel())
