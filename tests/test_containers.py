"""What rows may come in: lists, arrays, tensors, series, frames. Right, or refused by name."""

import array
import collections
import datetime as dt
import decimal
import fractions

import numpy as np
import pytest
import torch

from condensekit.problems import drawn, matrix_completion, own_data, sliding_tanh, teacher

N = [1.0, 2.0, 4.0]
"""The numbers that every container of the first table holds."""

RIGHT = {
    "list": N,
    "tuple": (1, 2, 4),
    "deque": collections.deque(N),
    "user list": collections.UserList(N),
    "array of Python": array.array("d", N),
    "memory": memoryview(np.array(N)),
    "column": [[1], [2], [4]],
    "numbers of NumPy": [np.float32(1), np.int8(2), np.uint64(4)],
    "half": np.array(N, np.float16),
    "bytes": np.array(N, np.uint8),
    "long": np.array(N, np.longdouble),
    "big-endian": np.array(N, ">f4"),
    "strided": np.array([1, 0, 2, 0, 4, 0])[::2],
    "objects": np.array([1, np.float32(2.0), fractions.Fraction(4)], object),
    "nothing masked": np.ma.array(N),
    "tensor": torch.tensor(N),
    "tensor with a gradient": torch.tensor(N, requires_grad=True),
    "bfloat16": torch.tensor(N).bfloat16(),
    "whole tensor": torch.tensor([1, 2, 4]),
    "parameter": torch.nn.Parameter(torch.tensor(N)),
    "list of tensors": [torch.tensor(1.0, requires_grad=True), torch.tensor(2), 4],
    "rows of tensors": [torch.tensor([1.0]), torch.tensor([2.0]), torch.tensor([4.0])],
}

WRONG = {
    "None": (None, "a list or an array of numbers, but is None"),
    "text": ("123", "(a list or an array of numbers, but is|=) '123'"),
    "bytes": (b"123", "a list or an array of numbers"),
    "switch": (True, "a list or an array of numbers, but is True"),
    "generator": ((i for i in range(3)), "a list or an array of numbers, but is a generator"),
    "set": ({1, 2, 4}, "a list or an array of numbers, but is {1, 2, 4}"),
    "texts": (["1", "2", "4"], "holds text"),
    "one text": (np.array([1, "2", 4], object), "holds text"),
    "bytes of NumPy": (np.array([b"1", b"2", b"4"]), "holds text"),
    "complex": (np.array([1 + 1j, 2, 4]), "complex ones"),
    "complex list": ([1, 2j, 4], "complex ones"),
    "complex objects": (np.array([1, np.complex64(2j), 4], object), "complex ones"),
    "complex tensor": (torch.tensor([1 + 1j, 2, 4]).conj(), "complex ones"),
    "days": (np.array(["2020-01-01"] * 3, "M8[D]"), "dates"),
    "dates": ([dt.date(2020, 1, day) for day in (1, 2, 3)], "dates"),
    "spans": (np.array([1, 2, 4], "m8[s]"), "spans of time"),
    "masked": (np.ma.array(N, mask=[0, 1, 0]), "masked number in row 1"),
    "masked constant": ([1.0, 2.0, np.ma.masked], "masked number in row 2"),
    "masked rows": ([np.ma.array([1.0], mask=[1]), [2.0], [4.0]], "masked number in row 0"),
    "NaN": ([1.0, np.nan, 4.0], "finite numbers, but row 1 does not"),
    "infinite": (torch.tensor([1.0, 2.0, torch.inf]), "finite numbers, but row 2 does not"),
    "nothing": ([1.0, None, 4.0], "finite numbers, but row 1 does not"),
    "too large": ([10**400, 1, 2], "finite numbers, but row 0 does not"),
    "decimals": ([decimal.Decimal(1)] * 3, "finite numbers, but row 0 does not"),
    "ragged": ([[1], [2, 3], [4]], "in rows of one length"),
    "ragged objects": (np.array([[1], [2, 3], [4]], object), "in rows of one length"),
    "sparse tensor": (torch.eye(3).to_sparse(), r"to_dense\(\)"),
    "meta tensor": (torch.empty(3, device="meta"), "the device meta, which holds no numbers"),
}

PUT = {
    "x of own_data": ("x", lambda given: own_data(given, N)),
    "y of own_data": ("y", lambda given: own_data(N, given)),
    "x of drawn": ("x", lambda given: drawn(given, N)),
    "y of drawn": ("y", lambda given: drawn(N, given)),
    "a of teacher": ("a", lambda given: teacher(given, [[1.0]] * 3)),
    "w of teacher": ("w", lambda given: teacher(N, given)),
    "kernel": ("kernel", lambda given: sliding_tanh(5, given)),
}


@pytest.mark.parametrize("kind", RIGHT)
def test_numbers_are_taken_out_of_any_container(kind):
    given = RIGHT[kind]
    assert own_data(given, N) == own_data(np.array(N), N)
    if kind not in ("column", "rows of tensors"):
        assert own_data(N, given) == own_data(N, N)
        assert drawn(given, N) == drawn(N, N)


def test_switches_are_0_and_1():
    for given in ([True, False, True], np.array([1, 0, 1], bool), torch.tensor([1, 0, 1]).bool()):
        assert own_data(given, N).x == ((1.0,), (0.0,), (1.0,))


@pytest.mark.parametrize("put", PUT.values(), ids=PUT)
@pytest.mark.parametrize(("given", "says"), WRONG.values(), ids=WRONG)
def test_what_holds_no_numbers_is_refused_by_name(given, says, put):
    name, make = put
    if says.endswith("a generator"):
        given = iter(i for i in range(3))
    with pytest.raises(ValueError, match=f"^{name} .*{says}"):
        make(given)


@pytest.mark.parametrize("name", ["text", "texts", "complex", "masked", "NaN", "sparse tensor"])
def test_a_matrix_is_asked_the_same(name):
    with pytest.raises(ValueError, match="matrix "):
        matrix_completion(WRONG[name][0])
    assert matrix_completion(torch.eye(2, requires_grad=True)).matrix == ((1.0, 0.0), (0.0, 1.0))


@pytest.mark.parametrize(
    ("x", "y", "shapes"),
    [
        ([[1.0, 2.0]] * 3, [1.0, 2.0], r"\[3, 2\] and \[2\]"),
        (N, [[1.0], [2.0], [4.0]], r"\[3, 1\] and \[3, 1\]"),
        (np.zeros((3, 2, 2)), N, r"\[3, 2, 2\] and \[3\]"),
        (3.0, N, r"\[\] and \[3\]"),
        (np.zeros((3, 0)), N, r"\[3, 0\] and \[3\]"),
    ],
)
def test_shapes_that_do_not_fit_are_named(x, y, shapes):
    with pytest.raises(ValueError, match=rf"x and y must have shapes \[N, d\].* {shapes}"):
        own_data(x, y)


def test_there_must_be_rows():
    with pytest.raises(ValueError, match="from 2 to 100,000 rows, but have 0"):
        own_data([], [])


# --- what other libraries have -----------------------------------------------------------------


def test_series_of_pandas():
    pandas = pytest.importorskip("pandas")
    for kind in ("int8", "float32", "Int64", "Float64", "UInt8"):
        assert own_data(pandas.Series(N).astype(kind), N) == own_data(N, N)
    assert own_data(pandas.Index(N), N) == own_data(N, N)
    assert own_data(pandas.Series([True, False, True], dtype="boolean"), N).x[1] == (0.0,)
    days = pandas.Series(pandas.date_range("2020", periods=3, tz="UTC"))
    for given, says in [
        (pandas.Series([1, None, 3], dtype="Int64"), "row 1 does not"),
        (pandas.Series(["1", "2", "3"], dtype="string"), "holds text"),
        (pandas.Series([1, 2, 3], dtype="category"), "holds categories"),
        (days, "dates"),
        (days.dt.tz_localize(None), "dates"),
    ]:
        with pytest.raises(ValueError, match=f"^x .*{says}"):
            own_data(given, N)
        with pytest.raises(ValueError, match=f"^y .*{says}"):
            own_data(N, given)


def test_frames_of_pandas():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1, 2, 3], "price": N, "b": [0.5, 1, 2]})
    expected = own_data([[1, 0.5], [2, 1], [3, 2]], N)
    assert own_data(frame, y="price") == expected
    assert own_data(frame[["a", "b"]], frame["price"]) == expected
    assert own_data(frame.iloc[::-1], y="price").y == (4.0, 2.0, 1.0)
    switches = frame.assign(on=pandas.array([1, 0, 1], "boolean"))
    assert own_data(switches, y="price").x[1] == (2.0, 1.0, 0.0)
    assert own_data(pandas.DataFrame(np.arange(6.0).reshape(3, 2)), y=1).y == (1.0, 3.0, 5.0)
    levels = pandas.MultiIndex.from_tuples([("a", "x"), ("b", "y")])
    nested = pandas.DataFrame([[1, 2], [3, 4]], columns=levels)
    assert own_data(nested, y=("b", "y")).y == (2.0, 4.0)
    for table, y, says in [
        (frame.assign(c=pandas.Categorical(list("xyz"))), "price", "^Column 'c' holds categories"),
        (frame.assign(c=list("xyz")), "price", "^Column 'c' holds text"),
        (frame.assign(c=pandas.date_range("2020", periods=3)), "price", "^Column 'c' .*dates"),
        (frame.assign(c=pandas.array([1, None, 2], "Int64")), "price", "^Column 'c' .*in row 1"),
        (frame.assign(c=list("xyz")), N, "^Column 'c' holds text"),
        (pandas.concat([frame, frame[["a"]]], axis=1), "price", "a name of its own, .*a, price"),
        (frame, "cost", "must have the column 'cost' and others, but has a, price, b"),
        (nested, "y", r"must have the column 'y' .*\('b', 'y'\)"),
        (frame[["a", "b"]], frame["price"].iloc[::-1], "different indices"),
        (frame, None, "^y must be a list or an array"),
        (pandas.DataFrame(), N, "x is a table without columns"),
    ]:
        with pytest.raises(ValueError, match=says):
            own_data(table, y)


def test_arrays_of_xarray_and_of_scipy():
    xarray, sparse = pytest.importorskip("xarray"), pytest.importorskip("scipy.sparse")
    assert own_data(xarray.DataArray(N), xarray.DataArray(N)) == own_data(N, N)
    data = xarray.Dataset({"a": ("row", N), "price": ("row", [3.0, 2.0, 1.0])})
    assert own_data(data, y="price") == own_data(N, [3, 2, 1])
    for given in (sparse.csr_matrix(np.eye(3)), sparse.coo_array(np.eye(3))):
        with pytest.raises(ValueError, match=r"^x is a sparse matrix: .* toarray\(\)"):
            own_data(given, N)


def test_arrays_with_named_fields():
    rows = np.array([(1, 2.0), (2, 3.0), (3, 5.0)], [("a", int), ("price", float)])
    assert own_data(rows, y="price") == own_data([1, 2, 3], [2, 3, 5])
    assert own_data(rows.view(np.recarray), y="price") == own_data([1, 2, 3], [2, 3, 5])
    with pytest.raises(ValueError, match="y holds no numbers but named fields"):
        own_data(N, rows)
    masked = np.ma.array(rows, mask=[(0, 0), (1, 0), (0, 0)])
    with pytest.raises(ValueError, match="Column 'a' has a masked number in row 1"):
        own_data(masked, y="price")


class Arrow:
    """What is asked of a table of Arrow: `columns` holds values there, and `column_names` names."""

    column_names = ("a", "price")
    columns = ((1.0, 2.0), (3.0, 4.0))

    def __getitem__(self, name):
        return dict(zip(self.column_names, self.columns, strict=True))[name]


class Polars:
    """What is asked of a frame of polars, which goes through its columns and not their names."""

    columns = ("a", "price")

    def __iter__(self):
        return iter([[1.0, 2.0], [3.0, 4.0]])

    def __getitem__(self, name):
        return [*self][self.columns.index(name)]


@pytest.mark.parametrize("kind", [Arrow, Polars])
def test_frames_of_other_libraries(kind):
    assert own_data(kind(), y="price") == own_data([1, 2], [3, 4])
