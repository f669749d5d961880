"""Planes over two inputs, the targets of the smallest pair of models."""

import dataclasses
import itertools

import torch

from ..arrays import finite
from ..knobs import Knob, knob
from ..models import Params, Plane
from ..plain import quoted
from .base import Uniform
from .teachers import TeacherProblem

__all__ = ["PLANES", "PlaneTarget", "plane"]

_COEFFICIENT = Knob("coefficient", 0.0, -1e6, 1e6)


@dataclasses.dataclass(frozen=True)
class PlaneTarget(TeacherProblem):
    """The target c_0 + c_1 x_1 + c_2 x_2 at uniform inputs on [-1, 1]^2; see `plane`."""

    coefficients: tuple[float, float, float]
    noise_std: float = knob(0.0, 0.0, 10.0, help="Standard deviation of noise on the labels.")

    def __post_init__(self) -> None:
        """Check the coefficients."""
        super().__post_init__()
        given = finite(self.coefficients, "coefficients")
        if given.shape != (3,):
            raise ValueError(
                f"A plane has three coefficients, but has {quoted(self.coefficients)}."
            )
        checked = tuple(_COEFFICIENT.check(value) for value in given)
        object.__setattr__(self, "coefficients", checked)

    @property
    def inputs(self) -> Uniform:
        """Two uniform coordinates."""
        return Uniform(-1.0, 1.0, 2)

    def teacher(self) -> tuple[Plane, Params]:
        """The linear model with these coefficients."""
        return Plane(), {"t": torch.tensor(self.coefficients, dtype=torch.float64, device="cpu")}

    def __str__(self) -> str:
        """The target as a formula, e.g. ``1 + x1``."""
        terms = zip(self.coefficients, ("", " x1", " x2"), strict=True)
        parts = [f"{c:g}{x}" if c != 1.0 or not x else x.strip() for c, x in terms if c != 0.0]
        return " + ".join(parts) or "0"


def plane(constant: float, first: float, second: float, *, noise_std: float = 0.0) -> PlaneTarget:
    """The problem to learn constant + first x_1 + second x_2.

    Zhang et al. (arXiv:2307.08921, Figure 1) do not state their law of the inputs; uniform is ours.

    Examples
    --------
    >>> print(plane(1, 0, 1)), print(plane(0, -0.5, 0))
    1 + x2
    -0.5 x1
    (None, None)
    """
    c0, c1, c2 = (float(_COEFFICIENT.check(value)) for value in (constant, first, second))
    return PlaneTarget((c0, c1, c2), noise_std)


PLANES = tuple(
    plane(c0, c1, c2)
    for c2, c1, c0 in itertools.product((0, 1), repeat=3)
    if (c0, c1, c2) != (0,) * 3
)
"""The seven targets of the paper: 1, x1, 1 + x1, x2, 1 + x2, x1 + x2, 1 + x1 + x2."""
