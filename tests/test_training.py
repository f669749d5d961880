"""Training: one batched loop, held against torch.optim, itself and a fake clock."""

import dataclasses
import functools
import itertools

import numpy as np
import pytest
import torch
from cases import (
    ACTIVATIONS,
    ASYMMETRIC,
    OPTIMIZERS,
    PLANE,
    PUBLISHED,
    SHORT,
    SMALL,
    PlainFormula,
    each,
)
from hypothesis import given
from hypothesis import strategies as st
from often import crossed
from oracles import by_torch

import condensekit.derivatives.landscape as landscape
import condensekit.training.loop as loop
from condensekit import (
    Adam,
    Experiment,
    GradientDescent,
    Outcome,
    Runs,
    TwoLayer,
    recovery,
    three_tanh,
    train,
    trajectory,
)
from condensekit.training import Recorder, estimate_seconds, record_steps

# --- oracles -----------------------------------------------------------------------------------

TORCH = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "softplus": torch.nn.functional.softplus,
    "xtanh": lambda z: z * torch.tanh(z),
    "x2tanh": lambda z: z**2 * torch.tanh(z),
    "square": torch.square,
    "arctan": torch.atan,
}


def _network(model, params, x):
    model = model.hidden if isinstance(model, PlainFormula) else model
    z = x @ params["w"].T
    return TORCH[model.activation](z + params["b"] if model.bias else z) @ params["a"]


def _assert_same_record(one, other, rtol):
    """Equal curves and parameters, relative to the largest entry of each leaf at each step."""
    np.testing.assert_array_equal(one.step, other.step)
    np.testing.assert_allclose(one.time, other.time, rtol=1e-15)
    np.testing.assert_allclose(one.loss, other.loss, rtol=rtol)
    np.testing.assert_allclose(one.test_loss, other.test_loss, rtol=rtol)
    assert one.params.keys() == other.params.keys()
    for name, leaf in one.params.items():
        a, b = leaf.flatten(1), other.params[name].flatten(1)
        assert bool(((a - b).abs() <= rtol * a.abs().amax(dim=1, keepdim=True)).all())
    assert (one.outcome, one.message) == (other.outcome, other.message)


def _assert_identical(one, other):
    assert one.experiment == other.experiment
    for field in ("step", "time", "loss", "test_loss"):
        np.testing.assert_array_equal(getattr(one, field), getattr(other, field))
    for name, leaf in one.params.items():
        assert torch.equal(leaf, other.params[name])
    assert (one.outcome, one.message) == (other.outcome, other.message)


@pytest.fixture
def work(monkeypatch):
    """A clock that only work moves: every step costs `work.cost` seconds."""

    class Work:
        now, cost, steps = 0.0, 0.001, 0

        def clock(self):
            return self.now

        def done(self, call):
            def step():
                self.steps += 1
                self.now += self.cost
                return call()

            return step

    work = Work()
    real = landscape.loss_and_gradient
    monkeypatch.setattr(landscape, "loss_and_gradient", lambda *a: work.done(real(*a)))
    timed = functools.partial(trajectory, clock=work.clock)
    monkeypatch.setattr(loop, "trajectory", timed)
    work.trajectory = timed
    return work


# --- optimizers --------------------------------------------------------------------------------


STEPPED = {name: case for name, case in OPTIMIZERS.items() if case.time_of_step}


WIDTHS = [TwoLayer(1, 1), TwoLayer(1, 60), *(TwoLayer(1, 7, name) for name in ACTIVATIONS)]


@crossed(("case", "model"), STEPPED, WIDTHS)
@pytest.mark.filterwarnings("ignore:The epoch parameter:UserWarning")
def test_optimizers_agree_with_torch(case, model):
    experiment = Experiment(model, ASYMMETRIC, case.optimizer, 12, init_std=1e-2, seed=3)
    run = train(experiment)
    losses, path = by_torch(experiment, _network)
    np.testing.assert_allclose(run.loss, losses[run.step], rtol=0, atol=1e-9)
    for i, step in enumerate(run.step):
        for key, leaf in path[step].items():
            torch.testing.assert_close(run.params[key][i], leaf, rtol=0, atol=1e-9)
    moved = max(float((path[-1][key] - path[0][key]).abs().max()) for key in path[0])
    assert moved > 1e-6, "nothing happened, so nothing was tested"


PLANES = [TwoLayer(2, 5), TwoLayer(2, 5, bias=False), PlainFormula(TwoLayer(2, 4, "relu"))]


@crossed(("case", "model"), STEPPED, PLANES)
@pytest.mark.filterwarnings("ignore:The epoch parameter:UserWarning")
def test_optimizers_agree_with_torch_in_the_plane(case, model):
    experiment = Experiment(model, PLANE, case.optimizer, n_samples=20, init_std=1e-2, seed=1)
    run = train(experiment)
    _, path = by_torch(experiment, _network)
    for key, leaf in path[-1].items():
        torch.testing.assert_close(run.final[key], leaf, rtol=0, atol=1e-9)


@each("case", STEPPED)
def test_time_is_what_the_conventions_say(case):
    run = train(dataclasses.replace(SMALL, optimizer=case.optimizer))
    np.testing.assert_allclose(run.time, case.time_of_step * run.step, rtol=1e-14)


# --- one run -----------------------------------------------------------------------------------


@each("experiment", SHORT)
def test_a_record_tells_the_truth(experiment):
    run = train(experiment)
    data = experiment.data()
    assert run.experiment == experiment
    assert run.step.tolist() == record_steps(60)
    assert run.outcome is Outcome.BUDGET
    assert {name: tuple(leaf.shape[1:]) for name, leaf in run.params.items()} == (
        experiment.model.shapes()
    )
    for i in range(len(run)):
        for x, y, loss in (
            (data.x, data.y, run.loss[i]),
            (data.x_test, data.y_test, run.test_loss[i]),
        ):
            error = _network(experiment.model, run.at(i), x) - y
            assert loss == pytest.approx(float((error**2).mean()), rel=1e-11)


@each("experiment", SHORT)
def test_a_run_starts_where_the_experiment_says(experiment):
    start = train(experiment).at(0)
    for name, leaf in experiment.init().items():
        assert torch.equal(start[name], leaf)


def test_a_run_can_be_asked_by_step():
    run = train(SMALL)
    assert run.index_at(0) == 0
    assert run.index_at(10**9) == len(run) - 1
    assert run.index_at(-5) == 0
    for i, step in enumerate(run.step):
        assert run.index_at(step) == i
        assert run.index_at(step + 0.5) == i
    assert all(torch.equal(run.final[name], leaf[-1]) for name, leaf in run.params.items())
    assert "budget at step 60" in repr(run)


def test_training_leaves_the_world_alone():
    torch.set_num_threads(2)  # the fixture sets it back
    before = torch.get_rng_state()
    seen = []
    with np.errstate(over="raise"):
        train(SMALL, on_step=lambda s: seen.append((torch.get_num_threads(), np.geterr()["over"])))
        assert np.geterr()["over"] == "raise"
    assert set(seen) == {(2, "raise")}, "settings of the loop leak into its caller"
    assert torch.get_num_threads() == 2
    assert torch.equal(torch.get_rng_state(), before)


# --- record steps ------------------------------------------------------------------------------


def test_record_steps_are_about_two_hundred_in_twenty_thousand():
    steps = record_steps(20_000)
    assert 180 <= len(steps) <= 220
    assert steps[:3] == [0, 1, 2]
    assert steps[-1] == 20_000


@given(st.integers(1, 10_000_000))
def test_record_steps_are_log_spaced_and_end_at_the_end(steps):
    found = np.array(record_steps(steps))
    assert found[0] == 0
    assert found[1] == 1
    assert found[-1] == steps
    gaps = np.diff(found)
    assert (gaps >= 1).all()
    assert (gaps <= np.maximum(1, 0.06 * found[:-1] + 1)).all()
    assert len(found) <= 500


@given(st.integers(1, 100_000), st.integers(0, 100_000))
def test_a_longer_run_records_what_a_shorter_one_does(steps, more):
    shorter = record_steps(steps)
    assert record_steps(steps + more)[: len(shorter) - 1] == shorter[:-1]


def test_a_longer_run_goes_through_the_shorter_one():
    short, long = train(SMALL.replace(steps=33)), train(SMALL)
    n = len(short) - 1  # the last step may belong to the shorter record only
    np.testing.assert_array_equal(short.loss[:n], long.loss[:n])
    assert all(torch.equal(leaf[:n], long.params[name][:n]) for name, leaf in short.params.items())


# --- a batch -----------------------------------------------------------------------------------

DESCENT = dataclasses.replace(SMALL, optimizer=GradientDescent(0.05, steps=200))
ADAM = dataclasses.replace(SMALL, optimizer=Adam(1e-2, steps=200))
TANHS = Experiment(TwoLayer(1, 9), three_tanh(), Adam(1e-2, 200), n_samples=20, init_std=0.05)

BATCHES = {
    "seeds": [ADAM.replace(seed=seed) for seed in range(5)],
    "learning rates": [e.replace(lr=lr) for e in (ADAM, DESCENT) for lr in (1e-3, 7e-3, 0.03)],
    "steps": [DESCENT.replace(steps=steps, seed=steps) for steps in (200, 50, 1, 120, 200)],
    "stop_loss": [DESCENT.replace(stop_loss=loss) for loss in (0.0, 0.3, 1e6, 0.2)],
    "stop_loss, adam": [ADAM.replace(stop_loss=loss, seed=3) for loss in (0.05, 0.0, 0.3)],
    "initial std": [ADAM.replace(init_std=std) for std in (1e-14, 1e-3, 1.0)],
    "problems": [TANHS.replace(target_width=k) for k in (1, 2, 3, 5)],
    "mixed shapes": [
        ADAM,
        TANHS,
        DESCENT.replace(width=4),
        ADAM.replace(width=4, seed=2),
        Experiment(TwoLayer(2, 4), PLANE, Adam(1e-2, 80), n_samples=8, init_std=0.1),
        ADAM.replace(seed=1, steps=90),
        ADAM.replace(activation="sigmoid"),
        ADAM.replace(bias=False),
        dataclasses.replace(ADAM, model=PlainFormula(TwoLayer(1, 6))),
        ADAM.replace(n_samples=5),
        DESCENT.replace(width=4, lr=0.01, stop_loss=0.4),
    ],
    "many": [ADAM.replace(seed=s, lr=1e-3 * (1 + s), steps=100 + s) for s in range(30)],
    "twice the same": [ADAM, ADAM],
}


@each("experiments", BATCHES)
def test_a_run_alone_equals_its_row_in_a_batch(experiments):
    runs = train(experiments)
    assert runs.experiments == tuple(experiments)
    for row, experiment in zip(runs, experiments, strict=True):
        _assert_same_record(train(experiment), row, rtol=1e-9)


@pytest.mark.slow
@each("experiments", BATCHES)
def test_the_same_batch_twice_is_bit_identical(experiments):
    for one, other in zip(train(experiments), train(experiments), strict=True):
        _assert_identical(one, other)


@each("experiments", BATCHES)
def test_batches_are_not_all_the_same_run(experiments):
    """Guards the laws above: rows that were mixed up would show."""
    runs = train(experiments)
    pairs = [(a, b) for a, b in itertools.combinations(runs, 2) if a.experiment != b.experiment]
    key = {id(r): (len(r), r.experiment.model, float(r.loss[-1]), r.time[-1]) for r in runs}
    assert all(key[id(a)] != key[id(b)] for a, b in pairs)


def test_several_blocks_train_like_one(monkeypatch):
    whole = train(BATCHES["seeds"])
    monkeypatch.setattr("condensekit.derivatives.gradients.BLOCK", 100)  # a run has 48
    for one, other in zip(whole, train(BATCHES["seeds"]), strict=True):
        _assert_same_record(one, other, rtol=1e-9)


def test_the_verdict_alone_and_in_a_batch_is_the_same():
    base = Experiment(TwoLayer(1, 10), three_tanh(1), Adam(1e-2, 2500), n_samples=12, init_std=0.01)
    experiments = [base.replace(seed=seed, lr=lr) for seed in (0, 1) for lr in (1e-4, 1e-2)]
    verdicts = [recovery(run).reached for run in train(experiments)]
    assert verdicts == [recovery(train(e)).reached for e in experiments]
    assert set(verdicts) == {True, False}


def test_a_closed_form_trains_like_the_plain_formula():
    plain = dataclasses.replace(ADAM, model=PlainFormula(ADAM.model))
    one, other = train([ADAM, plain])
    _assert_same_record(one, other, rtol=1e-9)


def test_runs_are_padded_with_nan():
    runs = train(BATCHES["steps"])
    lengths = [len(record_steps(steps)) for steps in (200, 50, 1, 120, 200)]
    for table in (runs.step, runs.time, runs.loss, runs.test_loss):
        assert table.shape == (5, max(lengths))
        assert [int(np.isfinite(row).sum()) for row in table] == lengths
        for row, length in zip(table, lengths, strict=True):
            assert np.isnan(row[length:]).all()
    for name, leaf in runs.params.items():
        assert leaf.shape == (5, max(lengths), *SMALL.model.shapes()[name])
        assert bool(leaf[1, lengths[1] :].isnan().all())
        assert torch.equal(leaf[1, : lengths[1]], runs[1].params[name])


def test_runs_are_a_sequence_of_runs():
    runs = train(BATCHES["mixed shapes"])
    assert len(runs) == 11
    assert [run.experiment for run in runs] == list(BATCHES["mixed shapes"])
    assert runs[-1] is list(runs)[10]
    assert isinstance(runs[2:4], Runs)
    assert list(runs[2:4]) == [runs[2], runs[3]]
    assert runs.outcome == tuple(run.outcome for run in runs)
    assert "11" in repr(runs)
    with pytest.raises(IndexError, match="out of range"):
        runs[11]
    with pytest.raises(ValueError, match="different shapes"):
        _ = runs.params


# --- how runs end ------------------------------------------------------------------------------


def _every_step(experiment):
    return [float(s.loss[0]) for s in trajectory([experiment], chunk_seconds=0.0)]


@pytest.mark.parametrize("base", [DESCENT, ADAM])
@pytest.mark.parametrize("step", [0, 1, 37, 199, 200])
def test_converged_at_the_first_step_with_the_loss_at_most_stop_loss(base, step):
    losses = _every_step(base)
    assert len(losses) == 201
    stop = losses[step]
    first = next(i for i, loss in enumerate(losses) if loss <= stop)
    run = train(base.replace(stop_loss=stop))
    assert run.outcome is Outcome.CONVERGED
    assert run.step[-1] == first
    assert run.loss[-1] == losses[first] <= stop
    assert run.step.tolist() == record_steps(first)
    missed = train(base.replace(stop_loss=np.nextafter(min(losses), 0.0)))
    assert missed.outcome is Outcome.BUDGET
    assert missed.step[-1] == 200


def test_a_learning_rate_that_is_too_large_diverges_and_says_so():
    wild = dataclasses.replace(PUBLISHED, optimizer=GradientDescent(0.1, steps=300))
    tame = wild.replace(lr=1e-3)
    runs = train([tame, wild, tame.replace(seed=1)])
    assert runs.outcome == (Outcome.BUDGET, Outcome.DIVERGED, Outcome.BUDGET)
    run = runs[1]
    assert "lr" in run.message
    assert "0.1" in run.message
    assert 1 < len(run) < len(record_steps(300))
    assert run.step.tolist() == record_steps(300)[: len(run)], "kept up to the last record"
    for values in (run.time, run.loss, run.test_loss, *run.params.values()):
        assert np.isfinite(np.asarray(values)).all()
    _assert_same_record(train(wild), run, rtol=1e-9)
    for row in (0, 2):
        assert runs[row].message == ""
        _assert_same_record(train(runs.experiments[row]), runs[row], rtol=1e-9)


def test_a_diverging_plain_formula_is_an_outcome_too():
    model = PlainFormula(TwoLayer(1, 6, "relu"))
    run = train(Experiment(model, ASYMMETRIC, GradientDescent(50.0, 300), 8, init_std=0.5))
    assert run.outcome is Outcome.DIVERGED
    assert np.isfinite(run.loss).all()


HUGE = {
    "a": torch.full((6,), 1e200, dtype=torch.float64),
    "w": torch.ones(6, 1, dtype=torch.float64),
    "b": torch.zeros(6, dtype=torch.float64),
}


def test_a_run_that_starts_out_of_bounds_can_be_shown():
    run = train(SMALL, init=HUGE)
    assert run.outcome is Outcome.DIVERGED
    assert "diverged" in repr(run)


# --- snapshots, chunks and cancelling ----------------------------------------------------------


@crossed(("cost", "name"), [1e-4, 1e-3, 0.019, 0.021, 3.0], ["seeds", "mixed shapes"])
def test_control_comes_back_after_twenty_milliseconds_of_work(work, cost, name):
    work.cost = cost
    last = work.now
    chunks = []
    for _ in work.trajectory([e.replace(steps=3000) for e in BATCHES[name][:3]]):
        chunks.append(work.now - last)
        last = work.now
    assert max(chunks) <= 0.02 + cost, "more than a chunk and the step that crossed its end"
    assert max(chunks) > 0.02 - cost or cost < 1e-3, "chunks are not used"


def test_a_chunk_of_whole_steps_is_not_exceeded(work):
    work.cost, last = 1.0, 0.0
    for _ in work.trajectory([SMALL.replace(steps=3000)], chunk_seconds=20.0):
        assert work.now - last <= 20.0
        last = work.now


@pytest.mark.slow
def test_chunks_do_not_change_a_run():
    experiments = BATCHES["mixed shapes"] + BATCHES["stop_loss"]
    whole = train(experiments)
    for seconds in (0.0, 1e9):
        recorder = Recorder(experiments)
        for snapshot in trajectory(experiments, chunk_seconds=seconds):
            recorder.add(snapshot)
        for one, other in zip(whole, recorder.runs(), strict=True):
            _assert_identical(one, other)


def test_snapshots_say_where_the_batch_is():
    experiments = BATCHES["steps"]
    seen = {row: [] for row in range(5)}
    for s in trajectory(experiments, chunk_seconds=0.0):
        assert len(s.rows) == len(s.loss) == len(s.time) == len(s.recorded) == len(s.outcome)
        assert np.isnan(s.test_loss).tolist() == (~s.recorded).tolist()
        assert {len(leaf) for leaf in s.params.values()} == {len(s.rows)}
        for i, row in enumerate(s.rows):
            seen[row].append((s.step[i], bool(s.recorded[i]), s.outcome[i]))
    for row, e in enumerate(experiments):
        steps = e.optimizer.steps
        assert [step for step, _, _ in seen[row]] == list(range(steps + 1))
        assert [step for step, recorded, _ in seen[row] if recorded] == record_steps(steps)
        assert {outcome for _, _, outcome in seen[row][:-1]} == {Outcome.RUNNING}
        assert seen[row][-1][2] is Outcome.BUDGET


@pytest.mark.parametrize("stop", [0, 1, 57, 59])
def test_a_cancelled_run_is_kept_and_is_the_beginning_of_the_whole_run(work, stop):
    work.cost = 1.0  # every step is a chunk of its own
    whole = train(SMALL)
    work.steps = 0
    run = train(SMALL, on_step=lambda snapshot: snapshot.step[0] == stop)
    assert work.steps == stop + 1, "work went on after the cancel"
    assert run.outcome is Outcome.CANCELLED
    assert run.step[-1] == stop
    kept = [step for step in record_steps(60) if step <= stop]
    assert run.step.tolist() == sorted({*kept, stop})
    n = len(kept)
    np.testing.assert_array_equal(run.loss[:n], whole.loss[:n])
    np.testing.assert_array_equal(run.test_loss[:n], whole.test_loss[:n])
    assert all(torch.equal(leaf[:n], whole.params[name][:n]) for name, leaf in run.params.items())
    if stop:  # the latest step is measured even where it was not due
        ended = train(SMALL.replace(steps=stop))
        assert run.test_loss[-1] == ended.test_loss[-1]
        assert all(torch.equal(leaf, ended.final[name]) for name, leaf in run.final.items())


def test_stop_is_obeyed_within_one_chunk_once_the_flag_is_set(work):
    """The flag is set in the middle of a chunk, as a click on Stop would."""
    work.cost = 0.003
    experiment = SMALL.replace(steps=5000)
    train(experiment, on_step=lambda snapshot: work.now >= 2.0)
    assert work.now <= 2.0 + 0.02 + work.cost


def test_only_true_cancels():
    for answer in (None, False, 0, 1, "stop", []):
        assert train(SMALL, on_step=lambda _, answer=answer: answer).outcome is Outcome.BUDGET


def test_a_comparison_of_numpy_cancels():
    run = train(SMALL, on_step=lambda snapshot: snapshot.loss[0] < 1e9)
    assert run.outcome is Outcome.CANCELLED


def test_cancelling_a_batch_keeps_the_runs_that_have_ended():
    experiments = BATCHES["steps"]
    runs = train(experiments, on_step=lambda snapshot: snapshot.step.min() >= 100)
    ended = (Outcome.CANCELLED, Outcome.BUDGET, Outcome.BUDGET, Outcome.CANCELLED)
    assert runs.outcome == (*ended, Outcome.CANCELLED)
    whole = train(experiments)
    for row in (1, 2):
        _assert_identical(runs[row], whole[row])


def test_runs_that_were_cancelled_before_they_began_can_be_shown():
    runs = train([SMALL, SMALL.replace(width=4)], on_step=lambda _: True)
    assert runs.outcome == (Outcome.CANCELLED, Outcome.CANCELLED)
    assert "cancelled" in repr(runs[1])


def test_a_recorder_can_be_asked_at_any_time():
    recorder = Recorder([SMALL])
    steps = iter(trajectory([SMALL], chunk_seconds=0.0))
    for _ in range(58):
        recorder.add(next(steps))
    run = recorder.run()
    assert run.outcome is Outcome.RUNNING
    assert run.step.tolist() == [step for step in record_steps(60) if step < 57] + [57]
    assert np.isfinite(run.test_loss).all()
    data = SMALL.data()
    error = _network(SMALL.model, run.final, data.x_test) - data.y_test
    assert run.test_loss[-1] == pytest.approx(float((error**2).mean()), rel=1e-11)


def test_a_generator_that_is_closed_does_no_more_work(work):
    steps = work.trajectory([SMALL])
    next(steps)
    steps.close()
    assert work.steps == 1


# --- starting elsewhere ------------------------------------------------------------------------


def test_training_may_start_anywhere():
    start = SMALL.replace(seed=9, init_std=0.5).init()
    run = train(SMALL, init=start)
    for name, leaf in start.items():
        assert torch.equal(run.at(0)[name], leaf)
    expected = train(SMALL.replace(init_std=0.5, seed=9))
    np.testing.assert_array_equal(run.loss, expected.loss)  # the grid does not depend on the seed


def test_descent_can_be_continued():
    whole = train(DESCENT.replace(steps=90))
    half = train(DESCENT.replace(steps=40))
    rest = train(DESCENT.replace(steps=50), init=half.final)
    for name, leaf in whole.final.items():
        assert torch.equal(rest.final[name], leaf)


def test_each_run_of_a_batch_may_start_elsewhere():
    experiments = BATCHES["seeds"][:3]
    starts = [e.replace(seed=50 + i).init() for i, e in enumerate(experiments)]
    stacked = {name: torch.stack([s[name] for s in starts]) for name in starts[0]}
    for row, run in enumerate(train(experiments, init=stacked)):
        assert all(torch.equal(run.at(0)[name], leaf) for name, leaf in starts[row].items())
    for run in train(experiments, init=starts[0]):
        assert all(torch.equal(run.at(0)[name], leaf) for name, leaf in starts[0].items())


def test_training_does_not_write_into_what_it_was_given():
    start = SMALL.init()
    before = {name: leaf.clone() for name, leaf in start.items()}
    run = train(SMALL, init=start)
    assert all(torch.equal(leaf, before[name]) for name, leaf in start.items())
    start["a"].fill_(0.0)
    assert torch.equal(run.at(0)["a"], before["a"])


# --- bad input ---------------------------------------------------------------------------------


@pytest.mark.parametrize("empty", [[], ()])
def test_nothing_to_train_is_refused_at_once(empty):
    for act in (train, trajectory):  # the generator too, before it is asked for anything
        with pytest.raises(ValueError, match="nothing to train"):
            act(empty)


def _changed(**leaves):
    return SMALL.init() | leaves


@pytest.mark.parametrize(
    ("init", "message"),
    [
        ({}, "must hold a, w, b, but holds"),
        ({"a": torch.zeros(6), "w": torch.zeros(6, 1)}, "must hold a, w, b, but holds a, w"),
        (_changed(c=torch.zeros(6)), "must hold a, w, b, but holds a, w, b, c"),
        (_changed(a=torch.zeros(5)), r"init\['a'\] must have shape \[6\] .*but has \[5\]"),
        (_changed(w=torch.zeros(6)), r"init\['w'\] must have shape \[6, 1\] .*but has \[6\]"),
        (_changed(b=torch.zeros(2, 6)), r"init\['b'\] .* or \[1, 6\], but has \[2, 6\]"),
        (_changed(b=torch.full((6,), torch.nan)), r"init\['b'\] must be finite"),
        (_changed(b=torch.full((6,), torch.inf)), r"init\['b'\] must be finite"),
    ],
)
def test_a_start_that_does_not_fit_is_refused_at_once(init, message):
    with pytest.raises(ValueError, match=message):
        train(SMALL, init=init)
    with pytest.raises(ValueError, match=message):
        trajectory([SMALL], init)


def test_the_estimate_of_the_time_grows_with_the_work():
    quick, slow = (estimate_seconds(PUBLISHED.replace(steps=s)) for s in (10, 1_000_000))
    assert 0 < quick < slow < float("inf")


# Interrupting ------------------------------------------------------------------------------------


def _interrupt(snapshot):
    if snapshot.step.max() >= 8:
        raise KeyboardInterrupt


ONE = next(iter(SHORT.values()))


@pytest.mark.parametrize("experiment", [ONE, [ONE, ONE.replace(seed=1)]])
def test_an_interrupt_keeps_what_was_trained(experiment):
    found = train(experiment, on_step=_interrupt)
    for run in [found] if experiment is ONE else found:
        assert run.outcome is Outcome.CANCELLED
        assert run.step[-1] >= 8
        whole = train(run.experiment)
        np.testing.assert_array_equal(run.loss, whole.loss[: len(run)])


def test_an_interrupt_before_the_first_step_is_one(monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(loop.Batch, "advance", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train(ONE)


@each("optimizer", {name: case.optimizer for name, case in OPTIMIZERS.items()})
def test_a_start_may_be_parameters_of_a_module_that_learns(optimizer):
    """They ask for gradients of their own; the same run, and they are not moved."""
    experiment = dataclasses.replace(SMALL, optimizer=optimizer)
    start = SMALL.replace(seed=9, init_std=0.5).init()
    learning = {name: torch.nn.Parameter(leaf.clone()) for name, leaf in start.items()}
    run, same = (train(experiment, lambda s: s.step[0] >= 3, init) for init in (learning, start))
    assert torch.equal(run.final["w"], same.final["w"])
    assert not run.final["w"].requires_grad
    for name, leaf in start.items():
        assert torch.equal(learning[name], leaf)
        assert learning[name].grad is None


def test_experiments_may_come_from_a_generator():
    found = train(ONE.replace(seed=seed) for seed in range(2))
    assert [run.outcome for run in found] == [Outcome.BUDGET] * 2
    assert all(len(run) > 1 for run in found)


@pytest.mark.parametrize("given", [None, "abc", 3, [ONE, None], {"a": ONE}])
def test_what_is_no_experiment_is_refused(given):
    with pytest.raises(ValueError, match="train needs an Experiment"):
        train(given)


@pytest.mark.parametrize("ratio", [1.0, 0.5, 0.0, -1.0, float("nan"), "2"])
def test_a_record_that_would_never_end_is_refused(ratio):
    with pytest.raises(ValueError, match="record_ratio must be a number above 1"):
        record_steps(10, ratio)
    with pytest.raises(ValueError, match="record_ratio must be a number above 1"):
        next(iter(loop.trajectory([ONE], record_ratio=ratio)))


def test_steps_that_are_no_number_are_refused():
    for steps in (float("inf"), -1, 2.5):
        with pytest.raises(ValueError, match="steps must be a whole number"):
            record_steps(steps)
