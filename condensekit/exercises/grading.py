"""All questions by name, and plain functions that a grader can call."""

from collections.abc import Callable, Mapping

from ..doors import public
from .base import Question, Verdict
from .condensation import first_lines, small_initialization
from .enough_samples import enough_samples
from .one_line import line_of_neurons
from .plateaus import order_of_events, waiting_time
from .rank import same_neurons

__all__ = ["QUESTIONS", "grade"]

QUESTIONS: dict[str, Callable[[], Question]] = {
    question.__name__: question
    for question in (
        small_initialization,
        first_lines,
        order_of_events,
        line_of_neurons,
        waiting_time,
        enough_samples,
        same_neurons,
    )
}
"""Every question by its name, in the order in which a student meets them."""


@public()
def grade(answers: Mapping[str, object]) -> dict[str, Verdict]:
    """Judge answers by the names of their questions.

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
    return {name: QUESTIONS[name]().check(answer) for name, answer in answers.items()}
