"""Merging: a wide network and a narrow one with nearly the same outputs, and what that shows.

`joining` knows which neurons are equal for every input, `searching` which ones carry the function
at some inputs, and `polishing` fits what is left; `report` says what all this has changed. A fit is
an approximation of the function. What condensation says of the parameters, `nearest` measures:
`places` moves neurons together without fitting anything, `arranging` knows where to start.
`directions` takes kernels of nearly one direction as one.
"""

from .directions import ALIKE, MergedDirections, merge_directions
from .equivalent import THRESHOLD, merge
from .nearest import NEAR, NearestCondensed, nearest_condensed
from .polishing import polish
from .report import Comparison, Dropped, Merged

__all__ = [
    "ALIKE",
    "NEAR",
    "THRESHOLD",
    "Comparison",
    "Dropped",
    "Merged",
    "MergedDirections",
    "NearestCondensed",
    "merge",
    "merge_directions",
    "nearest_condensed",
    "polish",
]
