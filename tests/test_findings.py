"""What a run that starts on a set is said to have done, beside what theory says of the set."""

import dataclasses

import pytest
import torch

import condensekit as ck
from condensekit.training import Outcome
from condensekit.verdicts import escape_verdict

S = ck.symmetry
FLOW = ck.GradientFlow(t_end=1e5, stop_loss=1e-8, max_steps=120)
BASE = ck.Experiment(ck.TwoLayer(1, 4), ck.three_tanh(), FLOW, 20, init_std=0.5, seed=4)


def test_a_push_as_small_as_rounding_is_named_where_the_set_repels():
    """Four tanh neurons in two blocks; whether their sums round apart depends on the machine."""
    candidate = S.equal_blocks(BASE.model, 2)
    start = S.kicked(candidate, BASE.init(), 1e-15)
    on = S.drift(BASE, candidate, start)
    assert on.claim.invariant
    assert not on.stayed
    assert on.rounded
    assert on.finding[0] == "leaves it by rounding"
    assert "by 1·10⁻¹⁵ at first" in str(on)
    found = S.escaped(candidate, 1e-6, [on.run, on.run])
    assert "Rounding pushed it off" in str(found)
    assert "◐ The run leaves it by rounding:" in dict(escape_verdict(found))
    kicked = S.drift(BASE, candidate, S.kicked(candidate, BASE.init(), 1e-3))
    assert kicked.finding == ("leaves it", ""), "a push is no rounding"


@pytest.mark.parametrize("name", ["same inputs", "idle", "mirrored"])
def test_what_leaves_a_set_that_is_not_invariant_is_not_called_rounding(name):
    found = S.drift(_descent(BASE), S.SETS[name](BASE.model))
    assert not found.claim.invariant
    assert found.finding == ("leaves it", "")
    assert not found.rounded


def _descent(experiment, lr=0.02, steps=30):
    return dataclasses.replace(experiment, optimizer=ck.GradientDescent(lr, steps=steps))


def test_samples_that_do_not_move_a_run_off_say_nothing_about_all_data():
    """One sample, at which both ReLU neurons are silent, so that no force acts on them."""
    base = dataclasses.replace(_descent(BASE), model=ck.TwoLayer(1, 4, "relu"), n_samples=1)
    found = S.drift(base, S.same_inputs(base.model))
    assert found.largest == 0.0
    assert not found.claim.invariant
    assert found.finding[0] == "stays on it"
    assert "these samples" in str(found)


def test_a_drift_below_the_error_of_the_integrator_cannot_be_told():
    """The difference is no constant for softplus; a short flow changes it by less than rtol."""
    base = dataclasses.replace(BASE, model=ck.TwoLayer(1, 2, "softplus"), n_samples=1)
    found = S.drift(base, S.balanced(base.model))
    assert not found.claim.invariant
    assert 1e-9 < found.largest < 1e-3
    assert found.finding[0] == "cannot tell"


def test_a_run_that_diverges_says_nothing():
    base = dataclasses.replace(BASE, model=ck.TwoLayer(1, 4, "square"))
    found = S.drift(_descent(base, lr=1.0, steps=200), S.equal(base.model))
    assert found.run.outcome is Outcome.DIVERGED
    assert found.finding[0] == "diverges"


def test_what_gives_equal_neurons_different_noise_parts_them():
    """Weight decay and Adam keep two equal neurons equal to the last bit, dropout does not."""
    start, data = S.equal(BASE.model).place(BASE.init()), BASE.data()

    def apart(dropout, make):
        torch.manual_seed(0)
        p = {name: leaf.clone().requires_grad_() for name, leaf in start.items()}
        optimizer = make(p.values())
        for _ in range(100):
            optimizer.zero_grad()
            hidden = torch.tanh(data.x @ p["w"].T + p["b"])
            hidden = torch.nn.functional.dropout(hidden, dropout)
            ((hidden @ p["a"] - data.y) ** 2).mean().backward()
            optimizer.step()
        return max(float((leaf[0] - leaf[1]).detach().abs().max()) for leaf in p.values())

    assert apart(0.0, lambda p: torch.optim.AdamW(p, lr=1e-2, weight_decay=0.1)) == 0.0
    assert apart(0.1, lambda p: torch.optim.SGD(p, lr=0.02)) > 1e-3
