"""Merging: a wide network as the narrow one that it has condensed to.

`joining` knows which neurons are equal for every input, `searching` which ones carry the function
at some inputs, `polishing` fits the rest; `merge` says what all this has changed.
"""

from .merged import THRESHOLD, Comparison, Merged, merge
from .polishing import polish

__all__ = ["THRESHOLD", "Comparison", "Merged", "merge", "polish"]
