"""Experiment: one training run, described in numbers only."""

import dataclasses

from .knobs import Knob, Settings, knob
from .losses import mean_squared_error
from .models import Model, Params
from .optimizers import OPTIMIZERS, Adam, Optimizer
from .problems import Data, Problem, stream

__all__ = ["Experiment", "Knob", "knob"]


@dataclasses.dataclass(frozen=True)
class Experiment(Settings):
    """A training to be done: model, problem, optimizer, number of samples, initial scale and seed.

    Frozen, hashable and small: two equal experiments are the same run. Turn any knob of it, of its
    model, problem or optimizer, by its name in one flat namespace:
    ``experiment.replace(width=30)``.

    Parameters
    ----------
    model : Model
        The network that learns.
    problem : Problem
        The target and its inputs.
    optimizer : Optimizer
        How the network moves.
    n_samples : int
        Number of training samples n.
    init_std : float
        Standard deviation of all parameters at the start.
    seed : int
        Seed of the two independent streams for the data and for the weights.

    Raises
    ------
    ValueError
        If a value is outside its range, or model and problem differ in their input dimension.

    Examples
    --------
    >>> from condensekit import TwoLayer, three_tanh
    >>> base = Experiment(TwoLayer(1, 500), three_tanh(), n_samples=50, init_std=500**-1.5)
    >>> base.replace(width=30, target_width=2).values()["width"]
    30
    """

    model: Model
    problem: Problem
    optimizer: Optimizer = Adam()  # noqa: RUF009  frozen
    n_samples: int = knob(
        50, 1, 100_000, log=True, symbol="n", help="Number of samples that the network may see."
    )
    init_std: float = knob(
        500**-1.5,
        1e-14,
        10.0,
        log=True,
        symbol=r"\sigma",
        help="Standard deviation of all weights at the start.",
    )
    seed: int = knob(0, 0, 2**31 - 1, help="Seed of the random draws of data and weights.")

    def __post_init__(self) -> None:
        """Check the knobs, and that the model fits the problem."""
        super().__post_init__()
        for field, role in (("model", Model), ("problem", Problem), ("optimizer", Optimizer)):
            if not isinstance(getattr(self, field), role):
                raise ValueError(
                    f"{field} must be a {role.__name__}, but is {getattr(self, field)!r}."
                )
        self.model.check_training()
        self._check_dropout()
        self.problem.check_model(self.model)
        self.problem.check_samples(self.n_samples)

    def _check_dropout(self) -> None:
        """Raise a ValueError if the optimizer or the loss cannot do with neurons left out."""
        if self.model.dropout and not self.optimizer.stochastic:
            able = ", ".join(name for name, kind in OPTIMIZERS.items() if kind.stochastic)
            raise ValueError(
                "dropout leaves out other neurons in every step, which "
                f"{type(self.optimizer).__name__} does not take: use one of {able}, or dropout 0."
            )
        if self.model.dropout and self.problem.loss is not mean_squared_error:
            raise ValueError("dropout needs the mean squared error, but this problem has another.")

    def data(self) -> Data:
        """The samples of this run."""
        return self.problem.data(self.n_samples, self.seed)

    def goes_on(self, before: "Experiment") -> bool:
        """Whether this is the same training as `before`, or begins as that and has more steps."""
        names = [field.name for field in dataclasses.fields(self) if field.name != "optimizer"]
        same = all(getattr(self, name) == getattr(before, name) for name in names)
        return same and self.optimizer.goes_on(before.optimizer)

    def init(self) -> Params:
        """The parameters at step 0."""
        return self.model.init(stream(self.seed, "weights"), self.init_std)
