"""Problems: what a network is asked to learn, and from which samples."""

from .base import Data, Grid, Inputs, Normal, Problem, Uniform, stream, stream_seed
from .condensation import SineSum, initial_condensation, relu_1d
from .formulas import Formula, formula
from .own import Drawn, OwnData, drawn, own_data, read_csv
from .teachers import Teacher, TeacherProblem, ThreeTanh, teacher, three_tanh

__all__ = [
    "Data",
    "Drawn",
    "Formula",
    "Grid",
    "Inputs",
    "Normal",
    "OwnData",
    "Problem",
    "SineSum",
    "Teacher",
    "TeacherProblem",
    "ThreeTanh",
    "Uniform",
    "drawn",
    "formula",
    "initial_condensation",
    "own_data",
    "read_csv",
    "relu_1d",
    "stream",
    "stream_seed",
    "teacher",
    "three_tanh",
]
