"""The model rank of attention: counted, proven in a finite field, and seen in floating point."""

import pytest
import torch
from cases import each
from heads import attention_shapes, degenerate_heads
from hypothesis import given, settings
from hypothesis import strategies as st
from often import sparsely

from condensekit import Attention, exact_rank, model_rank, rank_certificate
from condensekit.exact import NoExactMethod, attention_sample_size
from condensekit.measures import jacobian
from condensekit.problems import TeacherHeads

MODEL = Attention(3, 3, 2, 2)


def drawn(model, seed=0):
    return model.init(torch.Generator().manual_seed(seed), 1.0)


def numerical(model, params):
    generator = torch.Generator().manual_seed(1)
    probes = torch.randn(
        model.n_parameters, model.input_dim, dtype=torch.float64, generator=generator
    )
    report = model_rank(model, params, probes=probes, prove=False)
    assert report.rank == report.certain and report.gap > 1e6
    return report.rank


@pytest.mark.parametrize(
    ("heads", "d_model", "d_head", "tokens"),
    [
        (1, 3, 1, 3),
        (1, 3, 2, 3),
        (2, 3, 2, 3),
        (3, 3, 1, 2),
        (1, 4, 3, 2),
        (1, 2, 2, 4),
        (1, 6, 1, 6),
        (1, 6, 2, 6),
    ],
)
def test_generic_heads_have_the_dimension_of_their_products(heads, d_model, d_head, tokens):
    """W_Q W_K^T and W_V W_O^T are d x d matrices of rank d_head: 2 d d_head - d_head^2 each."""
    model = Attention(tokens, d_model, heads, d_head)
    params = drawn(model)
    expected = 2 * heads * (2 * d_model * d_head - d_head**2)
    assert exact_rank(model, params) == expected == numerical(model, params)


def test_one_input_may_add_one_only():
    """X [6, 6] has 36 rows, more than the 24 parameters, and still does not tell all functions."""
    model = Attention(tokens=6, d_model=6, heads=1, d_head=1)
    assert exact_rank(model, drawn(model)) == 22
    model = Attention(tokens=6, d_model=6, heads=1, d_head=2)
    assert exact_rank(model, drawn(model)) == 40


SHAPES = list(attention_shapes())


@pytest.mark.parametrize("model", SHAPES[::13], ids=str)
def test_a_rank_is_proven_for_any_shape(model):
    """A sample; the whole table is in slow/test_attention_table.py."""
    certificate = rank_certificate(model, drawn(model))
    assert certificate.proven, str(certificate)
    d, k = model.d_model, model.d_head
    assert certificate.at_most == 2 * model.heads * (2 * d * k - k * k)


@pytest.mark.parametrize("seed", range(40))
def test_a_rank_is_proven_for_heads_that_share_their_parts(seed):
    model, params = degenerate_heads(seed)
    certificate = rank_certificate(model, params)
    assert certificate.proven, str(certificate)


def _copied(*names, factor=1.0):
    def change(params):
        for name in names:
            params[name][1] = factor * params[name][0]

    return change


def _erased(*names):
    def change(params):
        for name in names:
            params[name][1] = 0.0

    return change


def _mirrored(params):
    params["WK"][1], params["WQ"][1] = -params["WK"][0], params["WQ"][0]


def _symmetric(params):
    params["WK"][:] = params["WQ"]


def _of_rank_one(params):
    params["WQ"][1, :, 1] = 2.0 * params["WQ"][1, :, 0]


DEGENERATE = {
    "equal heads": (_copied("WQ", "WK", "WV", "WO"), 16),
    "equal up to signs that cancel": (_copied("WQ", "WK", "WV", "WO", factor=-1.0), 16),
    "equal attention": (_copied("WQ", "WK"), 25),
    "equal but for their values": (_copied("WQ", "WK", "WO"), 25),
    "a head without output": (_erased("WO"), 22),
    "a head without values": (_erased("WV", "WO"), 16),
    "a head without queries": (_erased("WQ"), 30),
    "a head that looks everywhere": (_erased("WQ", "WK"), 24),
    "a head of zeros": (_erased("WQ", "WK", "WV", "WO"), 16),
    "opposite attention": (_mirrored, 32),
    "symmetric attention": (_symmetric, 32),
    "queries of rank one": (_of_rank_one, 31),
}


@each("case", DEGENERATE)
def test_condensed_and_degenerate_heads_have_fewer_dimensions(case):
    change, expected = case
    params = drawn(MODEL)
    change(params)
    certificate = rank_certificate(MODEL, params)
    assert certificate.proven
    assert certificate.at_most == expected == numerical(MODEL, params)


@settings(deadline=None, max_examples=25)
@given(
    tokens=st.integers(1, 3),
    d_model=st.integers(1, 3),
    d_head=st.integers(1, 2),
    entries=st.lists(st.sampled_from([-1.0, 0.0, 0.5, 1.0]), min_size=48, max_size=48),
)
def test_the_count_is_proven_for_any_small_heads(tokens, d_model, d_head, entries):
    """Entries of four values make heads that coincide, mirror each other, or vanish."""
    model = Attention(tokens, d_model, 2, d_head)
    values, params = iter(entries), {}
    for name, shape in model.shapes().items():
        size = torch.Size(shape).numel()
        params[name] = torch.tensor([next(values) for _ in range(size)]).double().view(shape)
    certificate = rank_certificate(model, params)
    assert certificate.proven, str(certificate)


def test_two_tokens_tell_less_of_opposite_heads():
    """The shares of attention of two tokens are s and 1 - s, and A and -A exchange them."""
    two, three = Attention(2, 3, 2, 2), Attention(3, 3, 2, 2)
    params = drawn(two)
    _mirrored(params)
    _copied("WV", "WO")(params)
    assert exact_rank(two, params) == numerical(two, params) == 8 + 8 + 8
    assert exact_rank(three, params) == numerical(three, params) == 8 + 8 + 8 + 8


def test_heads_that_differ_in_their_values_share_symmetric_functions():
    """The functions of M (x) B are symmetric in the column of M and the row of B."""
    model = Attention(tokens=4, d_model=3, heads=2, d_head=1)
    params = drawn(model)
    _copied("WQ", "WK", "WO")(params)
    assert exact_rank(model, params) == numerical(model, params) == 16


def test_two_tokens_share_the_mean():
    """Heads with A, -A and 0: the functions of N of the first two add up to those of the third."""
    model = Attention(2, 2, 3, 1)
    params = drawn(model)
    params["WQ"][1], params["WK"][1] = -params["WQ"][0], params["WK"][0]
    params["WQ"][2] = 0.0
    for name in ("WV", "WO"):
        params[name][1:] = params[name][:1]
    assert exact_rank(model, params) == numerical(model, params)


def test_one_token_gets_all_attention():
    model = Attention(1, 3, 1, 2)
    assert exact_rank(model, drawn(model)) == 8


def test_large_models_are_refused():
    model = Attention(3, 16, 8, 2)
    with pytest.raises(NoExactMethod, match=r"has 1,024 parameters; .* up to 1,000"):
        exact_rank(model, drawn(model))


def test_the_jacobian_of_many_outputs_has_a_row_for_each():
    params, x = drawn(MODEL), torch.randn(4, 9, dtype=torch.float64)
    found = jacobian(MODEL, params, x)
    assert found.shape == (4 * 9, 48)
    step = {name: torch.randn_like(leaf) for name, leaf in params.items()}
    flat = torch.cat([leaf.flatten() for leaf in step.values()])
    h = 1e-6
    plus, minus = (
        MODEL({name: leaf + sign * h * step[name] for name, leaf in params.items()}, x)
        for sign in (1, -1)
    )
    torch.testing.assert_close(
        found @ flat, ((plus - minus) / (2 * h)).flatten(), rtol=1e-7, atol=1e-7
    )


# --- one head as the target of many ------------------------------------------------------------


@pytest.mark.parametrize("tokens", [3, 4, 6])
@pytest.mark.parametrize("d_model", [2, 3, 6])
def test_one_head_asks_for_so_many_numbers_and_samples(tokens, d_model):
    """V and O give (d - 1) + d directions, Q and K 2 d - 1; a sample sees T along O."""
    target = TeacherHeads(1, tokens, d_model).teacher()
    found = attention_sample_size(*target)
    assert found.numbers == 2 * (2 * d_model - 1) == exact_rank(*target)
    samples = -(-(3 * d_model - 1) // tokens)
    expected = [min(n * tokens, 3 * d_model - 1) + d_model - 1 for n in range(1, samples + 1)]
    assert (found.samples, [*found.ranks]) == (samples, expected)
    x = torch.randn(samples, tokens * d_model, dtype=torch.float64)
    for n, rank in enumerate(found.ranks, 1):
        values = torch.linalg.svdvals(jacobian(*target, x[:n]))
        assert int((values > 1e-10 * values[0]).sum()) == rank


def _student(params, heads, d_head, silent=""):
    """A head with d = 1 among more heads and columns; they are zero, or silent."""
    model = Attention(6, 6, heads, d_head)
    wide = {name: torch.zeros(shape, dtype=torch.float64) for name, shape in model.shapes().items()}
    generator = torch.Generator().manual_seed(1)
    for name, leaf in wide.items():
        if silent == "heads" and name != "WO":
            leaf[1:] = torch.randn(leaf[1:].shape, generator=generator, dtype=torch.float64)
        if silent == "columns" and name == "WV":
            leaf[0] = torch.randn(leaf[0].shape, generator=generator, dtype=torch.float64)
        leaf[0, :, :1] = params[name][0] * (d_head**0.5 if name == "WQ" else 1.0)
    return model, wide


@pytest.mark.parametrize(
    ("heads", "d_head", "silent", "more"),
    [
        *sparsely([(heads, d_head, "", 0) for heads in (1, 2, 4, 8) for d_head in (1, 2, 4)], 4),
        (2, 1, "heads", 6),
        (3, 2, "heads", 24),
        (1, 2, "columns", 5),
        (2, 3, "columns", 10),
    ],
)
def test_only_zero_heads_and_columns_keep_the_numbers_of_a_head(heads, d_head, silent, more):
    """A silent head can move along V dO^T, d times its columns; a silent column d - 1."""
    target, params = TeacherHeads().teacher()
    student, wide = _student(params, heads, d_head, silent)
    x = torch.randn(5, 36, dtype=torch.float64)
    torch.testing.assert_close(student(wide, x), target(params, x))
    assert exact_rank(student, wide) == 22 + more
    assert attention_sample_size(student, wide).numbers == 22 + more
    if not silent:
        assert attention_sample_size(student, wide).ranks == (11, 17, 22)
