"""Numbers and counts in sentences: one style, and one neuron is no neurons."""

import math
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import condensekit as ck
from condensekit import dynamics, measures, symbolic, symmetry
from condensekit.measures.gathering import Gathering
from condensekit.words import many, number, power

ROOT = Path(ck.__file__).parent
RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def read(text):
    """The number that a reader sees."""
    return float(text.replace("·10", "e").translate(RAISED))


@given(st.floats(-1e300, 1e300), st.integers(1, 6))
def test_a_number_is_read_as_what_it_is_to_its_digits(value, digits):
    text = number(value, digits)
    assert "e" not in text
    assert len(text) <= digits + 9
    assert read(text) == pytest.approx(value, rel=0.5000001 * 10.0 ** (1 - digits), abs=1e-323)


@given(st.floats(1e-3, 9_000.0))
def test_a_number_in_reach_is_written_out(value):
    assert "·" not in number(value)


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.0, 2, "0"),
        (-0.0, 2, "0"),
        (99.96, 2, "100"),
        (999.96, 3, "1000"),
        (9_999.0, 2, "1.0·10⁴"),
        (9.996e-4, 2, "0.001"),
        (9.94e-4, 2, "9.9·10⁻⁴"),
        (-7.5e-5, 2, "-7.5·10⁻⁵"),
        (1e300, 1, "1·10³⁰⁰"),
        (5e-324, 1, "5·10⁻³²⁴"),
        (math.inf, 2, "inf"),
        (math.nan, 2, "nan"),
        (np.float32(0.25), 2, "0.25"),
    ],
)
def test_numbers_at_the_edges(value, digits, text):
    assert number(value, digits) == text


def test_powers():
    assert [power(k) for k in (-12, 0, 3)] == ["10⁻¹²", "10⁰", "10³"]


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 copies"), (1, "1 copy"), (2, "2 copies"), (1_234, "1,234 copies")]
)
def test_a_count_and_its_noun(count, text):
    assert many(count, "copy", "copies") == text
    assert many(count, "neuron").endswith("s") == (count != 1)


# --- what the core says, of one and of several ---------------------------------------------------

BARE = ck.TwoLayer(1, 1, bias=False)


def drawn(model):
    return model, model.init(seed=0)


def samples(model):
    x = torch.rand(6, model.input_dim, generator=torch.Generator().manual_seed(0)).double()
    y = x.sum(dim=1)
    return ck.problems.Data(x, y, x, y)


def experiment(m=2, n=3, steps=1):
    return ck.Experiment(ck.TwoLayer(1, m), ck.three_tanh(1), ck.Adam(1e-2, steps=steps), n, 0.5)


def of_gathering(k):
    return Gathering(k + 1, k, k, k, 0, 1.0), Gathering(9, 9, 0, k, k, 1.0)


def of_blocks(k):
    kernels = drawn(ck.Conv(side=6, kernels=k, size=2, classes=2))
    return measures.blocks(*kernels), measures.blocks(*drawn(ck.TwoLayer(1, k)))


def of_simplicity(k):
    plane, kernels = ck.Plane(), ck.TwoLayerConv(5, k)
    flat = ck.params(plane, **{name: [1.0] * k + [0.0] * (3 - k) for name in plane.shapes()})
    own = [drawn(ck.TwoLayer(1, k)), (plane, flat), drawn(kernels)]
    return [measures.simplicity(model, params, samples(model)) for model, params in own]


def of_merging(k):
    model, params = drawn(ck.TwoLayer(1, k))
    data = ck.three_tanh().data(9)
    return (
        ck.merge(model, params),
        ck.merge(model, params, data),
        ck.merge(model, params, data, 0.4),
        ck.nearest_condensed(model, params, data),
    )


def of_ranks(k):
    tanh, relu = drawn(ck.TwoLayer(1, k)), drawn(ck.TwoLayer(1, k, "relu", bias=False))
    proof = symbolic.symbolic_rank(BARE, {"a": [k], "w": [[1]]})
    return ck.model_rank(*tanh), ck.rank_certificate(*tanh), ck.model_rank(*relu), proof


def of_theory(k):
    narrow = ck.Experiment(ck.TwoLayer(1, k), ck.three_tanh(3), n_samples=5)
    known = [measures.theory(experiment(n=k)), measures.theory(narrow)]
    return [*(found.reason for found in known), ck.recovery(ck.train(experiment(1, k)))]


def of_a_run(k):
    run = ck.train(experiment(steps=k))
    counts = [9] + [k] * (len(run) - 1)
    events = dynamics.events(run, counts=counts, what="line")
    return run, run.experiment.optimizer.plan(1.0), *(event.text for event in events)


def of_symmetry(k):
    wide = experiment(steps=k)
    held = symmetry.equal_blocks(wide.model, k)
    stratum = symmetry.stratum_of(wide.model, held.place(wide.init()))
    return symmetry.coincidence(wide, stratum), symmetry.drift(wide, held)


SAID = (
    *(of_gathering, of_blocks, of_simplicity, of_merging, of_ranks, of_theory, of_a_run),
    of_symmetry,
)
NOUNS = (
    "neuron|kernel|parameter|group|cluster|line|block|place|sample|input|step|probe|row|way|one|"
    "recorded step|different neuron|active neuron|living neuron|single neuron"
)
WRONG = re.compile(rf"(?<![\d,.])1 ({NOUNS})s\b|(?<![\d,.])(0|[2-9]|\d\d+) ({NOUNS})\b(?!s| ReLU)")


@pytest.mark.parametrize("what", SAID)
@pytest.mark.parametrize("count", [1, 2])
def test_one_is_one_and_two_are_several(what, count):
    for said in what(count):
        assert not WRONG.search(str(said)), said
        assert not re.search(r"\d(\.\d+)?e[+-]?\d", str(said)), said


def test_none_is_several():
    lone = ck.nearest_condensed(*drawn(ck.TwoLayer(1, 1)), ck.three_tanh().data(9))
    for said in (Gathering(0, 0, 0, 0, 0, 1.0), Gathering(1, 1, 0, 0, 0, 1.0), lone):
        assert not WRONG.search(str(said)), said


def test_the_search_finds_what_is_wrong():
    for text in ("1 neurons", "2 neuron.", "0 group", "of 1 parameters", "12 block"):
        assert WRONG.search(text), text
    for text in ("1 neuron", "21 neurons", "0.1 steps", "2 neurons", "1,001 groups"):
        assert not WRONG.search(text), text


CORE = (
    "measures",
    "dynamics",
    "symmetry",
    "exact",
    "symbolic",
    "training",
    "optimizers",
    "problems",
)


@pytest.mark.parametrize("package", CORE)
def test_no_sentence_has_a_style_of_its_own(package):
    """A plural that is made by hand, or a number that may read 1e-05; twins are code."""
    for path in {*(ROOT / package).rglob("*.py")} - {*(ROOT / package).rglob("twins.py")}:
        text = re.sub(r'float\(f"[^"]*"\)', "", path.read_text(encoding="utf-8"))
        assert not re.search(r"[a-z]\{'s' \* \(\w+ != 1\)\}", text), path
        assert not re.search(r"\{[^{}]*:\.\d+[eg]\}", text), path
