"""Linear sets of parameters on which entries are equal up to fixed factors, or zero."""

import dataclasses
import functools
from collections.abc import Iterable
from typing import Any

import numpy as np

__all__ = ["Equation", "Subspace"]

Array = np.ndarray[Any, np.dtype[Any]]
Ints = np.ndarray[Any, np.dtype[np.int64]]
Equation = tuple[int, float, int]
"""(i, c, j): theta_i = c theta_j."""


@dataclasses.dataclass(frozen=True, eq=False)
class Subspace:
    """All theta with theta_i = ratio_i theta_(head_i), and theta_i = 0 where head_i is -1.

    The fixed set of every symmetry of the package is of this form, and so are the sets on which
    neurons are equal, opposite, proportional or zero. Build one with `Subspace.where`.

    Attributes
    ----------
    head : array of int, shape [P]
        Which entry leads the class that entry i belongs to; a head has ratio 1.
    ratio : array, shape [P]
        The factor; 0 where the entry is zero.
    """

    head: Ints
    ratio: Array

    @classmethod
    def where(
        cls, size: int, equations: Iterable[Equation], zeros: Iterable[int] = ()
    ) -> "Subspace":
        """All theta [size] that satisfy the equations theta_i = c theta_j, and are 0 at `zeros`.

        Equations that contradict each other unless an entry is zero make it zero: theta_0 = theta_1
        and theta_0 = -theta_1.
        """
        head, ratio, zero = [*range(size)], [1.0] * size, [False] * size

        def find(i: int) -> tuple[int, float]:
            factor = 1.0
            while head[i] != i:
                factor *= ratio[i]
                i = head[i]
            return i, factor

        for i, c, j in equations:
            (one, f), (other, g) = find(i), find(j)
            if c == 0.0:
                zero[one] = True
            elif one == other:
                zero[one] |= abs(f - c * g) > 1e-12 * max(abs(f), abs(c * g))
            else:  # the entry that comes first leads: theta_one = (c g / f) theta_other
                factor = c * g / f
                if one < other:
                    one, other, factor = other, one, 1.0 / factor
                head[one], ratio[one] = other, factor
                zero[other] |= zero[one]
        for i in zeros:
            zero[find(i)[0]] = True
        ends = [find(i) for i in range(size)]
        gone = np.array([zero[end] for end, _ in ends], dtype=bool)
        heads = np.where(gone, -1, np.array([end for end, _ in ends], dtype=np.int64))
        return cls(heads, np.where(gone, 0.0, np.array([factor for _, factor in ends])))

    def equations(self) -> tuple[list[Equation], list[int]]:
        """Equations and zeros that describe the set, for `where`."""
        size = range(len(self.head))
        pairs = [(i, float(self.ratio[i]), int(self.head[i])) for i in size if self.head[i] >= 0]
        return [pair for pair in pairs if pair[0] != pair[2]], [i for i in size if self.head[i] < 0]

    def meet(self, other: "Subspace") -> "Subspace":
        """The intersection with another subspace of the same space."""
        (one, none), (two, nought) = self.equations(), other.equations()
        return Subspace.where(len(self.head), [*one, *two], [*none, *nought])

    @functools.cached_property
    def heads(self) -> Ints:
        """The entries that lead a class, shape [dimension]."""
        return np.flatnonzero(self.head == np.arange(len(self.head)))

    @property
    def dimension(self) -> int:
        """Its dimension."""
        return len(self.heads)

    @functools.cached_property
    def signed(self) -> bool:
        """Whether all factors are 1 or -1, as on the fixed set of a signed permutation."""
        return bool(np.isin(np.abs(self.ratio[self.head >= 0]), [1.0]).all())

    @functools.cached_property
    def _class(self) -> Ints:
        return np.asarray(np.where(self.head >= 0, np.searchsorted(self.heads, self.head), 0))

    @functools.cached_property
    def _square(self) -> Array:
        return self._sums(self.ratio**2)

    def _sums(self, values: Array) -> Array:
        """Sums over each class; [..., P] to [..., dimension]. Zero entries have ratio 0."""
        sums = np.zeros((self.dimension, *values.shape[:-1]))
        if self.dimension:
            np.add.at(sums, self._class, np.moveaxis(values, -1, 0))
        return np.asarray(np.moveaxis(sums, 0, -1))

    def _mended(self, theta: Array) -> tuple[Array, Array]:
        """Deviations from the head of each class [..., P], and the best value of each head."""
        lead = np.where(self.head >= 0, theta[..., np.maximum(self.head, 0)], 0.0)
        apart = theta - self.ratio * lead
        shift = self._sums(self.ratio * apart) / self._square
        return apart, shift

    def residual(self, theta: Array) -> Array:
        """What must be taken from `theta` [..., P] to land on the set; exactly zero on it."""
        apart, shift = self._mended(theta)
        return np.asarray(apart - self._spread(shift))

    def project(self, theta: Array) -> Array:
        """The nearest point of the set to `theta` [..., P]."""
        _, shift = self._mended(theta)
        return self._spread(theta[..., self.heads] + shift)

    def _spread(self, heads: Array) -> Array:
        if not self.dimension:
            return np.zeros((*heads.shape[:-1], len(self.head)))
        return np.asarray(self.ratio * heads[..., self._class])

    def distance(self, theta: Array) -> Array:
        """Euclidean distance of `theta` [..., P] to the set; exactly zero on it."""
        return np.asarray(np.linalg.norm(self.residual(theta), axis=-1))

    def coordinates(self, theta: Array) -> Array:
        """Isometric coordinates [..., dimension] of points [..., P] of the set."""
        return np.asarray(theta[..., self.heads] * np.sqrt(self._square))

    def point(self, coordinates: Array) -> Array:
        """The point [..., P] with these isometric coordinates."""
        return self._spread(coordinates / np.sqrt(self._square))

    @functools.cached_property
    def _normal(self) -> Array:
        """Class by class, which is faster than all at once."""
        rows = [np.zeros((0, len(self.head)))]
        for head in [*self.heads.tolist(), -1]:
            members = np.flatnonzero(self.head == head)
            if head < 0:
                across = np.eye(len(members))
            else:
                along = self.ratio[members][:, None]
                across = np.linalg.qr(along, mode="complete")[0][:, 1:].T
            part = np.zeros((len(across), len(self.head)))
            part[:, members] = across
            rows.append(part)
        return np.concatenate(rows)

    def normal(self) -> Array:
        """An orthonormal basis of the directions across the set, shape [P - dimension, P]."""
        return self._normal

    def contains(self, other: "Subspace") -> bool:
        """Whether every point of `other` is a point of this set."""
        basis = other.point(np.eye(other.dimension))
        return bool((self.distance(basis) < 1e-12).all())
