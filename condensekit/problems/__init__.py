"""Problems: what a network is asked to learn, and from which samples."""

from ..streams import stream, stream_seed
from .attention import Anchors, TeacherHeads, anchors, teacher_heads
from .base import Data, EvenlySpaced, Inputs, Normal, Problem, Uniform
from .completion import Entries, MatrixCompletion, crosses, example_matrix, matrix_completion
from .condensation import SineSum, initial_condensation, relu_1d
from .csv_files import read_csv
from .formulas import Formula, formula
from .mnist import MNIST, mnist, read_mnist
from .own import Drawn, OwnData, drawn, own_data
from .planes import PLANES, PlaneTarget, plane
from .teachers import Teacher, TeacherProblem, ThreeTanh, sliding_tanh, teacher, three_tanh

__all__ = [
    "MNIST",
    "PLANES",
    "Anchors",
    "Data",
    "Drawn",
    "Entries",
    "EvenlySpaced",
    "Formula",
    "Inputs",
    "MatrixCompletion",
    "Normal",
    "OwnData",
    "PlaneTarget",
    "Problem",
    "SineSum",
    "Teacher",
    "TeacherHeads",
    "TeacherProblem",
    "ThreeTanh",
    "Uniform",
    "anchors",
    "crosses",
    "drawn",
    "example_matrix",
    "formula",
    "initial_condensation",
    "matrix_completion",
    "mnist",
    "own_data",
    "plane",
    "read_csv",
    "read_mnist",
    "relu_1d",
    "sliding_tanh",
    "stream",
    "stream_seed",
    "teacher",
    "teacher_heads",
    "three_tanh",
]
