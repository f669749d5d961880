"""The numerical rank: right where the spectrum has a gap, and honest where it has none."""

import numpy as np
import pytest
import torch
from cases import MODELS
from networks import any_network
from often import sparsely
from torch import nn

from condensekit import (
    Attention,
    Deep,
    FromModule,
    MatrixFactorization,
    TwoLayer,
    exact_rank,
    model_rank,
)
from condensekit.embedding import embed, perturbed
from condensekit.measures import RankStatus, probes_for, spectrum
from condensekit.measures.rank import rank_report
from condensekit.measures.spectra import seen

SMALL = {name: case for name, case in MODELS.items() if case.scalar and case.n_parameters < 100}


def drawn(model, seed=0, std=1.0):
    return model.init(torch.Generator().manual_seed(seed), std)


@pytest.mark.parametrize("case", sparsely(SMALL, 3))
def test_the_spectrum_is_that_of_numpy_on_scaled_columns(case):
    params = drawn(case.model)
    x = torch.randn(2 * case.n_parameters, case.model.input_dim, dtype=torch.float64)
    slopes = [torch.func.grad(case.model)(params, row) for row in x]  # not all know torch.vmap
    names = [*case.model.shapes()]
    columns = np.array([torch.cat([row[name].flatten() for name in names]) for row in slopes])
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
    assert report.status is RankStatus.CANNOT_TELL
    assert "no gap at this tolerance, nor at another" in str(report)
    assert "the model rank is 400, proven" in str(report)


def test_there_may_be_a_gap_at_another_tolerance():
    """Six decades behind 9, cut in the middle of what is behind them."""
    narrow = TwoLayer(1, 3)
    wide, params = embed(narrow, drawn(narrow), 30, "split")
    params = perturbed(params, 1e-6, seed=2)
    report = model_rank(wide, params, 1e-9)
    assert 9 < report.rank < report.exact == 90
    assert "no gap at this tolerance; the widest, of" in str(report)
    assert "is behind 9" in str(report)
    at_the_gap = model_rank(wide, params, 1e-4)
    assert at_the_gap.rank == 9 and at_the_gap.gap > 1e3
    assert at_the_gap.status is RankStatus.CANNOT_TELL and not at_the_gap.clear


# --- what a rank is worth ----------------------------------------------------------------------


@pytest.mark.parametrize("block", range(6))
def test_a_rank_that_is_clear_is_right(block):
    """By the singular values alone; ten thousand networks are in slow/test_clear_ranks.py."""
    seeds = range(60 * block, 60 * block + 60)
    clear = [clear_and_right(*any_network(seed)) for seed in seeds]
    assert sum(clear) >= 45


def clear_and_right(model, params):
    """Whether a rank is clear; what is said is held against the proven rank."""
    report, exact = model_rank(model, params, prove=False), exact_rank(model, params)
    assert report.certain <= exact, f"{report} {exact}"
    assert report.rank == exact or not report.clear, f"{report} {exact}"
    assert report.exact is None and report.status is not RankStatus.PROVEN
    return report.clear


def test_relu_neurons_on_a_line_are_seen_in_all_their_pieces():
    model = TwoLayer(1, 3, "relu")
    params = drawn(model, 11)
    assert model_rank(model, params).rank == exact_rank(model, params) == 6
    for seed in range(100):
        params = drawn(model, seed)
        report = model_rank(model, params, prove=False)
        assert report.clear and report.rank == exact_rank(model, params)


def test_a_small_start_hides_a_value_in_rounding():
    model = TwoLayer(1, 5)
    report = model_rank(model, drawn(model, std=1e-3))
    assert (report.rank, report.exact, report.status) == (14, 15, RankStatus.CANNOT_TELL)
    assert report.gap > 1e5
    alone = model_rank(model, drawn(model, std=1e-3), prove=False)
    assert alone.status is RankStatus.LOWER_BOUND
    assert "A lower bound" in str(alone)


@pytest.mark.parametrize("share", [1e-16, 1e-13, 1e-9, 1e-5])
def test_neurons_that_are_nearly_equal_are_not_taken_for_equal(share):
    model, params = TwoLayer(2, 3), drawn(TwoLayer(2, 3))
    for name in ("w", "b"):
        params[name][1] = params[name][0]
    assert model_rank(model, params, prove=False).clear
    params["w"][1, 0] += share * params["w"][1, 0] + 2e-16
    report = model_rank(model, params, prove=False)
    assert report.rank <= exact_rank(model, params) == 12
    assert report.rank == 12 or not report.clear


def _module(bias=False, dtype=torch.float32):
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(1, 5, bias), nn.Tanh(), nn.Linear(5, 1, bias)).to(dtype)


def test_numbers_of_torch_are_measured_in_float64():
    """Casting up is exact; in float32 the same network seemed to have 16 of 10 directions."""
    model = FromModule(_module(), "0", (1,))
    params = model.params()
    line = TwoLayer(1, 5, bias=False)
    same = {"a": params["2.weight"][0], "w": params["0.weight"]}
    report = model_rank(line, same)
    assert report.rank <= exact_rank(line, same) == report.exact == 10
    x = torch.linspace(-9.0, 9.0, 50)[:, None]
    of_module, of_line = (
        spectrum(model, params, x),
        spectrum(line, same, x.double()),
    )
    np.testing.assert_allclose(of_module, of_line, rtol=1e-9, atol=1e-13)
    assert model_rank(model, params, probes=x).rank == model_rank(line, same, probes=x).rank


@pytest.mark.parametrize("seed", range(5))
def test_a_module_of_smooth_layers_may_be_clear_below_full_rank(seed):
    """Two pairs of equal neurons and a bias behind them: 3 x 3 + 1."""
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Linear(1, 5), nn.Tanh(), nn.Linear(5, 1))
    model = FromModule(net, "0", (1,))
    params = {name: 3.0 * leaf for name, leaf in model.params().items()}
    for name in ("0.weight", "0.bias"):
        params[name][3:] = params[name][:2]
    narrow = TwoLayer(1, 3)
    kept = {"a": torch.ones(3), "w": params["0.weight"][:3], "b": params["0.bias"][:3]}
    assert exact_rank(narrow, kept) == 9
    report = model_rank(model, params)
    assert report.status is RankStatus.CLEAR and report.rank == 10
    bent = FromModule(nn.Sequential(nn.Linear(1, 5), nn.ReLU(), nn.Linear(5, 1)), "0", (1,))
    assert model_rank(bent, params).status is not RankStatus.CLEAR


def test_constants_of_a_module_are_cast_as_well():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Tanh(), nn.Linear(3, 1))
    model = FromModule(net, "0", (2,))
    report = model_rank(model, model.params())
    # Shifts and scales of the neurons are there twice: 3 (d + 2) and the bias behind them.
    assert report.status is RankStatus.CLEAR and report.rank == 13
    assert net[0].weight.dtype == torch.float32


def test_without_a_proof_only_what_is_analytic_is_clear_below_full_rank():
    analytic = Attention(3, 3, 2, 2), MatrixFactorization(3, 2, 3)
    for model in analytic:
        report = model_rank(model, drawn(model), prove=False)
        assert report.clear and report.rank == exact_rank(model, drawn(model))
    smooth, bent = Deep(2, 3, 2, "tanh"), Deep(2, 3, 2, "relu")
    assert model_rank(smooth, drawn(smooth)).status is RankStatus.CLEAR
    report = model_rank(bent, drawn(bent))
    assert report.rank < bent.n_parameters
    assert report.status is RankStatus.LOWER_BOUND


@pytest.mark.parametrize("name", ["softplus", "xtanh", "x2tanh"])
def test_activations_without_a_proof_may_be_clear(name):
    model, params = TwoLayer(2, 3, name), drawn(TwoLayer(2, 3, name))
    assert model_rank(model, params).status is RankStatus.CLEAR
    for leaf in params.values():
        leaf[1] = leaf[0]
    report = model_rank(model, params)
    assert report.status is RankStatus.CLEAR and report.rank == 8


def test_on_given_probes_the_rank_is_that_on_them():
    """The tangent functions of an odd network split by parity, so that 9 symmetric points see 8."""
    model = TwoLayer(1, 3)
    params = {
        "a": torch.ones(3).double(),
        "w": torch.ones(3, 1).double(),
        "b": torch.tensor([-7.0, 0.0, 7.0]).double(),
    }
    grid = torch.linspace(-15.0, 15.0, 9, dtype=torch.float64)[:, None]
    report = model_rank(model, params, probes=grid, fewer_probes=True)
    assert report.rank == 8 and report.exact is None


def test_probes_that_see_little_give_a_lower_bound():
    model, params = TwoLayer(1, 4, "relu"), drawn(TwoLayer(1, 4, "relu"))
    far = torch.linspace(50.0, 60.0, 40, dtype=torch.float64)[:, None]
    report = model_rank(model, params, probes=far, prove=False)
    assert report.rank < exact_rank(model, params)
    assert report.status is not RankStatus.CLEAR
    assert "proven" in str(model_rank(model, params, probes=far))


# --- bad input ---------------------------------------------------------------------------------


def test_derivatives_that_overflow_are_refused():
    for name in ("relu", "square"):
        model = TwoLayer(1, 2, name)
        params = {key: 1e160 * leaf for key, leaf in drawn(model).items()}
        if name == "square":
            with pytest.raises(
                ValueError, match=r"not finite at these .*largest parameter is 2.2·10"
            ):
                model_rank(model, params)
        else:
            assert model_rank(model, params).status is RankStatus.PROVEN
            assert model_rank(model, params, prove=False).rank == exact_rank(model, params) == 4


def test_probes_that_are_no_numbers_are_refused():
    model, params = TwoLayer(1, 2), drawn(TwoLayer(1, 2))
    probes = torch.linspace(-1.0, 1.0, 20, dtype=torch.float64)[:, None]
    for bad in ("nan", "inf"):
        probes[3] = float(bad)
        with pytest.raises(ValueError, match="probes must be finite"):
            model_rank(model, params, probes=probes)


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
        "Numerical rank 20 of 20 parameters at relative tolerance 8.9·10⁻¹⁵"
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


def test_what_rounding_of_parameters_does_is_measured():
    """Where w x and b cancel but for a millionth, a last digit of w is a million last digits."""
    model = TwoLayer(1, 8)
    w = 1e6 * torch.linspace(1.0, 2.0, 8, dtype=torch.float64)
    params = {"a": torch.ones(8).double(), "w": w[:, None], "b": -w}
    probes = torch.linspace(1.0 - 1e-6, 1.0 + 1e-6, 50, dtype=torch.float64)[:, None]
    here = seen(model, params, probes)
    assert here.floor > 1e4 * 50 * np.finfo(float).eps * here.spectrum[0]


@pytest.mark.parametrize("noise", [[3e-16, 1e-17], [8e-17, 5e-17], [2e-15, 1e-16]])
def test_what_is_below_rounding_decides_no_word(noise):
    """Of the same network another processor computes another noise: the report is the same."""
    report = rank_report(np.array([1.0, 1e-2, 5e-3, *noise]), 1e-13, 40, 20)
    assert (
        report.falls == "behind it the singular values fall by a factor 5.6·10¹¹ down to rounding"
    )
    close = rank_report(np.array([1.0, 1e-2, 2e-13, *noise]), 1e-13, 40, 20)
    assert "only by a factor 23 down to rounding: no gap at this tolerance" in close.falls
    assert "the widest, of 5.0·10¹⁰, is behind 2" in close.falls


def test_what_is_above_rounding_is_told():
    report = rank_report(np.array([1.0, 1e-2, 1e-9]), 1e-8, 40, 20)
    assert report.falls == "behind it the singular values fall by a factor 1.0·10⁷"
