"""The numerical rank: right where the spectrum has a gap, and honest where it has none."""

import numpy as np
import pytest
import torch
from cases import MODELS, each

from condensekit import MatrixFactorization, TwoLayer, exact_rank, model_rank
from condensekit.measures import probes_for, spectrum

SMALL = {name: case for name, case in MODELS.items() if case.n_parameters < 100}


def drawn(model, seed=0, std=1.0):
    return model.init(torch.Generator().manual_seed(seed), std)


@each("case", SMALL)
def test_the_spectrum_is_that_of_numpy_on_scaled_columns(case):
    params = drawn(case.model)
    x = torch.randn(2 * case.n_parameters, case.model.input_dim, dtype=torch.float64)
    rows = torch.vmap(torch.func.grad(case.model), in_dims=(None, 0))(params, x)
    columns = torch.cat([rows[name].flatten(1) for name in case.model.shapes()], dim=1).numpy()
    length = np.linalg.norm(columns, axis=0)
    expected = np.linalg.svd(columns / np.where(length > 0, length, 1.0), compute_uv=False)
    found = spectrum(case.model, params, x)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-12 * expected[0])


@pytest.mark.parametrize("d", [2, 3, 5])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_numerical_and_exact_rank_agree_where_the_gap_is_clear(d, bias, seed):
    """Neurons that coincide, cancel and do nothing among others."""
    model, params = TwoLayer(d, 7, bias=bias), drawn(TwoLayer(d, 7, bias=bias), seed)
    params["w"][3], params["a"][4] = -params["w"][2], 0.0
    params["w"][6] = 0.0
    if bias:
        params["b"][3] = -params["b"][2]
    report = model_rank(model, params)
    assert report.clear, str(report)
    assert report.rank == exact_rank(model, params)
    assert report.probes == 2 * model.n_parameters


@pytest.mark.parametrize("rank", range(5))
def test_products_of_matrices_have_a_clear_rank(rank):
    model = MatrixFactorization(4, 4, 4)
    params = drawn(model)
    params["A"][:, rank:], params["B"][rank:] = 0.0, 0.0
    report = model_rank(model, params)
    assert report.rank == exact_rank(model, params) == 8 * rank - rank**2
    assert report.clear


def test_the_report_says_where_floating_point_cannot_tell():
    model = TwoLayer(1, 200, bias=False)
    params = drawn(model)
    report = model_rank(model, params)
    assert report.rank < 60
    assert exact_rank(model, params) == 400
    assert not report.clear
    assert "there is no gap" in str(report)


def test_a_tolerance_moves_the_rank_and_only_the_rank():
    model = TwoLayer(1, 50)
    params = drawn(model)
    reports = [model_rank(model, params, tolerance=t) for t in (1e-1, 1e-4, 1e-8, 1e-12)]
    ranks = [report.rank for report in reports]
    assert ranks == sorted(set(ranks))
    for report in reports:
        limit = report.tolerance * report.spectrum[0]
        assert report.rank == (report.spectrum > limit).sum()
        after = report.spectrum[report.rank]
        assert report.gap == pytest.approx(report.spectrum[report.rank - 1] / after)
        np.testing.assert_array_equal(report.spectrum, reports[0].spectrum)


def test_the_default_tolerance_is_that_of_numpy():
    model, params = TwoLayer(3, 4), drawn(TwoLayer(3, 4))
    report = model_rank(model, params)
    assert report.tolerance == report.probes * np.finfo(float).eps
    assert str(report).startswith(
        "Numerical rank 20 of 20 parameters at relative tolerance 8.9e-15"
    )


def test_a_network_that_is_zero_has_rank_zero():
    model = TwoLayer(2, 3, bias=False)
    zero = {name: torch.zeros_like(leaf) for name, leaf in drawn(model).items()}
    report = model_rank(model, zero)
    assert report.rank == 0 == exact_rank(model, zero)


def test_probes_lie_where_the_neurons_bend():
    model = TwoLayer(2, 3)
    params = {
        "a": torch.ones(3, dtype=torch.float64),
        "w": torch.tensor([[10.0, 0.0], [0.0, 1.0], [0.0, 0.0]], dtype=torch.float64),
        "b": torch.tensor([200.0, 0.0, 5.0], dtype=torch.float64),
    }
    x = probes_for(model, params, 1_000)
    assert x.shape == (1_000, 2)
    bending = (x @ params["w"].T + params["b"]).abs()[:, :2] < 20.0
    assert bending.any(dim=1).all()
    assert abs(int(bending[:, 0].sum()) - 500) < 100
    assert torch.equal(x, probes_for(model, params, 1_000))
    assert not torch.equal(x, probes_for(model, params, 1_000, seed=1))


def test_fewer_probes_than_parameters_must_be_asked_for():
    model, params = TwoLayer(1, 3), drawn(TwoLayer(1, 3))
    few = torch.linspace(-1.0, 1.0, 8, dtype=torch.float64)[:, None]
    with pytest.raises(ValueError, match="at least as many as the 9 parameters, but are 8"):
        model_rank(model, params, probes=few)
    assert model_rank(model, params, 1e-14, few, fewer_probes=True).rank <= 8


@pytest.mark.parametrize("tolerance", [0.0, 1.0, -1e-3, float("nan")])
def test_a_tolerance_outside_its_range_is_refused(tolerance):
    model, params = TwoLayer(1, 3), drawn(TwoLayer(1, 3))
    with pytest.raises(ValueError, match="tolerance must be a number between 0 and 1, but is"):
        model_rank(model, params, tolerance)


@pytest.mark.parametrize("shape", [(20, 2), (20,), (0, 1)])
def test_probes_of_another_shape_are_refused(shape):
    model, params = TwoLayer(1, 3), drawn(TwoLayer(1, 3))
    with pytest.raises(ValueError, match=r"probes must have shape \[N, 1\] with N > 0"):
        model_rank(model, params, probes=torch.zeros(shape, dtype=torch.float64))


def test_parameters_that_are_not_finite_are_refused():
    model, params = TwoLayer(1, 3), drawn(TwoLayer(1, 3))
    params["b"][1] = float("nan")
    with pytest.raises(ValueError, match=r"params\['b'\] must be finite"):
        model_rank(model, params)
