"""Exercises: predict, measure, check.

Expected answers are computed, never typed in; solutions are code that the tests run. A grader
calls `grade`, a student takes a question by its name: ``small_initialization()``.
"""

from .base import Finding, Grade, Mistake, Note, Prediction, Question, Solution, Verdict
from .condensation import first_lines, small_initialization
from .enough_samples import enough_samples
from .functions import Code, Function, Made, Results, Rows, Seen, Unfit
from .grading import QUESTIONS, grade
from .kinds import Choice, Kind, Number, Ordering, Pictures, Real, Whole
from .one_line import line_of_neurons
from .plateaus import order_of_events, waiting_time
from .rank import same_neurons

__all__ = [
    "QUESTIONS",
    "Choice",
    "Code",
    "Finding",
    "Function",
    "Grade",
    "Kind",
    "Made",
    "Mistake",
    "Note",
    "Number",
    "Ordering",
    "Pictures",
    "Prediction",
    "Question",
    "Real",
    "Results",
    "Rows",
    "Seen",
    "Solution",
    "Unfit",
    "Verdict",
    "Whole",
    "enough_samples",
    "first_lines",
    "grade",
    "line_of_neurons",
    "order_of_events",
    "same_neurons",
    "small_initialization",
    "waiting_time",
]
