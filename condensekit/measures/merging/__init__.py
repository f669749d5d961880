"""Merging: a wide network as the narrow one that it has condensed to.

`joining` knows which neurons are equal for every input, `searching` which ones carry the function
at some inputs, and `polishing` fits what is left; `report` says what all this has changed.
"""

from .equivalent import THRESHOLD, merge
from .polishing import polish
from .report import Comparison, Dropped, Merged

__all__ = ["THRESHOLD", "Comparison", "Dropped", "Merged", "merge", "polish"]
