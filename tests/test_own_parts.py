"""Labs with an activation or a problem of the reader's own: the lines that they print run."""

import dataclasses
import re

import pytest
import torch
from often import crossed

import condensekit as ck
from condensekit import problems
from condensekit.activations import ACTIVATIONS, Activation
from condensekit.labs import CondensationLab, RecoveryLab


@dataclasses.dataclass(frozen=True)
class Parabola(problems.Problem):
    noise_std: float = 0.0
    inputs = problems.EvenlySpaced(-1.0, 1.0)

    def target(self, x):
        return x[:, 0] ** 2


@pytest.fixture(autouse=True)
def as_before():
    before = dict(ACTIVATIONS)
    yield
    ACTIVATIONS.clear()
    ACTIVATIONS.update(before)


def printed(code, capsys, **names):
    capsys.readouterr()
    exec(code, names)
    return float(re.findall(r"training loss ([-+.e\d]+)", capsys.readouterr().out)[-1])


@pytest.mark.slow
@crossed(
    ("kind", "name"),
    {kind.__name__: kind for kind in (RecoveryLab, CondensationLab)},
    [*ACTIVATIONS, "own"],
)
def test_both_twins_run_for_every_activation(kind, name, capsys):
    act = Activation("own", torch.nn.functional.gelu) if name == "own" else name
    adam = ck.Adam(1e-2, steps=5)
    lab = kind(width=4, n_samples=6, init_std=0.3, activation=act, optimizer=adam)
    assert lab.controls["activation"].value == name
    lab.run(live=False)
    loss = pytest.approx(lab.result.loss[-1], rel=1e-5)
    assert printed(lab.torch_code(), capsys) == loss
    exec(lab.code(), {})
    said = capsys.readouterr().out
    told = str(ck.recovery(lab.result)) if kind is RecoveryLab else f"{lab.result.loss[-1]:.6e}"
    assert told in said
    again = kind.from_state(lab.state())
    assert again.result.experiment == lab.result.experiment


@pytest.mark.slow
def test_both_twins_run_for_a_problem_of_ones_own(capsys):
    lab = CondensationLab(problem=Parabola(), width=4, n_samples=6, optimizer=ck.Adam(steps=5))
    lab.run(live=False)
    loss = pytest.approx(lab.result.loss[-1], rel=1e-5)
    assert printed(lab.code(), capsys, Parabola=Parabola) == loss
    assert printed(lab.torch_code(), capsys) == loss
    assert CondensationLab.from_state(lab.state()).result.experiment == lab.result.experiment
