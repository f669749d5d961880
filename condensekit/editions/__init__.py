"""Editions: what a student, a grader and a lecturer each get of the same notebooks.

Each is a pure function, notebook to notebook, of the sources in ``notebooks/``; `EDITIONS` chains
them. Another such function, a translation of the texts say, is best called before them: the
instructor's edition parts texts at their headings.
"""

from .handed import EDITIONS, Handed, edition, hand_out, sources
from .instructor import instructor
from .solutions import solutions
from .student import student

__all__ = [
    "EDITIONS",
    "Handed",
    "edition",
    "hand_out",
    "instructor",
    "solutions",
    "sources",
    "student",
]
