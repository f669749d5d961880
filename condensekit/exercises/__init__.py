"""Exercises: predict, measure, check.

Expected answers are computed, never typed in; solutions are code that the tests run. A grader
calls `grade`, a student takes a question by its name: ``small_initialization()``. What a student
did is kept in the notebook's folder: `progress`, `report`, `keep`.
"""

from .base import Finding, Grade, Mistake, Note, Prediction, Question, Solution, Verdict
from .condensation import first_lines, small_initialization
from .enough_samples import enough_samples
from .functions import Code, Function, Made, NumberRows, Observed, Results, Unfit
from .grading import NOTEBOOKS, QUESTIONS, grade
from .keeping import Deed, keep
from .kinds import Choice, Kind, Number, Ordering, Pictures, Real, Whole
from .one_line import line_of_neurons
from .plateaus import order_of_events, waiting_time
from .progress import Report, Shelf, Standing, of_notebook, progress, report
from .rank import same_neurons

__all__ = [
    "NOTEBOOKS",
    "QUESTIONS",
    "Choice",
    "Code",
    "Deed",
    "Finding",
    "Function",
    "Grade",
    "Kind",
    "Made",
    "Mistake",
    "Note",
    "Number",
    "NumberRows",
    "Observed",
    "Ordering",
    "Pictures",
    "Prediction",
    "Question",
    "Real",
    "Report",
    "Results",
    "Shelf",
    "Solution",
    "Standing",
    "Unfit",
    "Verdict",
    "Whole",
    "enough_samples",
    "first_lines",
    "grade",
    "keep",
    "line_of_neurons",
    "of_notebook",
    "order_of_events",
    "progress",
    "report",
    "same_neurons",
    "small_initialization",
    "waiting_time",
]
