"""A long step of the gradient flow gives the control back between its parts, and stays the same."""

import math

import numpy as np
import pytest
import torch
from cases import ASYMMETRIC, PLANE, SHORT, PlainFormula, each

import condensekit.derivatives.blocks as blocks
import condensekit.derivatives.landscape as landscape
from condensekit import Experiment, GradientFlow, Outcome, TwoLayer, three_tanh, train, trajectory
from condensekit.training import Recorder

FLOW = GradientFlow(stop_loss=0.0, t_end=10.0, max_steps=25)

FLOWS = {
    "more weights than samples": Experiment(TwoLayer(1, 20), three_tanh(), FLOW, 30, init_std=0.3),
    "fewer weights": Experiment(TwoLayer(1, 3), ASYMMETRIC, FLOW, 40, init_std=0.5),
    "plane": Experiment(TwoLayer(2, 6), PLANE, FLOW, 15, init_std=0.5, seed=3),
    "no bias": Experiment(TwoLayer(2, 6, bias=False), PLANE, FLOW, 30, init_std=0.5),
    "one sample": Experiment(TwoLayer(1, 9, "relu"), three_tanh(), FLOW, 1, init_std=0.3),
    "dense": Experiment(PlainFormula(TwoLayer(1, 5)), ASYMMETRIC, FLOW, 9, init_std=0.7),
}


def _recorded(experiments, chunk_seconds):
    recorder, snapshots = Recorder(experiments), 0
    for snapshot in trajectory(experiments, chunk_seconds=chunk_seconds):
        recorder.add(snapshot)
        snapshots += 1
    return recorder.runs(), snapshots


def _assert_same(one, other):
    assert one.outcome is other.outcome
    np.testing.assert_array_equal(one.step, other.step)
    for name in ("time", "loss", "test_loss"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    for name, leaf in one.params.items():
        assert torch.equal(leaf, other.params[name])


@each("base", FLOWS)
def test_who_looks_between_the_parts_changes_nothing(base):
    # Runs that end at different times, so that a step begins with fewer than the last snapshot had.
    experiments = [base.replace(t_end=t, seed=seed) for seed, t in enumerate((10.0, 0.1, 1.0))]
    whole, few = _recorded(experiments, math.inf)
    looked, many = _recorded(experiments, 0.0)
    assert many > 3 * few, "nobody looked"
    for one, other in zip(whole, looked, strict=True):
        _assert_same(one, other)


@pytest.mark.parametrize("part", [1, 37, 200])
@each("base", {name: case for name, case in FLOWS.items() if name != "dense"})
def test_parts_of_any_size_give_the_same_run(base, part, monkeypatch):
    whole = train(base)
    monkeypatch.setattr(blocks, "PART", part)
    cut = train(base)
    assert cut.outcome is whole.outcome
    np.testing.assert_array_equal(cut.step, whole.step)
    np.testing.assert_allclose(cut.time, whole.time, rtol=1e-8)
    for name, leaf in whole.params.items():
        np.testing.assert_allclose(cut.params[name], leaf, rtol=1e-6, atol=1e-9)


@pytest.fixture
def work(monkeypatch):
    """Counts what is done: gradients, solved systems, and numbers of the matrix of activations."""
    done = {"gradients": 0, "systems": 0, "numbers": 0}
    bind, solve = landscape.loss_and_gradient, blocks._TwoLayerBlock.solve
    real = blocks.activation

    def counted(call):
        def step():
            done["gradients"] += 1
            return call()

        return step

    def solved(self, vector):
        done["systems"] += 1
        return solve(self, vector)

    class Filling:
        def __init__(self, name):
            self.real = real(name)

        def fill(self, hidden, *others):
            done["numbers"] += hidden.size
            self.real.fill(hidden, *others)

    monkeypatch.setattr(landscape, "loss_and_gradient", lambda *a: counted(bind(*a)))
    monkeypatch.setattr(blocks._TwoLayerBlock, "solve", solved)
    monkeypatch.setattr(blocks, "activation", Filling)
    return done


def test_little_is_done_before_the_control_comes_back(work, monkeypatch):
    monkeypatch.setattr(blocks, "PART", 2**13)
    wide = Experiment(TwoLayer(1, 400), three_tanh(), FLOW.replace(max_steps=6), 100, init_std=1e-3)
    seen, before = 0, dict(work)
    for _ in trajectory([wide], chunk_seconds=0.0):
        spent = {name: work[name] - before[name] for name in work}
        assert spent["gradients"] + spent["systems"] <= 2
        assert spent["numbers"] <= 2**13
        seen, before = seen + 1, dict(work)
    # 4 gradients, 4 systems, 15 parts each of activations and of the Jacobian, and its product.
    assert seen > 6 * 30
    assert work["numbers"] >= 100 * 400


@pytest.mark.parametrize("looks", [1, 2, 5, 40, 90])
def test_a_step_that_is_given_up_leaves_the_run_before_it(looks):
    base = FLOWS["more weights than samples"]
    whole, recorder = train(base), Recorder([base])
    for count, snapshot in enumerate(trajectory([base], chunk_seconds=0.0), 1):
        recorder.add(snapshot)
        if count == looks:
            break
    run = recorder.runs()[0]
    assert run.outcome is Outcome.CANCELLED
    assert (np.diff(run.step) > 0).all(), "a step is recorded once"
    np.testing.assert_array_equal(run.loss, whole.loss[: len(run)])
    for name, leaf in run.params.items():
        assert torch.equal(leaf, whole.params[name][: len(run)])


def test_snapshots_within_a_step_are_where_it_began():
    base = FLOWS["plane"]
    last, repeated = None, 0
    for snapshot in trajectory([base], chunk_seconds=0.0):
        here = {name: leaf.clone() for name, leaf in snapshot.params.items()}
        if last is not None and snapshot.step[0] == last[0]:
            assert not snapshot.recorded.any()
            assert np.isnan(snapshot.test_loss).all()
            assert (snapshot.loss[0], snapshot.time[0]) == last[1:3]
            assert all(torch.equal(leaf, last[3][name]) for name, leaf in here.items())
            repeated += 1
        last = snapshot.step[0], snapshot.loss[0], snapshot.time[0], here
    assert repeated > 100


@each("experiment", SHORT)
def test_short_steps_are_not_cut(experiment):
    """Only rules that say so give the control back within a step."""
    steps = [int(s.step[0]) for s in trajectory([experiment], chunk_seconds=0.0)]
    assert steps == [*range(experiment.optimizer.most_steps + 1)]
