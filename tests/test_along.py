"""A measure along a run, and the parameters at a step. Oracle: the measure, asked at each step."""

import math

import numpy as np
import pytest
import torch

import condensekit as ck
from condensekit import measures

RUN = ck.train(ck.Experiment(ck.TwoLayer(1, 6, "relu"), ck.three_tanh(), ck.Adam(steps=60), 9, 0.3))
MODEL, DATA = RUN.experiment.model, RUN.experiment.data()


def step_by_step(measure):
    return np.array([np.asarray(measure(RUN.at(i))) for i in range(len(RUN))])


@pytest.mark.parametrize(
    ("measure", "same"),
    [
        (measures.amplitudes, lambda p: measures.amplitudes(MODEL, p)),
        (measures.orientations, lambda p: measures.orientations(MODEL, p)),
        (measures.cosine_similarity, lambda p: measures.cosine_similarity(MODEL, p)),
        (measures.groups, lambda p: measures.groups(MODEL, p)),
        (measures.effective_clusters, lambda p: measures.effective_clusters(MODEL, p)),
        (lambda model, params: model.m, lambda p: 6),
        (lambda model, params: params["w"], lambda p: p["w"]),
        (lambda *both: both[1]["a"].sum(), lambda p: p["a"].sum()),
        (lambda model, params, factor=2.0: factor, lambda p: 2.0),
    ],
)
def test_it_is_the_measure_at_each_recorded_step(measure, same):
    found = ck.along(RUN, measure)
    np.testing.assert_array_equal(found, step_by_step(same))
    assert len(found) == len(RUN)


def test_a_measure_that_takes_data_is_given_those_of_the_run():
    np.testing.assert_array_equal(
        ck.along(RUN, measures.dead), step_by_step(lambda p: measures.dead(MODEL, p, DATA.x))
    )

    def loss(model, params, data):
        return (ck.evaluate(model, params, data.x) - data.y).square().mean()

    np.testing.assert_allclose(ck.along(RUN, loss), RUN.loss, rtol=1e-12)

    def both(model, params, *, y, x):
        return (ck.evaluate(model, params, x) - y).square().mean()

    np.testing.assert_allclose(ck.along(RUN, both), RUN.loss, rtol=1e-12)


def test_a_run_without_steps_has_no_values():
    far = ck.Experiment(ck.TwoLayer(1, 5), ck.problems.formula("1e300*x"), ck.Adam(steps=5), 5)
    assert ck.along(ck.train(far), measures.amplitudes).shape == (0,)


@pytest.mark.parametrize(
    ("measure", "words"),
    [
        (lambda model, params, threshold: 0.0, "asks for 'threshold'"),
        (lambda model, params: "one", "must give a number or an array, but gives a str"),
        (lambda model, params: None, "gives a NoneType"),
        (measures.clusters, "gives a list|keep its shape"),
        (lambda model, params: np.ones(1 + (params is not None)), None),
    ],
)
def test_what_is_no_measure_is_refused(measure, words):
    if words is None:
        assert ck.along(RUN, measure).shape == (len(RUN), 2)
        return
    with pytest.raises(ValueError, match=words):
        ck.along(RUN, measure)


def test_a_shape_that_changes_is_refused():
    sizes = iter(range(1, 1_000))
    with pytest.raises(ValueError, match=r"keep its shape, but has \[1\], then \[2\]"):
        ck.along(RUN, lambda model, params: np.ones(next(sizes)))


@pytest.mark.parametrize("run", [ck.Runs((RUN,)), None, MODEL])
def test_what_is_no_run_is_refused(run):
    with pytest.raises(ValueError, match="along asks one Run, but has a"):
        ck.along(run, measures.amplitudes)


@pytest.mark.parametrize("step", [0, 1, 7, 59.5, 60, 10_000, np.int64(7)])
def test_parameters_at_a_step_are_the_last_recorded_ones_not_after(step):
    index = max(i for i in range(len(RUN)) if RUN.step[i] <= step)
    found = RUN.at_step(step)
    assert all(torch.equal(leaf, found[name]) for name, leaf in RUN.at(index).items())


@pytest.mark.parametrize("step", [-1, math.nan, math.inf, "1", None, True])
def test_a_step_that_is_none_is_refused(step):
    with pytest.raises(ValueError, match=f"step must be a number from 0 .* but is {step!r}"):
        RUN.at_step(step)
