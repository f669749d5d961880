"""Models: formulas without their weights."""

from .attention import Attention, Transformer
from .base import Model, Params
from .convolution import TwoLayerConv
from .deep import Deep
from .factorization import MatrixFactorization
from .fitting import check_params
from .image import Conv
from .module import FromModule
from .parameters import flat, named, params
from .planes import Plane, ProductPlane
from .two_layer import TwoLayer

__all__ = [
    "Attention",
    "Conv",
    "Deep",
    "FromModule",
    "MatrixFactorization",
    "Model",
    "Params",
    "Plane",
    "ProductPlane",
    "Transformer",
    "TwoLayer",
    "TwoLayerConv",
    "check_params",
    "flat",
    "named",
    "params",
]
