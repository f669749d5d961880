"""Merging: a wide network and a narrow one with nearly the same outputs, and what that shows.

`joining` knows which neurons are equal for every input, `searching` which ones carry the function
at some inputs, and `polishing` fits what is left; `report` says what all this has changed. A fit is
an approximation of the function. What condensation says of the parameters, `nearest` measures:
`places` moves neurons together without fitting anything, `arranging` knows where to start.
"""

from .equivalent import THRESHOLD, merge
from .nearest import NEAR, NearestCondensed, nearest_condensed
from .polishing import polish
from .report import Comparison, Dropped, Merged

__all__ = [
    "NEAR",
    "THRESHOLD",
    "Comparison",
    "Dropped",
    "Merged",
    "NearestCondensed",
    "merge",
    "nearest_condensed",
    "polish",
]
