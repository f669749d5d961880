"""Exercises: predict, measure, check.

Expected answers are computed, never typed in; solutions are code that the tests run. A grader
calls `grade`, a student takes a question by its name: ``small_initialization()``. What a student
did is kept in the notebook's folder: `progress`, `report`, `keep_progress`.
"""

from .base import Finding, Grade, Mistake, Note, Prediction, Question, Solution, Verdict
from .condensation import first_lines, small_initialization
from .enough_samples import enough_samples
from .first_rays import mean_cosine_code, turned_over
from .functions import Code, Function, Made, NumberRows, Observed, Results, Unfit
from .grading import NOTEBOOKS, QUESTIONS, grade
from .heads import directions_of_a_head, head_starts, samples_for_a_head
from .invariant_sets import count_strata, kept_by_descent, orbit_dimension
from .keeping import Deed, keep_progress
from .kinds import Choice, Kind, Number, Ordering, Pictures, Real, Whole
from .left_out import copies_and_dropout
from .lines_and_functions import functions_on_a_line, odd_activation
from .one_line import line_of_neurons
from .own_network import own_condensation
from .pictured import equal_accuracy, kernel_matrices, started_small
from .plateaus import order_of_events, waiting_time
from .progress import Report, Shelf, Standing, of_notebook, progress, report
from .rank import same_neurons
from .ranks import degenerate_network, fewest_entries, rank_when_widened
from .saddles import zero_directions
from .scales import default_regime, depth_and_wait, slopes_of_regimes
from .second_escape import second_escape
from .theory_and_training import shared_kernels, smaller_starts, wider_networks

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
    "copies_and_dropout",
    "count_strata",
    "default_regime",
    "degenerate_network",
    "depth_and_wait",
    "directions_of_a_head",
    "enough_samples",
    "equal_accuracy",
    "fewest_entries",
    "first_lines",
    "functions_on_a_line",
    "grade",
    "head_starts",
    "keep_progress",
    "kept_by_descent",
    "kernel_matrices",
    "line_of_neurons",
    "mean_cosine_code",
    "odd_activation",
    "of_notebook",
    "orbit_dimension",
    "order_of_events",
    "own_condensation",
    "progress",
    "rank_when_widened",
    "report",
    "same_neurons",
    "samples_for_a_head",
    "second_escape",
    "shared_kernels",
    "slopes_of_regimes",
    "small_initialization",
    "smaller_starts",
    "started_small",
    "turned_over",
    "waiting_time",
    "wider_networks",
    "zero_directions",
]
