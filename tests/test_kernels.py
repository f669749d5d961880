"""Blocks of kernels, and the direction in which theory says that they turn first."""

import dataclasses
import math

import numpy as np
import pytest
import torch

import condensekit as ck
from condensekit.activations import ACTIVATIONS, Activation
from condensekit.measures import (
    amplitudes,
    blocks,
    cosine_similarity,
    first_direction,
    neurons,
    orientations,
    random_cosine,
)
from condensekit.problems import mnist

TINY = ck.Experiment(ck.Conv(kernels=3, stride=4), mnist(), ck.GradientDescent(0.1), 40, 1e-4)


def _drawn(model, std=1.0):
    return model.init(torch.Generator().manual_seed(0), std)


def _plain_network(model, params):
    """The same network out of `torch.nn`, in float64."""
    k, s = model.kernels, model.size
    conv = torch.nn.Conv2d(1, k, s, model.stride)
    last = torch.nn.Linear(k * model.pooled**2, model.classes)
    net = torch.nn.Sequential(
        conv, torch.nn.Tanh(), torch.nn.AvgPool2d(model.pool), torch.nn.Flatten(), last
    ).double()
    with torch.no_grad():
        conv.weight.copy_(params["w"].view(k, 1, s, s))
        conv.bias.copy_(params["b"])
        last.weight.copy_(params["v"])
        last.bias.copy_(params["c"])
    return net, conv, last


# --- neurons -----------------------------------------------------------------------------------


def test_the_neurons_of_a_convolution_are_its_kernels_without_biases():
    model = ck.Conv(side=12, kernels=4, size=3)
    params = _drawn(model)
    found = neurons(model, params)
    np.testing.assert_array_equal(found.weight, params["w"].double().numpy())
    read = params["v"].double().view(10, 4, -1).norm(dim=(0, 2))
    np.testing.assert_allclose(found.output, read, rtol=1e-12)
    u = torch.nn.functional.normalize(params["w"].double())
    np.testing.assert_allclose(cosine_similarity(model, params), u @ u.T, atol=1e-12)
    assert amplitudes(model, params).shape == (4,)


@pytest.mark.parametrize(("layers", "hidden", "name"), [(1, 5, "u"), (2, 0, "w2"), (2, 5, "w2")])
def test_the_output_of_a_kernel_is_what_reads_its_map(layers, hidden, name):
    model = ck.Conv(side=12, kernels=4, size=3, stride=1, layers=layers, hidden=hidden)
    params = _drawn(model)
    params[name] = torch.zeros_like(params[name])
    read = params[name].view(len(params[name]), 4, -1)
    read[0, 2, 0], read[1, 2, 1] = 3.0, -4.0  # of the third kernel
    np.testing.assert_allclose(neurons(model, params).output, [0.0, 0.0, 5.0, 0.0])


def test_kernels_alone_have_orientations():
    model = ck.Conv(side=12, kernels=4, size=3)
    alone = {"w": _drawn(model)["w"]}
    np.testing.assert_allclose(np.linalg.norm(orientations(model, alone), axis=1), 1.0)
    assert sum(blocks(model, alone).sizes) == 4


# --- blocks ------------------------------------------------------------------------------------


def _planted(rows):
    model = ck.Conv(side=12, kernels=len(rows), size=3)
    return model, {"w": torch.tensor(rows)}


def test_blocks_find_what_was_planted():
    generator = np.random.default_rng(0)
    axes = np.linalg.qr(generator.normal(size=(9, 9)))[0]
    labels = np.array([0, 1, 0, 2, 1, 0, 0, 3])
    rows = (
        axes[labels] * generator.choice([-1.0, 1.0], 8)[:, None] * generator.uniform(1, 9, (8, 1))
    )
    rows += 1e-3 * generator.normal(size=rows.shape)
    model, params = _planted(rows)
    found = blocks(model, params)
    assert found.sizes == [4, 2, 1, 1]
    assert [set(labels[one]) for one in found.members] == [{0}, {1}, {2}, {3}]
    assert sorted(found.order) == [*range(8)]
    assert found.share == pytest.approx((6 + 1) / 28)
    assert found.mean == pytest.approx(7 / 28, abs=1e-2)
    assert found.random == random_cosine(9)
    assert "8 kernels in 4 blocks (4, 2, 2 alone); 25 % of the pairs aligned" in str(found)


def test_components_chain_and_the_share_tells():
    """Steps of ten degrees, |cos| = 0.985, along a quarter of a circle: one block, few pairs."""
    angle = np.radians(np.arange(0, 91, 10))
    rows = np.zeros((10, 9))
    rows[:, 0], rows[:, 1] = np.cos(angle), np.sin(angle)
    found = blocks(*_planted(rows))
    assert found.sizes == [10]
    assert found.share == pytest.approx(9 / 45)  # 20 degrees are below 0.95 already
    assert blocks(*_planted(rows), aligned=0.99).sizes == [1] * 10


def test_a_kernel_of_zeros_is_aligned_with_nothing():
    rows = np.ones((3, 9))
    rows[1] = 0.0
    found = blocks(*_planted(rows))
    assert found.sizes == [2, 1]
    assert found.share == pytest.approx(1 / 3)
    single = blocks(*_planted(rows[:1]))
    assert single.sizes == [1]
    assert "no other to compare it with" in str(single)
    assert single.share == 0.0
    assert math.isnan(single.mean)


@pytest.mark.parametrize("aligned", [-0.1, 1.0, 7])
def test_a_level_outside_its_range_is_refused(aligned):
    with pytest.raises(ValueError, match="aligned must be a number from 0 to below 1, but is"):
        blocks(*_planted(np.ones((2, 9))), aligned=aligned)


# --- the first direction -----------------------------------------------------------------------


@pytest.mark.parametrize("pool", [1, 3, 4])
def test_a_tiny_network_moves_as_the_matrix_of_the_theory_says(pool):
    """At std 1e-9 `backward` through torch.nn is linear: dL/dw = -M v and dL/dv = -M^T w.

    So one step of power iteration is a gradient, and the fixed point of many is the direction.
    """
    experiment = TINY.replace(pool=pool, stride=2)
    model, data, theory = experiment.model, experiment.data(), first_direction(experiment)
    params = _drawn(model, 1e-9)
    net, conv, last = _plain_network(model, params)
    for _ in range(60):
        net.zero_grad()
        torch.nn.functional.cross_entropy(net(data.x.view(-1, 1, 28, 28)), data.y).backward()
        ratio = float(conv.weight.grad.norm() / last.weight.detach().norm())
        with torch.no_grad():  # a step, and back to the old size; biases stay where they are
            conv.weight -= conv.weight.grad / theory.rate
            last.weight -= last.weight.grad / theory.rate
            size = torch.hypot(conv.weight.norm(), last.weight.norm())
            conv.weight *= 1e-9 / size
            last.weight *= 1e-9 / size
    assert ratio == pytest.approx(theory.rate, rel=1e-4)
    before, descent = conv.weight.detach().norm(), torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(4):  # few, since the output bias learns how frequent the classes are
        descent.zero_grad()
        torch.nn.functional.cross_entropy(net(data.x.view(-1, 1, 28, 28)), data.y).backward()
        descent.step()
    decades = math.log10(conv.weight.detach().norm() / before)
    assert 4 / decades == pytest.approx(theory.steps_per_decade(0.1), rel=0.03)
    u = torch.nn.functional.normalize(conv.weight.detach().flatten(1))
    np.testing.assert_allclose(np.abs(u.numpy() @ theory.direction), 1.0, atol=1e-4)
    np.testing.assert_allclose(np.linalg.norm(theory.direction), 1.0)
    assert 0.0 < theory.second < theory.rate
    assert theory.ratio == theory.second / theory.rate


def test_agreement_is_one_on_the_direction():
    theory = first_direction(TINY)
    along = torch.from_numpy(theory.direction) * torch.tensor([[1.0], [-2.0], [3.0]])
    assert theory.agreement(TINY.model, {"w": along}) == pytest.approx(1.0)
    other = np.linalg.svd(theory.direction[None])[2][1:4]
    assert theory.agreement(TINY.model, {"w": torch.from_numpy(other)}) < 1e-6


@pytest.mark.parametrize(
    ("model", "says"),
    [
        (ck.Conv(layers=2), "a Conv with one hidden layer"),
        (ck.Conv(hidden=3), "a Conv with one hidden layer"),
        (ck.Conv(activation="relu"), "linear near 0, such as tanh, but it is relu"),
        (ck.Conv(activation="sigmoid"), "but it is sigmoid"),
        (ck.Conv(activation="xtanh"), "but it is xtanh"),
    ],
)
def test_where_there_is_no_such_theory_it_says_so(model, says):
    with pytest.raises(ValueError, match=says):
        first_direction(dataclasses.replace(TINY, model=model))


@pytest.mark.parametrize("shift", [-0.5, 0.5])
def test_an_activation_that_is_not_zero_at_zero_has_no_such_theory(monkeypatch, shift):
    moved = Activation("moved", lambda z: torch.tanh(z) + shift)
    monkeypatch.setitem(ACTIVATIONS, "moved", moved)
    with pytest.raises(ValueError, match="but it is moved"):
        first_direction(TINY.replace(activation="moved"))


def test_what_cannot_be_compared_is_said():
    one, other = torch.ones(1, 3).double(), torch.ones(4, 1).double()
    a = {1: torch.ones(1).double(), 4: torch.ones(4).double()}
    assert "no other" in str(blocks(ck.TwoLayer(3, 1, bias=False), {"a": a[1], "w": one}))
    lone = str(blocks(ck.TwoLayer(1, 4, bias=False), {"a": a[4], "w": other}))
    assert lone == "4 kernels of one entry: they can only differ in sign and length."
