"""The answers of notebook 04 that are cheap; `slow/test_answers_04.py` has the others."""

import dataclasses

import numpy as np
import pytest
from often import sparsely

import condensekit as ck
from condensekit.measures import effective_rank, matrices, teaching
from condensekit.measures.neurons import unit_vectors
from condensekit.records import ANCHORS, recorded_run


@pytest.fixture(scope="module")
def ranks():
    """Effective rank of each matrix of the stored runs at each recorded step [T]."""
    found = {}
    for name in ("anchors, γ = 0.8", "anchors, γ = 0.8, SGD"):
        run = recorded_run(ANCHORS[name])
        steps = [matrices(run.experiment.model, run.at(i)) for i in range(len(run))]
        found[name] = (
            run,
            {key: np.array([effective_rank(one[key]) for one in steps]) for key in steps[0]},
        )
    return found


def test_1_two_teachers_make_two_unequal_groups():
    """From 64 samples here, which takes less time; the answer is about 256."""
    base = ck.records.head_experiment(0.01, 64).replace(steps=600)
    run = ck.train(dataclasses.replace(base, problem=ck.problems.teacher_heads(2)))
    own = unit_vectors(matrices(run.experiment.model, run.final)["W_Q W_K^T"])
    taught = unit_vectors(teaching(run.experiment)["W_Q W_K^T"])
    nearest = np.abs(own @ taught.T).argmax(axis=1)
    assert sorted(np.bincount(nearest, minlength=2).tolist()) != [0, 8]


@pytest.mark.parametrize(("d_head", "limit"), sparsely([(2, 1e-6), (1, 1e-25)], 2))
def test_2_one_head_is_enough(d_head, limit):
    base = ck.records.head_experiment(0.01, 64)
    assert ck.train(base.replace(heads=1, d_head=d_head)).test_loss[-1] < limit


def test_3_queries_and_keys_condense_first_and_most(ranks):
    run, found = ranks["anchors, γ = 0.8"]
    share = {name: values / values[0] for name, values in found.items()}
    first = {
        name: int(run.step[np.flatnonzero(values < 0.9)[0]])
        for name, values in share.items()
        if (values < 0.9).any()
    }
    assert first["W_Q 1"] == first["W_K 1"] == min(first.values()) == 135
    assert first["W_V 1"] == 164
    assert {first[name] for name in ("FFN in 1", "FFN out 1", "unembedding")} == {207, 262}
    assert "W_O 1" not in first
    assert sorted(share, key=lambda name: share[name][-1])[:2] == ["W_Q 1", "W_K 1"]


def test_5_with_sgd_the_values_condense(ranks):
    """At the learning rate of the stored run; the other two are among the slow tests."""
    _, found = ranks["anchors, γ = 0.8, SGD"]
    assert found["W_V 1"][0] == pytest.approx(29.6, abs=0.05)
    assert found["W_V 1"][-1] == pytest.approx(14.0, abs=0.5)
    assert found["W_Q 1"][-1] > 26
