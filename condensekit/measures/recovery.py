"""Did a network recover its target: what theory allows and what training reached, apart."""

import dataclasses
import math

from ..exact import NoTheorem, optimistic_sample_size
from ..experiments import Experiment
from ..models import Params, TwoLayer
from ..problems import TeacherProblem
from ..training import Run
from .neurons import ACTIVE, SAME, groups, neurons

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
    groups : int
        Number of groups of equal neurons, see `groups`.
    width, n_parameters : int
        Neurons and parameters of the network that learned.
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
    groups: int
    width: int
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
            f"at {self.moment}. "
            f"{self.width:,} neurons ({self.n_parameters:,} parameters) act as {self.groups}."
        )


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
        How the groups of equal neurons are counted, see `groups`.

    Raises
    ------
    ValueError
        If the threshold is not a positive number.
    """
    if not threshold > 0:
        raise ValueError(f"threshold must be a positive number, but is {threshold!r}.")
    experiment = run.experiment
    size, allowed, reason = theory(experiment)
    labels = groups(experiment.model, run.at(index), same, active)
    error = float(run.test_loss[index])
    return Recovery(
        n_samples=experiment.n_samples,
        optimistic_sample_size=size,
        allowed=allowed,
        reached=error < threshold,
        test_error=error,
        threshold=threshold,
        groups=int(labels.max()) + 1,
        width=len(labels),
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
    model, problem, n = experiment.model, experiment.problem, experiment.n_samples
    if not isinstance(problem, TeacherProblem):
        return None, None, "no theorem here: the target is not a network."
    target, weights = problem.teacher()
    try:
        optimistic_sample_size(model, target_width=1)
    except NoTheorem as error:
        text = str(error)
        return None, None, text[0].lower() + text[1:]
    assert isinstance(model, TwoLayer)
    distinct = _distinct(target, weights)
    biased = any(bias != 0.0 for *_, bias in distinct)
    if target.activation != model.activation or (biased and not model.bias) or not distinct:
        return None, None, "no theorem here: the target is not a network of this family."
    k = len(distinct)
    if k > model.m:
        text = f"{model.m} neurons cannot be equal to the {k} of the target."
        return None, False, text
    size = optimistic_sample_size(model, target_width=k)
    sign = ">=" if n >= size else "<"
    return size, n >= size, f"{n:,} samples {sign} {size}, the optimistic sample size."


def _distinct(model: TwoLayer, params: Params) -> list[tuple[float, ...]]:
    """The different neurons (w, b) of an odd network, up to sign, that have an output.

    Their number is the intrinsic width k of the theorem; neurons with w = 0 compute no function of
    x, and make the list empty, since the theorem does not speak of them.
    """
    found = neurons(model, params)
    outputs: dict[tuple[float, ...], float] = {}
    for weight, output in zip(found.weight.tolist(), found.output.tolist(), strict=True):
        sign = next((math.copysign(1.0, value) for value in weight if value != 0.0), 1.0)
        key = tuple(sign * value + 0.0 for value in weight)
        outputs[key] = outputs.get(key, 0.0) + sign * output
    kept = [key for key, output in outputs.items() if output != 0.0]
    if any(not any(key[: model.d]) for key in kept):
        return []
    return kept if model.bias else [(*key, 0.0) for key in kept]
