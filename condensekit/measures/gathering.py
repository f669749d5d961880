"""Gathering: whether the neurons of a network share directions, in numbers and in a sentence."""

import dataclasses

import numpy as np
from torch import Tensor

from ..doors import public
from ..models import Model, Params
from ..models.fitting import check_network
from ..words import many
from .clusters import GAP, STRONG, clusters, dead, participation
from .neurons import neurons

__all__ = ["FEW", "Gathering", "gathering"]

FEW = 8
"""Of fewer active neurons nobody can say that they are scattered: see `Gathering.scattered`."""


@dataclasses.dataclass(frozen=True)
class Gathering:
    """How far the neurons of one network have gathered in directions.

    Attributes
    ----------
    width : int
        All neurons.
    active : int
        Those whose direction counts.
    dead : int
        Those that are zero at all samples, with no slope there; 0 where no inputs were given.
    clusters : int
        Clusters of the active neurons, those of a single neuron included.
    alone : int
        Active neurons that share their direction with no other.
    effective : float
        Effective number of clusters.
    lines : bool
        Whether clusters are up to sign.
    """

    width: int
    active: int
    dead: int
    clusters: int
    alone: int
    effective: float
    lines: bool = False

    @property
    def scattered(self) -> bool:
        """Whether most active neurons are alone, as they are if directions are drawn at random.

        False for fewer than `FEW` neurons, where it cannot be told: three neurons in three
        directions are a random draw as well as a narrow network that has trained.
        """
        return self.active >= FEW and 2 * self.alone > self.active

    def __str__(self) -> str:
        """Say it in a sentence.

        Examples
        --------
        >>> print(Gathering(100, 39, 33, 1, 0, 1.0))
        39 active neurons of 100 (33 dead) in 1 cluster.
        >>> print(Gathering(100, 67, 33, 64, 61, 40.1))
        67 active neurons of 100 (33 dead), scattered: 61 share their direction with no other.
        """
        still = f" ({self.dead:,} dead)" if self.dead else ""
        if not self.active:
            return f"No active neuron of {self.width:,}{still}."
        said = f"{many(self.active, 'active neuron')} of {self.width:,}{still}"
        if self.scattered:
            return f"{said}, scattered: {self.alone:,} share their direction with no other."
        size = "a single neuron" if self.alone == 1 else "single neurons"
        single = f", {self.alone:,} of them {size}" if 0 < self.alone < self.active else ""
        found = many(self.clusters, "line" if self.lines else "cluster")
        return f"{said} {'on' if self.lines else 'in'} {found}{single}."


@public(check_network)
def gathering(
    model: Model,
    params: Params,
    gap: float = GAP,
    active: float = STRONG,
    up_to_sign: bool = False,
    x: Tensor | None = None,
) -> Gathering:
    """Whether neurons have gathered or are scattered, in numbers and in a sentence.

    See `cluster_labels` for the definition and the arguments.

    Examples
    --------
    >>> import torch
    >>> from condensekit import TwoLayer
    >>> model = TwoLayer(1, 1000, "relu")
    >>> start = model.init(torch.Generator().manual_seed(0), 1e-4)
    >>> gathering(model, start).scattered
    True
    """
    found = clusters(model, params, gap, active, up_to_sign, x)
    sizes = np.array([cluster.size for cluster in found], dtype=np.int64)
    silent = 0 if x is None else int(dead(model, params, x).sum())
    width = len(neurons(model, params).output)
    alone = int((sizes == 1).sum())
    effective = participation(found)
    return Gathering(width, int(sizes.sum()), silent, len(found), alone, effective, up_to_sign)
