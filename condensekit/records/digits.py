"""Groups of neurons of a fully connected network that learns digits, beside what a paper prints.

The setting is that of Zhang et al., arXiv:2105.14573, Figure 5, as far as it is printed: two layers
of 400 ReLU neurons, 1,000 digits, the mean squared error, Adam with the learning rate 3e-5, and
weights of variance 1 / 400^6. Here the biases start at zero and there is one of each output, and
1,000 digits test it instead of 10,000.
"""

import dataclasses

from .. import problems
from ..experiments import Experiment
from ..measures import merge_directions
from ..models import Conv
from ..optimizers import Adam
from ..training import Run

__all__ = [
    "DIGITS",
    "MERGED_DIGITS",
    "PRINTED_AGREEMENT",
    "PRINTED_GROUPS",
    "MergedDigits",
    "merged_digits",
]

DIGITS = Experiment(
    Conv(28, kernels=400, size=28, stride=1, activation="relu"),
    problems.mnist(one_hot=True),
    Adam(lr=3e-5, steps=700),
    n_samples=1_000,
    init_std=400.0**-3,
)
"""A minute or two of training."""


@dataclasses.dataclass(frozen=True)
class MergedDigits:
    """A moment of the run, and what is left of it where each group is one neuron.

    Attributes
    ----------
    step : int
        The step.
    loss, accuracy : float
        Of the whole network; the accuracy on the test digits.
    groups : int
        Groups of neurons by `merge_directions`.
    agreement : float
        Share of test digits that the merged network takes for the same digit.
    """

    step: int
    loss: float
    groups: int
    agreement: float
    accuracy: float


PRINTED_GROUPS, PRINTED_AGREEMENT = 58, 0.985
"""On the first plateau of the loss, of 10,000 digits: arXiv:2105.14573, Figure 5."""

MERGED_DIGITS = (
    MergedDigits(0, 0.10000, 400, 1.000, 0.098),
    MergedDigits(151, 0.09039, 1, 1.000, 0.094),
    MergedDigits(242, 0.08989, 5, 1.000, 0.094),
    MergedDigits(307, 0.08363, 22, 0.851, 0.511),
    MergedDigits(404, 0.06992, 56, 0.898, 0.568),
    MergedDigits(511, 0.05591, 102, 0.949, 0.770),
    MergedDigits(622, 0.04289, 140, 0.988, 0.820),
    MergedDigits(700, 0.03646, 161, 0.979, 0.843),
)
"""What came of it here.

On the plateau of the loss at 0.0904 there is one group, and the network answers the same digit to
all images. As the loss falls, groups become more and more: about as many as are printed agree with
the whole network in nine of ten digits, and 140 in 98.8 %.
"""


def merged_digits(run: Run, index: int) -> MergedDigits:
    """What merging the neurons of one direction leaves of a `Conv` at a recorded step."""
    merged = merge_directions(run.experiment.model, run.at(index))
    return MergedDigits(
        int(run.step[index]),
        float(run.loss[index]),
        merged.model.kernels,
        merged.agreement(run.experiment.data().x_test),
        float(run.scores["test accuracy"][index]),
    )
