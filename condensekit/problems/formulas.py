"""Problems whose target is typed as a formula, which is read by a small parser and never executed.

The text becomes a Python syntax tree, of which only numbers, the variable, the constants, the
operators and the functions listed here may be part; the tree is then walked with NumPy.
"""

import ast
import dataclasses
import functools
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import numpy as np
import torch
from torch import Tensor

from ..knobs import knob
from ..plain import quoted
from ..words import number
from .base import EvenlySpaced, Problem

__all__ = ["CONSTANTS", "FUNCTIONS", "Formula", "formula"]

Array = np.ndarray[Any, np.dtype[np.float64]]
Evaluated = Callable[[Array], Array]

LONGEST = 500  # characters of a formula
DEEPEST = 100  # levels of a formula
_POINTS = 4_001  # of the interval on which a formula is tried

CONSTANTS = {"pi": np.pi, "e": np.e}
"""Numbers that have a name."""

FUNCTIONS: dict[str, tuple[int, Callable[..., Array]]] = {
    "sin": (1, np.sin),
    "cos": (1, np.cos),
    "tan": (1, np.tan),
    "arctan": (1, np.arctan),
    "sinh": (1, np.sinh),
    "cosh": (1, np.cosh),
    "tanh": (1, np.tanh),
    "exp": (1, np.exp),
    "log": (1, np.log),
    "sqrt": (1, np.sqrt),
    "abs": (1, np.abs),
    "sign": (1, np.sign),
    "relu": (1, lambda z: np.maximum(z, 0.0)),
    "sigmoid": (1, lambda z: 0.5 * (1.0 + np.tanh(0.5 * z))),
    "min": (2, np.minimum),
    "max": (2, np.maximum),
}
"""What may be called, with the number of arguments."""

_OPERATORS: dict[type[ast.operator], Callable[[Array, Array], Array]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Pow: np.power,
}


@dataclasses.dataclass(frozen=True)
class Formula(Problem):
    """A target y = f(x) typed as text, with inputs evenly spaced on [low, high].

    Parameters
    ----------
    text : str
        The formula in x, e.g. ``"sin(3*x) + x^2/2"``: numbers, x, pi, e, + - * / and ^ (or ``**``)
        for powers, parentheses, and the functions in `FUNCTIONS`.
    low, high : float
        The interval.

    Raises
    ------
    ValueError
        If the text is no such formula, or has no finite value somewhere on the interval.

    Examples
    --------
    >>> Formula("x^2 + 1").target(torch.tensor([[3.0]])).item()
    10.0
    """

    text: str
    low: float = -1.0
    high: float = 1.0
    noise_std: float = knob(0.0, 0.0, 10.0, help="Standard deviation of noise on the labels.")

    def __post_init__(self) -> None:
        """Check the formula, and try it on the interval."""
        super().__post_init__()
        if not isinstance(self.text, str) or not self.text.strip():
            raise ValueError(
                f"A formula is a text in x, such as sin(3*x), but is {quoted(self.text)}."
            )
        inputs = self.inputs
        object.__setattr__(self, "low", inputs.low)
        object.__setattr__(self, "high", inputs.high)
        _try(_parsed(self.text), self.inputs)

    @property
    def inputs(self) -> EvenlySpaced:
        """Evenly spaced points."""
        return EvenlySpaced(self.low, self.high)

    def target(self, x: Tensor) -> Tensor:
        """The formula at inputs `x` of shape [n, 1]; shape [n]."""
        points = x[:, 0].numpy().astype(np.float64)
        return torch.from_numpy(_evaluator(_parsed(self.text))(points))


def formula(text: str, low: float = -1.0, high: float = 1.0, *, noise_std: float = 0.0) -> Formula:
    """A problem with a typed target; see `Formula`."""
    return Formula(text, low, high, noise_std)


@functools.lru_cache(maxsize=256)
def _parsed(text: str) -> ast.expr:
    """The syntax tree of a formula, of which every part is allowed."""
    if len(text) > LONGEST:
        raise ValueError(f"A formula has at most {LONGEST} characters, but this has {len(text)}.")
    try:
        tree = ast.parse(text.strip().replace("^", "**"), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(
            f"{text!r} is not a formula in x, such as sin(3*x) + x^2/2; a product needs its *."
        ) from None
    _check(tree, DEEPEST)
    return tree


def _check(node: ast.expr, depth: int) -> None:
    """Raise a ValueError that names the first part of a formula that is not allowed."""
    if depth == 0:
        raise ValueError(f"This formula is nested more than {DEEPEST} levels deep.")
    match node:
        case ast.Constant(value=value) if type(value) in (int, float):
            return
        case ast.Name(id=name) if name == "x" or name in CONSTANTS:
            return
        case ast.Name(id=name):
            _unknown(name)
        case ast.UnaryOp(op=ast.UAdd() | ast.USub()):
            pass
        case ast.BinOp(op=op) if type(op) in _OPERATORS:
            pass
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            if name not in FUNCTIONS:
                _unknown(name)
            count = FUNCTIONS[name][0]
            if len(arguments) != count:
                raise ValueError(f"{name} takes {count} argument(s), but has {len(arguments)}.")
        case _:
            raise ValueError(f"{ast.unparse(node)!r} cannot be part of a formula.")
    for operand in _operands(node):
        _check(operand, depth - 1)


def _unknown(name: str) -> NoReturn:
    if name in FUNCTIONS:
        raise ValueError(f"{name} needs its argument in parentheses, such as {name}(x).")
    known = ", ".join(["x", *CONSTANTS, *FUNCTIONS])
    raise ValueError(f"A formula knows no {name!r}; it knows {known}.")


def _operands(node: ast.expr) -> list[ast.expr]:
    match node:
        case ast.UnaryOp(operand=operand):
            return [operand]
        case ast.BinOp(left=left, right=right):
            return [left, right]
        case ast.Call(args=arguments):
            return arguments
    return []


def _evaluator(tree: ast.expr) -> Evaluated:
    """A formula as a function of an array; what is not finite is not an error here."""

    def value(node: ast.expr, x: Array) -> Array:
        operands = [value(operand, x) for operand in _operands(node)]
        match node:
            case ast.Constant(value=number):
                return np.full_like(x, _float(number))
            case ast.Name(id=name):
                return x.copy() if name == "x" else np.full_like(x, CONSTANTS[name])
            case ast.UnaryOp(op=op):
                return -operands[0] if isinstance(op, ast.USub) else operands[0]
            case ast.BinOp(op=op):
                return _OPERATORS[type(op)](*operands)
            case ast.Call(func=ast.Name(id=name)):
                return FUNCTIONS[name][1](*operands)
        raise AssertionError(node)

    def evaluated(x: Array) -> Array:
        with np.errstate(all="ignore"):
            return value(tree, x)

    return evaluated


def _float(number: object) -> float:
    try:
        return float(number)  # type: ignore[arg-type]
    except OverflowError:  # a whole number of more than 308 digits
        return np.inf


def _try(tree: ast.expr, inputs: EvenlySpaced) -> None:
    """Raise a ValueError unless the formula is finite on the interval."""
    x = np.linspace(inputs.low, inputs.high, _POINTS)
    for node in _divisors(tree):
        at = _zero(_evaluator(node), x)
        if at is not None:
            raise ValueError(
                f"{ast.unparse(tree)!r} has no finite value everywhere on [{inputs.low:g}, "
                f"{inputs.high:g}]: {ast.unparse(node)!r} is 0 at x = {number(at, 4)}."
            )
    values = _evaluator(tree)(x)
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        raise ValueError(
            f"{ast.unparse(tree)!r} has no finite value everywhere on [{inputs.low:g}, "
            f"{inputs.high:g}]: it is {values[bad[0]]:g} at x = {number(x[bad[0]], 4)}."
        )


def _divisors(node: ast.expr) -> Iterator[ast.expr]:
    """The parts of a formula that must not be 0: it would be infinite there."""
    for operand in _operands(node):
        yield from _divisors(operand)
    match node:
        case ast.BinOp(op=ast.Div(), right=right):
            yield right
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.UnaryOp(op=ast.USub())):
            yield left
        case ast.Call(func=ast.Name(id="log"), args=[argument]):
            yield argument
        case ast.Call(func=ast.Name(id="tan"), args=[argument]):
            yield ast.Call(ast.Name("cos"), [argument], [])


def _zero(function: Evaluated, x: Array) -> float | None:
    """Where a function is 0, up to rounding: between the points too, with or without a sign change.

    Looks into the neighbourhoods of its smallest values again and again, each time more closely.
    """
    values = function(x)
    size = np.abs(values)
    lowest = 1e-12 * max(1.0, float(size.max(initial=0.0, where=np.isfinite(size))))
    inner = (size[1:-1] <= size[:-2]) & (size[1:-1] <= size[2:])
    starts = np.flatnonzero(np.concatenate([[True], inner, [True]]))
    starts = starts[np.argsort(size[starts])][:20]
    for start in starts.tolist():
        around = x[max(start - 1, 0) : start + 2]
        for _ in range(40):
            fine = np.linspace(around[0], around[-1], 9)
            found = np.abs(function(fine))
            least = int(np.argmin(found))
            around = fine[max(least - 1, 0) : least + 2]
        if found[least] <= lowest:
            return round(float(fine[least]), 9) + 0.0
    return None
