"""Editions: what a student, a grader and a lecturer each get of the same notebooks.

Each is a pure function, notebook to notebook, of the sources in ``notebooks/``; `EDITIONS` chains
them, and `edition` translates what comes of it.
"""

from .handed import EDITIONS, Handed, edition, hand_out, sources
from .instructor import instructor
from .solutions import solutions
from .student import student
from .translated import translated

__all__ = [
    "EDITIONS",
    "Handed",
    "edition",
    "hand_out",
    "instructor",
    "solutions",
    "sources",
    "student",
    "translated",
]
