"""Did a network recover its target: what theory allows and what training reached, apart."""

import dataclasses

from ..exact import NoTheorem, TooNarrow, target_sample_size
from ..experiments import Experiment
from ..problems import TeacherProblem
from ..training import Run
from .neurons import ACTIVE, SAME
from .simplicity import Simplicity, simplicity

__all__ = ["RECOVERED", "Recovery", "recovery", "theory"]

RECOVERED = 1e-3
"""A target is recovered if the test error, a mean squared error, is below this."""


@dataclasses.dataclass(frozen=True)
class Recovery:
    """Did the network recover its target? What theory allows and what training reached, apart.

    Attributes
    ----------
    n_samples : int
        Samples that the network saw.
    optimistic_sample_size : int or None
        Fewest samples that theory asks for; None where there is no theorem.
    allowed : bool or None
        Whether theory allows the recovery: n_samples >= optimistic_sample_size.
    reached : bool
        Whether training reached it: test_error < threshold.
    test_error, threshold : float
        Mean squared error on the test points, and the largest one that counts as recovered.
    simplicity : Simplicity
        As how many neurons the network acts, or what takes their place in its family.
    n_parameters : int
        Parameters of the network that learned.
    moment : str
        Where this was measured: step, or flow time.
    reason : str
        Why theory says what it says.
    """

    n_samples: int
    optimistic_sample_size: int | None
    allowed: bool | None
    reached: bool
    test_error: float
    threshold: float
    simplicity: Simplicity
    n_parameters: int
    moment: str
    reason: str

    def __str__(self) -> str:
        """The verdict in two sentences."""
        theory = {True: "Allowed by theory", False: "Not allowed by theory", None: "Theory"}
        met = "Reached by training" if self.reached else "Not reached by training"
        sign = "<" if self.reached else ">="
        return (
            f"{theory[self.allowed]}: {self.reason} "
            f"{met}: test error {self.test_error:.1e} {sign} {self.threshold:g} "
            f"at {self.moment}. {self.simplicity}"
        )

    @property
    def groups(self) -> int:
        """As how many neurons the network acts; groups of equal kernels, or a rank."""
        return self.simplicity.acts_as

    @property
    def width(self) -> int:
        """Neurons or kernels of the network, or the largest rank that it can have."""
        return self.simplicity.width


def recovery(
    run: Run,
    threshold: float = RECOVERED,
    index: int = -1,
    same: float = SAME,
    active: float = ACTIVE,
) -> Recovery:
    """Judge a run, at its last recorded step or at another.

    Parameters
    ----------
    run : Run
        A run on a problem whose target is a network.
    threshold : float
        Largest test error, a mean squared error, that counts as recovered.
    index : int
        Which recorded step to judge.
    same, active : float
        How equal kernels are counted, see `groups`, and singular values: see `simplicity`.

    Raises
    ------
    ValueError
        If the threshold is not a positive number.
    """
    if not threshold > 0:
        raise ValueError(f"threshold must be a positive number, but is {threshold!r}.")
    experiment = run.experiment
    size, allowed, reason = theory(experiment)
    error = float(run.test_loss[index])
    return Recovery(
        n_samples=experiment.n_samples,
        optimistic_sample_size=size,
        allowed=allowed,
        reached=error < threshold,
        test_error=error,
        threshold=threshold,
        simplicity=simplicity(
            experiment.model, run.at(index), experiment.data(), same=same, active=active
        ),
        n_parameters=experiment.model.n_parameters,
        moment=run.moment(index),
        reason=reason,
    )


def theory(experiment: Experiment) -> tuple[int | None, bool | None, str]:
    """What theory says of an experiment before anybody trains it.

    Returns
    -------
    optimistic sample size : int or None
        Fewest samples that theory asks for; None where there is no theorem.
    allowed : bool or None
        Whether the experiment has as many.
    reason : str
        Why, in a sentence.
    """
    problem, n = experiment.problem, experiment.n_samples
    if not isinstance(problem, TeacherProblem):
        return None, None, "no theorem here: the target is not a network."
    try:
        size = target_sample_size(experiment.model, *problem.teacher()).size
    except NoTheorem as error:
        text = str(error)
        return None, None, text[0].lower() + text[1:]
    except TooNarrow as error:
        return None, False, str(error)
    sign = ">=" if n >= size else "<"
    return size, n >= size, f"{n:,} samples {sign} {size}, the optimistic sample size."
