"""Two stages of a Transformer: which matrices begin to condense first, and which follow.

Published of one layer and one head (Chen and Luo 2025, arXiv:2510.06954): W_V, W_O and the FFN
condense first, then W_Q and W_K. Here a matrix has begun to condense when of its effective rank
above 1 no more than `STAYS` is left, and has not come back; the definition is ours.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..checks import a_count
from ..doors import public
from ..measures import STAYS, effective_rank, matrices
from ..models import Transformer
from ..training import Run
from .events import Event

__all__ = ["FIRST_STAGE", "SECOND_STAGE", "Stages", "stages"]

Array = np.ndarray[Any, np.dtype[Any]]

FIRST_STAGE, SECOND_STAGE = ("W_V", "W_O", "FFN in", "FFN out"), ("W_Q", "W_K")
"""Matrices of the first stage and of the second, as published."""


_NONE = 1e-9
"""An effective rank that is above 1 by less is 1, up to rounding."""


@dataclasses.dataclass(frozen=True)
class Stages:
    """When the matrices of a layer began to condense.

    Attributes
    ----------
    onset : dict of int or None
        By matrix: the recorded step from which on no more than `STAYS` of its effective rank above
        1 is left; None if that is not so at the last one. A matrix of rank one, which has none to
        lose, is not among them.
    layer : int
        Which layer, from 0 up.
    """

    onset: Mapping[str, int | None]
    layer: int = 0

    @property
    def two(self) -> bool | None:
        """Whether there are two stages, in the published order; None if that cannot be told yet.

        Yes: both of the second stage began after all of the first. No: one of them did not.

        Examples
        --------
        >>> first = dict.fromkeys(FIRST_STAGE, 5)
        >>> [Stages(first | {"W_Q": k, "W_K": 9}).two for k in (7, 5, None)]
        [True, False, None]
        """
        if len(self.onset) < len(FIRST_STAGE + SECOND_STAGE):
            return None
        first, second = (
            [self.onset[name] for name in names] for names in (FIRST_STAGE, SECOND_STAGE)
        )
        came = [at for at in second if at is not None]
        if not came:
            return None
        if any(at is None or at >= min(came) for at in first):
            return False
        return True if len(came) == len(second) else None

    def events(self, run: Run) -> list[Event]:
        """Where matrices begin to condense; those that begin at one step are one event."""
        at: dict[int, list[str]] = {}
        for name, index in self.onset.items():
            if index is not None:
                at.setdefault(index, []).append(f"{name} {self.layer + 1}")
        found = []
        for index, names in sorted(at.items()):
            did = "begins to condense" if len(names) == 1 else "begin to condense"
            text = f"{', '.join(names)} {did} at {run.moment(index)}."
            found.append(Event("condense", index, float(run.time[index]), text))
        return found


@public()
def stages(run: Run, layer: int = 0, ranks: Array | None = None) -> Stages:
    """When each matrix of a layer of a Transformer began to condense, up to the last recorded step.

    Parameters
    ----------
    run : Run
        A run of a `Transformer`.
    layer : int
        Which layer, from 0 up.
    ranks : array, shape [T, k], optional
        Effective ranks of all `condensekit.measures.matrices`, where they are known already.

    Raises
    ------
    ValueError
        If it is no Transformer, there is no such layer, or the ranks are not those of the run.

    Examples
    --------
    >>> from condensekit.records import ANCHORS, recorded_run
    >>> found = stages(recorded_run(ANCHORS["anchors, γ = 0.8"]))
    >>> found.two, found.onset["W_V"]
    (False, None)
    """
    model = run.experiment.model
    if not isinstance(model, Transformer):
        raise ValueError(f"The stages are those of a Transformer, not of {type(model).__name__}.")
    a_count("layer", layer, 0, model.layers - 1)
    names = [*matrices(model, run.at(0))]
    if ranks is None:
        ranks = np.array([_ranks(run, i) for i in range(len(run))])
    if ranks.shape != (len(run), len(names)):
        raise ValueError(
            f"ranks must have the shape {[len(run), len(names)]}, but have {[*ranks.shape]}."
        )
    columns = {
        name: ranks[:, names.index(f"{name} {layer + 1}")] - 1.0
        for name in FIRST_STAGE + SECOND_STAGE
    }
    onset = {name: _since(c / c[0]) for name, c in columns.items() if c[0] > _NONE}
    return Stages(onset, layer)


def _ranks(run: Run, index: int) -> list[float]:
    return [*map(effective_rank, matrices(run.experiment.model, run.at(index)).values())]


def _since(left: Array) -> int | None:
    """From where on so little is left; None if there is more at the end."""
    above = np.flatnonzero(~(left <= STAYS))
    since = int(above[-1]) + 1 if len(above) else 0
    return since if since < len(left) else None
