"""Outputs, gradients, Jacobians and Hessians: autodiff for any model, closed forms for a few.

This is the one place where speed lives. The closed forms are the only second path of the package;
`tests/test_derivatives.py` holds them equal to automatic differentiation of the one-line formula.
"""

from . import blocks, factorization, image  # noqa: F401  they register their closed forms
from .curvature import Curvature, Lagging, curvature, dense
from .gradients import autodiff, evaluate, loss_and_gradient
from .jacobian import autodiff_jacobian, jacobian
from .landscape import Landscape

__all__ = [
    "Curvature",
    "Lagging",
    "Landscape",
    "autodiff",
    "autodiff_jacobian",
    "curvature",
    "dense",
    "evaluate",
    "jacobian",
    "loss_and_gradient",
]
