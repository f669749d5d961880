"""The labs themselves: each is a table, read by `Lab`."""

from .. import tables
from .lab import Lab

__all__ = [
    "AttentionLab",
    "CondensationLab",
    "FactorizationLab",
    "KernelLab",
    "PhaseLab",
    "RankLab",
    "RecoveryLab",
    "RegimeLab",
    "SymmetryLab",
]


class RecoveryLab(Lab):
    """A wide network learns a target of a few tanh neurons from a few samples, under controls.

    It opens on the published experiment (Zhang et al., arXiv:2105.14573, Fig. 1) along the gradient
    flow itself, which leaves the plateau where the printed gradient descent does not. Parameters
    are those of `Lab`; without an optimizer, it is the first one that has all the knobs named.

    Examples
    --------
    >>> lab = RecoveryLab(width=30, n_samples=20, steps=200)
    >>> lab.run(live=False)
    >>> lab.result.outcome.value
    'budget'
    """

    table = tables.RECOVERY_TABLE


class CondensationLab(Lab):
    """Two networks from one draw, one small and one large, learn the same target on one clock.

    It opens on the experiment of the talk: 100 ReLU neurons learn four, see
    `condensekit.problems.relu_1d`. Parameters are those of `Lab`, and ``second_std``, the standard
    deviation at the start of the second network, drawn in orange.

    Examples
    --------
    >>> lab = CondensationLab(width=30, steps=200)
    >>> lab.run(live=False)
    >>> lab.result.outcome.value
    'budget'
    """

    table = tables.CONDENSATION_TABLE


class FactorizationLab(Lab):
    """The smallest example of all: a product A B of 4 x 4 matrices learns a matrix from entries.

    It opens on 12 entries of a matrix of rank 2, the fewest that theory allows. Parameters are
    those of `Lab`, and ``target_rank``, see `condensekit.problems.example_matrix`; ``problem``
    takes another `MatrixCompletion` of a 4 x 4 matrix.

    Examples
    --------
    >>> lab = FactorizationLab(target_rank=1, n_samples=7)
    >>> lab.run(live=False)
    >>> lab.result.outcome.value
    'converged'
    """

    table = tables.FACTORIZATION_TABLE


class KernelLab(Lab):
    """A small convolutional network learns digits, beside the same one from PyTorch's scale.

    It opens on 32 kernels that learn 500 digits from a standard deviation of 1e-4 by 120 steps of
    gradient descent; all settings are ours. Parameters are those of `Lab`; ``problem`` takes
    another problem of images.

    Examples
    --------
    >>> lab = KernelLab(width=4, n_samples=20, steps=3)
    >>> lab.run(live=False)
    >>> len(lab.result)
    4
    """

    table = tables.KERNEL_TABLE


class AttentionLab(Lab):
    """Attention that learns: how far the rows of its matrices gather, and what it answers.

    Parameters are those of `Lab`, and ``task``: ``"heads"``: eight attention heads learn one;
    ``"anchors"``: a small Transformer learns composite anchor functions, see
    `condensekit.problems.anchors`.

    Examples
    --------
    >>> lab = AttentionLab(heads=3, n_samples=8, steps=20)
    >>> lab.run(live=False)
    >>> lab.result.outcome.value
    'budget'
    """

    table = tables.ATTENTION_TABLE


class SymmetryLab(Lab):
    """A small network on a set that symmetry makes, one that is pushed off it, and the narrow one.

    Parameters
    ----------
    start : SymmetrySettings, optional
        What it opens on.
    **knobs
        ``model``, ``activation``, ``candidate``, ``layer``, ``optimizer``, ``width``,
        ``n_samples``, ``kick`` and ``seed``: what is chosen at the start.

    Examples
    --------
    >>> lab = SymmetryLab(activation="sigmoid", candidate="zero", optimizer="Adam", width=4)
    >>> lab.run(live=False)
    >>> lab.result.on.stayed
    False
    """

    table = tables.SYMMETRY_TABLE


class RankLab(Lab):
    """A network of k neurons inside one of m: its rank numerically, exactly and by theorem.

    Parameters
    ----------
    start : RankSettings, optional
        What it opens on.
    **knobs
        ``k``, ``dim``, ``m``: neurons of the narrow network, input dimension, neurons of the wide
        one (tanh, biases); ``how`` the narrow network is embedded, one of
        `condensekit.embedding.EMBEDDINGS`; ``epsilon``, by which every parameter is perturbed;
        ``tolerance`` of the numerical rank, relative to the largest singular value; ``draw``, the
        seed of the random weights.

    Examples
    --------
    >>> lab = RankLab(k=2, m=10)
    >>> lab.result.exact, lab.result.report.rank, lab.result.theorem
    (6, 6, 6)
    """

    table = tables.RANK_TABLE


class PhaseLab(Lab):
    """The map of test errors over two settings, filled while one watches.

    Parameters
    ----------
    start : Dataset, Cells, Grid, Experiment or Run, optional
        What to map: the result of `condensekit.sweep`, in memory or read from a file, or a grid
        over two knobs and the seed. Another target can be chosen in the lab.
    **knobs
        Settings of all runs, turned by name.
    """

    table = tables.PHASE_TABLE


class RegimeLab(Lab):
    """The plane of (gamma, gamma'): at the point that is clicked, networks of three widths train.

    It opens on the condensed regime of the phase diagram (Luo et al., arXiv:2007.07497). Parameters
    are those of `Lab`; ``width`` is the smallest of the widths, whose neurons are shown.

    Examples
    --------
    >>> lab = RegimeLab(width=10, gamma=0.5)
    >>> lab.run(live=False)
    >>> lab.result.outcome.value
    'converged'
    """

    table = tables.REGIME_TABLE
