"""Data of one's own as a table: a data frame, or a dictionary of columns; scaled or not."""

import json
import math
from decimal import Decimal

import numpy as np
import pytest
import torch

import condensekit as ck
from condensekit.training import storage

HOUSES = {"area": [50.0, 70.0, 95.0], "rooms": [2, 3, 3], "price": [100.0, 150.0, 260.0]}


class Frame:
    """What is asked of a pandas DataFrame, which the tests do not need: columns by label."""

    def __init__(self, labels, rows):
        self.columns, self._rows = labels, np.array(rows, dtype=object)

    def __iter__(self):
        return iter(self.columns)

    def __getitem__(self, label):
        at = [i for i, name in enumerate(self.columns) if name == label]
        return self._rows[:, at[0]] if len(at) == 1 else self._rows[:, at]


def frame(table):
    return Frame([*table], [*zip(*table.values(), strict=True)])


@pytest.mark.parametrize("make", [dict, frame, lambda t: {k: np.array(v) for k, v in t.items()}])
def test_the_named_column_is_what_is_learned(make):
    found = ck.own_data(make(HOUSES), y="price")
    x = np.column_stack([HOUSES["area"], HOUSES["rooms"]])
    assert found == ck.own_data(x, HOUSES["price"])
    first = {name: HOUSES[name] for name in ("price", "area", "rooms")}
    assert ck.own_data(make(first), y="price") == found, "wherever it stands"


def test_a_real_data_frame():
    pandas = pytest.importorskip("pandas")
    found = ck.own_data(pandas.DataFrame(HOUSES), y="price")
    assert found == ck.own_data(HOUSES, y="price")


def test_labels_that_are_no_text_and_switches():
    table = {0: [1.0, 2.0], "on": [True, False], "y": [np.float32(1.5), 2]}
    assert ck.own_data(table, y="y").x == ((1.0, 1.0), (2.0, 0.0))
    assert ck.own_data(table, y="0").y == (1.0, 2.0)


@pytest.mark.parametrize(
    ("table", "y", "words"),
    [
        (HOUSES, "cost", "must have the column 'cost' and others, but has area, rooms, price"),
        ({"price": [1.0, 2.0]}, "price", "and others, but has price"),
        ({}, "price", "but has none"),
        (HOUSES | {"city": ["Bonn", "Köln", "Ulm"]}, "price", "'city' holds text"),
        (HOUSES | {"city": ["Bonn", None, 3.0]}, "price", "'city' holds text"),
        (HOUSES | {"code": ["1", "2", "3"]}, "price", "'code' holds text"),
        (
            HOUSES | {"day": np.array(["2020-01-01"] * 3, "M8[D]")},
            "price",
            "'day' holds no num",
        ),
        (HOUSES | {"z": [1j, 2, 3]}, "price", "'z' holds no numbers"),
        (HOUSES | {"area": [50.0, math.nan, 1.0]}, "price", "'area' has no finite number in row 1"),
        (HOUSES | {"area": [50.0, 1.0, None]}, "price", "'area' has no finite number in row 2"),
        (HOUSES | {"area": [math.inf, 1.0, 2.0]}, "price", "'area' has no finite number in row 0"),
        (HOUSES | {"area": [50.0, 1.0]}, "price", "'area' has 2 rows and 'price' 3"),
        (HOUSES | {"at": [[1, 2]] * 3}, "price", "'at' holds no numbers"),
        (
            Frame(["a", "a", "y"], [[1, 2, 3], [4, 5, 6]]),
            "y",
            "its own, but they are a, a",
        ),
        ([1.0, 2.0], "price", "'price' names a column, but x is no table"),
    ],
)
def test_a_table_with_a_fault_is_refused_with_the_column(table, y, words):
    with pytest.raises(ValueError, match=words):
        ck.own_data(table, y=y)


def test_money_is_no_number_yet():
    """A Decimal is exact, and not silently made a float."""
    with pytest.raises(ValueError, match="'price' has no finite number in row 0"):
        ck.own_data(HOUSES | {"price": [Decimal(1), Decimal(2), Decimal(3)]}, y="price")


# --- scaled ------------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_scaled_columns_have_mean_0_and_variance_1_and_can_be_undone(scale):
    x = np.random.default_rng(0).normal(3.0, 2.0, (40, 3)) * [scale, 1.0, 10.0]
    y = x.sum(axis=1)
    raw, found = ck.own_data(x, y), ck.own_data(x, y, scale=True)
    assert raw.scaled == ()
    table = np.column_stack([found.x, found.y])
    np.testing.assert_allclose(table.mean(axis=0), 0.0, atol=1e-9)
    np.testing.assert_allclose(table.std(axis=0), 1.0, rtol=1e-9)
    mean, std = np.array(found.scaled).T
    np.testing.assert_allclose(table * std + mean, np.column_stack([x, y]), rtol=1e-9)


def test_scaled_data_of_a_table_train():
    experiment = ck.Experiment(
        ck.TwoLayer(2, 5), ck.own_data(HOUSES, y="price", scale=True), ck.Adam(steps=5), n_samples=2
    )
    assert torch.isfinite(ck.train(experiment).final["w"]).all()


def test_it_is_said_that_they_are_scaled():
    found = ck.own_data(HOUSES, y="price", scale=True)
    assert "scaled=((" in repr(found)
    assert "scaled=()" in repr(ck.own_data(HOUSES, y="price"))
    assert storage.decode(json.loads(json.dumps(storage.encode(found)))) == found


def test_a_file_of_before_has_data_that_are_not_scaled():
    data = storage.encode(ck.own_data(HOUSES, y="price"))
    del data["scaled"]
    assert storage.decode(data) == ck.own_data(HOUSES, y="price")


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (HOUSES | {"rooms": [2, 2, 2]}, "price", "Column 'rooms' is 2 everywhere"),
        (HOUSES | {"price": [5.0, 5.0, 5.0]}, "price", "Column 'price' is 5 everywhere"),
        ([[1.0, 7.0], [2.0, 7.0]], [1.0, 2.0], "Column 2 of x is 7 everywhere"),
        ([[1.0], [2.0]], [3.0, 3.0], "Column y is 3 everywhere"),
    ],
)
def test_what_is_the_same_everywhere_is_not_scaled(x, y, words):
    ck.own_data(x, y)
    with pytest.raises(ValueError, match=words):
        ck.own_data(x, y, scale=True)
