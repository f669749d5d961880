"""Dynamics: events on curves that were drawn by hand, sharpness against dense Hessians."""

import dataclasses
import functools
import re

import numpy as np
import pytest
import torch
from cases import ASYMMETRIC, PLANE, PUBLISHED, PlainFormula, each
from hypothesis import given, settings
from hypothesis import strategies as st

from condensekit import Attention, Experiment, GradientDescent, GradientFlow, Run, TwoLayer, train
from condensekit.dynamics import (
    bearable_rate,
    descent_steps,
    events,
    followed_until,
    lowest_eigenvalue,
    same_time,
    sharpness,
)
from condensekit.models import Plane
from condensekit.problems import plane, teacher_heads

SHORT = GradientFlow(stop_loss=0.0, t_end=20.0)

RUNS = {
    "tanh": Experiment(TwoLayer(1, 8), ASYMMETRIC, SHORT, 12, init_std=0.5, seed=1),
    "plane": Experiment(TwoLayer(2, 6), PLANE, SHORT, 15, init_std=0.5, seed=3),
    "one neuron": Experiment(TwoLayer(1, 1), ASYMMETRIC, SHORT, 4, init_std=0.5, seed=3),
    "dense": Experiment(PlainFormula(TwoLayer(1, 5)), ASYMMETRIC, SHORT, 9, init_std=0.7, seed=4),
}


@functools.cache
def start(width):
    """Something to draw on."""
    short = GradientFlow(stop_loss=0.0, max_steps=1)
    return train(Experiment(TwoLayer(1, width), ASYMMETRIC, short, 4))


def drawn(time, loss, params=None):
    """A run with this loss; of one neuron that stays where it is, unless `params` are given."""
    time, loss = np.asarray(time, dtype=float), np.asarray(loss, dtype=float)
    if params is None:
        params = {
            "a": torch.ones(len(time), 1, dtype=torch.float64),
            "w": torch.ones(len(time), 1, 1, dtype=torch.float64),
            "b": torch.zeros(len(time), 1, dtype=torch.float64),
        }
    run = start(params["a"].shape[1])
    return dataclasses.replace(
        run, step=np.arange(len(time)), time=time, loss=loss, test_loss=loss, params=params
    )


def kinds(run, **thresholds):
    return [(event.kind, event.index) for event in events(run, **thresholds)]


def test_a_plateau_begins_where_the_loss_stands_still_and_ends_where_it_falls():
    time = np.geomspace(1e-2, 1e4, 120)
    loss = np.where(time < 1.0, 1.0, np.where(time < 1e3, 0.5, 0.1))
    found = events(drawn(np.r_[0.0, time], np.r_[1.0, loss]))
    after_one, after_thousand = (int(np.argmax(time >= t)) + 1 for t in (1.0, 1e3))
    assert [(event.kind, event.index) for event in found] == [
        ("plateau", 1),
        ("escape", after_one),
        ("plateau", after_one + 1),
        ("escape", after_thousand),
        ("plateau", after_thousand + 1),
        ("end", 120),
    ]
    assert found[1].time == time[after_one - 1]
    assert found[1].text.startswith("Escape from 1 at t = 1.0")


def test_a_loss_that_falls_all_the_time_has_no_plateau():
    time = np.geomspace(1e-2, 1e4, 120)
    assert kinds(drawn(np.r_[0.0, time], np.r_[100.0, 1.0 / time])) == [("end", 120)]


def test_a_loss_that_rises_is_on_no_plateau():
    time = np.geomspace(1e-2, 1e4, 120)
    loss = np.where(time < 10.0, 1.0, time)  # it diverges
    found = events(drawn(np.r_[0.0, time], np.r_[1.0, loss]))
    assert [event.kind for event in found] == ["plateau", "escape", "end"]
    assert found[1].text.endswith("upwards: the loss rises.")
    assert np.log10(found[1].time) == pytest.approx(1.0, abs=0.1)


def test_thresholds_decide_what_a_plateau_is():
    time = np.geomspace(1e-2, 1e4, 120)
    run = drawn(np.r_[0.0, time], np.r_[3.0, time**-0.1])  # falls by 7 % while time doubles
    assert kinds(run) == [("end", 120)]
    assert kinds(run, fall=0.08)[0][0] == "plateau"
    assert kinds(run, last=1.2)[0][0] == "plateau"


@pytest.mark.parametrize(
    ("share", "told"), [(0.94, ["plateau", "escape", "end"]), (0.995, ["plateau", "end"])]
)
def test_the_level_of_a_plateau_sinks_while_time_doubles_and_not_at_each_step(share, told):
    """Time doubles in 15 steps: 0.995^15 is 0.93, less than 10 % below 1; 0.94^2 is more."""
    time, loss = np.geomspace(1.0, 1e4, 200), share ** np.maximum(np.arange(200) - 60, 0)
    assert [kind for kind, _ in kinds(drawn(np.r_[0.0, time], np.r_[1.0, loss]))] == told


@pytest.mark.parametrize(
    ("setting", "value"),
    [("fall", 0.0), ("fall", 1.0), ("fall", np.nan), ("last", 1.0), ("last", np.nan)],
)
def test_thresholds_out_of_range_are_refused(setting, value):
    with pytest.raises(ValueError, match=f"{setting} must be .* but is {value}"):
        events(drawn([0.0, 1.0], [1.0, 0.5]), **{setting: value})


def test_a_split_is_where_one_more_group_stays():
    steps = 40
    w = torch.ones(steps, 2, 1, dtype=torch.float64)
    w[20:, 1] = 3.0  # the second neuron leaves the first, for good
    w[5, 1] = 3.0  # and once before, for a moment
    params = {
        "a": torch.ones(steps, 2, dtype=torch.float64),
        "w": w,
        "b": torch.zeros(steps, 2, dtype=torch.float64),
    }
    run = drawn(np.arange(steps), 1.0 / (1.0 + np.arange(steps)), params)
    splits = [event for event in events(run) if event.kind == "split"]
    assert [event.index for event in splits] == [20]
    assert splits[0].text.startswith("1 to 2 groups")


def told(counts):
    """The changes of a count that are told, as (kind, index, before, after)."""
    run = drawn(np.arange(len(counts)), np.full(len(counts), 1.0))
    found = events(run, counts=np.array(counts), what="cluster")
    changes = [event for event in found if event.kind in {"split", "join"}]
    numbers = [re.match(r"(\d+) to (\d+) clusters? from t", e.text) for e in changes]
    return [(e.kind, e.index, int(n[1]), int(n[2])) for e, n in zip(changes, numbers, strict=True)]


@given(st.lists(st.integers(0, 6), min_size=2, max_size=60))
@settings(max_examples=200, deadline=None)
def test_changes_of_a_count_add_up_to_the_last_one(counts):
    found = told(counts)
    now = min(counts)
    for kind, index, before, after in found:
        assert before == now, "each begins where the one before ended"
        assert kind == ("split" if after > before else "join")
        assert set(counts[index : index + 3]) == {after}, "and it is steady, or the end"
        assert index > counts.index(min(counts))
        now = after
    assert now == counts[-1]


def test_the_lists_that_did_not_add_up():
    """Issue: "4 to 5", then "3 to 4"; "2 to 4" while the headline says 3."""
    assert told([3, 3, 3, 4, 4, 4, 5, 5, 5, 3, 3, 3, 4, 4, 4]) == [
        ("split", 3, 3, 4),
        ("split", 6, 4, 5),
        ("join", 9, 5, 3),
        ("split", 12, 3, 4),
    ]
    assert told([2, 2, 2, 4, 4, 4, 3, 3]) == [("split", 3, 2, 4), ("join", 6, 4, 3)]
    assert told([2, 2, 5, 2, 5, 2, 2, 2]) == [], "what flickers is not told"


def test_a_run_that_ends_at_its_budget_says_so_last():
    base = RUNS["tanh"]
    for optimizer, ending in (
        (GradientFlow(stop_loss=0.0, max_steps=30), "its step budget is used up after 30 steps."),
        (GradientFlow(stop_loss=0.0, t_end=2.0), "its time is up, t = 2."),
        (GradientDescent(0.01, steps=50), "its step budget is used up after 50 steps."),
    ):
        last = events(train(dataclasses.replace(base, optimizer=optimizer)))[-1]
        assert last.kind == "end"
        assert last.text.endswith(ending)
    converged = train(dataclasses.replace(base, optimizer=GradientFlow(stop_loss=1.0)))
    assert "end" not in {event.kind for event in events(converged)}


@pytest.mark.slow
def test_the_published_flow_waits_and_escapes():
    """Theory of the talk: the long plateau is that of one neuron, or lies just below."""
    found = events(train(dataclasses.replace(PUBLISHED, optimizer=GradientFlow())))
    last = [event for event in found if event.kind == "escape"][-1]
    assert last.time == pytest.approx(7.43e4, rel=0.03)
    assert sum(event.kind == "plateau" for event in found) >= 2


HEADS = Experiment(
    Attention(6, 6, 1, 1), teacher_heads(), GradientDescent(0.1, steps=30), 6, init_std=0.7
)
"""Its loss is another one: the squared error over the mean square of the labels."""


@each("experiment", RUNS | {"heads": HEADS})
def test_sharpness_and_the_lowest_eigenvalue_are_those_of_the_hessian(experiment):
    run = train(experiment)
    data = experiment.data()

    def loss(theta):
        params, start = {}, 0
        for name, shape in experiment.model.shapes().items():
            size = int(np.prod(shape))
            params[name] = theta[start : start + size].reshape(shape)
            start += size
        outputs = torch.vmap(experiment.model, in_dims=(None, 0))(params, data.x)
        return experiment.problem.loss(outputs, data.y)

    some = range(0, len(run), 25)
    expected = []
    for i in some:
        theta = torch.cat([leaf.ravel() for leaf in run.at(i).values()])
        hessian = torch.func.jacrev(torch.func.grad(loss))(theta)
        values = torch.linalg.eigvalsh(hessian)
        expected.append(float(values[-1]))
        lowest = float(values[0])
        assert lowest_eigenvalue(run, i) == pytest.approx(lowest, abs=1e-9 * float(values[-1]))
    np.testing.assert_allclose(sharpness(run)[list(some)], expected, rtol=1e-3)


def test_descent_follows_until_its_rate_is_too_large():
    run = drawn([0.0, 1.0, 2.0, 3.0], [4.0, 3.0, 2.0, 1.0])
    steep = np.array([10.0, 20.0, 40.0, 80.0])
    assert followed_until(run, 0.06, steep) == 2.0
    assert followed_until(run, 0.2 + 1e-9, steep) == 0.0
    assert followed_until(run, 0.02, steep) == np.inf
    np.testing.assert_allclose(descent_steps(run, steep), [0.0, 7.5, 22.5, 52.5])
    with pytest.raises(ValueError, match=r"above 0, but is 0\.0"):
        followed_until(run, 0.0, steep)


def test_gradient_descent_leaves_the_flow_where_it_is_said_to():
    """Below 2 / lambda_max descent follows the flow; above, its loss does not stay with it."""
    base = Experiment(TwoLayer(1, 1), ASYMMETRIC, GradientFlow(stop_loss=0.0, t_end=200.0), 4)
    base = base.replace(init_std=0.5, seed=3)
    flow = train(base)
    steep = sharpness(flow)
    for factor, follows in ((0.5, True), (1.1, False)):
        lr = factor * 2.0 / float(steep[-1])
        until = followed_until(flow, lr, steep)
        assert (until == np.inf) is follows
        steps = int(200.0 / lr)
        descent = train(dataclasses.replace(base, optimizer=GradientDescent(lr, steps=steps)))
        apart = abs(descent.loss[-1] / flow.loss[-1] - 1.0)
        assert apart < 0.01 if follows else apart > 1.0


def test_what_happened_can_be_asked_of_any_run(tmp_path):
    run = train(RUNS["tanh"])
    back = Run.load(run.save(tmp_path / "run.npz"))
    assert events(back) == events(run)
    np.testing.assert_array_equal(sharpness(back), sharpness(run))


def test_the_rate_that_all_starts_can_bear_is_two_over_the_largest_eigenvalue():
    """Of a plane the Hessian is 2 / n times a Gram matrix, wherever it starts."""
    flow = Experiment(Plane(), plane(1.0, 2.0, 3.0), GradientFlow(), 7)
    descent = dataclasses.replace(flow, optimizer=GradientDescent(0.1))
    descents = [descent.replace(seed=seed) for seed in range(4)]
    largest = []
    for one in descents:
        rows = np.column_stack([np.ones(7), one.data().x.numpy()])
        largest.append(np.linalg.norm(rows, 2) ** 2 * 2.0 / 7.0)
    for some in (slice(1), slice(4)):
        found = bearable_rate([flow, *descents[some]])
        assert found == pytest.approx(2.0 / max(largest[some]), rel=1e-9)
    assert bearable_rate([flow]) == bearable_rate([]) == np.inf


@pytest.mark.parametrize(
    ("bound", "lr", "steps"),
    [(0.0749, 0.037, 280), (4.62, 2.3, 100), (99.9, 49.0, 100), (0.00031, 0.00015, 67_000)],
)
def test_an_offer_has_two_digits_and_lasts_as_long(bound, lr, steps):
    """Half of the bound, rounded down; a time of 10, rounded up, and no fewer steps than before."""
    descent = GradientDescent(0.1, steps=100)
    one = Experiment(TwoLayer(1, 3), ASYMMETRIC, descent, 10)
    assert same_time(one, bound, 0.5) == (lr, steps)
