"""A test before and after a course on condensation, and what was gained.

Two forms ask for the same ten concepts in other numbers: print one with ``form("A")``; ``key("A")``
has the answers, which are computed. `score` reads a table of what students answered.
"""

from .concepts import Item
from .gain import Gain, GainEstimate, QuestionScore, score
from .questions import CONCEPTS, FORMS, form, items, key

__all__ = [
    "CONCEPTS",
    "FORMS",
    "Gain",
    "GainEstimate",
    "Item",
    "QuestionScore",
    "form",
    "items",
    "key",
    "score",
]
