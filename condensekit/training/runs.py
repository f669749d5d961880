"""Run and Runs: what a training leaves behind."""

import dataclasses
import os
from collections.abc import Callable, Hashable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

import numpy as np
import torch

from ..doors import public
from ..experiments import Experiment
from ..knobs import Knob
from ..models import Params
from ..problems import Data
from ..words import many, number
from . import storage
from .entries import arrays_of, entry_of, fields, kept_of
from .outcome import Outcome
from .resting import fallen_back

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Run", "Runs"]

Array = np.ndarray[Any, np.dtype[Any]]
Found = TypeVar("Found")
_STEP = Knob("step", 0.0, 0.0, 1e12)


@dataclasses.dataclass(frozen=True, eq=False)
class Run:
    """A recorded training: loss and weights at step 0, 1, about 200 log-spaced ones and the last.

    Attributes
    ----------
    experiment : Experiment
        The settings.
    step : array of int, shape [T]
        The recorded steps.
    time, loss, test_loss : array, shape [T]
        Time as the optimizer defines it; mean squared error on the samples and on the test points.
    params : dict of Tensor, leaves [T, ...]
        The parameters.
    outcome : Outcome
        How it ended.
    message : str
        What there is to say about the end, in a sentence; may be empty.
    fallbacks : int
        Step tests of the flow, up to its end, that met a singular matrix and took the safe bound.
    scores : dict of array, each [T]
        What else the problem asks on the test points, by name, such as the test accuracy.
    memo : dict
        What was found of this run, see `once`. A copy with other parameters begins anew.
    """

    experiment: Experiment
    step: np.ndarray[Any, np.dtype[np.int64]]
    time: Array
    loss: Array
    test_loss: Array
    params: Params
    outcome: Outcome
    message: str = ""
    scores: dict[str, Array] = dataclasses.field(default_factory=dict)
    fallbacks: int = 0
    memo: dict[Hashable, Any] = dataclasses.field(default_factory=dict, init=False, repr=False)

    def once(self, key: Hashable, make: Callable[[], Found]) -> Found:
        """What `make` gives: found once for this run, whoever asks, and kept with it.

        Of a run that still trains, all that is kept must hold when it has gone on: name the step,
        or the number of recorded steps, in the `key`.
        """
        if key not in self.memo:
            self.memo[key] = make()
        found: Found = self.memo[key]
        return found

    @property
    def notes(self) -> str:
        """The message, and what there is to say about the steps; may be empty."""
        return f"{self.message} {fallen_back(self.fallbacks)}".strip()

    def data(self) -> Data:
        """The samples; they are drawn once."""
        return self.once("data", self.experiment.data)

    def score(self, name: str) -> Array:
        """A score [T] by its name.

        Raises
        ------
        ValueError
            If the problem has no such score.
        """
        if name not in [*self.scores]:
            known = ", ".join(self.scores) or "none"
            raise ValueError(f"There is no score {name!r} here; known are: {known}.")
        return self.scores[name]

    def __len__(self) -> int:
        """Number of recorded steps T."""
        return len(self.step)

    def at(self, index: int) -> Params:
        """Parameters at the recorded step ``run.step[index]``.

        Raises
        ------
        ValueError
            If there is no such step; a run that diverges at once has none.
        """
        at = self.place(index)
        return {name: leaf[at] for name, leaf in self.params.items()}

    def place(self, index: int) -> int:
        """Which recorded step `index` is, counted from 0; a ValueError if there is none."""
        if not len(self):
            raise ValueError(f"This run has no recorded steps. {self.message}".strip())
        return int(Knob("index", 0, -len(self), len(self) - 1).check(index)) % len(self)

    @property
    def final(self) -> Params:
        """Parameters at the last recorded step."""
        return self.at(-1)

    def at_step(self, step: float) -> Params:
        """Parameters at the last recorded step that is not after `step`.

        Raises
        ------
        ValueError
            If `step` is no number from 0 on, or the run has no recorded steps.

        Examples
        --------
        ``run.at_step(1_000)``
        """
        return self.at(self.index_at(float(_STEP.check(step))))

    @public()
    def index_at(self, step: float) -> int:
        """Index of the last recorded step that is not after `step`."""
        return max(0, int(np.searchsorted(self.step, step, side="right")) - 1)

    @public()
    def index_at_time(self, time: float) -> int:
        """Index of the last recorded step that is not after `time`."""
        return max(0, int(np.searchsorted(self.time, time, side="right")) - 1)

    def moment(self, index: int) -> str:
        """Name a recorded step: ``'step 2,000'``; by flow time ``'t = 7.42·10⁴'``, if it has it."""
        at = self.place(index)
        if self.experiment.optimizer.over_time:
            return f"t = {number(self.time[at], 3)}"
        return f"step {self.step[at]:,}"

    def figure(self, index: int = -1) -> "Figure":
        """Draw a recorded step with matplotlib: loss, fit, neurons, whatever such a run has.

        Parameters
        ----------
        index : int
            The recorded step.

        Returns
        -------
        matplotlib.figure.Figure
            ``run.figure().savefig("run.svg")`` writes it; PNG and PDF, too.
        """
        # A method where people look for it; the only way up from here.
        from ..figures import run_figure  # noqa: PLC0415

        return run_figure(self, index)

    def share(self, index: int = -1) -> float:
        """How much of the run is done at a recorded step, from 0 to 1: for a progress bar.

        A run that has ended by itself is done at its last step, however few of its steps that took;
        one that was cancelled, or is running, as far as its optimizer can say.
        """
        share, loss = self.experiment.optimizer.share, self.loss.tolist()
        places = self.place(index), -1
        here, last = (share(int(self.step[i]), loss[i], loss[0]) for i in places)
        if self.outcome in (Outcome.CANCELLED, Outcome.RUNNING):
            return here
        return here / last if here < last else 1.0

    def save(
        self,
        path: str | os.PathLike[str],
        compact: bool = False,
        leaves: Sequence[str] | None = None,
    ) -> Path:
        """Write the run to a file (see `Runs.save`)."""
        return Runs((self,)).save(path, compact, leaves)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Run":
        """Read a run that `save` wrote.

        Raises
        ------
        ValueError
            If the file is damaged or foreign, or holds several runs.
        """
        runs: list[Run] = [*Runs.load(path)]
        if len(runs) != 1:
            raise ValueError(f"{os.fspath(path)} holds {len(runs)} runs; read it with Runs.load.")
        return runs[0]

    def __repr__(self) -> str:
        """Say in a sentence what ran and how it ended."""
        if not len(self):
            return f"Run({self.outcome} before its first step) {self.notes}".strip()
        return (
            f"Run({self.outcome} at step {self.step[-1]:,}: loss {number(self.loss[-1], 3)}, "
            f"test loss {number(self.test_loss[-1], 3)}, {many(len(self), 'recorded step')})"
            f"{' ' * bool(self.notes)}{self.notes}"
        )


class Runs(Sequence[Run]):
    """Several recorded trainings; ``runs[i]`` is a `Run`.

    Attributes
    ----------
    step, time, loss, test_loss : array, shape [R, T]
        As for `Run`; shorter runs are padded with NaN at their end.
    """

    @public()
    def __init__(self, runs: Sequence[Run]) -> None:
        self._runs = tuple(runs)

    def __len__(self) -> int:
        """Number of runs R."""
        return len(self._runs)

    def __getitem__(self, index: Any) -> Any:
        """A run, or for a slice the runs of it."""
        found = self._runs[index]
        return Runs(found) if isinstance(found, tuple) else found

    def __iter__(self) -> Iterator[Run]:
        """The runs in their order."""
        return iter(self._runs)

    def _padded(self, rows: Sequence[Array]) -> Array:
        longest = max((len(row) for row in rows), default=0)
        more = rows[0].shape[1:] if rows else ()
        table = np.full((len(rows), longest, *more), np.nan)
        for i, row in enumerate(rows):
            table[i, : len(row)] = row
        return table

    @property
    def experiments(self) -> tuple[Experiment, ...]:
        """The settings of each run."""
        return tuple(run.experiment for run in self)

    @property
    def step(self) -> Array:
        """Recorded steps [R, T]."""
        return self._padded([run.step for run in self])

    @property
    def time(self) -> Array:
        """Time at the recorded steps [R, T]."""
        return self._padded([run.time for run in self])

    @property
    def loss(self) -> Array:
        """Training loss [R, T]."""
        return self._padded([run.loss for run in self])

    @property
    def test_loss(self) -> Array:
        """Test loss [R, T]."""
        return self._padded([run.test_loss for run in self])

    @property
    def params(self) -> Params:
        """Parameters, leaves [R, T, ...].

        Raises
        ------
        ValueError
            If the networks have different shapes.
        """
        if len({tuple(run.experiment.model.shapes().items()) for run in self}) > 1:
            raise ValueError("These networks have different shapes; ask each run for its params.")
        leaves = {name: [run.params[name].numpy() for run in self] for name in self[0].params}
        return {name: torch.from_numpy(self._padded(rows)) for name, rows in leaves.items()}

    @property
    def outcome(self) -> tuple[Outcome, ...]:
        """How each run ended."""
        return tuple(run.outcome for run in self)

    @public(but=["leaves"])
    def save(
        self,
        path: str | os.PathLike[str],
        compact: bool = False,
        leaves: Sequence[str] | None = None,
    ) -> Path:
        """Write all runs to one file (a NumPy archive; no pickle).

        Parameters
        ----------
        path : path
            The file; if there is one already, it is replaced once the new one is complete.
        compact : bool
            Round the parameters, not the curves, to 5e-4 of the largest in their leaf at each
            step: a tenth of the size.
        leaves : sequence of str, optional
            Parameters to keep, for pictures of these alone; by default all.

        Raises
        ------
        ValueError
            If a run has no such leaf, or its settings hold what a file cannot.
        """
        entries, arrays = [], dict[str, Any]()
        for i, run in enumerate(self):
            kept = kept_of(run.params, leaves)
            entries.append(entry_of(run.experiment, run.outcome, run.message, run.fallbacks, kept))
            arrays |= arrays_of(i, run, kept, compact)
        return storage.write(path, {"runs": entries}, arrays)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read runs that `save` wrote.

        Raises
        ------
        ValueError
            If the file is damaged or was not written by condensekit.
        """
        with storage.reading(path) as (header, arrays):
            return cls([Run(**fields(i, e, arrays)) for i, e in enumerate(header["runs"])])

    def __repr__(self) -> str:
        """Say how many runs ended how."""
        ends = ", ".join(f"{self.outcome.count(o)} {o}" for o in Outcome if o in self.outcome)
        return f"Runs({len(self)}: {ends})"
