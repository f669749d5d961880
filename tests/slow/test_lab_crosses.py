"""Labs of runs with every optimizer and half of the activations: trained, written, read again."""

import dataclasses
import itertools

import pytest
from cases import ACTIVATIONS, BRIEFLY, LABS

import condensekit as ck

OF_RUNS = [n for n, c in LABS.items() if c.kind not in ("SymmetryLab", "RankLab", "PhaseLab")]
OF_TWO = {"anchors", "heads", "factorization"}  # they have no choice of an activation

CHOOSING = [name for name in OF_RUNS if name not in OF_TWO]
CROSSED = [
    (activation, name)
    for (i, activation), (j, name) in itertools.product(enumerate(ACTIVATIONS), enumerate(CHOOSING))
    if (i + j) % 2 == 0
]
"""Each activation in every second lab, and each lab with every second activation."""


def agrees(lab, capsys):
    """The lines of a lab print what it shows, and its token brings it back."""
    run = lab.result
    capsys.readouterr()
    exec(lab.torch_code(), {})
    loss = float(capsys.readouterr().out.split()[-1])
    close = 1e-2 if run.experiment.optimizer.over_time else 1e-3
    assert loss == pytest.approx(run.loss[-1], rel=close)
    exec(lab.code(), {})
    assert capsys.readouterr().out.strip()
    again = type(lab).from_state(lab.state())
    assert again.state() == lab.state()
    assert again.entered() == lab.entered()
    assert again.result.loss[-1] == run.loss[-1]
    again.close()
    lab.close()


@pytest.mark.parametrize("name", OF_RUNS)
@pytest.mark.parametrize("optimizer", BRIEFLY)
def test_every_lab_with_every_optimizer(name, optimizer, capsys):
    if optimizer == "flow" and name in ("anchors", "kernels"):
        pytest.skip("its matrices would take minutes")
    first = LABS[name].make()
    one = dataclasses.replace(first.entered()[0], optimizer=BRIEFLY[optimizer])
    lab = type(first)(one)
    assert lab.entered()[0] == one
    lab.run(live=False)
    assert lab.result.outcome in (ck.Outcome.BUDGET, ck.Outcome.CONVERGED)
    agrees(lab, capsys)


@pytest.mark.parametrize(("activation", "name"), CROSSED)
def test_every_lab_with_every_activation(name, activation, capsys):
    lab = LABS[name].make()
    lab.activation = activation
    lab.run(live=False)
    assert lab.result.experiment.values()["activation"] == activation
    agrees(lab, capsys)
