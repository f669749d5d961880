"""Problems: what a network is asked to learn, and from which samples."""

from .base import Data, Grid, Inputs, Normal, Problem, Uniform, stream
from .completion import Entries, MatrixCompletion, crosses, example_matrix, matrix_completion
from .planes import PLANES, PlaneTarget, plane
from .teachers import Teacher, TeacherProblem, ThreeTanh, sliding_tanh, teacher, three_tanh

__all__ = [
    "PLANES",
    "Data",
    "Entries",
    "Grid",
    "Inputs",
    "MatrixCompletion",
    "Normal",
    "PlaneTarget",
    "Problem",
    "Teacher",
    "TeacherProblem",
    "ThreeTanh",
    "Uniform",
    "crosses",
    "example_matrix",
    "matrix_completion",
    "plane",
    "sliding_tanh",
    "stream",
    "teacher",
    "three_tanh",
]
