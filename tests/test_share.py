"""Progress bars: how much of a run is done."""

import dataclasses

import numpy as np
import pytest
import torch
from cases import PUBLISHED, SHORT, SMALL, each

from condensekit import Adam, Experiment, GradientDescent, GradientFlow, Outcome, train

FLOW = GradientFlow()


def _small(optimizer, **knobs):
    return Experiment(SMALL.model, SMALL.problem, optimizer, SMALL.n_samples).replace(**knobs)


ENDS = {
    "its steps are used": (SMALL, Outcome.BUDGET),
    "one step": (SMALL.replace(steps=1), Outcome.BUDGET),
    "low enough at once": (SMALL.replace(stop_loss=1e5), Outcome.CONVERGED),
    "low enough early": (_small(Adam(steps=5_000, stop_loss=1.0)), Outcome.CONVERGED),
    "flow, low enough": (_small(FLOW, stop_loss=1e-2, init_std=0.5), Outcome.CONVERGED),
    "flow, its attempts are used": (_small(FLOW, max_steps=12, init_std=0.5), Outcome.BUDGET),
    "flow, its time is over": (_small(FLOW, t_end=0.1, stop_loss=0.0), Outcome.BUDGET),
    "overflow": (_small(GradientDescent(50.0, 300), init_std=0.5), Outcome.DIVERGED),
}


@each("case", ENDS)
def test_a_run_that_has_ended_is_done_at_its_end_and_not_before(case):
    experiment, outcome = case
    run = train(experiment)
    assert run.outcome is outcome
    shares = [run.share(index) for index in range(len(run))]
    assert shares[-1] == run.share() == 1.0
    assert min(shares) >= 0.0
    assert all(share <= 1.0 for share in shares)
    if len(run) > 2:
        assert shares[1] < 1.0
        assert (np.diff(shares) >= 0.0).mean() > 0.8, "it goes up, but where the loss rises"


@each("experiment", SHORT)
def test_a_run_that_somebody_stopped_is_done_as_far_as_it_came(experiment):
    run = train(experiment, on_step=lambda snapshot: snapshot.step.max() >= 15)
    assert run.outcome is Outcome.CANCELLED
    assert run.share() == run.step[-1] / 60 == pytest.approx(0.25, abs=0.05)
    running = dataclasses.replace(run, outcome=Outcome.RUNNING)
    assert running.share() == run.share()


def test_a_run_of_which_only_the_start_is_known_has_nothing_done():
    run = train(PUBLISHED, on_step=lambda _: True)
    assert run.share() == 0.0


def test_a_run_without_a_step_has_no_share():
    start = {name: torch.full_like(leaf, 1e200) for name, leaf in SMALL.init().items()}
    with pytest.raises(ValueError, match="no recorded steps"):
        train(SMALL, init=start).share()
