"""The model in SymPy: its formula, its tangent functions, and its rank with a proof.

An oracle for the numerical rank and for the one over finite fields: it shares the model's formula
with them, and no algorithm.
"""

from .formula import TangentFunctions, inputs, parameters, sympy_formula, tangent_functions
from .rank import Relation, SymbolicRank, Unproven, symbolic_rank
from .substitution import LARGEST_EXPONENT, Substitution
from .theorem import Confirmation, confirm, generic_point, taylor_determinant

__all__ = [
    "LARGEST_EXPONENT",
    "Confirmation",
    "Relation",
    "Substitution",
    "SymbolicRank",
    "TangentFunctions",
    "Unproven",
    "confirm",
    "generic_point",
    "inputs",
    "parameters",
    "symbolic_rank",
    "sympy_formula",
    "tangent_functions",
    "taylor_determinant",
]
