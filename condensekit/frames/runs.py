"""What there is to see of one moment of a run."""

import dataclasses

from .look import Array, Range

__all__ = [
    "Epochs",
    "FitFrame",
    "LossFrame",
    "NeuronFrame",
    "RecoveryFrame",
    "SimilarityFrame",
]


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
    """

    angle: Array
    log_amplitude: Array
    group: Array
    log_range: Range
    caption: str


@dataclasses.dataclass(frozen=True, eq=False)
class LossFrame:
    """Loss curves up to now, on logarithmic axes.

    Attributes
    ----------
    x, loss, test_loss : array, shape [T]
        The record of the run, over steps or over flow time.
    x_label : str
        Which of the two `x` is.
    cursor : float
        The moment on `x` that the other pictures show.
    threshold : float or None
        Test error below which a target counts as recovered, a share of its mean square, where that
        is the question.
    log_x, log_range : pair of float
        Ranges of log10(x) and log10(loss) to show.
    caption : str
        The picture's numbers in words.
    epochs : Epochs or None
        The second axis of a gradient flow.
    """

    x: Array
    loss: Array
    test_loss: Array
    x_label: str
    cursor: float
    threshold: float | None
    log_x: Range
    log_range: Range
    caption: str
    epochs: "Epochs | None" = None


@dataclasses.dataclass(frozen=True)
class Epochs:
    """Flow time in epochs of gradient descent: time / lr, as long as descent follows the flow.

    Attributes
    ----------
    lr : float
        The learning rate.
    until : float
        Flow time from which on lr > 2 / lambda_max, where the axis means nothing; may be infinite.
    """

    lr: float
    until: float


@dataclasses.dataclass(frozen=True, eq=False)
class SimilarityFrame:
    """Cosines between neurons, sorted by angle.

    Attributes
    ----------
    similarity : array, shape [k, k]
        |cosine|, from 0 to 1; where `signed`, the cosine itself, from -1 to 1.
    caption : str
        The picture's numbers in words.
    signed : bool
        Whether opposite neurons compute different functions, so that the sign matters.
    level : float or None
        Mean |cosine| of random directions.
    """

    similarity: Array
    caption: str
    signed: bool = False
    level: float | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class RecoveryFrame:
    """One moment of a run, in four pictures and a sentence.

    Attributes
    ----------
    fit, neurons, loss, similarity
        The pictures.
    verdict : tuple of (str, str)
        What theory allows and what training reached: heads and sentences.
    moment : str
        Which step this is, in words.
    """

    fit: FitFrame
    neurons: NeuronFrame
    loss: LossFrame
    similarity: SimilarityFrame
    verdict: tuple[tuple[str, str], ...]
    moment: str
