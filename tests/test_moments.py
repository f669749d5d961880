"""Which recorded step is meant: whoever is asked of a run refuses one that is not there."""

import dataclasses
import inspect

import numpy as np
import pytest
from cases import SMALL

import condensekit as ck
from condensekit import dynamics, figures, measures, pictures, problems, training, twins, verdicts

MODULES = (dynamics, figures, measures, pictures, training, twins, verdicts)
OPTIMIZERS = (ck.GradientFlow(), ck.GradientDescent(), ck.Adam(), ck.AdamW(), ck.SGD())


def _of_a_moment(function):
    """Whether this is asked of a run and the place of one of its steps, and of nothing else."""
    try:
        parts = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False
    needed = [name for name, part in parts.items() if part.default is part.empty]
    return {"run", "index"} <= parts.keys() and {*needed} <= {"run", "index"}


FUNCTIONS = {
    f"{module.__name__}.{name}": function
    for module in MODULES
    for name in module.__all__
    if _of_a_moment(function := getattr(module, name))
}


@pytest.fixture(scope="module")
def runs():
    few = ck.Adam(1e-2, steps=2)
    target = ck.matrix_completion(np.eye(3)[:, :2])
    return [
        ck.train(SMALL),
        ck.train(ck.Experiment(ck.Conv(kernels=2, size=9, stride=9), ck.mnist(), few, n_samples=4)),
        ck.train(ck.Experiment(ck.MatrixFactorization(3, 2, 2), target, few, n_samples=4)),
    ]


@pytest.fixture(scope="module")
def stillborn():
    """A run whose loss is infinite at the start."""
    base = ck.Experiment(ck.TwoLayer(1, 5), problems.formula("1e300*x"), n_samples=5)
    run = ck.train(dataclasses.replace(base, optimizer=ck.Adam(steps=5)))
    assert (len(run), run.outcome) == (0, ck.Outcome.DIVERGED)
    return run


def test_there_are_such_functions():
    assert len(FUNCTIONS) > 15


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_step_that_was_not_recorded_is_refused(name, runs):
    function, asked = FUNCTIONS[name], 0
    for run in runs:
        try:
            function(run=run, index=-1)
        except ValueError:
            continue  # it is asked of another kind of run
        asked += 1
        for index in (len(run), -len(run) - 1, 999, 1.5, "last", None):
            with pytest.raises(ValueError, match="index must be a whole number from -"):
                function(run=run, index=index)
    assert asked, "none of these runs is of its kind"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_run_without_steps_is_refused_as_that(name, stillborn):
    with pytest.raises(ValueError, match=r"no recorded steps|There are|There is|a matrix"):
        FUNCTIONS[name](run=stillborn, index=-1)


def test_what_is_asked_of_a_whole_run_knows_of_a_run_without_steps(stillborn):
    with pytest.raises(ValueError, match="no recorded steps"):
        measures.initial_lines(stillborn)
    assert dynamics.sharpness(stillborn).shape == (0,)
    assert dynamics.descent_steps(stillborn).shape == (0,)
    assert measures.along(stillborn, measures.amplitudes).shape[0] == 0
    assert [*dynamics.events(stillborn)] == [*dynamics.plateaus(stillborn)] == []


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda one: type(one).__name__)
def test_no_learning_rate_is_blamed_where_no_step_was_made(optimizer, stillborn):
    run = ck.train(dataclasses.replace(stillborn.experiment, optimizer=optimizer))
    assert (len(run), run.outcome) == (0, ck.Outcome.DIVERGED)
    assert run.message.startswith("The loss overflows before the first step: the numbers")
    assert "lr" not in run.message
    assert run.message in repr(run)


def test_the_same_step_from_either_end(runs):
    for run in runs:
        places = [run.place(index) for index in range(-len(run), len(run))]
        assert places == [*range(len(run))] * 2
        assert run.place(np.int64(-1)) == len(run) - 1


@pytest.mark.parametrize(("share", "below"), [(1.01, True), (1.0, False), (0.99, False)])
def test_a_verdict_calls_a_loss_below_the_stop_only_where_it_is(share, below):
    """Zero is a stop, too: a loss of zero is not below it."""
    flow = ck.GradientFlow(t_end=1.0, stop_loss=0.0)
    run = ck.train(dataclasses.replace(SMALL, optimizer=flow))
    for loss in (run.loss, 0.0 * run.loss):
        known = run.experiment.replace(stop_loss=share * float(loss[-1]))
        told = dataclasses.replace(run, experiment=known, loss=loss)
        (_, said), *_ = verdicts.recovery_verdict(told, -1)[1:]
        assert ("at a loss below" in said) == (below and loss[-1] > 0.0)
        assert ("at t = 1." in said) == ("at a loss below" not in said)


def test_the_stop_that_is_printed_is_the_one_that_the_loss_is_below():
    """1.44e-10 is printed as 1.4e-10, which 1.42e-10 is not below."""
    run = ck.train(dataclasses.replace(SMALL, optimizer=ck.GradientFlow(t_end=1.0, stop_loss=0.0)))
    known = run.experiment.replace(stop_loss=1.44e-10)
    for loss, below in ((1.39e-10, True), (1.42e-10, False)):
        told = dataclasses.replace(run, experiment=known, loss=np.full(len(run), loss))
        (_, said), *_ = verdicts.recovery_verdict(told, -1)[1:]
        assert ("at a loss below" in said) == below
