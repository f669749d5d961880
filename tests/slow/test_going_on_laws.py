"""For every model and every optimizer with a limit: what goes on is what never ended.

Each model with every second optimizer, and each optimizer with every second model.
"""

import dataclasses
import itertools

import numpy as np
import pytest
import torch
from cases import BRIEFLY, MODELS

from condensekit import Experiment, train
from condensekit.training import Training

LARGEST = 800  # parameters of a model whose flow takes seconds
LIMITED = {
    name: dataclasses.replace(rule, max_steps=5, t_end=1e6) if name == "flow" else rule
    for name, rule in BRIEFLY.items()
    if rule.longer() is not None
}
CROSSED = [
    (model, optimizer)
    for (i, model), (j, optimizer) in itertools.product(enumerate(MODELS), enumerate(LIMITED))
    if (i + j) % 2 == 0
    if optimizer != "flow" or MODELS[model].model.n_parameters <= LARGEST
]


def same(run, other):
    assert run.outcome == other.outcome
    np.testing.assert_equal(run.step, other.step)
    np.testing.assert_equal(run.loss, other.loss)
    assert all(torch.equal(run.params[name], other.params[name]) for name in run.params)


@pytest.mark.parametrize(("model", "optimizer"), CROSSED)
def test_it_is_the_run_that_never_ended(model, optimizer):
    case = MODELS[model]
    base = Experiment(case.model, case.problem, LIMITED[optimizer], n_samples=6, init_std=0.3)
    both = [base, base.replace(seed=3)]
    longer = [dataclasses.replace(one, optimizer=one.optimizer.longer()) for one in both]
    whole = train(longer)
    used_up, stopped = Training(both), Training(longer)
    for _ in used_up.work():
        pass
    for _ in zip(range(2), stopped.work(), strict=False):
        pass
    for training in (used_up, stopped):
        training.runs()
        training.go_on(longer)
        for _ in training.work():
            pass
        for run, other in zip(training.runs(), whole, strict=True):
            same(run, other)


def test_no_optimizer_with_a_limit_is_left_out():
    assert {*LIMITED} == {*BRIEFLY} - {"adamw"}
