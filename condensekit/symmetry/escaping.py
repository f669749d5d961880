"""Training on a set, off it, and the narrow network, side by side."""

import dataclasses
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from ..doors import public
from ..experiments import Experiment
from ..models import Params
from ..training import Run, Snapshot, Training
from .candidates import Candidate, check_placed
from .drift import check_model, kicked
from .escape import Escape, escaped, stratum_at
from .reduced import condensed, reduce

__all__ = ["Escaping", "escape"]

Array = np.ndarray[Any, np.dtype[Any]]


class Escaping:
    """The trainings of an `Escape`, piece by piece: it can be looked at on the way.

    Parameters
    ----------
    experiment : Experiment
        What is trained, and how.
    candidate : Candidate
        A set of its model.
    kick : float
        Length of the push across the set; its direction is drawn with the seed of the experiment.
    init : dict of Tensor, optional
        The set is entered at the point nearest to these parameters; by default to the experiment's
        own draw.

    Attributes
    ----------
    experiments : list of Experiment
        On the set, off it, and the narrow network, if there is one.

    Raises
    ------
    ValueError
        If the set is one of another model, or the push no length.
    """

    def __init__(
        self,
        experiment: Experiment,
        candidate: Candidate,
        kick: float = 1e-6,
        init: Params | None = None,
    ) -> None:
        check_model(candidate, experiment)
        start = candidate.place(experiment.init() if init is None else init)
        pushed = kicked(candidate, start, kick, experiment.seed)
        both = {name: torch.stack([start[name], pushed[name]]) for name in start}
        batches = [([experiment, experiment], both)]
        stratum = stratum_at(candidate, start)
        if stratum is not None:
            narrow = dataclasses.replace(experiment, model=condensed(stratum))
            batches.append(([narrow], reduce(stratum, start)))
        self.experiments = [one for batch, _ in batches for one in batch]
        self._candidate, self._kick = candidate, kick
        self._parts = [Training(batch, begin) for batch, begin in batches]
        self._known: dict[int, Array] = {}

    def work(self, until: float = math.inf) -> Iterator[Snapshot]:
        """Train all side by side, up to a step: a snapshot of one or the other after each piece.

        Where it was left, it goes on when it is called again.
        """
        going = [part.work(until) for part in self._parts]
        while going:
            for part in [*going]:
                snapshot = next(part, None)
                if snapshot is None:
                    going.remove(part)
                else:
                    yield snapshot

    def go_on(self) -> None:
        """After `found`, go on with what it took for ended; `work` does it."""
        for part in self._parts:
            part.go_on(part.experiments)

    def found(self, ended: bool = True) -> Escape:
        """What became of them up to now; what has not ended is cancelled if `ended`.

        There is something to be found after the first piece of `work`.
        """
        runs: list[Run] = []
        for part in self._parts:
            runs += part.runs(ended)
        return escaped(self._candidate, self._kick, runs, self._known)


@public(check_placed)
def escape(
    experiment: Experiment,
    candidate: Candidate,
    kick: float = 1e-6,
    init: Params | None = None,
    on_step: Callable[[Snapshot], object] | None = None,
) -> Escape:
    """Train a network on a set, one that was pushed off it, and the narrow one.

    Parameters
    ----------
    experiment, candidate, kick, init
        As for `Escaping`, which does it.
    on_step : callable, optional
        As for `condensekit.train`: a return value of True cancels.
    """
    making = Escaping(experiment, candidate, kick, init)
    for snapshot in making.work():
        answer = None if on_step is None else on_step(snapshot)
        if isinstance(answer, (bool, np.bool_)) and answer:
            break
    return making.found()
