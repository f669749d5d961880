"""Models: formulas without their weights."""

from .base import Model, Params, check_params
from .convolution import TwoLayerConv
from .deep import Deep
from .factorization import MatrixFactorization
from .planes import Plane, ProductPlane
from .two_layer import TwoLayer

__all__ = [
    "Deep",
    "MatrixFactorization",
    "Model",
    "Params",
    "Plane",
    "ProductPlane",
    "TwoLayer",
    "TwoLayerConv",
    "check_params",
]
