"""What neurons are: their function, their places in a plane, and where they run to."""

import dataclasses

from ..words import number
from .look import Array, Range

__all__ = ["FitFrame", "NeuronFrame", "PlaneFrame", "RunawayFrame"]


@dataclasses.dataclass(frozen=True, eq=False)
class FitFrame:
    """A function of one input: target, samples and network.

    Attributes
    ----------
    x, target, network : array, shape [N]
        Curves.
    sample_x, sample_y : array, shape [n]
        The samples that the network saw.
    x_range, y_range : pair of float
        What to show; the same at all steps of a run.
    caption : str
        The picture's numbers in words.
    merged : array, shape [N], optional
        The network with each cluster merged into one neuron.
    """

    x: Array
    target: Array
    network: Array
    sample_x: Array
    sample_y: Array
    x_range: Range
    y_range: Range
    caption: str
    merged: Array | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class NeuronFrame:
    """Neurons by orientation and amplitude.

    Attributes
    ----------
    angle : array, shape [m]
        Angle of (w, b) in (-pi, pi].
    log_amplitude : array, shape [m]
        log10 of |a| |(w, b)|.
    group : array of int, shape [m]
        Group of equal neurons, the largest output first; -1: inactive.
    log_range : pair of float
        Range of `log_amplitude` to show.
    caption : str
        The picture's numbers in words.
    weights : array, shape [m, 3]
        Output weight, and the two parts of (w, b).
    parts : tuple of str
        What these three are called.
    """

    angle: Array
    log_amplitude: Array
    group: Array
    log_range: Range
    caption: str
    weights: Array
    parts: tuple[str, str, str] = ("a", "w", "b")

    def weights_of(self, neuron: int) -> str:
        """The weights of a neuron in words."""
        known = zip(self.parts, self.weights[neuron].tolist(), strict=True)
        return ", ".join(f"{name} = {number(value)}" for name, value in known)


@dataclasses.dataclass(frozen=True, eq=False)
class PlaneFrame:
    """Neurons as points of two of their weights, with the way that they came.

    Attributes
    ----------
    on, off : array, shape [m, 2]
        Neurons of the network on the set, and of the one that was pushed.
    ways : array, shape [m, T, 2]
        The ways of the latter up to now.
    x_label, y_label : str
        Which weights these are.
    x_range, y_range : pair of float
        What to show.
    caption : str
        The picture's numbers in words.
    """

    on: Array
    off: Array
    ways: Array
    x_label: str
    y_label: str
    x_range: Range
    y_range: Range
    caption: str


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
