"""k (d + 1), and k (d + 2) with bias: confirmed at points, and derived for all weights at once."""

import dataclasses
import itertools
from collections.abc import Iterable

import numpy as np
import sympy
import torch
from sympy.polys.matrices import DomainMatrix

from ..activations import activation
from ..doors import public
from ..exact import optimistic_sample_size
from ..knobs import Knob
from ..models import Model, Params, TwoLayer
from .formula import parameters
from .rank import symbolic_rank

__all__ = ["Confirmation", "confirm", "generic_point", "taylor_determinant"]


@public()
def generic_point(model: Model) -> Params:
    """Parameters that are different multiples of 1/2, exact as floats and short as fractions.

    Entry (i_1, ..) of the n-th leaf is (1 + n + i_1 + ..) / 2, all counted from 0.

    Examples
    --------
    >>> generic_point(TwoLayer(1, 2))["w"].tolist()
    [[1.0], [1.5]]
    """
    return {
        name: torch.from_numpy((1.0 + n + np.indices(shape).sum(axis=0)) / 2.0)
        for n, (name, shape) in enumerate(model.shapes().items())
    }


@dataclasses.dataclass(frozen=True)
class Confirmation:
    """One row of `confirm`.

    Attributes
    ----------
    target_width, d : int
        Number k of different neurons, and of inputs.
    bias : bool
        Whether the neurons have a bias.
    width, n_parameters : int
        Size of the network in which they are embedded.
    theorem : int
        The optimistic sample size, k (d + 1) or k (d + 2).
    rank : int
        The symbolic rank.
    """

    target_width: int
    d: int
    bias: bool
    width: int
    n_parameters: int
    theorem: int
    rank: int


@public(but=["copies"])
def confirm(
    target_widths: Iterable[int] = (1, 2, 3),
    dimensions: Iterable[int] = (1, 2, 3),
    copies: int = 1,
) -> list[Confirmation]:
    """The theorem on two-layer tanh networks beside the symbolic rank, with and without bias.

    Parameters
    ----------
    target_widths, dimensions : iterable of int
        The k and the d to go through.
    copies : int
        Each neuron is split into so many with shares 1/2, 1/4, .. of its output, and every second
        one is flipped to (-a, -w, -b): the same function in a wider network.
    """
    copies = int(Knob("copies", 1, 1, 100).check(copies))
    rows = []
    for k, d, bias in itertools.product(target_widths, dimensions, (False, True)):
        wide = TwoLayer(d, k * copies, bias=bias)
        params = _split(generic_point(TwoLayer(d, k, bias=bias)), copies)
        theorem = optimistic_sample_size(wide, target_width=k)
        rank = symbolic_rank(wide, params).rank
        rows.append(Confirmation(k, d, bias, wide.m, wide.n_parameters, theorem, rank))
    return rows


def _split(params: Params, copies: int) -> Params:
    k = len(params["a"])
    copy = torch.arange(copies, dtype=torch.float64, device="cpu")
    sign = ((-1.0) ** copy).repeat(k)
    share = (0.5 ** (copy + 1.0).clamp(max=copies - 1.0)).repeat(k)  # they add up to 1
    wide = {name: leaf.repeat_interleave(copies, dim=0) for name, leaf in params.items()}
    wide = {name: torch.einsum("i,i...->i...", sign, leaf) for name, leaf in wide.items()}
    return wide | {"a": wide["a"] * share}


@public()
def taylor_determinant(model: TwoLayer) -> sympy.Expr:
    """Determinant of the Taylor coefficients of the tangent functions, factored, for all weights.

    f = sum_j a_j act(w_j x) has the Taylor coefficients F_n = c_n sum_j a_j w_j^n. The determinant
    of d F_n / d (a, w), for the first 2k orders n at which c_n is not 0, is a confluent Vandermonde
    determinant. Where it is not 0 the 2k tangent functions are linearly independent. For tanh its
    factors are all the conditions of the theorem: no a_j and no w_j is 0, and no two neurons are
    alike up to sign.

    Parameters
    ----------
    model : TwoLayer
        One input, at most three neurons, no bias, and an activation that has a Taylor series.

    Raises
    ------
    ValueError
        If it is another model.

    Examples
    --------
    >>> taylor_determinant(TwoLayer(1, 2, bias=False))
    -136*a_1*a_2*w_1**3*w_2**3*(w_1 - w_2)**4*(w_1 + w_2)**4/14175
    """
    if model.d != 1 or model.m > 3 or model.bias or activation(model.activation).homogeneous:
        raise ValueError(
            "The Taylor determinant is for one input, 1 to 3 neurons, no bias and an activation "
            f"with a Taylor series, but the model is {model}."
        )
    s = sympy.Symbol("s", real=True)
    size = model.n_parameters
    series = activation(model.activation).sympy(s).series(s, 0, 2 * size + 4).removeO()
    orders = [n for n in range(2 * size + 4) if series.coeff(s, n) != 0][:size]
    theta = parameters(model)
    a, w = theta["a"], theta["w"][:, 0]
    coefficients = [series.coeff(s, n) * (a @ w**n) for n in orders]
    rows = [[each.diff(symbol) for symbol in (*a, *w)] for each in coefficients]
    table = DomainMatrix.from_list_sympy(size, size, rows)
    return sympy.factor(table.domain.to_sympy(table.det()))
