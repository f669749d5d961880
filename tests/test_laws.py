"""Laws of training, over every model and every problem, with one optimizer of each kind."""

import dataclasses

import numpy as np
import pytest
import torch
from cases import BRIEFLY, MODELS, OPTIMIZERS, PROBLEMS, each
from oracles import by_scipy, by_torch, outputs

from condensekit import Experiment, GradientFlow, Outcome, Transformer, train

BASES = {
    f"{name} learns": Experiment(case.model, case.problem, n_samples=7, init_std=0.3, seed=5)
    for name, case in MODELS.items()
} | {
    f"{name} is learned": Experiment(case.model, case.problem, n_samples=7, init_std=0.3, seed=5)
    for name, case in PROBLEMS.items()
}
TRAININGS = {
    f"{name}, {kind}": dataclasses.replace(base, optimizer=optimizer)
    for name, base in BASES.items()
    for kind, optimizer in BRIEFLY.items()
    # A step of the flow takes seconds for a Transformer: tests/slow follows it for a few.
    if not (kind == "flow" and isinstance(base.model, Transformer))
}
STEPPED = {name: e for name, e in TRAININGS.items() if not isinstance(e.optimizer, GradientFlow)}
FLOWS = {name: e for name, e in TRAININGS.items() if isinstance(e.optimizer, GradientFlow)}


def precision(model, double, single):
    return double if model.dtype == torch.float64 else single


@each("experiment", STEPPED)
@pytest.mark.filterwarnings("ignore:The epoch parameter:UserWarning")
def test_steps_are_those_of_torch_on_the_same_batches(experiment):
    run = train(experiment)
    losses, path = by_torch(experiment)
    assert run.outcome is Outcome.BUDGET
    rtol = precision(experiment.model, 1e-9, 2e-4)
    np.testing.assert_allclose(run.loss, losses[run.step], rtol=rtol)
    if experiment.model.dtype == torch.float64:
        for i, step in enumerate(run.step):
            for name, leaf in path[step].items():
                torch.testing.assert_close(run.params[name][i], leaf, rtol=0, atol=1e-9)
    else:  # where a gradient is zero but for rounding, Adam moves the weight somewhere
        x = experiment.data().x_test[:5].to(experiment.model.dtype)
        found, expected = (outputs(experiment.model, at, x) for at in (run.final, path[-1]))
        torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-5)
    moved = max(float((path[-1][name] - leaf).abs().max()) for name, leaf in path[0].items())
    assert moved > 1e-4, "nothing happened, so nothing was tested"


@each("experiment", FLOWS)
def test_the_flow_is_that_of_scipy(experiment):
    run = train(experiment)
    assert run.time[-1] == experiment.optimizer.t_end
    found, start = (
        np.concatenate([leaf.numpy().ravel() for leaf in run.at(index).values()])
        for index in (-1, 0)
    )
    expected = by_scipy(experiment)
    error, moved = np.linalg.norm(found - expected), np.linalg.norm(expected - start)
    assert error <= 0.01 * moved
    assert moved > 1e-4, "nothing happened, so nothing was tested"


@each("experiment", TRAININGS)
def test_a_run_alone_is_its_row_in_a_batch(experiment):
    batch = [experiment, experiment.replace(seed=8, init_std=0.1)]
    rtol = precision(experiment.model, 1e-9, 2e-4)
    for row, asked in zip(train(batch), batch, strict=True):
        alone = train(asked)
        assert row.experiment == asked
        np.testing.assert_array_equal(row.step, alone.step)
        np.testing.assert_allclose(row.time, alone.time, rtol=rtol)
        np.testing.assert_allclose(row.loss, alone.loss, rtol=rtol)
        np.testing.assert_allclose(row.test_loss, alone.test_loss, rtol=rtol)
        assert row.outcome is alone.outcome
