"""The formula of a model in SymPy, and the tangent functions d f / d theta_i."""

import dataclasses
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import sympy
import torch

from ..activations import activation
from ..arrays import tensor_of
from ..doors import door, public
from ..models import Model, TwoLayer

__all__ = ["TangentFunctions", "inputs", "parameters", "sympy_formula", "tangent_functions"]

Array = np.ndarray[Any, np.dtype[Any]]


@public()
def inputs(model: Model) -> Array:
    """Symbols of the input: x for one coordinate, else x_1 .. x_d; shape [d]."""
    return _symbols("x", (model.input_dim,), bare=model.input_dim == 1)


@public()
def parameters(model: Model) -> dict[str, Array]:
    """Symbols of the parameters, in the names and shapes of ``model.shapes()``.

    Examples
    --------
    >>> parameters(TwoLayer(2, 1))
    {'a': array([a_1], dtype=object), 'w': array([[w_11, w_12]], dtype=object), 'b': array([b_1], dtype=object)}
    """  # noqa: E501  one line, as NumPy prints it
    return {name: _symbols(name, shape) for name, shape in model.shapes().items()}


def _symbols(name: str, shape: tuple[int, ...], bare: bool = False) -> Array:
    """An array of real symbols with the index of each, counted from 1, as its subscript."""
    between = "" if max(shape) < 10 else ","
    axes = 0 if bare else max(1, len(shape) - (shape[-1] == 1))  # w_j for one input, not w_j1
    names = [
        "_".join([name, between.join(str(i + 1) for i in index[:axes])]) if axes else name
        for index in np.ndindex(shape)
    ]
    return np.array([sympy.Symbol(each, real=True) for each in names]).reshape(shape)


@door()
def sympy_formula(model: Model) -> sympy.Expr:
    """SymPy expression of a model: f(x) in the symbols of `inputs` and `parameters`.

    Raises
    ------
    ValueError
        If this family of models has no formula in SymPy.

    Examples
    --------
    >>> sympy_formula(TwoLayer(1, 2))
    a_1*tanh(b_1 + w_1*x) + a_2*tanh(b_2 + w_2*x)
    """
    raise ValueError(f"{type(model).__name__} has no formula in SymPy yet.")


@sympy_formula.register
def _two_layer(model: TwoLayer) -> sympy.Expr:
    theta = parameters(model)
    z = theta["w"] @ inputs(model)
    act = np.frompyfunc(activation(model.activation).sympy, 1, 1)
    return theta["a"] @ act(z + theta["b"] if model.bias else z)


@dataclasses.dataclass(frozen=True)
class TangentFunctions:
    """The functions d f / d theta_i of x, which span the tangent space of a model.

    Notebooks show them as LaTeX, ``str`` as text.

    Attributes
    ----------
    parameters : tuple of sympy.Symbol
        The parameters theta_i, in the order of ``model.shapes()``.
    functions : tuple of sympy.Expr
        The function of each.
    """

    parameters: tuple[sympy.Symbol, ...]
    functions: tuple[sympy.Expr, ...]

    def __str__(self) -> str:
        """One function a line."""
        pairs = zip(self.parameters, self.functions, strict=True)
        return "\n".join(f"df/d{parameter} = {function}" for parameter, function in pairs)

    def latex(self) -> str:
        """The functions as aligned equations."""
        pairs = zip(self.parameters, self.functions, strict=True)
        return aligned(f"{partial(theta)} &= {sympy.latex(g)}" for theta, g in pairs)

    def _repr_latex_(self) -> str:
        return f"${self.latex()}$"


def partial(parameter: sympy.Symbol) -> str:
    """LaTeX of d f / d theta."""
    return rf"\frac{{\partial f}}{{\partial {sympy.latex(parameter)}}}"


def aligned(lines: Iterable[str]) -> str:
    r"""LaTeX lines, aligned at their ``&``."""
    return r"\begin{aligned}" + r" \\ ".join(lines) + r"\end{aligned}"


@public()
def tangent_functions(model: Model, params: Mapping[str, object] | None = None) -> TangentFunctions:
    """The derivatives of the model's formula by each of its parameters.

    Parameters
    ----------
    model : Model
        The formula.
    params : mapping of str to numbers, optional
        Parameters by name, in the shapes of ``model.shapes()``: tensors, arrays or lists of floats,
        whole numbers, fractions, or text such as ``"1/3"``. Floats are taken exactly, so 0.1 is
        3602879701896397 / 2^55 and ``"0.1"`` is 1/10. Without them the functions are generic.

    Raises
    ------
    ValueError
        If the family has no formula, or the parameters do not fit the model or are not finite.

    Examples
    --------
    >>> print(tangent_functions(TwoLayer(1, 1, bias=False)))
    df/da_1 = tanh(w_1*x)
    df/dw_1 = a_1*x*(1 - tanh(w_1*x)**2)
    >>> print(tangent_functions(TwoLayer(1, 1, bias=False), {"a": [-2], "w": [["1/3"]]}))
    df/da_1 = tanh(x/3)
    df/dw_1 = -2*x*(1 - tanh(x/3)**2)
    """
    f = sympy_formula(model)
    theta = tuple(np.concatenate([leaf.ravel() for leaf in parameters(model).values()]))
    functions = tuple(f.diff(symbol) for symbol in theta)
    if params is not None:
        point = dict(zip(theta, _numbers(model, params), strict=True))
        functions = tuple(function.xreplace(point) for function in functions)
    return TangentFunctions(theta, functions)


def _numbers(model: Model, params: Mapping[str, object]) -> list[sympy.Rational]:
    """All parameters as exact rational numbers, flattened in the order of the shapes."""
    shapes = model.shapes()
    if params.keys() != shapes.keys():
        raise ValueError(
            f"The parameters of {model} are {', '.join(shapes)}, but {', '.join(params)} are given."
        )
    numbers = []
    for name, shape in shapes.items():
        leaf = params[name]
        if isinstance(leaf, torch.Tensor):
            leaf = tensor_of(leaf, f"params[{name!r}]")
        entries = np.array(leaf.tolist() if hasattr(leaf, "tolist") else leaf, dtype=object)
        if entries.shape != shape:
            raise ValueError(
                f"params[{name!r}] must have shape {list(shape)}, but has {list(entries.shape)}."
            )
        numbers += [_rational(name, entry) for entry in entries.ravel()]
    return numbers


def _rational(name: str, entry: Any) -> sympy.Rational:
    try:
        exact = Fraction(entry)
    except (TypeError, ValueError, OverflowError, ZeroDivisionError):
        raise ValueError(
            f'params[{name!r}] must hold finite numbers or text such as "1/3", but holds {entry!r}.'
        ) from None
    return sympy.Rational(exact.numerator, exact.denominator)
