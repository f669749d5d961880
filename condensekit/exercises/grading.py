"""All questions by name, and plain functions that a grader can call."""

from collections.abc import Callable, Mapping

from ..doors import public
from .base import Question, Verdict
from .condensation import first_lines, small_initialization
from .enough_samples import enough_samples
from .first_rays import mean_cosine_code, turned_over
from .heads import directions_of_a_head, head_starts, samples_for_a_head
from .invariant_sets import count_strata, kept_by_descent, orbit_dimension
from .left_out import copies_and_dropout
from .lines_and_functions import functions_on_a_line, odd_activation
from .one_line import line_of_neurons
from .own_network import own_condensation
from .pictured import equal_accuracy, kernel_matrices, started_small
from .plateaus import order_of_events, waiting_time
from .rank import same_neurons
from .ranks import degenerate_network, fewest_entries, rank_when_widened
from .saddles import zero_directions
from .scales import default_regime, depth_and_wait, slopes_of_regimes
from .second_escape import second_escape
from .theory_and_training import shared_kernels, smaller_starts, wider_networks

__all__ = ["NOTEBOOKS", "QUESTIONS", "grade"]

NOTEBOOKS: dict[str, tuple[Callable[[], Question], ...]] = {
    "00": (small_initialization, started_small),
    "01": (turned_over, mean_cosine_code, own_condensation),
    "02": (first_lines, odd_activation, functions_on_a_line),
    "03": (kernel_matrices, equal_accuracy),
    "04": (directions_of_a_head, samples_for_a_head, head_starts),
    "05": (order_of_events, line_of_neurons, waiting_time, second_escape),
    "06": (enough_samples, same_neurons, rank_when_widened, degenerate_network),
    "07": (fewest_entries, shared_kernels, smaller_starts, wider_networks),
    "08": (kept_by_descent, orbit_dimension, count_strata, zero_directions),
    "09": (slopes_of_regimes, default_regime, copies_and_dropout, depth_and_wait),
}
"""The questions of each notebook, in the order in which a student meets them."""

QUESTIONS: dict[str, Callable[[], Question]] = {
    question.__name__: question for questions in NOTEBOOKS.values() for question in questions
}
"""Every question by its name."""


@public()
def grade(answers: Mapping[str, object]) -> dict[str, Verdict]:
    """Judge answers by the names of their questions; nothing of it is kept.

    Parameters
    ----------
    answers : mapping
        Answers by name, a part of them or all; see `QUESTIONS`.

    Returns
    -------
    dict of Verdict
        In the order of `answers`. For JSON: ``dataclasses.asdict(verdict)``.

    Raises
    ------
    ValueError
        If there is no question of that name.

    Examples
    --------
    >>> [str(v.grade) for v in grade({"same_neurons": 12, "enough_samples": ...}).values()]
    ['incorrect', 'not attempted']
    """
    unknown = [name for name in answers if name not in QUESTIONS]
    if unknown:
        raise ValueError(
            f"There is no question {unknown[0]!r}; the questions are {', '.join(QUESTIONS)}."
        )
    return {name: QUESTIONS[name]().judge(answer) for name, answer in answers.items()}
