"""Which matrices of a Transformer begin to condense first, over seeds: as notebook 04 says."""

import pytest

from condensekit import train
from condensekit.dynamics import stages
from condensekit.records import anchor_experiment

HALF = {"d_model": 32, "d_head": 16, "d_ff": 64}


@pytest.mark.parametrize("seed", range(3, 7))
def test_with_sgd_the_first_is_w_v(seed):
    found = stages(
        train(anchor_experiment(1 / 32, seed, sgd=True).replace(lr=0.5, steps=300, **HALF))
    )
    begun = {name: at for name, at in found.onset.items() if at is not None}
    assert [name for name, at in begun.items() if at == min(begun.values())] == ["W_V"]


@pytest.mark.parametrize("gamma", [0.8, 1.0])
@pytest.mark.parametrize("seed", range(2))
def test_with_adamw_the_first_are_w_q_and_w_k(seed, gamma):
    run = train(anchor_experiment(32**-gamma, seed).replace(steps=400, **HALF))
    found = stages(run)
    assert found.two is False
    begun = {name: at for name, at in found.onset.items() if at is not None}
    others = [at for name, at in begun.items() if name not in ("W_Q", "W_K")]
    assert max(begun["W_Q"], begun["W_K"]) < min(others, default=len(run))
