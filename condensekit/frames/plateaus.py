"""The frame of a plateau: neurons that run away, and what they add up to."""

import dataclasses

from .look import Array, Range

__all__ = ["RunawayFrame"]


@dataclasses.dataclass(frozen=True, eq=False)
class RunawayFrame:
    """Merged neurons of one input, their sum, and the polynomial that it tends to.

    Attributes
    ----------
    x : array, shape [N]
        Inputs.
    neurons : array, shape [k, N]
        What each merged neuron adds to the output.
    total, limit : array, shape [N]
        Their sum; the best odd polynomial with k terms.
    sample_x, sample_y : array, shape [n]
        The samples.
    x_range, y_range : pair of float
        What to show of inputs and neurons.
    near_range : pair of float
        What to show of their sum.
    caption : str
        The picture's numbers in words.
    """

    x: Array
    neurons: Array
    total: Array
    limit: Array
    sample_x: Array
    sample_y: Array
    x_range: Range
    y_range: Range
    near_range: Range
    caption: str
