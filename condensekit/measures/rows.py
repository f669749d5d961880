"""Do the rows of a matrix gather while it is trained, and does that cost anything?"""

import dataclasses
import enum
from typing import Any

import numpy as np

from ..checks import a_number
from ..doors import public
from ..experiments import Experiment
from ..models import Params
from ..models.fitting import check_params
from ..problems import TeacherHeads
from .matrices import effective_rank, matrices, mean_cosine
from .neurons import unit_vectors

__all__ = [
    "HEARD",
    "LESS",
    "MOSTLY",
    "STAYS",
    "RowGathering",
    "RowsAre",
    "active_heads",
    "alone",
    "chain",
    "levels",
    "teaching",
]

Array = np.ndarray[Any, np.dtype[Any]]

LESS = 0.6
"""A matrix has condensed if of its effective rank above 1 less than this share is left ..."""
MOSTLY = 0.5
"""... and the mean |cos| of its rows is above this;"""
STAYS = 0.8
"""it has not if more than this share is left."""
HEARD = 0.1
"""A head is active if |W_Q W_K^T| |W_V W_O^T| is above this share of the largest."""
AS_WELL = 0.05
"""Accuracies that differ by less than this are alike."""


class RowsAre(enum.Enum):
    """What has become of the rows of a matrix."""

    CONDENSED = "Condensed"
    LOW_RANK = "Low rank, but few rows are aligned"
    PARTLY = "Partly condensed"
    APART = "Not condensed"
    FEW = "fewer than two rows that are not zero"
    NUMBERS = "rows of one number differ in sign and size only"

    @property
    def known(self) -> bool:
        """Whether there are rows to compare."""
        return self not in (RowsAre.FEW, RowsAre.NUMBERS)


@dataclasses.dataclass(frozen=True)
class RowGathering:
    """Effective rank and alignment of the rows of a matrix, against its start.

    Attributes
    ----------
    rank, before : float
        Effective rank now and at the start.
    cosine : float
        Mean |cos| of all pairs of rows.
    random : float
        That of random directions.
    """

    rank: float
    before: float
    cosine: float
    random: float

    @property
    def left(self) -> float:
        """Which share of the effective rank is left: rows on one line have 1, not 0."""
        return (self.rank - 1.0) / max(self.before - 1.0, 1e-12)

    def status(self, less: float = LESS, mostly: float = MOSTLY, stays: float = STAYS) -> RowsAre:
        """Whether the rows have gathered, where there are two to compare.

        The effective rank falls as well where a few rows are much longer than the others.

        Examples
        --------
        >>> RowGathering(1.1, 8.0, 0.97, 0.13).status().value
        'Condensed'
        """
        if not np.isfinite(self.cosine):
            return RowsAre.FEW
        if self.random > 1.0 - 1e-12:
            return RowsAre.NUMBERS
        if self.left > stays:
            return RowsAre.APART
        if self.left >= less:
            return RowsAre.PARTLY
        return RowsAre.CONDENSED if self.cosine > mostly else RowsAre.LOW_RANK


@public()
def alone(
    ranks: tuple[tuple[float, float], tuple[float, float]],
    scores: tuple[float, float],
    as_well: float = AS_WELL,
) -> int | None:
    """Which of two networks condenses while the other does not, and answers no better for it.

    Parameters
    ----------
    ranks : pair of (float, float)
        Effective rank now and at the start, of each network.
    scores : pair of float
        What each of them answers correctly, from 0 to 1.
    as_well : float
        Scores that differ by less are alike.

    Examples
    --------
    >>> alone(((1.2, 8.0), (7.9, 8.0)), (0.90, 0.92)), alone(((1.2, 8.0), (7.9, 8.0)), (1.0, 0.2))
    (0, None)
    """
    a_number("as_well", as_well, 0.0, 1.0)
    left = [RowGathering(*rank, 0.0, 0.0).left for rank in ranks]
    for this, that in ((0, 1), (1, 0)):
        if left[this] < LESS and left[that] > STAYS and scores[that] > scores[this] - as_well:
            return this
    return None


@public()
def active_heads(matrix: dict[str, Array], heard: float = HEARD) -> int:
    """How many heads of an `Attention` do something, by its matrices."""
    a_number("heard", heard, 0.0, below=1.0)
    strength = np.prod([np.linalg.norm(one, axis=1) for one in matrix.values()], axis=0)
    return int((strength > heard * strength.max()).sum())


@public()
def teaching(experiment: Experiment) -> dict[str, Array]:
    """The matrices of the teacher's heads, by name; nothing where there is no teacher."""
    if not isinstance(experiment.problem, TeacherHeads):
        return {}
    return matrices(*experiment.problem.teacher())


@public()
def levels(experiment: Experiment, params: Params) -> Array:
    """Effective rank, mean |cos|, and |cos| to the nearest row of the teacher's; shape [k, 3].

    A row for each matrix; the last is a mean over its rows, and NaN where there is no teacher.
    """
    taught = teaching(experiment)
    rows = []
    check_params(experiment.model, params)
    for name, matrix in matrices(experiment.model, params).items():
        near = float("nan")
        if name in taught:
            cosine = np.abs(unit_vectors(matrix) @ unit_vectors(taught[name]).T)
            near = float(cosine.max(axis=1).mean())
        rows.append((effective_rank(matrix), mean_cosine(matrix), near))
    return np.array(rows)


@public()
def chain(cosine: Array) -> Array:
    """An order of the rows in which each is followed by the one most aligned with it.

    Clusters become blocks on the diagonal. It starts with the row that is closest to all others.

    Examples
    --------
    >>> chain(np.array([[1.0, 0.1, 0.9], [0.1, 1.0, 0.2], [0.9, 0.2, 1.0]])).tolist()
    [2, 0, 1]
    """
    left = np.array(cosine, dtype=float)
    if left.ndim != 2 or not 0 < len(left) == left.shape[1]:
        raise ValueError(f"cosine must have shape [n, n], n from 1 up, but has {[*left.shape]}.")
    here = int(left.sum(axis=1).argmax())
    order = [here]
    while len(order) < len(left):
        left[:, here] = -1.0
        here = int(left[here].argmax())
        order.append(here)
    return np.array(order)
