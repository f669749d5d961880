"""An activation of one's own is as good as those of the package."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import condensekit as ck
from condensekit import Adam, Experiment, GradientDescent, GradientFlow, Run, TwoLayer, train
from condensekit.activations import ACTIVATIONS, Activation, register


@pytest.fixture(autouse=True)
def as_before():
    """What a test registers is gone after it."""
    before = dict(ACTIVATIONS)
    yield
    ACTIVATIONS.clear()
    ACTIVATIONS.update(before)


def gelu():
    return Activation("gelu", nn.functional.gelu)


@pytest.mark.parametrize(
    ("function", "slope", "bend"),
    [
        (torch.sin, np.cos, lambda z: -np.sin(z)),
        (torch.exp, np.exp, np.exp),
        (lambda z: 2.0 * z, lambda z: 2.0 + 0.0 * z, lambda z: 0.0 * z),
        (torch.ones_like, np.zeros_like, np.zeros_like),
    ],
)
def test_the_numpy_face_is_the_torch_face_differentiated(function, slope, bend):
    act, z = Activation("own", function), np.linspace(-2.0, 2.0, 12).reshape(3, 4)
    found = z.copy(), np.empty_like(z), np.empty_like(z)
    with torch.no_grad():
        act.fill(*found)
    for values, expected in zip(
        found, (lambda z: function(torch.tensor(z)), slope, bend), strict=True
    ):
        np.testing.assert_allclose(values, expected(z), rtol=1e-12)


@pytest.mark.parametrize("optimizer", [GradientDescent(1e-2, steps=30), Adam(1e-2, steps=30)])
def test_it_trains_as_the_same_lines_in_torch_do(optimizer):
    experiment = Experiment(TwoLayer(1, 6, gelu()), ck.three_tanh(), optimizer, 12, 0.5, seed=1)
    run, data = train(experiment), experiment.data()
    a, w, b = (experiment.init()[name].requires_grad_() for name in "awb")
    kind = torch.optim.Adam if isinstance(optimizer, Adam) else torch.optim.SGD
    twin = kind([a, w, b], lr=1e-2)
    for _ in range(30):
        twin.zero_grad()
        out = nn.functional.gelu(data.x @ w.T + b) @ a
        nn.functional.mse_loss(out, data.y).backward()
        twin.step()
    np.testing.assert_allclose(run.final["w"].numpy(), w.detach().numpy(), rtol=1e-9)


def test_the_flow_follows_it():
    flow = GradientFlow(t_end=5.0, stop_loss=0.0, rtol=1e-5)
    experiment = Experiment(TwoLayer(1, 6, gelu()), ck.three_tanh(), flow, 12, 0.5, seed=1)
    descent = experiment.replace(activation="gelu")
    slow = train(
        Experiment(descent.model, descent.problem, GradientDescent(1e-3, 5_000), 12, 0.5, 1)
    )
    np.testing.assert_allclose(train(experiment).loss[-1], slow.loss[-1], rtol=1e-2)


@pytest.mark.parametrize(
    "model", [ck.Deep(1, 4, layers=2), ck.TwoLayerConv(1, 4, 1), TwoLayer(1, 4)], ids=repr
)
def test_every_family_takes_it(model):
    own = model.replace(activation=gelu())
    assert own.activation == "gelu"
    run = train(Experiment(own, ck.three_tanh(1), Adam(1e-2, steps=20), 8, 0.5))
    assert run.loss[-1] < run.loss[0]


def test_a_run_goes_to_a_file_and_comes_back_where_it_is_known(tmp_path):
    run = train(Experiment(TwoLayer(1, 4, gelu()), ck.three_tanh(1), Adam(steps=3), 8))
    run.save(tmp_path / "run.npz")
    assert Run.load(tmp_path / "run.npz").experiment == run.experiment
    del ACTIVATIONS["gelu"]
    with pytest.raises(
        ValueError, match="The activation 'gelu' is not known here: let condensekit know it first"
    ):
        Run.load(tmp_path / "run.npz")
    register(gelu())
    assert Run.load(tmp_path / "run.npz").experiment == run.experiment


@pytest.mark.slow
def test_a_fresh_kernel_says_which_name_it_misses(tmp_path):
    run = train(Experiment(TwoLayer(1, 4, gelu()), ck.three_tanh(1), Adam(steps=3), 8))
    run.save(tmp_path / "run.npz")
    code = f"import condensekit as ck; ck.Run.load({str(tmp_path / 'run.npz')!r})"
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert found.returncode == 1
    assert "The activation 'gelu' is not known here" in found.stderr.splitlines()[-1]


def test_a_cell_that_is_run_again_replaces_it():
    TwoLayer(1, 4, Activation("own", torch.sin))
    TwoLayer(1, 4, Activation("own", torch.cos))
    assert ACTIVATIONS["own"].torch is torch.cos


def test_ours_are_not_replaced():
    with pytest.raises(ValueError, match="tanh is an activation of condensekit"):
        TwoLayer(1, 4, Activation("tanh", torch.sin))
    assert ACTIVATIONS["tanh"].torch is torch.tanh
    assert TwoLayer(1, 4, ACTIVATIONS["tanh"]) == TwoLayer(1, 4)


@pytest.mark.parametrize(
    ("name", "function", "claims"),
    [
        ("two words", torch.sin, {}),
        ("own", torch.sin, {"even": True}),
        ("own", torch.cos, {"odd": True}),
        ("own", torch.sin, {"homogeneous": True}),
        ("own", lambda z: z.sum(), {}),
        ("own", lambda z: float("nan") * z, {}),
    ],
)
def test_what_is_not_true_of_it_is_refused(name, function, claims):
    with pytest.raises(ValueError, match=r"must|is said to be"):
        Activation(name, function, **claims)


def test_what_needs_a_formula_or_a_proof_says_so():
    model = TwoLayer(1, 2, gelu())
    params = model.init(torch.Generator().manual_seed(0), 1.0)
    with pytest.raises(ValueError, match="gelu has no formula"):
        ck.symbolic.symbolic_rank(model, params)
    with pytest.raises(ValueError, match="activation gelu has no exact method; tanh, sigmoid have"):
        ck.exact_rank(model, params)
    with pytest.raises(ValueError, match=r"log\(exp.* is not\. Activations that have .* are tanh"):
        ck.symbolic.symbolic_rank(TwoLayer(1, 2, "softplus"), params)


def test_the_lines_of_the_guide_do_what_they_say():
    text = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (lines,) = [block for block in blocks if "register" in block]
    *before, last = lines.strip().splitlines()
    known = {}
    exec("\n".join([*before, f"same = {last}"]), known)
    assert known["same"] is True
    assert ACTIVATIONS["sine"] is known["sine"]
