"""Runs whose steps are too long for their start: they say so, and the others do not."""

import dataclasses

import numpy as np
import pytest
import torch

import condensekit as ck
from condensekit.dynamics import sharpness
from condensekit.measures import FIRST, overshoot
from condensekit.records import CONDENSATION, LAZY, RECOVERY, recorded_run
from condensekit.training import record_steps, untrained
from condensekit.verdicts.runs import risen
from condensekit.words import number

LARGE = LAZY.replace(steps=300)


def oracle(run):
    """Largest loss over the start, and neurons that lose all samples: plain NumPy."""
    x = run.experiment.data().x.numpy()[:, 0]

    def silent(params):
        w, b = params["w"].numpy()[:, 0], params["b"].numpy()
        return (np.outer(x, w) + b <= 0.0).all(axis=0)

    died = silent(run.final) & ~silent(run.at(0))
    return max(run.loss) / run.loss[0], int(died.sum()), int((~silent(run.at(0))).sum())


# The numbers that a reader saw without a word about them, at learning rate 0.1.
SEEN = {
    # width, std: largest loss, dead in all, blamed on the start
    (100, 0.3): (1.186, 33, False),
    (200, 0.3): (35.97, 100, True),
    (400, 0.3): (565.4, 382, True),
    (1_000, 0.3): (24_617, 1_000, True),
    (100, 0.5**0.5): (624.7, 100, True),
    (100, 50**0.5): (5.767e12, 100, True),
}


@pytest.mark.parametrize(("width", "std"), SEEN)
def test_the_runs_that_jump_and_die_say_so(width, std):
    largest, dead, told = SEEN[width, std]
    run = ck.train(LARGE.replace(width=width, init_std=std, steps=1_000))
    found = overshoot(run)
    rise, died, living = oracle(run)
    assert run.loss.max() == pytest.approx(largest, rel=1e-3)
    assert (found.rise, found.died, found.living) == (pytest.approx(rise), died, living)
    assert died + width - living == pytest.approx(dead, abs=0.02 * width)
    assert bool(found) == found.rose == told
    assert ("too large for this start" in str(found)) == told
    assert (f"{died} of {living} living neurons died" in str(found)) == told


@pytest.mark.slow
@pytest.mark.parametrize("width", [50, 200, 400])
@pytest.mark.parametrize("std", [1e-3, 0.1, 0.3, 1.0])
def test_below_the_bound_at_the_start_nothing_is_told(width, std):
    base = LARGE.replace(width=width, init_std=std, steps=2_000)
    bound = 2.0 / float(sharpness(untrained(base))[0])
    run = ck.train(base.replace(lr=min(0.1, bound / 2)))
    assert not overshoot(run)
    assert overshoot(run).died <= overshoot(run).living / 8
    assert run.loss[-1] < run.loss[0] / 10


@pytest.mark.parametrize("factor", [1.5, 2.0, 4.0])
def test_above_it_the_rise_is_told(factor):
    base = LARGE.replace(width=200)
    bound = 2.0 / float(sharpness(untrained(base))[0])
    found = overshoot(ck.train(base.replace(lr=factor * bound)))
    assert found.rose
    assert 0 < found.step <= FIRST
    assert found.text.startswith("The loss rose ")


def test_the_first_steps_are_recorded_every_one():
    assert record_steps(20_000)[: FIRST + 1] == [*range(FIRST + 1)]


def test_it_is_judged_up_to_the_step_that_is_asked_for():
    run = ck.train(LARGE.replace(width=400))
    assert not overshoot(run, index=0)
    assert overshoot(run, index=0).rise == 1.0
    whole, top = overshoot(run), overshoot(run).index
    assert run.loss[top] == run.loss.max()
    assert not overshoot(run, index=0).died
    assert overshoot(run, index=top).rise == whole.rise


def test_thresholds_are_arguments():
    run = ck.train(LARGE.replace(width=200, lr=0.0645))  # a little above the bound
    found = overshoot(run)
    assert 1.0 < found.rise < 2.0
    assert not found
    assert overshoot(run, rise=1.0).rose
    assert "on the way" in str(overshoot(run, rise=1.0, first=0))
    assert overshoot(run, died=0.0).killed == (found.died > 0)
    still = overshoot(run, died=0.0)
    assert f"{still.died} of {still.living} living neurons died, though" in str(still)
    for bad in ({"rise": 0.5}, {"rise": float("nan")}, {"died": -0.1}, {"died": 1.5}):
        with pytest.raises(ValueError, match=next(iter(bad))):
            overshoot(run, **bad)


def with_optimizer(width, optimizer):
    base = LARGE.replace(width=width)
    return dataclasses.replace(base, optimizer=optimizer)


def test_a_loss_that_goes_on_to_rise_is_blamed_on_where_it_began_to():
    base = ck.Experiment(ck.TwoLayer(1, 60), ck.three_tanh(), ck.GradientDescent(0.3, 300), 50, 0.3)
    run = ck.train(base)
    assert run.outcome is ck.Outcome.DIVERGED
    found = overshoot(run)
    assert found.step > FIRST
    assert "too large for this start" in str(found)
    assert len(str(found)) < 160, "a power of ten is written as one"


def test_adam_jumps_too_and_the_flow_never_does():
    adam = ck.train(with_optimizer(400, ck.Adam(1.0, steps=200)))
    assert overshoot(adam).rose
    flow = ck.train(with_optimizer(30, ck.GradientFlow(t_end=50.0, max_steps=600)))
    assert overshoot(flow).rise == 1.0
    assert not overshoot(flow)


@pytest.mark.parametrize("experiment", [CONDENSATION, LAZY, RECOVERY], ids=str)
def test_of_the_recorded_runs_of_the_labs_there_is_nothing_to_tell(experiment):
    assert not overshoot(recorded_run(experiment))


def test_a_start_without_a_loss_and_models_without_neurons():
    zero = ck.Experiment(
        ck.TwoLayer(1, 3, "relu"), ck.problems.formula("0*x"), ck.GradientDescent(0.1, steps=3), 5
    )
    params = {name: torch.zeros(shape).double() for name, shape in zero.model.shapes().items()}
    found = overshoot(ck.train(zero, init=params))
    assert (found.rise, found.living, bool(found)) == (1.0, 0, False)
    matrix = ck.Experiment(
        ck.MatrixFactorization(3, 3, 3),
        ck.matrix_completion([[1.0, 0, 0], [0, 1, 0], [0, 0, 1]]),
        ck.GradientDescent(5.0, steps=30),
        9,
        1.0,
    )
    found = overshoot(ck.train(matrix))
    assert found.rose
    assert "died" not in str(found)


def test_one_neuron_is_one():
    base = LARGE.replace(width=1, steps=50)
    for seed in range(20):
        run = ck.train(base.replace(seed=seed, lr=3.0))
        if overshoot(run).died:
            assert "1 of 1 living neuron died" in str(overshoot(run))
            return
    raise AssertionError("none of them died")


@pytest.mark.parametrize("decay", [0.0, 10.0])
def test_decay_of_the_weights_is_named_where_it_may_be_the_cause(decay):
    base = ck.Experiment(
        ck.TwoLayer(1, 20), ck.three_tanh(), ck.GradientFlow(stop_loss=1e-4), 20, 0.3
    )
    adam = ck.AdamW(1e-5, steps=2_000, weight_decay=decay)
    run = ck.train(dataclasses.replace(base, optimizer=adam), init=ck.train(base).final)
    found = overshoot(run)
    assert found.rose == (decay > 0.0)
    cause = "the decay of the weights pulls it up, or the learning rate 1e-05 is too large"
    assert (cause in str(found)) == found.rose
    assert ("weights decay too fast, or the" in risen(run, -1)) == found.rose


def test_of_neurons_that_died_it_is_said_how_far_the_loss_rose():
    descent = ck.GradientDescent(0.7, steps=60)
    model, problem = ck.TwoLayer(1, 50, "relu"), ck.problems.relu_1d()
    run = ck.train(ck.Experiment(model, problem, descent, 20, 0.3, seed=5))
    found, rose = overshoot(run), float(run.loss.max() / run.loss[0])
    assert found.killed
    assert not found.rose
    assert 1.5 < rose < 2.0
    assert f"though the recorded loss rose only {number(rose, 3)}-fold" in str(found)
