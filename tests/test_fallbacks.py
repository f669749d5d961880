"""A step test of the flow that meets a singular matrix takes the bound, and the run says so."""

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from test_floor import DEEP

import condensekit as ck
from condensekit import Experiment, Runs, TwoLayer, train
from condensekit.derivatives import Landscape
from condensekit.models.parameters import flat
from condensekit.optimizers import flow, implicit
from condensekit.problems import three_tanh
from condensekit.subjects import words
from condensekit.symmetry.equal import Condensed
from condensekit.training import Training, trajectory

BASE = DEEP["wide"]
"""On its floor, its steps pass the poles of D = I + s B one after another."""


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Each run is on the floor as soon as its loss is low."""
    monkeypatch.setattr(flow.FlowRule, "patience", 0)


def first_pivots(theta, data):
    """Of B, for each neuron: (2/n) a sum_i r_i tanh''(z_i) x_i^2; NumPy, by hand."""
    x, y = data.x.numpy()[:, 0], data.y.numpy()
    a, w, b = theta.reshape(3, -1)
    t = np.tanh(np.outer(x, w) + b)
    return 2.0 / len(x) * a * ((t @ a - y) * x * x @ (-2.0 * t * (1.0 - t * t)))


def rule_of(*experiments):
    theta = np.stack([flat(one.model, one.init()) for one in experiments])
    data = experiments[0].data()
    x, y = (part.expand(len(theta), *part.shape) for part in (data.x, data.y))
    return flow.FlowRule(
        [one.optimizer for one in experiments], Landscape(experiments[0].model, theta, x, y)
    )


def singular_end(experiment):
    """A `t_end` so that a step to it has a D whose first pivot, of one neuron, is zero.

    Also how many attempts there are before.
    """
    rule, data, attempts = rule_of(experiment), experiment.data(), 0
    loss = rule.start()
    while rule.going(loss).all():
        loss, attempts = rule.step(), attempts + 1
        pivots = first_pivots(rule.landscape.theta[0], data)
        if rule.floor[0] and (pivots < 0.0).any():
            pole = implicit.CAP / -pivots.min()
            if 0.5 * rule.h[0] < pole < rule.h[0]:
                return float(rule.t[0] + pole), attempts
    raise AssertionError("no step is as long as that")


@pytest.fixture(scope="module")
def constructed():
    """An experiment whose last step begins by such a test, and the attempts before it."""
    with pytest.MonkeyPatch.context() as only:
        only.setattr(flow.FlowRule, "patience", 0)
        end, attempts = singular_end(BASE)
    return BASE.replace(t_end=end), attempts


def right_before(experiment, attempts):
    """Its rule, of which the next attempt meets the singular matrix."""
    rule = rule_of(experiment)
    rule.start()
    for _ in range(attempts):
        rule.step()
    return rule


def test_a_constructed_pivot_is_met_once_and_the_bound_is_taken(constructed):
    rule = right_before(*constructed)
    assert rule.fallbacks().tolist() == [0]
    (method,) = (one for _, one in rule.groups if isinstance(one, implicit.Implicit))
    bound, left = implicit.CAP / -method.hessian.lowest[0], rule.t_end[0] - rule.t[0]
    began = rule.t[0]
    assert bound < left <= rule.h[0], "the bound would not ask"
    rule.step()
    assert rule.fallbacks().tolist() == [1]
    assert rule.t[0] in (began, pytest.approx(began + bound, rel=1e-12))


def test_the_run_counts_it_and_says_so(constructed):
    run = train(constructed[0])
    assert run.fallbacks == 1
    assert run.time[-1] == constructed[0].optimizer.t_end, "it went on to its end"
    told = "1 step test met a singular matrix and fell back to the bound."
    assert run.notes.endswith(told)
    assert told in repr(run)
    assert told in words.ended(run, 1.0, "beside")
    assert told in words.known(run, here=True)
    other = train(BASE.replace(t_end=0.9 * constructed[0].optimizer.t_end))
    assert other.fallbacks == 0
    for text in (repr(other), other.notes, words.ended(other, 1.0, ""), words.known(other, True)):
        assert "singular" not in text


@pytest.mark.slow
def test_it_is_said_in_the_language_of_the_reader(constructed):
    run = train(constructed[0])
    ck.set_language("zh")
    try:
        told = [ck.languages.tr(replace(run, fallbacks=count).notes) for count in (1, 1_200)]
    finally:
        ck.set_language("en")
    for count, text in zip(("1", "1,200"), told, strict=True):
        assert f"有 {count} 次步长检验遇到奇异矩阵" in text
        assert "singular" not in text


@pytest.mark.slow
def test_it_is_counted_in_a_batch_as_alone(constructed):
    """Beside runs that have none, that end before, and that have another method."""
    met = constructed[0]
    others = [met.replace(seed=5), met.replace(stop_loss=1e-3), met.replace(t_end=1e3)]
    runs = train([others[0], met, *others[1:], met])
    assert [run.fallbacks for run in runs] == [train(one).fallbacks for one in runs.experiments]
    assert runs[1].fallbacks == runs[-1].fallbacks == 1
    np.testing.assert_array_equal(runs[1].time, train(met).time)


@pytest.mark.slow
def test_a_run_that_is_given_more_steps_or_is_stopped_counts_it_once(constructed):
    """Stopped within an attempt, too: it is made, and counted, again."""
    met, attempts = constructed
    for most in (attempts, attempts + 1):
        training = Training([met.replace(max_steps=most)])
        for _ in training.work():
            pass
        assert training.runs()[0].fallbacks == most - attempts
        training.go_on([met])
        for _ in training.work():
            pass
        assert training.runs()[0].fallbacks == 1
    training = Training([met])
    for _ in training.work(until=10):
        pass
    training.go_on([met])
    for _ in training.work():
        pass
    assert training.runs()[0].fallbacks == 1


def test_an_attempt_that_is_given_up_counts_nothing(constructed):
    rule = right_before(*constructed)
    for given_up in range(1, 12, 2):
        parts = rule.parts()
        for _ in range(given_up):
            assert next(parts) is None
        parts.close()
        assert rule.fallbacks().tolist() == [0]
    rule.step()
    assert rule.fallbacks().tolist() == [1]


def test_snapshots_that_were_kept_say_what_was(constructed):
    """Steps, times and counts are of their moment, however far the run has gone since."""
    kept = [*trajectory([constructed[0]], chunk_seconds=0.0)]
    steps, times, counts = (
        [getattr(one, name)[0] for one in kept] for name in ("step", "time", "fallbacks")
    )
    for series in (steps, times, counts):
        assert all(before <= after for before, after in pairwise(series))
        assert series[0] == 0.0 < series[-1]
    assert sum(counts) < len(counts)


def test_files_keep_it_and_those_of_before_have_none(constructed, tmp_path):
    path = tmp_path / "runs.npz"
    run = train(constructed[0])
    Runs([run, replace(run, fallbacks=0)]).save(path)
    assert [one.fallbacks for one in Runs.load(path)] == [1, 0]
    assert repr(Runs.load(path)[0]) == repr(run)
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    header = json.loads(str(arrays["header"]))
    for wrong in (-1, 0.5, True, "1", None):
        header["runs"][0]["fallbacks"] = wrong
        np.savez(path, **arrays | {"header": np.array(json.dumps(header))})
        with pytest.raises(ValueError, match="damaged or is not"):
            Runs.load(path)
    del header["runs"][0]["fallbacks"]
    np.savez(path, **arrays | {"header": np.array(json.dumps(header))})
    assert [one.fallbacks for one in Runs.load(path)] == [0, 0]


def test_a_sweep_says_it_and_its_file_keeps_it(constructed, tmp_path):
    pytest.importorskip("xarray")
    path, met = tmp_path / "sweep.nc", constructed[0]
    found = ck.sweep(met, path=path, t_end=[1e3, met.optimizer.t_end])
    said = ["", "1 step test met a singular matrix and fell back to the bound."]
    assert [text[-len(said[1]) :] * ("singular" in text) for text in found.message.values] == said
    again = ck.sweep(met, path=path, t_end=[1e3, met.optimizer.t_end])
    np.testing.assert_array_equal(again.message.values, found.message.values)


def test_the_narrow_network_has_no_such_test():
    """Its eigenvalues are an answer wherever they are."""
    model = Condensed(1, (2, 1))
    theta, data = flat(model, model.init(seed=1))[None], BASE.data()
    found = Landscape(model, theta, data.x[None], data.y[None]).curvature()
    found.update()
    found.factor(-1.0 / np.array([found.lowest[0]]))
    assert found.singular().tolist() == [False]


def test_other_optimizers_have_none():
    run = train(Experiment(TwoLayer(1, 3), three_tanh(), ck.GradientDescent(steps=5), 6))
    assert run.fallbacks == 0
    assert run.notes == run.message
