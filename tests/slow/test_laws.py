"""Laws over every model and every problem, with an optimizer of each kind."""

import dataclasses
import functools

import cases
import numpy as np
import pytest
import torch
from cases import BRIEFLY, MODELS, OPTIMIZERS, PROBLEMS, each, kinds
from oracles import by_scipy, by_torch, outputs

import condensekit as ck
from condensekit import Experiment, FromModule, GradientFlow, Outcome, Run, Transformer, train
from condensekit.models import Model
from condensekit.optimizers import Optimizer
from condensekit.problems import Inputs, Problem
from condensekit.twins import expression

BASES = {
    f"{name} learns": Experiment(case.model, case.problem, n_samples=7, init_std=0.3, seed=5)
    for name, case in MODELS.items()
} | {
    f"{name} is learned": Experiment(case.model, case.problem, n_samples=7, init_std=0.3, seed=5)
    for name, case in PROBLEMS.items()
    if case.asked is None  # what a model asked for is there already
}
TRAININGS = {
    f"{name}, {kind}": dataclasses.replace(base, optimizer=optimizer)
    for name, base in BASES.items()
    for kind, optimizer in BRIEFLY.items()
    # A step of the flow takes a second for a Transformer: tests/slow follows it for a few.
    if not (kind == "flow" and isinstance(base.model, Transformer))
}
FLOWS = {name: e for name, e in TRAININGS.items() if isinstance(e.optimizer, GradientFlow)}
STEPPED = {name: e for name, e in TRAININGS.items() if name not in FLOWS}
MODULES = {name: e for name, e in TRAININGS.items() if isinstance(e.model, FromModule)}


@functools.cache
def trained(experiment):
    return train(experiment)


def precision(model):
    return 1e-9 if model.dtype == torch.float64 else 2e-4


# --- oracles -----------------------------------------------------------------------------------


@each("experiment", STEPPED)
@pytest.mark.filterwarnings("ignore:The epoch parameter:UserWarning")
def test_steps_are_those_of_torch_on_the_same_batches(experiment):
    run, model = trained(experiment), experiment.model
    losses, path = by_torch(experiment)
    assert run.outcome is Outcome.BUDGET
    np.testing.assert_allclose(run.loss, losses[run.step], rtol=precision(model))
    if model.dtype == torch.float64:
        for i, step in enumerate(run.step):
            for name, leaf in path[step].items():
                torch.testing.assert_close(run.params[name][i], leaf, rtol=0, atol=1e-9)
    else:  # where a gradient is zero but for rounding, Adam moves the weight somewhere
        x = experiment.data().x_test[:5].to(model.dtype)
        found, expected = (outputs(model, params, x) for params in (run.final, path[-1]))
        torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-5)
    moved = max(float((path[-1][name] - leaf).abs().max()) for name, leaf in path[0].items())
    assert moved > 1e-4, "nothing happened, so nothing was tested"


def follows_scipy(experiment):
    run, expected = trained(experiment), by_scipy(experiment)
    found, start = (
        np.concatenate([leaf.numpy().ravel() for leaf in run.at(index).values()])
        for index in (-1, 0)
    )
    moved = np.linalg.norm(expected - start)
    assert run.time[-1] == experiment.optimizer.t_end
    assert np.linalg.norm(found - expected) <= 0.01 * moved
    assert moved > 1e-4, "nothing happened, so nothing was tested"


@each("experiment", FLOWS)
def test_the_flow_is_that_of_scipy(experiment):
    follows_scipy(experiment)


# --- a run -------------------------------------------------------------------------------------


@each("experiment", TRAININGS)
def test_a_run_alone_is_its_row_in_a_batch(experiment):
    """Beside one that ends at once, and one that goes elsewhere."""
    ended = experiment.replace(seed=8, stop_loss=1e6)
    other = experiment.replace(seed=9, init_std=0.1)
    first, row, differs = train([ended, experiment, other])
    alone, rtol = trained(experiment), precision(experiment.model)
    assert [run.experiment for run in (first, row, differs)] == [ended, experiment, other]
    assert (len(first), first.outcome) == (1, Outcome.CONVERGED)
    np.testing.assert_array_equal(row.step, alone.step)
    np.testing.assert_allclose(row.time, alone.time, rtol=rtol)
    np.testing.assert_allclose(row.loss, alone.loss, rtol=rtol)
    np.testing.assert_allclose(row.test_loss, alone.test_loss, rtol=rtol)
    assert row.outcome is alone.outcome
    assert differs.loss[0] != row.loss[0], "rows that were mixed up would not show"


def assert_identical(one, other):
    assert one.experiment == other.experiment
    for field in ("step", "time", "loss", "test_loss"):
        np.testing.assert_array_equal(getattr(one, field), getattr(other, field))
    for name in one.experiment.problem.score_names:
        np.testing.assert_array_equal(one.score(name), other.score(name))
    assert list(one.params) == list(other.params)
    for name, leaf in one.params.items():
        assert leaf.dtype == other.params[name].dtype
        assert torch.equal(leaf, other.params[name])
    assert (one.outcome, one.message) == (other.outcome, other.message)


@each("experiment", TRAININGS)
def test_the_same_seed_gives_the_same_run(experiment):
    torch.randn(3)  # the global generator has no part in it
    again = dataclasses.replace(experiment)
    assert_identical(train(again), trained(experiment))


@each("experiment", {name: e for name, e in TRAININGS.items() if name not in MODULES})
def test_a_run_comes_back_from_a_file(experiment, tmp_path):
    run = trained(experiment)
    assert_identical(Run.load(run.save(tmp_path / "run.npz")), run)


@each("experiment", MODULES)
def test_a_module_is_not_written_to_a_file(experiment, tmp_path):
    kind = type(experiment.model.module).__name__
    with pytest.raises(ValueError, match=rf"^An? {kind} cannot be written to a file"):
        trained(experiment).save(tmp_path / "run.npz")
    assert not [*tmp_path.iterdir()]


# --- settings ----------------------------------------------------------------------------------

SETTINGS = {
    **{f"model {name}": case.model for name, case in MODELS.items()},
    **{f"problem {name}": case.problem for name, case in PROBLEMS.items()},
    **{f"optimizer {name}": case.optimizer for name, case in OPTIMIZERS.items()},
    **{f"experiment {name}": experiment for name, experiment in BASES.items()},
}
WRITTEN = {
    name: value
    for name, value in SETTINGS.items()
    if not isinstance(getattr(value, "model", value), FromModule)
}
NAMES = {
    **{
        name: getattr(module, name)
        for module in (ck.models, ck.problems, ck.optimizers)
        for name in module.__all__
    },
    "Experiment": Experiment,
    "Condensed": ck.symmetry.Condensed,
    "CondensedHeads": ck.symmetry.CondensedHeads,
    "PlainFormula": cases.PlainFormula,
}


@each("settings", SETTINGS)
def test_the_values_of_the_knobs_are_all_there_is_to_turn(settings):
    values = settings.values()
    assert values.keys() == settings.knobs().keys()
    assert settings.replace(**values) == settings
    assert hash(settings.replace(**values)) == hash(settings)


@each("settings", WRITTEN)
def test_the_expression_builds_the_same_settings(settings):
    names = {"ck": ck, "PlainFormula": cases.PlainFormula}
    exec(f"built = {expression(settings)}", names)
    assert names["built"] == settings


@each("settings", WRITTEN)
def test_what_is_printed_builds_the_same_settings(settings):
    names = dict(NAMES)
    exec(f"built = {settings!r}", names)
    assert names["built"] == settings


# --- the tables are complete -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "table"),
    [
        (Model, [case.model for case in MODELS.values()]),
        (Problem, [case.problem for case in PROBLEMS.values()]),
        (Optimizer, [case.optimizer for case in OPTIMIZERS.values()]),
        (Optimizer, [*BRIEFLY.values()]),
        (Inputs, [case.problem.inputs for case in PROBLEMS.values()]),
    ],
)
def test_every_class_of_the_package_has_a_row(base, table):
    assert kinds(base) <= {type(value) for value in table}
    assert len(kinds(base)) >= 4, "found nothing, so nothing was tested"
