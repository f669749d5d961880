"""Tests over all labs, each in a page of its own; all but one are slow."""

import pytest

LABS = {
    "RecoveryLab": 4,
    "CondensationLab": 6,
    "KernelLab": 3,
    "AttentionLab": 5,
    "FactorizationLab": 2,
    "RankLab": 2,
    "PhaseLab": 2,
    "SymmetryLab": 4,
    "RegimeLab": 4,
}
"""How many pictures of bqplot each one has."""


every_lab = pytest.mark.parametrize(
    "page",
    ["RecoveryLab", *(pytest.param(name, marks=pytest.mark.slow) for name in [*LABS][1:])],
    indirect=True,
)
