"""Signs of the Hessian at fifteen and more critical points, each embedded in several ways."""

import itertools

from test_inertia import check_the_counts, critical


def test_the_signs_at_many_embedded_critical_points_are_those_of_the_theory():
    checked = 0
    kinds = itertools.product((1, 2, 3), (1, 2), (True, False))
    for (d, width, bias), seed in itertools.product(kinds, range(2)):
        found = critical(d, width, seed, bias)
        if found is not None:
            check_the_counts(*found)
            checked += 1
    assert checked >= 15
