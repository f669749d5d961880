"""The answers of notebook 08: each number in them is computed here."""

import dataclasses

import numpy as np
import pytest

import condensekit as ck
from condensekit.symmetry import SymmetrySettings
from condensekit.symmetry.settings import experiment

S = ck.symmetry


def settings(activation="tanh", optimizer="GradientFlow", width=8):
    return experiment("one hidden layer", activation, optimizer, width, 20, 4)


def test_1_each_factor_of_a_thousand_adds_the_same_time():
    base = settings()
    pair = S.equal_blocks(base.model, 2)
    kicks = (1e-3, 1e-6, 1e-9, 1e-12)
    starts = [S.kicked(pair, base.init(), kick, base.seed) for kick in kicks]
    short = dataclasses.replace(base, optimizer=dataclasses.replace(base.optimizer, t_end=4_000.0))
    times = []
    for start in starts:
        run = ck.train(short, init=start)
        away = pair.distances(S.flat(base.model, run.params))
        times.append(float(run.time[np.flatnonzero(away > 1.0)[0]]))
    assert times == pytest.approx([960, 1890, 2710, 3520], rel=0.03)
    assert all(700 < later < 1000 for later in np.diff(times))


def test_2_one_block_ends_where_one_neuron_does():
    base = settings()
    base = dataclasses.replace(base, optimizer=dataclasses.replace(base.optimizer, t_end=1e3))
    block = S.drift(base, S.equal_blocks(base.model, 1)).run.loss[-1]
    alone = dataclasses.replace(base, model=ck.TwoLayer(1, 1))
    best = min(ck.train(alone.replace(seed=seed)).loss[-1] for seed in range(2))
    assert block == pytest.approx(0.1055, abs=5e-5)
    assert best == pytest.approx(block, rel=1e-6)


def test_3_a_sigmoid_neuron_at_zero_feels_its_half():
    still = settings("tanh", "GradientDescent")
    assert S.drift(still, S.zero(still.model)).largest == 0.0
    pulled = settings("sigmoid", "GradientDescent")
    found = S.drift(pulled, S.zero(pulled.model))
    first = found.run.at(1)
    assert float(first["a"][0]) == pytest.approx(0.0074, abs=5e-5)
    assert float(first["w"][0].abs().max()) == float(first["b"][0]) == 0.0
    assert found.distance[-1] == pytest.approx(2.0, abs=0.1)


def test_4_adam_breaks_proportional_neurons():
    for optimizer, expected in (("GradientDescent", 0.0), ("Adam", 0.10)):
        base = settings("relu", optimizer)
        found = S.drift(base, S.proportional(base.model))
        assert found.largest == pytest.approx(expected, abs=0.01)


def test_5_without_a_push_both_are_one():
    base = dataclasses.replace(settings(), optimizer=ck.GradientFlow(t_end=50.0, stop_loss=0.0))
    found = S.escape(base, SymmetrySettings(settings()).set(), 0.0)
    on, off = (S.flat(base.model, run.params) for run in found.runs()[:2])
    np.testing.assert_array_equal(on, off)


def test_6_a_push_of_the_last_bit_is_enough_for_three_neurons():
    """Whether sums round apart depends on the machine; that a push of 1e-17 grows does not."""
    base = settings(width=3)
    pair = S.equal(base.model)
    found = S.drift(base, pair, S.kicked(pair, base.init(), 1e-16))
    assert found.largest > 1.0
    assert found.finding[0] == "leaves it by rounding"
