"""Signs of the Hessian at critical points, narrow and embedded, against what theory counts."""

import dataclasses

import numpy as np
import pytest
import torch

from condensekit import Experiment, GradientFlow, TwoLayer, three_tanh, train
from condensekit.dynamics import Inertia, hessian_inertia
from condensekit.dynamics.critical import critical_point
from condensekit.embedding import embed, null_embedding, splitting_embedding
from condensekit.models.parameters import flat, named
from condensekit.problems import teacher


def critical(d, width, seed, bias=True):
    """A critical point with an error: the flow's end for a target of four neurons, polished."""
    generator = np.random.default_rng(seed)
    problem = teacher(
        a=generator.uniform(0.5, 1.5, 4) * generator.choice([-1.0, 1.0], 4),
        w=generator.normal(size=(4, d)),
        b=generator.normal(size=4),
        noise_std=0.2,
    )
    flow = GradientFlow(stop_loss=0.0, t_end=1e5, max_steps=1_000)
    experiment = Experiment(TwoLayer(d, width, bias=bias), problem, flow, 40, 0.5, seed)
    end = flat(experiment.model, train(experiment).final)
    theta = critical_point(experiment, experiment.model, end)
    return None if theta is None else (experiment, named(experiment.model, theta))


def seen(experiment, model, params):
    found = hessian_inertia(dataclasses.replace(experiment, model=model), params)
    assert found.gradient < 1e-12
    return found


def _residual(experiment, params):
    """Residuals [n], inputs [n, q] with a 1 for biases, and z [n, m]: NumPy, by hand."""
    data, model = experiment.data(), experiment.model
    x, y = data.x.numpy(), data.y.numpy()
    a, weight = params["a"].numpy(), params["w"].numpy()
    if model.bias:
        x = np.column_stack([x, np.ones(len(x))])
        weight = np.column_stack([weight, params["b"].numpy()])
    z = x @ weight.T
    return np.tanh(z) @ a - y, x, z


def _signs(matrix):
    values = np.linalg.eigvalsh(matrix)
    assert np.abs(values).min() > 1e-9 * np.abs(values).max()
    return np.array([(values < 0).sum(), 0, (values > 0).sum()])


SHARES = [([0.25, 0.75], 1, 1), ([1.5, -0.5], 1, -1), ([0.25, 0.25, 0.5], 2, 1)]
"""Of the copies; how often the signs of the neuron come, and whether they are turned."""


def check_the_counts(experiment, params):
    """Split in two, outside of [0, 1], in three, and beside neurons of zeros."""
    model = experiment.model
    q, m = model.d + model.bias, model.m
    narrow = seen(experiment, model, params)
    assert narrow.clear
    residual, x, z = _residual(experiment, params)
    t = np.tanh(z)
    assert np.abs(x.T @ (residual[:, None] * (1.0 - t**2))).max() < 1e-11 * len(x)
    for j in range(m):
        bend = float(params["a"][j]) * -2.0 * t[:, j] * (1.0 - t[:, j] ** 2)
        own = _signs((x * (residual * bend)[:, None]).T @ x)
        others = [[1.0]] * m
        for shares, times, sign in SHARES:
            split = [*others[:j], shares, *others[j + 1 :]]
            found = seen(experiment, *splitting_embedding(model, params, split))
            added = times * (own[::sign] + np.array([0, 1, 0]))
            assert found.clear
            assert (np.array(narrow.signs) + added == found.signs).all()
    assert np.linalg.norm(residual @ x) > 1e-6
    for further in (1, 2):
        found = seen(experiment, *null_embedding(model, params, m + further))
        added = further * np.array([1, q - 1, 1])
        assert found.clear
        assert (np.array(narrow.signs) + added == found.signs).all()


@pytest.mark.parametrize(("d", "width", "bias"), [(1, 1, True), (2, 1, False), (2, 2, True)])
def test_embedded_critical_points_have_the_signs_that_theory_counts(d, width, bias):
    found = (critical(d, width, seed, bias) for seed in range(9))
    check_the_counts(*next(one for one in found if one is not None))


def test_a_saddle_keeps_its_index_in_a_wider_network():
    """Of two critical points, one in the other: signs add up from width 1 to width 4."""
    experiment, params = critical(1, 1, 0)
    middle, inside = null_embedding(experiment.model, params, 2)
    once = seen(experiment, middle, inside)
    wide, outside = null_embedding(middle, inside, 4)
    assert once.signs == (1, 1, 4)
    assert seen(experiment, wide, outside).signs == (3, 3, 6)


def test_an_exact_fit_has_no_negative_eigenvalue_however_it_is_embedded():
    """Without residuals the Hessian is 2 <J J^T>: as many positive ones as the model rank."""
    problem = teacher(a=[1.0, -0.5], w=[[0.7], [-1.9]], b=[0.3, 0.8])
    model, params = problem.teacher()
    experiment = Experiment(model, problem, GradientFlow(), 30)
    assert hessian_inertia(experiment, params).signs == (0, 0, 6)
    for how in ("null", "split", "sign-split"):
        wide, more = embed(model, params, 5, how)
        found = seen(experiment, wide, more)
        assert found.signs == (0, 9, 6) and found.clear


def test_the_values_are_those_of_autograd():
    model = TwoLayer(1, 3)
    experiment = Experiment(model, three_tanh(), n_samples=12)
    params, data = model.init(seed=0), experiment.data()

    def loss(theta):
        one = {"a": theta[:3], "w": theta[3:6, None], "b": theta[6:]}
        return torch.func.vmap(lambda x: model(one, x))(data.x).sub(data.y).square().mean()

    theta = torch.from_numpy(flat(model, params))
    found = hessian_inertia(experiment, params)
    expected = torch.linalg.eigvalsh(torch.autograd.functional.hessian(loss, theta))
    np.testing.assert_allclose(found.eigenvalues, expected.numpy(), rtol=1e-9, atol=1e-11)
    assert found.gradient == pytest.approx(float(torch.func.grad(loss)(theta).norm()), rel=1e-10)


def test_it_says_whether_the_count_is_clear():
    clear = Inertia(np.array([-1.0, -1e-16, 1e-4, 2.0]), 1e-12, 0.0)
    assert clear.signs == (1, 1, 2) and clear.clear
    assert clear.gap == pytest.approx(1e-4 / (2.0 * np.finfo(float).eps))
    assert str(clear).startswith(
        "1 negative, 1 zero and 2 positive of 4 eigenvalues; those that are"
    )
    doubtful = dataclasses.replace(clear, eigenvalues=np.array([-1e-12, 3e-12, 1.0]))
    assert doubtful.signs == (0, 1, 2) and not doubtful.clear
    assert doubtful.gap == pytest.approx(3.0)
    assert "that is too little to be sure" in str(doubtful)
    nothing = dataclasses.replace(clear, eigenvalues=np.zeros(3))
    assert nothing.signs == (0, 3, 0) and nothing.gap == np.inf


def test_what_has_no_count_is_refused():
    experiment = Experiment(TwoLayer(1, 700), three_tanh(), n_samples=5)
    with pytest.raises(ValueError, match="for up to 2,000 parameters, but this model has 2,100"):
        hessian_inertia(experiment, experiment.init())
    with pytest.raises(ValueError, match="tolerance must be"):
        hessian_inertia(experiment, experiment.init(), 0.0)
    with pytest.raises(ValueError, match="must have shape"):
        hessian_inertia(experiment, TwoLayer(1, 2).init(seed=0))
