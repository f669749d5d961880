"""Did a network recover its target: what theory allows and what training reached, apart."""

import dataclasses
import functools
from collections.abc import Callable

from ..checks import a_number
from ..doors import public
from ..experiments import Experiment
from ..losses import mean_squared_error, relative_squared_error
from ..problems import Problem
from ..training import Run
from ..words import number
from .allowed import Theory, theory
from .neurons import ACTIVE, SAME, check_thresholds
from .simplicity import Simplicity, simplicity

__all__ = [
    "RECOVERED",
    "SHARP",
    "Recovery",
    "recovery",
    "target_square",
]

RECOVERED = 1e-3
"""A target is recovered if the test error, over the target's mean square, is below this share."""
SHARP = 1e-8
"""It is recovered sharply below this share: as far as a loss that was made as small leads."""


@dataclasses.dataclass(frozen=True)
class Recovery:
    """Did the network recover its target? What theory allows and what training reached, apart.

    Attributes
    ----------
    theory : Theory
        What theory says of these samples.
    n_samples : int
        Samples that the network saw.
    test_error : float
        Loss on the test points.
    relative_error : float or None
        Mean squared error over the mean square of the target, on the test points; None where
        nobody can say: the target is zero, or the loss is another one.
    threshold, sharp_threshold : float
        Relative errors below which a target counts as recovered, and as recovered sharply.
    judged : callable
        Gives `simplicity` when it is first asked for: that takes longer than all the rest.
    n_parameters : int
        Parameters of the network that learned.
    moment : str
        Where this was measured: step, or flow time.
    notes : tuple of str
        What these samples cannot say, in sentences.
    """

    theory: Theory
    n_samples: int
    test_error: float
    relative_error: float | None
    threshold: float
    sharp_threshold: float
    judged: Callable[[], Simplicity] = dataclasses.field(repr=False, compare=False)
    n_parameters: int
    moment: str
    notes: tuple[str, ...] = ()

    @functools.cached_property
    def simplicity(self) -> Simplicity:
        """As how many neurons the network acts, or what takes their place in its family."""
        return self.judged()

    @property
    def optimistic_sample_size(self) -> int | None:
        """Fewest samples that theory asks for; None where there is no theorem."""
        return self.theory.size

    @property
    def allowed(self) -> bool | None:
        """Whether theory allows the recovery from these very samples, see `Theory.allowed`."""
        return self.theory.allowed

    @property
    def reason(self) -> str:
        """Why theory says what it says."""
        return self.theory.reason

    @property
    def reached(self) -> bool | None:
        """Whether training reached it: relative_error < threshold; None if nobody can say."""
        return None if self.relative_error is None else self.relative_error < self.threshold

    @property
    def sharp(self) -> bool | None:
        """Whether it reached it sharply: relative_error < sharp_threshold."""
        if self.relative_error is None:
            return None
        return self.relative_error < self.sharp_threshold

    @property
    def training_head(self) -> str:
        """What training reached as the head of a sentence, e.g. ``Not reached by training``."""
        if self.reached is None:
            return "Training cannot be judged"
        return "Reached by training" if self.reached else "Not reached by training"

    def __str__(self) -> str:
        """The verdict in sentences."""
        met = f"test error {number(self.test_error)}"
        if self.relative_error is not None:
            sign = "<" if self.reached else ">="
            met = f"relative test error {number(self.relative_error)} {sign} {self.threshold:g}"
        met += f"{', sharply,' if self.sharp else ''} at {self.moment}."
        parts = f"{self.theory.head}: {self.reason}", f"{self.training_head}: {met}", *self.notes
        return " ".join([*parts, str(self.simplicity)])

    @property
    def groups(self) -> int:
        """As how many neurons the network acts; groups of equal kernels, or a rank."""
        return self.simplicity.acts_as

    @property
    def width(self) -> int:
        """Neurons or kernels of the network, or the largest rank that it can have."""
        return self.simplicity.width


@public(but=["index"])
def recovery(
    run: Run,
    threshold: float = RECOVERED,
    index: int = -1,
    same: float = SAME,
    active: float = ACTIVE,
    sharp: float = SHARP,
) -> Recovery:
    """Did training recover the target? What theory allows and what the run reached, apart.

    Parameters
    ----------
    run : Run
        A run on a problem whose target is a network.
    threshold : float
        Largest test error that counts as recovered, as a share of the target's mean square.
    index : int
        Which recorded step to judge.
    same, active : float
        How equal kernels are counted, see `groups`, and singular values: see `simplicity`.
    sharp : float
        Largest relative test error that counts as sharp recovery.

    Raises
    ------
    ValueError
        If a threshold is not a positive number.
    """
    for name, value in (("threshold", threshold), ("sharp", sharp)):
        a_number(name, value, above=0.0)
    check_thresholds(same, active)
    experiment = run.experiment
    # Copies: of a run that trains, the latest step is written over.
    params = {name: leaf.clone() for name, leaf in run.at(index).items()}
    error, scale = float(run.test_loss[index]), target_square(experiment)
    return Recovery(
        theory=theory(experiment),
        n_samples=experiment.n_samples,
        test_error=error,
        relative_error=None if scale is None else error / scale,
        threshold=threshold,
        sharp_threshold=sharp,
        judged=lambda: simplicity(
            experiment.model, params, experiment.data(), same=same, active=active
        ),
        n_parameters=experiment.model.n_parameters,
        moment=run.moment(index),
        notes=_labels(experiment)[1],
    )


# Training ---------------------------------------------------------------------------------------

_ZERO = (
    "The target is zero at all test points: no error is small beside it, and whether it was "
    "recovered cannot be said."
)
_OTHER_LOSS = "The loss is no squared error, so that no share of the target is left over."
_EQUAL = (
    "All labels are equal: a constant fits them, and they alone cannot tell the target from it."
)
_NOISE = "The labels have noise: whoever fits them exactly fits the noise, too."


@public()
def target_square(experiment: Experiment) -> float | None:
    """What a test error is measured against: the mean square of the target on the test points.

    It is 1 where the loss is relative by itself, and None where nothing can be said: the target is
    zero, or the loss is no squared error.
    """
    return _labels(experiment)[0]


def _labels(experiment: Experiment) -> tuple[float | None, tuple[str, ...]]:
    return _said(experiment.problem, experiment.n_samples, experiment.seed)


@functools.lru_cache(maxsize=4_096)
def _said(problem: Problem, n_samples: int, seed: int) -> tuple[float | None, tuple[str, ...]]:
    """What an error is measured against, and what the labels cannot say."""
    if problem.loss not in (mean_squared_error, relative_squared_error):
        return None, (_OTHER_LOSS,)
    data = problem.data(n_samples, seed)
    scale = float(data.y_test.double().square().mean())
    if scale == 0.0:
        return None, (_ZERO,)
    notes = []
    if n_samples > 1 and bool((data.y == data.y[:1]).all()):
        notes.append(_EQUAL)
    if problem.noise_std > 0:
        notes.append(_NOISE)
    return 1.0 if problem.loss is relative_squared_error else scale, tuple(notes)
