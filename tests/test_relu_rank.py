"""Ranks of ReLU networks, against the values of their tangent functions at rational points."""

import itertools
import random
from fractions import Fraction

import flint
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from condensekit import TwoLayer, exact_rank, model_rank, rank_certificate
from condensekit.embedding import embed
from condensekit.measures import probes_for


def tensors(**leaves):
    return {name: torch.tensor(leaf, dtype=torch.float64) for name, leaf in leaves.items()}


def rank_at(model, params, points):
    """Rank over the rationals of the tangent functions at some points [d], written out."""
    a = [Fraction(value) for value in params["a"].tolist()]
    w = [[Fraction(value) for value in row] for row in params["w"].tolist()]
    b = (
        [Fraction(value) for value in params["b"].tolist()]
        if model.bias
        else [Fraction(0)] * model.m
    )
    rows = []
    for x in points:
        z = [
            sum(c * v for c, v in zip(row, x, strict=True)) + s for row, s in zip(w, b, strict=True)
        ]
        slope = [out if value > 0 else Fraction(0) for out, value in zip(a, z, strict=True)]
        row = [max(value, Fraction(0)) for value in z] + [s * v for s in slope for v in x]
        rows.append(row + slope if model.bias else row)
    entries = [[flint.fmpq(v.numerator, v.denominator) for v in row] for row in rows]
    return flint.fmpq_mat(entries).rank()


def pieces(params):
    """Two points in each piece of a function on a line, for any floats."""
    w, b = params["w"][:, 0].tolist(), params["b"].tolist()
    kinks = {-Fraction(s) / Fraction(v) for v, s in zip(w, b, strict=True) if v}
    ends = sorted(kinks | {Fraction(0)})
    ends = [ends[0] - 3, *ends, ends[-1] + 3]
    return [
        [left + share * (right - left)]
        for left, right in itertools.pairwise(ends)
        for share in (Fraction(1, 3), Fraction(1, 2))
    ]


FLOATS = st.one_of(
    st.sampled_from([0.0, -0.0, 1.0, -1.0, 2.0, -0.5, 1e-7]),
    st.floats(-3.0, 3.0),
    st.floats(allow_nan=False, allow_infinity=False),
)
NEURONS = st.lists(st.tuples(FLOATS, FLOATS, FLOATS), min_size=1, max_size=5)


@settings(max_examples=300, deadline=None)
@given(NEURONS, st.lists(st.tuples(st.integers(0, 4), st.sampled_from([1.0, -1.0, 2.0, -0.25]))))
def test_on_a_line_it_is_the_rank_at_two_points_of_each_piece(neurons, copies):
    for source, factor in copies[:3]:
        a, w, b = neurons[source % len(neurons)]
        neurons.append((0.0 if factor == 2.0 else a, factor * w, factor * b))
    neurons = [neuron for neuron in neurons if max(map(abs, neuron)) < 1e300]
    if not neurons:
        return
    a, w, b = zip(*neurons, strict=True)
    params = tensors(a=list(a), w=[[value] for value in w], b=list(b))
    model = TwoLayer(1, len(neurons), "relu")
    certificate = rank_certificate(model, params)
    assert certificate.proven
    assert certificate.at_most == rank_at(model, params, pieces(params))


@pytest.mark.slow
@pytest.mark.parametrize("block", range(5))
def test_it_is_the_rank_at_many_points_of_a_space(block):
    """Small whole weights: neurons that coincide, mirror each other, are silent, flat or dead."""
    for seed in range(20 * block, 20 * block + 20):
        chosen = random.Random(seed)
        d, m = chosen.randint(1, 3), chosen.randint(1, 4)
        model = TwoLayer(d, m, "relu", bias=chosen.random() < 0.7)
        params = {
            name: torch.tensor(
                [float(chosen.randint(-2, 2)) for _ in range(torch.Size(shape).numel())]
            )
            .double()
            .view(shape)
            for name, shape in model.shapes().items()
        }
        points = [
            [Fraction(chosen.randint(-6_000, 6_000), chosen.choice((1_009, 101))) for _ in range(d)]
            for _ in range(50 * d * m)
        ]
        assert exact_rank(model, params) == rank_at(model, params, points), f"{seed}"


@pytest.mark.parametrize(
    ("neurons", "bias", "expected"),  # a neuron is (a, w, b)
    [
        ([(1.0, 1.0, 0.0)], True, 2),
        ([(1.0, 1.0, 0.0), (2.0, 3.0, 0.0)], True, 2),  # one kink, one side
        ([(1.0, 1.0, 0.0), (1.0, -1.0, 0.0)], True, 4),  # both sides: all affine functions too
        ([(1.0, 1.0, 0.0), (0.0, -1.0, 0.0)], True, 3),  # relu(z) - relu(-z) = z
        ([(0.0, 1.0, 0.0), (0.0, -1.0, 0.0)], True, 2),
        ([(0.0, 1.0, 0.0), (0.0, -1.0, 0.0)], False, 2),
        ([(1.0, 1.0, 0.0), (1.0, -2.0, 0.0)], False, 2),
        ([(1.0, 0.0, 1.0)], True, 2),  # flat
        ([(0.0, 0.0, 1.0)], True, 1),
        ([(1.0, 0.0, 0.0)], True, 0),  # dead
        ([(1.0, 0.0, -1.0)], True, 0),
    ],
)
def test_the_cases_of_the_count(neurons, bias, expected):
    a, w, b = zip(*neurons, strict=True)
    model = TwoLayer(1, len(neurons), "relu", bias=bias)
    params = tensors(a=list(a), w=[[value] for value in w], b=list(b))
    params = {name: params[name] for name in model.shapes()}
    assert exact_rank(model, params) == expected


@pytest.mark.parametrize(("d", "m"), [(1, 3), (2, 5), (5, 40)])
def test_a_generic_neuron_counts_all_but_its_scale(d, m):
    """(a, w, b) and (a / c, c w, c b) are one function: a parameter less for each neuron."""
    model = TwoLayer(d, m, "relu")
    params = model.init(torch.Generator().manual_seed(0), 1.0)
    assert exact_rank(model, params) == m * (d + 1)
    wide, more = embed(model, params, 2 * m, "split")
    assert exact_rank(wide, more) == m * (d + 1)


@pytest.mark.parametrize(("d", "m"), [(1, 9), (2, 6), (3, 12)])
@pytest.mark.parametrize("seed", range(5))
def test_probes_visit_both_sides_of_all_neurons_and_all_pieces_of_a_line(d, m, seed):
    model = TwoLayer(d, m, "relu")
    params = model.init(torch.Generator().manual_seed(seed), 1.0)
    x = probes_for(model, params, 2 * model.n_parameters)
    z = x @ params["w"].T + params["b"]
    signs = (z > 0).long()
    assert signs.sum(dim=0).min() > 0 and signs.sum(dim=0).max() < len(x)
    if d == 1:
        pieces = sorted((-params["b"] / params["w"][:, 0]).tolist())
        visits = torch.bucketize(x[:, 0], torch.tensor(pieces, dtype=torch.float64)).bincount()
        assert len(visits) == m + 1 and visits.min() >= 2
    report = model_rank(model, params, prove=False)
    assert report.clear and report.rank == exact_rank(model, params)
