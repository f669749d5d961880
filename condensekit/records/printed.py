"""What papers print about the recovery of a target, to be shown beside what is trained here."""

import dataclasses
from collections.abc import Iterable

from ..experiments import Experiment
from ..models import Model, TwoLayer, TwoLayerConv
from ..problems import Problem, three_tanh
from ..problems import sliding_tanh as target_in_five_dimensions
from .sliding_tanh import PUBLISHED

__all__ = ["PRINTED", "Printed"]


@dataclasses.dataclass(frozen=True)
class Printed:
    """A network that recovered its target, as a paper prints it.

    Attributes
    ----------
    model : Model
        The network.
    problem : Problem
        The target and its inputs.
    n_samples : int
        Of so many samples.
    init_std : float
        Standard deviation of its weights at the start.
    result, training : str
        What is printed, and how the paper trained.
    source : str
        Where to find it.
    """

    model: Model
    problem: Problem
    n_samples: int
    init_std: float
    result: str
    training: str
    source: str

    def same_kind(self, experiment: Experiment) -> bool:
        """Whether an experiment is about such a network and such a target; numbers may differ."""
        kinds = type(experiment.model), type(experiment.problem)
        return kinds == (type(self.model), type(self.problem))

    def values(self) -> dict[str, int | float | str | bool]:
        """The value of every knob, by name; the optimizer has none here."""
        own = {"n_samples": self.n_samples, "init_std": self.init_std}
        return self.model.values() | self.problem.values() | own

    def on(self, base: Experiment, axes: Iterable[str]) -> Experiment | None:
        """The experiment that it is printed of, if one comes to it from another along some knobs.

        Parameters
        ----------
        base : Experiment
            Where one starts.
        axes : iterable of str
            The knobs that may be turned.
        """
        values, names = self.values(), set(axes)
        if not self.same_kind(base) or not names <= values.keys():
            return None
        here = base.replace(**{name: values[name] for name in names})
        there = self.model, self.problem, self.n_samples
        return here if (here.model, here.problem, here.n_samples) == there else None

    def differs(self, experiment: Experiment) -> str:
        """What an experiment does in another way than the paper did."""
        here = f"here {type(experiment.optimizer).__name__}"
        if experiment.init_std != self.init_std:
            here += f" and σ² = {experiment.init_std**2:.2g}"
        return f"there σ² = {self.init_std**2:.2g}, {self.training}; {here}"


def _sliding(family: str, width: int) -> Model:
    if family == "full":
        return TwoLayer(5, width)
    return TwoLayerConv(5, width, sharing=family == "shared")


PRINTED = (
    Printed(
        TwoLayer(1, 500),
        three_tanh(),
        50,
        500**-1.5,
        "training loss 2.4e-4 at epoch 200,000, and the shape of the target",
        "gradient descent with learning rate 0.005",
        "arXiv:2105.14573, Figure 1",
    ),
    *(
        Printed(
            _sliding(family, width),
            target_in_five_dimensions(),
            n,
            1e-10,
            "the fewest with test error below 1e-3",
            "gradient descent, learning rate from 0.05 to 0.5, chosen for the test error",
            "arXiv:2307.08921, Figure 4",
        )
        for family, rows in PUBLISHED.items()
        for width, n in rows.items()
    ),
)
"""Zhang et al. 2021, a curve and a picture; and Zhang et al. 2023, read off its colours."""
