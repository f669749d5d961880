"""Problems: what a network is asked to learn, and from which samples."""

from .base import Data, Grid, Inputs, Normal, Problem, Uniform, stream
from .teachers import Teacher, TeacherProblem, ThreeTanh, teacher, three_tanh

__all__ = [
    "Data",
    "Grid",
    "Inputs",
    "Normal",
    "Problem",
    "Teacher",
    "TeacherProblem",
    "ThreeTanh",
    "Uniform",
    "stream",
    "teacher",
    "three_tanh",
]
