"""Models: formulas without their weights."""

from .base import Model, Params, check_params
from .convolution import TwoLayerConv
from .deep import Deep
from .factorization import MatrixFactorization
from .two_layer import TwoLayer

__all__ = [
    "Deep",
    "MatrixFactorization",
    "Model",
    "Params",
    "TwoLayer",
    "TwoLayerConv",
    "check_params",
]
