"""Patterns of seven entries of a 4 x 4 matrix of rank one."""

import itertools
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from test_samples import is_allowed, is_tree

from condensekit.problems import example_matrix


def test_theory_allows_exactly_the_spanning_trees_of_k44():
    """Every fifth of the 11,440 patterns is asked; of all, 4^3 4^3 are trees, as they should be."""
    matrix = example_matrix(1)
    patterns = [*itertools.combinations(range(16), 7)]
    assert sum(map(is_tree, patterns)) == 4_096
    said = {pattern: is_allowed(matrix, pattern) for pattern in patterns[::5]}
    assert {*said.values()} == {True, False}
    assert [pattern for pattern in said if said[pattern] is not is_tree(pattern)] == []
