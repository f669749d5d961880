"""All questions by name, and plain functions that a grader can call."""

from collections.abc import Callable, Mapping

from ..doors import public
from .base import Question, Verdict
from .condensation import first_lines, small_initialization
from .enough_samples import enough_samples
from .one_line import line_of_neurons
from .plateaus import order_of_events, waiting_time
from .rank import same_neurons

__all__ = ["NOTEBOOKS", "QUESTIONS", "grade"]

NOTEBOOKS: dict[str, tuple[Callable[[], Question], ...]] = {
    "05": (small_initialization, order_of_events, line_of_neurons, waiting_time),
    "02": (first_lines,),
    "06": (enough_samples, same_neurons),
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
