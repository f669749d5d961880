"""A training that goes on, stopped or with more steps, is the one that was never interrupted."""

import dataclasses

import numpy as np
import pytest
from cases import ASYMMETRIC, SMALL, each

from condensekit import SGD, Adam, AdamW, Experiment, GradientDescent, GradientFlow, TwoLayer, train
from condensekit.models import Deep, MatrixFactorization
from condensekit.problems import matrix_completion
from condensekit.training import Outcome, Training, trajectory


def by(optimizer):
    return dataclasses.replace(SMALL, optimizer=optimizer)


ENTRIES = matrix_completion([[1.0, 0.5], [2.0, 1.0]])
LIMITED = {
    "descent": (by(GradientDescent(0.05, steps=37)), "steps"),
    "at a recorded step": (by(GradientDescent(0.05, steps=16)), "steps"),
    "adam": (by(Adam(1e-2, steps=41)), "steps"),
    "momentum": (by(SGD(0.02, steps=33)), "steps"),
    "batches": (by(SGD(0.02, batch_size=3, steps=33)), "steps"),
    "flow": (by(GradientFlow(max_steps=23)), "max_steps"),
    "deep": (Experiment(Deep(1, 4, 2), ASYMMETRIC, Adam(1e-2, steps=29), 8), "steps"),
    "matrices": (
        Experiment(MatrixFactorization(2, 2, 2), ENTRIES, GradientFlow(max_steps=9), 3, 0.1),
        "max_steps",
    ),
}


def finished(training):
    for _ in training.work():
        pass
    return training.runs()


def content(run):
    """All that is recorded, copied."""
    arrays = (run.step, run.time, run.loss, run.test_loss, *run.params.values())
    return run.experiment, run.outcome, [np.asarray(values).copy() for values in arrays]


def same(one, other):
    np.testing.assert_equal(one[2], other[2])
    assert one[:2] == other[:2]


@each("case", LIMITED)
def test_with_more_steps_it_is_the_run_that_had_them_from_the_start(case):
    short, name = case
    once = short.replace(**{name: 2 * short.optimizer.most_steps})
    twice = short.replace(**{name: 3 * short.optimizer.most_steps + 1})
    training = Training([short, short.replace(seed=5)])
    assert finished(training)[0].outcome is Outcome.BUDGET
    for more in (once, twice):
        before = training.runs()[0]
        then = content(before)
        training.go_on([more, more.replace(seed=5)])
        found = finished(training)
        same(content(before), then)  # what was given away is left alone
        for run, whole in zip(found, train([more, more.replace(seed=5)]), strict=True):
            same(content(run), content(whole))


@each("case", LIMITED)
def test_stopped_anywhere_it_goes_on_as_if_it_had_not_been(case):
    experiment, _ = case
    whole = content(train(experiment))
    for pieces in (1, 2, 7):
        training = Training([experiment])
        for _ in zip(range(pieces), training.work(), strict=False):
            pass
        stopped = training.runs()[0]
        then = content(stopped)
        assert stopped.outcome is Outcome.CANCELLED
        training.go_on([experiment])
        same(content(finished(training)[0]), whole)
        same(content(stopped), then)


def test_an_end_that_is_one_stays_one():
    ends = by(GradientFlow(t_end=0.5, max_steps=500))
    training = Training([ends, ends.replace(seed=1)])
    (run, _) = finished(training)
    assert run.time[-1] == 0.5 and run.outcome is Outcome.BUDGET
    training.go_on([ends.replace(max_steps=900), ends.replace(max_steps=900, seed=1)])
    assert [len(one) for one in finished(training)] == [len(run), len(training.runs()[1])]


def test_twins_of_other_shapes_go_on_together():
    both = [SMALL, SMALL.replace(width=4)]
    training = Training(both)
    finished(training)
    more = [one.replace(steps=100) for one in both]
    training.go_on(more)
    for run, whole in zip(finished(training), map(train, more), strict=True):
        same(content(run), content(whole))


class Decaying(GradientDescent):
    """One whose steps could depend on their number."""


@pytest.mark.parametrize(
    "other",
    [
        SMALL.replace(seed=1),
        SMALL.replace(lr=2e-2),
        SMALL.replace(steps=59),
        SMALL.replace(width=7),
        by(GradientDescent(1e-2, steps=100)),
    ],
    ids=["seed", "rate", "fewer", "width", "optimizer"],
)
def test_it_goes_on_as_no_other(other):
    training = Training([SMALL])
    before = content(finished(training)[0])
    with pytest.raises(ValueError, match="cannot go on as"):
        training.go_on([other])
    same(content(training.runs()[0]), before)


@pytest.mark.parametrize("optimizer", [AdamW(steps=20), Decaying(steps=20)])
def test_a_schedule_has_no_more_steps(optimizer):
    assert optimizer.longer() is None
    training = Training([by(optimizer)])
    finished(training)
    with pytest.raises(ValueError, match="cannot go on as"):
        training.go_on([by(dataclasses.replace(optimizer, steps=40))])


def test_twice_as_many_steps_and_no_more_than_there_may_be():
    assert Adam(steps=60).longer() == Adam(steps=120)
    assert Adam(steps=6_000_000).longer() == Adam(steps=10_000_000)
    assert Adam(steps=10_000_000).longer() is None
    assert GradientFlow(max_steps=3).longer() == GradientFlow(max_steps=6)


def test_settings_of_other_kinds_are_compared_without_being_joined():
    sgd = by(SGD(steps=20))
    assert not sgd.goes_on(SMALL) and not SMALL.goes_on(sgd)
    training = Training([SMALL])
    finished(training)
    with pytest.raises(ValueError, match="1 runs cannot go on as 2"):
        training.go_on([SMALL, SMALL])


def test_one_that_used_up_its_steps_long_before_the_others_is_refused():
    both = [SMALL.replace(steps=10), SMALL.replace(steps=50, seed=1)]
    training = Training(both)
    finished(training)
    assert not training.has_more()
    with pytest.raises(ValueError, match="used up its steps while others went on"):
        training.go_on([one.replace(steps=100) for one in both])


def test_a_wide_network_keeps_nothing_that_never_goes_on():
    training = Training([Experiment(TwoLayer(1, 3), ASYMMETRIC, Adam(steps=5, stop_loss=1e3), 8)])
    assert finished(training)[0].outcome is Outcome.CONVERGED
    assert training._begun == []


def test_snapshots_that_were_kept_say_what_was():
    """Steps and times are of their moment, however far the run has gone since."""
    kept = [*trajectory([by(GradientFlow(max_steps=20))], chunk_seconds=0.0)]
    run = train(by(GradientFlow(max_steps=20)))
    for step, time in zip(run.step, run.time, strict=True):
        assert (step, time) in [(one.step[0], one.time[0]) for one in kept]
