"""All patterns of seven entries of a 4 x 4 matrix of rank one."""

import itertools
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from test_samples import is_allowed, is_tree

from condensekit.problems import example_matrix


def test_theory_allows_exactly_the_spanning_trees_of_k44():
    matrix = example_matrix(1)
    trees = 0
    for pattern in itertools.combinations(range(16), 7):
        said = is_allowed(matrix, pattern)
        assert said is is_tree(pattern)
        trees += said
    assert trees == 4_096  # 4^3 4^3, the formula for the spanning trees of K_{4,4}
