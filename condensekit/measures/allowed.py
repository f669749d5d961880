"""What theory allows: whether these very samples can tell a target from its neighbours."""

import dataclasses
import enum
import functools

import numpy as np

from ..derivatives import jacobian
from ..doors import public
from ..exact import (
    NoExactMethod,
    NoTheorem,
    SampleRank,
    TooNarrow,
    at_the_target,
    target_sample_rank,
    target_sample_size,
)
from ..experiments import Experiment
from ..models import Model, TwoLayer
from ..problems import TeacherProblem
from ..words import many, number

__all__ = ["BARELY", "Allows", "Theory", "theory"]

BARELY = 1e-6
"""Samples that see less of one direction than this share of another are enough, but barely.

Along such a direction an error of 1 leaves a loss of 1e-12.
"""


_ROUNDING = 1e-15
"""Shares below this are rounding, and not told apart."""
MOST_ENTRIES = 100_000
"""Numbers in the largest matrix of which singular values are taken beside the proof."""


class Allows(enum.StrEnum):
    """What theory says of a target, a network and these very samples."""

    YES = "allowed"
    TOO_FEW = "too few samples"
    NOT_THESE = "enough in number, but not these samples"
    TOO_NARROW = "too narrow"
    UNDECIDED = "cannot tell"
    NOISY = "labels with noise"
    NO_THEOREM = "no theorem"


_HEADS = {
    Allows.YES: "Allowed by theory",
    Allows.TOO_FEW: "Not allowed to first order",
    Allows.NOT_THESE: "Not allowed to first order",
    Allows.TOO_NARROW: "Not allowed",
    Allows.UNDECIDED: "Theory cannot tell",
    Allows.NOISY: "Theory cannot tell",
    Allows.NO_THEOREM: "Theory",
}


@dataclasses.dataclass(frozen=True)
class Theory:
    """What theory says of an experiment before anybody trains it.

    Attributes
    ----------
    says : Allows
        The verdict on these samples, in a word. `TOO_FEW` and `NOT_THESE` are meant to first
        order: some direction changes the function and none of the samples, as far as derivatives
        see it, so that the theorem of local linear recovery does not hold.
    size : int or None
        Optimistic sample size; None where there is no theorem.
    samples : SampleRank or None
        Rank of the target's tangent functions on the samples; None where it was not asked for.
    reason : str
        Why, in sentences.
    """

    says: Allows
    size: int | None
    samples: SampleRank | None
    reason: str

    @property
    def allowed(self) -> bool | None:
        """True only if these samples are proven to be enough; None where theory cannot tell."""
        if self.says in (Allows.UNDECIDED, Allows.NOISY, Allows.NO_THEOREM):
            return None
        return self.says is Allows.YES

    @property
    def head(self) -> str:
        """The verdict as the head of a sentence, e.g. ``Not allowed to first order``."""
        return _HEADS[self.says]


@public()
def theory(experiment: Experiment) -> Theory:
    """What theory says of the samples of an experiment before anybody trains it.

    From fewer samples than the optimistic sample size nothing is allowed; that many are enough for
    almost all inputs, and whether these are among them is computed, see `target_sample_rank`.

    Examples
    --------
    >>> from condensekit import Experiment, TwoLayer, three_tanh
    >>> base = Experiment(TwoLayer(1, 500), three_tanh())
    >>> for n in (8, 9, 10):
    ...     print(theory(base.replace(n_samples=n)).says)
    too few samples
    enough in number, but not these samples
    allowed
    """
    problem, n, seed = experiment.problem, experiment.n_samples, experiment.seed
    if not isinstance(problem, TeacherProblem):
        return _nothing("no theorem here: the target is not a network.")
    try:
        size = target_sample_size(experiment.model, *problem.teacher()).size
    except NoTheorem as error:
        text = str(error)
        return _nothing(text[0].lower() + text[1:])
    except TooNarrow as error:
        return Theory(Allows.TOO_NARROW, None, None, str(error))
    samples = many(n, "sample")
    if n < size:
        reason = f"{samples} < {size}, the optimistic sample size."
        return Theory(Allows.TOO_FEW, size, None, reason)
    reason = f"{samples} >= {size}, the optimistic sample size"
    try:
        found = _on_samples(_family(experiment.model), problem, n, seed, size)
    except NoExactMethod as error:
        return Theory(Allows.UNDECIDED, size, None, f"{reason}, but for these: {error}")
    if found.enough is None:
        unproven = "more is not found, and not excluded."
        return Theory(Allows.UNDECIDED, size, found, f"{reason}, but {found} is proven: {unproven}")
    if not found.enough:
        return Theory(Allows.NOT_THESE, size, found, f"{reason}, but not these: {found}.")
    if problem.noise_std > 0:
        noisy = (
            f"{reason}, and {found}, which would be enough for the target's own labels. These have "
            f"noise of standard deviation {problem.noise_std:g}, of which the theorem says nothing."
        )
        return Theory(Allows.NOISY, size, found, noisy)
    weakest = _weakest(_family(experiment.model), problem, n, seed)
    barely = ""
    if weakest < BARELY:
        less = "" if weakest > _ROUNDING else "less than "
        share = less + number(max(weakest, _ROUNDING), 1)
        barely = f", but barely: of one direction they see {share} of what they see of another"
    return Theory(Allows.YES, size, found, f"{reason}; {found}{barely}.")


def _nothing(reason: str) -> Theory:
    return Theory(Allows.NO_THEOREM, None, None, reason)


def _family(model: Model) -> Model:
    """One model for all widths: the rank on samples does not depend on the width of the student."""
    return model.replace(width=1) if "width" in model.knobs() else model


@functools.lru_cache(maxsize=4_096)
def _on_samples(
    model: Model, problem: TeacherProblem, n_samples: int, seed: int, size: int
) -> SampleRank:
    """`target_sample_rank`, which a sweep or a lab asks for again and again."""
    x = problem.data(n_samples, seed).x
    return target_sample_rank(model, *problem.teacher(), x, size)


@functools.lru_cache(maxsize=4_096)
def _weakest(model: Model, problem: TeacherProblem, n_samples: int, seed: int) -> float:
    """Smallest singular value over the largest, of tangent functions that are equally large.

    In floats, and so no proof of anything. Asked of fully connected networks only, up to
    `MOST_ENTRIES`; 1 for others.
    """
    if not isinstance(model, TwoLayer):
        return 1.0
    narrow, params = at_the_target(model, *problem.teacher())
    if n_samples * narrow.n_parameters > MOST_ENTRIES:
        return 1.0
    rows = jacobian(narrow, params, problem.data(n_samples, seed).x).numpy()
    size = np.linalg.norm(rows, axis=0)
    values = np.linalg.svd(rows / np.where(size > 0.0, size, 1.0), compute_uv=False)
    return float(values[-1] / values[0])
