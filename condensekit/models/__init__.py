"""Models: formulas without their weights."""

from .attention import Attention, PreciseTransformer, Transformer
from .base import Model, Params
from .convolution import TwoLayerConv
from .deep import Deep
from .factorization import MatrixFactorization
from .fitting import check_params
from .image import Conv
from .module import FromModule
from .parameters import flat, named, params
from .planes import Plane, ProductPlane
from .regimes import INITIALIZATIONS, Initialization, boundary, gammas, regime
from .scaled import ScaledTwoLayer
from .two_layer import TwoLayer

__all__ = [
    "INITIALIZATIONS",
    "Attention",
    "Conv",
    "Deep",
    "FromModule",
    "Initialization",
    "MatrixFactorization",
    "Model",
    "Params",
    "Plane",
    "PreciseTransformer",
    "ProductPlane",
    "ScaledTwoLayer",
    "Transformer",
    "TwoLayer",
    "TwoLayerConv",
    "boundary",
    "check_params",
    "flat",
    "gammas",
    "named",
    "params",
    "regime",
]
