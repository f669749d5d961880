"""A training under way: worked on in short pieces, stopped, and gone on with."""

import math
import time
from collections.abc import Iterator, Sequence

from ..experiments import Experiment
from ..models import Params
from .batch import Batch
from .loop import CHUNK_SECONDS, batches
from .record import Recorder, Snapshot
from .runs import Runs

__all__ = ["Training"]


class Training:
    """Experiments under way: what is recorded of them, and how they go on.

    Parameters
    ----------
    experiments : sequence of Experiment
        What to train.
    init : dict of Tensor, optional
        Where to start; see `trajectory`.

    Examples
    --------
    >>> from condensekit import Experiment, GradientDescent, TwoLayer, three_tanh
    >>> short = Experiment(TwoLayer(1, 5), three_tanh(), GradientDescent(steps=20))
    >>> training = Training([short])
    >>> for snapshot in training.work():
    ...     pass
    >>> training.go_on([short.replace(steps=40)])  # exactly as if it had 40 steps from the start
    >>> for snapshot in training.work():
    ...     pass
    >>> int(training.runs()[0].step[-1])
    40
    """

    def __init__(self, experiments: Sequence[Experiment], init: Params | None = None) -> None:
        self.experiments, self._init = [*experiments], init
        self._begin()

    def _begin(self) -> None:
        self._recorder = Recorder(self.experiments)
        self._waiting = batches(self.experiments, self._init)
        self._begun: list[Batch] = []
        self._torn = False  # within a piece of work, and after one that was interrupted

    def work(self, until: float = math.inf) -> Iterator[Snapshot]:
        """Train in pieces of 20 ms, up to a step; stop asking to stop, ask again to go on."""
        self._torn = True
        for batch in self._all():
            while batch.running.any():
                snapshot = batch.advance(CHUNK_SECONDS, time.perf_counter)
                self._recorder.add(snapshot)
                self._torn = False
                yield snapshot
                self._torn = True
                if (snapshot.step >= until).all():
                    break
            if not (batch.running.any() or batch.spent().any() or batch.left_behind):
                self._begun.remove(batch)  # it never goes on; its matrices may be large
        self._torn = False

    def _all(self) -> Iterator[Batch]:
        yield from [*self._begun]
        for batch in self._waiting:
            self._begun.append(batch)
            yield batch

    def runs(self, ended: bool = True) -> Runs:
        """All runs up to now; what has not ended is cancelled if `ended`, else it is running."""
        return self._recorder.runs() if ended else self._recorder.so_far()

    def has_more(self) -> bool:
        """Whether a run has ended only because its steps are used up."""
        left_behind = any(batch.left_behind for batch in self._begun)
        return not left_behind and any(batch.spent().any() for batch in self._begun)

    def go_on(self, experiments: Sequence[Experiment]) -> None:
        """Let the runs have as many steps as these experiments say; `work` then goes on.

        After an interrupt in the middle of a step it begins anew, and comes to the same.

        Raises
        ------
        ValueError
            If the experiments differ from those of before in more than that, or a run has ended
            for good while the others went on.
        """
        if len(experiments) != len(self.experiments):
            raise ValueError(f"{len(self.experiments)} runs cannot go on as {len(experiments)}.")
        for before, after in zip(self.experiments, experiments, strict=True):
            if not after.goes_on(before):
                raise ValueError(f"A training of {before!r} cannot go on as {after!r}.")
        if self._torn:
            self.experiments = [*experiments]
            self._begin()
            return
        left_behind = [row for batch in self._begun for row in batch.left_behind]
        if left_behind:
            which = self.experiments[left_behind[0]]
            raise ValueError(f"{which!r} used up its steps while others went on.")
        self.experiments[:] = experiments  # those that have not begun are made of this very list
        self._recorder.go_on(self.experiments)
        for batch in self._begun:
            batch.go_on(self.experiments)
