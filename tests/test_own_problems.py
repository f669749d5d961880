"""Targets typed, drawn and read: what is understood, and what is answered with a sentence."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from condensekit import Experiment, GradientDescent, Run, TwoLayer, train
from condensekit.problems import (
    drawn,
    formula,
    initial_condensation,
    own_data,
    read_csv,
    relu_1d,
)
from condensekit.problems.formulas import FUNCTIONS


def at(problem, *x):
    return problem.target(torch.tensor(x, dtype=torch.float64)[:, None]).tolist()


# --- formulas ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x", lambda x: x),
        ("3", lambda x: 3.0),
        ("-x^2", lambda x: -(x**2)),
        ("2**x^2", lambda x: 2 ** (x**2)),
        ("(1 + x) * 2 - x / 4", lambda x: (1 + x) * 2 - x / 4),
        ("sin(3*x) + sin(6*x)/2", lambda x: math.sin(3 * x) + math.sin(6 * x) / 2),
        ("exp(-x^2) * cos(pi*x)", lambda x: math.exp(-(x**2)) * math.cos(math.pi * x)),
        ("max(x, 0) + min(x, e)", lambda x: max(x, 0) + min(x, math.e)),
        ("relu(x) - abs(x) + sign(x)", lambda x: max(x, 0) - abs(x) + np.sign(x)),
        ("tan(x) + arctan(x) + tanh(x)", lambda x: math.tan(x) + math.atan(x) + math.tanh(x)),
        ("sqrt(x + 2) + log(x + 2)", lambda x: math.sqrt(x + 2) + math.log(x + 2)),
        ("sinh(x) + cosh(x)", math.exp),
        ("sigmoid(x)", lambda x: 1 / (1 + math.exp(-x))),
        ("1/(1e-3 + x^2)", lambda x: 1 / (1e-3 + x * x)),
        ("+x", lambda x: x),
    ],
)
def test_a_formula_is_the_function_that_it_spells(text, expected):
    points = (-1.0, -0.3, 0.0, 0.6, 1.0)
    assert at(formula(text), *points) == pytest.approx([expected(x) for x in points], rel=1e-12)


def test_every_function_that_is_offered_works():
    for name, (arguments, _) in FUNCTIONS.items():
        problem = formula(f"{name}({', '.join(['x + 2'] * arguments)})", -1, -0.5)
        assert math.isfinite(at(problem, -0.7)[0])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import os", ["'import os'", "not a formula"]),
        ("__import__('os')", ["'__import__'", "sin"]),
        ("x.real", ["'x.real'"]),
        ("x[0]", ["'x[0]'"]),
        ("(lambda: x)()", ["cannot be part"]),
        ("[x for x in x]", ["cannot be part"]),
        ("'a'*x", ["'a'"]),
        ("True*x", ["'True'"]),
        ("1j*x", ["'1j'"]),
        ("x if x else 1", ["cannot be part"]),
        ("x < 1", ["'x < 1'"]),
        ("x // 2", ["'x // 2'"]),
        ("x := 3", ["not a formula"]),
        ("2x", ["'2x'", "*"]),
        ("y + 1", ["'y'", "x"]),
        ("sin", ["sin", "parentheses"]),
        ("sin(x, x)", ["sin takes 1", "2"]),
        ("max(x)", ["max takes 2", "1"]),
        ("sin(x, out=x)", ["cannot be part"]),
        ("max(*x)", ["max takes 2"]),
        ("", ["''"]),
        ("x" + "+x" * 300, ["500 characters", "601"]),
        ("-" * 200 + "x", ["levels deep"]),
    ],
)
def test_what_is_no_formula_is_named(text, words):
    with pytest.raises(ValueError) as error:
        formula(text)
    for word in words:
        assert word in str(error.value)


@pytest.mark.parametrize(
    ("text", "part", "where"),
    [
        ("1/x", "'x' is 0", 0.0),
        ("1/x^2", "'x ** 2' is 0", 0.0),
        ("1/(x - 1/3)", "'x - 1 / 3' is 0", 1 / 3),
        ("1/(3*x - 1)^4", "is 0", 1 / 3),
        ("x^-1", "'x' is 0", 0.0),
        ("1/sin(pi*x)", "is 0", None),
        ("log(abs(x))", "'abs(x)' is 0", 0.0),
        ("tan(2*x)", "'cos(2 * x)' is 0", None),
        ("1/0", "'0' is 0", None),
        ("sqrt(x)", "nan", None),
        ("log(x)", "is 0", 0.0),
        ("x^0.5", "nan", None),
        ("9^9^9^9", "inf", None),
        ("1e999*x", "inf", None),
    ],
)
def test_a_formula_without_a_finite_value_says_where(text, part, where):
    with pytest.raises(ValueError, match="finite value everywhere") as error:
        formula(text, -1.0, 1.1)
    assert part in str(error.value)
    if where is not None:
        assert f"x = {where:.4g}." in str(error.value)


@given(st.floats(-0.9, 0.9), st.sampled_from([1, 2, 3]))
def test_a_pole_is_found_wherever_it_is(pole, power):
    with pytest.raises(ValueError, match=r"is 0 at x = -?\d"):
        formula(f"1/(x - ({pole!r}))^{power}")


@given(st.floats(1.001, 3.0), st.sampled_from([-1, 1]))
def test_a_pole_beside_the_interval_is_no_error(pole, side):
    assert at(formula(f"1/(x - ({side * pole!r}))"), 0.0)[0] == pytest.approx(-side / pole)


def test_an_interval_that_is_none_is_refused():
    with pytest.raises(ValueError, match="low < high"):
        formula("x", 1.0, 1.0)


# --- named problems ----------------------------------------------------------------------------


def test_relu_1d_is_the_function_of_the_talk():
    def s(z):
        return np.maximum(z, 0.0)

    x = np.linspace(-1, 1, 41)
    expected = -s(x) + s(2 * (x + 0.3)) - s(1.5 * (x - 0.4)) + s(0.5 * (x - 0.8))
    data = relu_1d().data(41)
    np.testing.assert_allclose(data.x[:, 0], x, atol=1e-15)
    np.testing.assert_allclose(data.y, expected, atol=1e-14)


def test_the_problems_of_initial_condensation():
    x = torch.tensor([[0.1, -3.0, 1.0, 0.0, 2.0]], dtype=torch.float64)
    expected = sum(3.5 * math.sin(5 * value + 1) for value in x[0].tolist())
    problem = initial_condensation()
    assert problem.target(x).item() == pytest.approx(expected, rel=1e-12)
    data = problem.data(3_000).x
    assert data.min() >= -4.0
    assert data.max() <= 2.0
    assert data.mean(dim=0).numpy() == pytest.approx(np.full(5, -1.0), abs=0.2)
    line = initial_condensation(1)
    assert at(line, 0.4)[0] == pytest.approx(math.sin(1.2) + math.sin(2.4) / 2, rel=1e-12)
    assert line.data(40).x[[0, -1], 0].tolist() == [-1.0, 1.5]
    with pytest.raises(ValueError, match=r"dim must be a whole number .*but is 0"):
        initial_condensation(0)


# --- drawn -------------------------------------------------------------------------------------


def test_a_drawing_joins_its_points_in_any_order():
    problem = drawn([1.0, -1.0, 0.0], [4.0, 0.0, 2.0])
    assert at(problem, -1.0, -0.5, 0.5, 1.0) == [0.0, 1.0, 3.0, 4.0]
    assert problem.data(3).x[:, 0].tolist() == [-1.0, 0.0, 1.0]


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        ([0.0], [1.0], ["at least two points", "1"]),
        ([], [], ["at least two points", "0"]),
        ([0.0, 1.0], [1.0], ["[2]", "[1]"]),
        ([0.0, 0.0, 1.0], [1.0, 2.0, 3.0], ["x = 0", "two"]),
        ([0.0, math.nan], [1.0, 1.0], ["finite", "row 1"]),
        (["a", "b"], [1.0, 1.0], ["numbers"]),
    ],
)
def test_a_drawing_that_is_no_function_is_refused(x, y, words):
    with pytest.raises(ValueError) as error:
        drawn(x, y)
    for word in words:
        assert word in str(error.value)


# --- own data ----------------------------------------------------------------------------------

ROWS = np.arange(20.0).reshape(10, 2)


def test_own_rows_are_split_into_nested_training_and_test_samples():
    problem = own_data(ROWS, ROWS[:, 0] * 10)
    for n in (1, 4, 9):
        data, more = problem.data(n, seed=3), problem.data(n + 1, seed=3)
        assert torch.equal(data.x, more.x[:n])
        together = torch.cat([data.x, data.x_test]).numpy()
        assert sorted(map(tuple, together)) == sorted(map(tuple, ROWS))
        assert torch.equal(data.y, data.x[:, 0] * 10)
        assert torch.equal(data.y_test, data.x_test[:, 0] * 10)
    everything = problem.data(10)
    assert torch.equal(everything.x, everything.x_test), "nothing is left to test on"
    assert not torch.equal(problem.data(9, seed=1).x, problem.data(9, seed=2).x)
    with pytest.raises(ValueError, match=r"n_samples .* from 1 to 10, but is 11"):
        problem.data(11)


def test_noise_is_added_to_the_training_labels_of_own_rows_only():
    quiet, loud = (own_data(ROWS, ROWS[:, 0], noise_std=s).data(6) for s in (0.0, 0.5))
    assert (quiet.y != loud.y).all()
    assert torch.equal(quiet.y_test, loud.y_test)


def test_own_data_of_one_input_are_joined_by_lines_through_the_means():
    problem = own_data([0.0, 1.0, 1.0], [0.0, 1.0, 3.0])
    assert at(problem, 0.0, 0.5, 1.0) == [0.0, 1.0, 2.0]
    with pytest.raises(ValueError, match="several inputs"):
        own_data(ROWS, ROWS[:, 0]).target(torch.tensor(ROWS))


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        ([[1.0]], [1.0], ["from 2 to 100,000", "1"]),
        ([1.0, 1.0], [1.0, 2.0], ["All inputs are 1"]),
        ([[1.0], [2.0]], [1.0], ["[2, 1]", "[1]"]),
        (np.zeros((2, 0)), [1.0, 2.0], ["[2, 0]"]),
        ([[1.0], [math.inf]], [1.0, 2.0], ["finite", "row 1"]),
        ([[1.0], [2.0, 3.0]], [1.0, 2.0], ["rows of one length"]),
        (["one", "two"], [1.0, 2.0], ["numbers"]),
    ],
)
def test_own_data_that_make_no_sense_are_refused(x, y, words):
    with pytest.raises(ValueError) as error:
        own_data(x, y)
    for word in words:
        assert word in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        "x,y\n0,1\n1,3\n2,5\n",
        "0, 1\n1, 3\n2, 5",
        "\ufeffx;y\r\n0;1\r\n1;3\r\n2;5\r\n",
        "0\t1\n\n1\t3\n2\t5\n",
        "a b\n0 1\n1 3\n2 5\n",
        '"x","y"\n"0","1"\n1,3\n2,5\n',
    ],
)
def test_tables_in_common_forms_are_read(tmp_path, text):
    file = tmp_path / "data.csv"
    file.write_text(text, encoding="utf-8", newline="")
    assert read_csv(file) == own_data([0, 1, 2], [1, 3, 5])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["empty"]),
        ("x,y\n0,1\n", ["1 row"]),
        ("x,y\n0,1\n1,\n2,5\n", ["line 3", "column 2", "missing"]),
        ("x,y\n0,1\n,2\n2,5\n", ["line 3", "column 1", "missing"]),
        ("x,y\n0,1\nblue,2\n2,5\n", ["line 3", "'blue'"]),
        ("x,y\n0,1\n\nnan,2\n2,5\n", ["line 4", "'nan'"]),
        ("x,y\n0,1\n1,2,3\n2,5\n", ["line 3", "3 columns"]),
        ("x,y\n0,1\n1\n2,5\n", ["line 3", "1 column,"]),
        ("0\n1\n2\n", ["line 1", "two columns"]),
        ("1,1\n1,2\n", ["All inputs are 1"]),
    ],
)
def test_a_table_with_a_fault_is_refused_with_its_line(tmp_path, text, words):
    file = tmp_path / "data.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError) as error:
        read_csv(file)
    assert "data.csv" in str(error.value)
    for word in words:
        assert word in str(error.value)


def test_files_that_are_none(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nothing\.csv"):
        read_csv(tmp_path / "nothing.csv")
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\xff\xfe")
    with pytest.raises(ValueError, match=r"picture\.csv is not a text file in UTF-8"):
        read_csv(tmp_path / "picture.csv")


@pytest.mark.parametrize(
    "problem", [formula("x^2"), drawn([0, 1], [0, 1]), own_data([0, 1, 2], [1, 2, 3]), relu_1d()]
)
def test_own_problems_are_trained_on_saved_and_read_back(problem, tmp_path):
    experiment = Experiment(TwoLayer(1, 4), problem, GradientDescent(0.1, steps=3), n_samples=3)
    run = train(experiment)
    assert np.isfinite(run.test_loss).all()
    assert Run.load(run.save(tmp_path / "run.npz")).experiment == experiment
