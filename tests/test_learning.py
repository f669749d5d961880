"""Learning coefficients against volumes, and effective numbers of parameters side by side."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
import torch
from scipy.optimize import linprog

import condensekit as ck
from condensekit import MatrixFactorization, TwoLayer
from condensekit.exact import NoTheorem, effective_parameters, learning_coefficient
from condensekit.exact.certificate import exact_rank

SIZES = [
    (n, h, m, r)
    for n, h, m in itertools.product(range(1, 7), repeat=3)
    for r in range(min(n, h, m) + 1)
]


def coefficient(n, h, m, r):
    return learning_coefficient(MatrixFactorization(n, h, m), target_width=r)


def of_cone(n, h, m, r):
    """Twice lambda and m by a linear program, over the orders of vanishing; no formula.

    Near the most degenerate zero, K is a sum of r (m + n - r) squares and of |A B|^2, for A of
    shape [n - r, h - r] and B of shape [h - r, m - r]. With A = U diag(s) V, |A B|^2 is the sum of
    s_i^2 |b_i|^2 for the rows b_i of V B, and dA has the density prod s_i^|n - h| times the
    differences |s_i^2 - s_j^2|. For s_i = eps^x_i, |b_i| = eps^y_i, x ascending, K < eps asks
    for x_i + y_i >= 1/2 and the volume is eps to the least sum of c_i x_i + m y_i.
    """
    free, (n, h, m) = r * (m + n - r), (size - r for size in (n, h, m))
    p = min(n, h)
    if not p or not m:
        return free
    c = [abs(n - h) + 1 + 2 * (p - 1 - i) for i in range(p)]
    enough = np.hstack([-np.eye(p), -np.eye(p)])
    ascending = np.hstack([np.eye(p)[:-1] - np.eye(p)[1:], np.zeros((p - 1, p))])
    bound = np.concatenate([-0.5 * np.ones(p), np.zeros(p - 1)])
    found = linprog([*c, *[m] * p], np.vstack([enough, ascending]), bound)
    assert found.success
    return free + 2 * found.fun


@pytest.mark.parametrize("n", range(1, 7))
def test_the_closed_form_is_the_order_of_the_volume(n):
    for size in SIZES:
        if size[0] == n:
            assert float(2 * coefficient(*size).value) == pytest.approx(of_cone(*size)), size


@pytest.mark.parametrize(
    ("size", "expected", "multiplicity"),
    [
        ((1, 1, 1, 0), Fraction(1, 2), 2),  # K = (a b)^2: the area is 4 s (1 - log s), s = sqrt eps
        ((3, 1, 3, 0), Fraction(3, 2), 2),  # K = |a|^2 |b|^2: poles min(n, m) / 2
        ((3, 1, 5, 0), Fraction(3, 2), 1),
        ((4, 4, 4, 1), Fraction(7), 2),
        ((4, 4, 4, 0), Fraction(6), 1),
        ((2, 6, 2, 0), Fraction(2), 1),  # any matrix is reached by regular points: m n / 2
    ],
)
def test_known_values(size, expected, multiplicity):
    found = coefficient(*size)
    assert (found.value, found.multiplicity) == (expected, multiplicity)
    assert found.formula.endswith(f" = {expected}")


@pytest.mark.parametrize(("n", "m"), [*itertools.product(range(1, 7), repeat=2)])
def test_one_hidden_neuron_and_a_zero_target(n, m):
    """The zeta function of |a|^2 |b|^2 has poles at -n / 2 and -m / 2, or a double one."""
    found = coefficient(n, 1, m, 0)
    assert (2 * found.value, found.multiplicity) == (min(n, m), 1 + (n == m))


@pytest.mark.parametrize("size", [size for size in SIZES if size[1] == size[3]])
def test_without_rank_to_spare_all_is_regular(size):
    n, h, m, r = size
    found = coefficient(*size)
    assert (2 * found.value, found.multiplicity) == (r * (m + n - r), 1)
    model = MatrixFactorization(n, h, m)
    assert exact_rank(model, model.init(seed=0)) == 2 * found.value


def test_order_of_the_effective_numbers():
    """The optimistic size <= twice lambda <= the rank of generic weights, and it grows with H."""
    for n, h, m, r in SIZES:
        twice = 2 * coefficient(n, h, m, r).value
        assert twice == 2 * coefficient(m, h, n, r).value
        assert r * (m + n - r) <= twice <= min(h, m, n) * (m + n - min(h, m, n))
        assert twice <= 2 * coefficient(n, h + 1, m, r).value


@pytest.mark.slow
@pytest.mark.parametrize(
    "size", [(1, 1, 2, 0), (2, 1, 3, 0), (2, 2, 2, 0), (2, 1, 1, 1), (2, 2, 2, 1), (1, 1, 1, 0)]
)
def test_volumes_that_are_counted_scale_so(size):
    """The share of a cube with K < eps, for two eps: its exponent, the logarithm taken out."""
    n, h, m, r = size
    draw, found = np.random.default_rng(0), coefficient(*size)
    target = np.diag(np.arange(max(n, m)) < r).astype(float)[:n, :m]
    eps, counts = np.array([5e-3, 5e-2]) * (4.0 if r else 1.0), np.zeros(2)
    for _ in range(20):
        a, b = (draw.uniform(-1.5, 1.5, (200_000, *shape)) for shape in ((n, h), (h, m)))
        k = np.square(a @ b - target).sum(axis=(1, 2))
        counts += (k[:, None] < eps).sum(axis=0)
    assert counts.min() > 150
    seen = np.log(counts[1] / counts[0])
    seen -= (found.multiplicity - 1) * np.diff(np.log(np.log(2.25**2 / eps) + 1.0))[0]
    order = seen / np.log(eps[1] / eps[0])
    assert order == pytest.approx(float(found.value), abs=0.15)


@pytest.mark.parametrize("r", [-1, 3, 1.5, "1", None])
def test_ranks_that_cannot_be_are_refused(r):
    with pytest.raises(ValueError, match=f"target_width must be a whole number from 0 to 2.*{r!r}"):
        coefficient(2, 3, 4, r)


@pytest.mark.parametrize(("d", "m", "bias"), [(1, 3, True), (4, 2, False)])
def test_a_tanh_network_is_known_where_it_is_regular(d, m, bias):
    model = TwoLayer(d, m, bias=bias)
    found = effective_parameters(model, model.init(seed=0))
    each = d + 1 + bias
    assert found == ck.exact.EffectiveParameters(m * each, m * each, Fraction(m * each), m * each)
    with pytest.raises(NoTheorem, match="neurons for a target of 1 are not regular"):
        learning_coefficient(model, target_width=1)
    with pytest.raises(NoTheorem, match="no learning coefficient of Deep is known"):
        learning_coefficient(ck.Deep(1, 3), target_width=1)


@pytest.mark.parametrize(("how", "rank"), [("null", 6), ("split", 6), ("silent", 8)])
def test_only_the_rank_depends_on_the_weights(how, rank):
    """Two silent neurons add one direction each, whose function is not that of the target."""
    narrow = TwoLayer(1, 2)
    wide = ck.embedding.embed(narrow, narrow.init(seed=0), 4, how)
    found = effective_parameters(*wide)
    assert found == ck.exact.EffectiveParameters(12, rank, None, 6)
    assert "learning coefficient not known" in str(found)


@pytest.mark.parametrize(("scale", "rank"), [(0.0, 7), (1.0, 16)])
def test_weights_of_one_matrix_have_several_ranks(scale, rank):
    """A = (e, ...), B^T = (e', 0): with A of full rank, B can move everywhere."""
    model = MatrixFactorization(4, 4, 4)
    a, b = torch.zeros(2, 4, 4, dtype=torch.float64)
    a[0, 0] = b[0, 0] = 1.0
    a += scale * torch.eye(4, dtype=torch.float64)
    found = effective_parameters(model, {"A": a, "B": b})
    assert found == ck.exact.EffectiveParameters(32, rank, Fraction(14), 7)
