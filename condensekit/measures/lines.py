"""Lines of the initial stage: clusters up to sign, while the loss has hardly moved."""

import dataclasses
import math

import numpy as np

from ..checks import a_number
from ..doors import public
from ..training import Run
from .clusters import alignment, clusters
from .neurons import ACTIVE

__all__ = ["LEAST", "LINE", "InitialLines", "initial_lines"]

LINE = math.degrees(math.acos(0.9))
"""Degrees between neighbours on one line, at most: |cosine| of 0.9."""
LEAST = 0.05
"""Smallest share of the active neurons on a line that counts."""
INITIAL = 0.7
"""The initial stage lasts while the loss is above this share of its start (arXiv:2105.11686)."""


@dataclasses.dataclass(frozen=True)
class InitialLines:
    """On how many lines the neurons lie in the initial stage, when those are fewest.

    Attributes
    ----------
    count : int
        Lines with enough neurons.
    share : float
        Part of the amplitude of all active neurons that is on them, from 0 to 1.
    alignment : float
        Mean |cosine| of all pairs of different active neurons.
    index : int
        The recorded step at which this was measured.
    moment : str
        The same in words.
    """

    count: int
    share: float
    alignment: float
    index: int
    moment: str


@public()
def initial_lines(
    run: Run, gap: float = LINE, active: float = ACTIVE, least: float = LEAST
) -> InitialLines:
    """Count the lines of orientations in the initial stage (Zhou et al. 2021, arXiv:2105.11686).

    The stage lasts while the loss is above 70 % of its start. Lines split before it ends, so that
    they are counted where they are fewest, and of such moments where the neurons are aligned best;
    this choice, and the thresholds, are ours. See `cluster_labels` for what a line is.
    Theory expects one line where the activation's multiplicity is 1, and for one input with bias at
    most as many as the multiplicity; for several inputs that is a conjecture.

    Parameters
    ----------
    run : Run
        A run that starts small.
    gap : float
        Degrees between neighbours on a line, at most.
    active : float
        A neuron counts if its amplitude is above this share of the largest.
    least : float
        Smallest share of the active neurons on a line that counts.
    """
    a_number("least", least, 0.0, 1.0)
    model, _ = run.experiment.model, run.place(0)
    below = np.flatnonzero(~(run.loss > INITIAL * run.loss[0]))
    stage = range(max(int(below[0]), 1) if len(below) else len(run))
    found = [clusters(model, run.at(i), gap, active, up_to_sign=True) for i in stage]
    aligned = [alignment(model, run.at(i), active) for i in stage]
    # Later moments are better, all else equal: NaN (fewer than two neurons) compares as 0.
    index = min(reversed(stage), key=lambda i: (len(found[i]), -np.nan_to_num(aligned[i])))
    enough = least * sum(cluster.size for cluster in found[index])
    lines = [cluster for cluster in found[index] if cluster.size >= enough]
    share = sum(line.share for line in lines)
    return InitialLines(len(lines), share, aligned[index], index, run.moment(index))
