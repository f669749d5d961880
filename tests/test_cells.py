"""The table of a sweep: from a grid or a dataset and back, filled in pieces, shown as a map."""

import dataclasses
import itertools
import math
import shutil
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from cases import SMALL, each
from hypothesis import given
from hypothesis import strategies as st
from saboteurs import AXES, FLOW, FailsForSeed, largest_weight, refuses_seed_1

import condensekit as ck
from condensekit.knobs import Knob
from condensekit.pictures import map_frame
from condensekit.sweeps import (
    COLUMNS,
    FAILED,
    Cell,
    Cells,
    Grid,
    experiment_at,
    fill,
    series,
    series_text,
)
from condensekit.sweeps.store import Store

QUICK = SMALL.replace(steps=3)
BAD = ck.Experiment(ck.TwoLayer(1, 5), FailsForSeed(), ck.Adam(steps=5), n_samples=7)


@pytest.fixture(scope="module")
def found():
    return ck.sweep(FLOW, **AXES)


def first(progress):
    """Stops a sweep after its first block."""
    return True


def same(cells, others):
    """Whether two tables of one grid hold the same numbers."""
    for name in COLUMNS:
        np.testing.assert_array_equal(cells.column(name), others.column(name), name)
    return cells.grid == others.grid


# --- what a cell holds ----------------------------------------------------------------------------


def test_a_column_is_declared_once_with_type_meaning_and_what_is_unknown(found):
    names = [field.name for field in dataclasses.fields(Cell) if field.name != "measured"]
    assert [*COLUMNS] == names == [*found.data_vars]
    nothing = Cells(Grid.of(FLOW, AXES))
    for name, column in COLUMNS.items():
        assert found[name].attrs["long_name"] == column.meaning
        values = nothing.column(name)
        assert values.dtype.kind == found[name].dtype.kind == ("f" if name in NUMBERS else "U")
        np.testing.assert_array_equal(values, np.full(values.shape, column.unknown))


NUMBERS = set(COLUMNS) - {"outcome", "message"}


@pytest.mark.slow
@given(
    st.dictionaries(st.sampled_from(sorted(NUMBERS)), st.floats()),
    st.dictionaries(st.sampled_from(["outcome", "message"]), st.text()),
    st.dictionaries(st.sampled_from(["mine", "yours"]), st.floats()),
)
def test_a_cell_is_its_row(numbers, texts, mine):
    given = numbers | texts | mine
    again = Cell.of(Cell.of(given).row())
    for name in [*COLUMNS, "mine", "yours"]:
        wanted = given.get(name, COLUMNS[name].unknown if name in COLUMNS else math.nan)
        assert again.value(name) == wanted or wanted != wanted


def test_a_number_that_is_none_is_no_cell():
    with pytest.raises(ValueError, match="much"):
        Cell.of({"loss": "much"})


# --- to a dataset and back ------------------------------------------------------------------------


@each(
    "table",
    {
        "whole": lambda: ck.sweep(FLOW, **AXES),
        "stopped": lambda: ck.sweep(FLOW, on_block=first, **AXES),
        "failed": lambda: ck.sweep(BAD, seed=range(4)),
        "diverged": lambda: ck.sweep(QUICK.replace(steps=400, lr=100.0), seed=[0, 1]),
        "texts": lambda: ck.sweep(QUICK, activation=["relu", "tanh"], bias=[True, False]),
        "own measures": lambda: ck.sweep(
            QUICK, measures={"largest": largest_weight, "mine": refuses_seed_1}, seed=[0, 1]
        ),
        "one cell": lambda: ck.sweep(QUICK, seed=[5]),
    },
)
def test_a_dataset_gives_its_cells_and_cells_their_dataset(table, tmp_path):
    found = table()
    xr.testing.assert_identical(Cells.of(found).dataset(), found)
    found.to_netcdf(tmp_path / "map.nc", engine="h5netcdf")
    again = Cells.of(xr.load_dataset(tmp_path / "map.nc", engine="h5netcdf"))
    assert again.dataset().equals(found)
    assert again.grid == Cells.of(found).grid
    ends = found.outcome.values
    assert (again.done, again.failed) == ((ends != "cancelled").sum(), (ends == FAILED).sum())


@each(
    "part",
    {
        "all": lambda found: found,
        "turned": lambda found: found.transpose("seed", "n_samples", "init_std"),
        "slices": lambda found: found.isel(n_samples=[2, 0], seed=slice(1, 2)),
        "one seed": lambda found: found.sel(seed=1),
        "one row": lambda found: found.sel(n_samples=8, seed=0),
        "one run": lambda found: found.isel(n_samples=2, init_std=0, seed=1),
    },
)
def test_a_part_of_a_sweep_is_a_sweep(part, found):
    taken = part(found)
    cells = Cells.of(taken)
    axes = [name for name, _ in cells.grid.axes]
    for places in itertools.product(*(range(n) for n in cells.grid.shape)):
        at = dict(zip(axes, places, strict=True))
        cell = taken.isel({name: place for name, place in at.items() if name in taken.dims})
        number = cells.grid.number(**at)
        assert cells.grid.experiments[number] == experiment_at(cell)
        assert cells.known[number].test_loss == cell.test_loss
        assert cells.column("loss")[places] == cell.loss


@each(
    "change, words",
    {
        "an average": (lambda found: found.mean("seed", keep_attrs=True), "lost its axis seed"),
        "a seed that is gone": (lambda found: found.sel(seed=1, drop=True), "lost its axis seed"),
        "no settings": (lambda found: found.assign_attrs().drop_attrs(), "not a sweep"),
        "no such column": (lambda found: found.drop_vars("outcome"), "lost its column outcome"),
        "another axis": (lambda found: found.expand_dims(lecture=2), "other axes.*lecture"),
        "foreign": (lambda _: xr.Dataset({"a": ("x", [1.0])}), "not a sweep"),
        "numbers": (lambda _: [1.0, 2.0], r"Grid or of a sweep, but this is \[1.0, 2.0\]"),
        "a path": (lambda _: "map.nc", "'map.nc'"),
    },
)
def test_what_is_no_sweep_is_refused_in_a_sentence(change, words, found):
    numeric = found.drop_vars("message")
    with pytest.raises(ValueError, match=words):
        Cells.of(change(numeric if words.startswith("lost its axis") else found))


def test_a_column_that_is_none_is_refused(found):
    with pytest.raises(ValueError, match="no column 'lost'; the columns are loss, test_loss"):
        Cells.of(found).column("lost")


# --- filled in pieces -----------------------------------------------------------------------------


def test_a_table_that_is_filled_in_pieces_is_the_sweep(found):
    pieces = [Cells.of(Grid.of(FLOW, AXES))]
    pieces += fill(pieces[0])
    counts = [cells.done for cells in pieces]
    assert counts == sorted(counts)
    assert len(pieces) > 3 * len(pieces[0].grid.blocks()), "pieces are shorter than blocks"
    assert pieces[-1].dataset().equals(found)
    assert pieces[0].done == 0, "a table is a value"


def test_who_stops_goes_on_with_the_last_table():
    work = fill(Cells(Grid.of(FLOW, AXES)))
    part = next(cells for cells in work if cells.done)
    work.close()
    assert part.done < part.total
    *_, whole = fill(part)
    assert whole.done == whole.total
    assert all(whole.known[number] is cell for number, cell in part.known.items())
    assert [*fill(whole)] == []


def test_a_run_that_fails_costs_only_itself_and_is_tried_again():
    *_, cells = fill(Cells(Grid.of(BAD, {"seed": range(4)})).foretold())
    assert cells.column("outcome").tolist() == ["budget", "budget", FAILED, "budget"]
    assert cells.known[2].message == "OSError: no samples for seed 2"
    assert (cells.done, cells.failed) == (4, 1)
    assert [again.failed for again in fill(cells)] == [1]


def test_theory_is_foretold_for_what_is_not_trained(found):
    whole, none = Cells.of(found), Cells(Grid.of(FLOW, AXES)).foretold()
    for name in ("optimistic_sample_size", "sample_rank", "allowed"):
        np.testing.assert_array_equal(none.column(name), whole.column(name))
    assert none.done == 0
    assert np.isnan(none.column("test_loss")).all()
    assert whole.foretold().known == whole.known


def test_what_is_known_of_a_run_is_known_on_another_grid(found):
    cells = Cells.of(found)
    grid = Grid.of(FLOW, {"seed": [1, 7], "n_samples": [11, 3, 4], "init_std": [0.3]})
    moved = cells.on(grid)
    assert moved.done == 2
    for n, place in ((11, 0), (3, 1)):
        wanted = found.test_loss.sel(n_samples=n, seed=1, init_std=0.3)
        assert moved.column("test_loss")[0, place, 0] == wanted
    assert same(moved.on(cells.grid).on(grid), moved)


# --- a map ----------------------------------------------------------------------------------------


@each(
    "axes, wanted",
    {
        "as it is": ({"n_samples": [3, 9], "width": [5, 9], "seed": [0, 1]}, None),
        "the seed first": ({"seed": [0, 1], "width": [5, 9], "lr": [0.1]}, ["width", "lr", "seed"]),
        "no seed": ({"width": [5, 9], "activation": ["relu"]}, ["width", "activation", "seed"]),
        "one knob": ({"width": [5, 9], "seed": [2, 3]}, ["width", "n_samples", "seed"]),
        "samples": ({"n_samples": [5, 9]}, ["n_samples", "init_std", "seed"]),
        "seeds": ({"seed": [4, 0]}, ["n_samples", "init_std", "seed"]),
    },
)
def test_a_map_has_two_axes_and_the_seed(axes, wanted):
    cells = Cells.of(ck.sweep(QUICK, **axes))
    plane = cells.plane()
    assert [name for name, _ in plane.grid.axes] == (wanted or [*axes])
    assert set(plane.grid.experiments) == set(cells.grid.experiments)
    assert plane.done == plane.total == cells.total
    for number, experiment in enumerate(plane.grid.experiments):
        assert plane.known[number] is cells.known[cells.grid.experiments.index(experiment)]
    (x, _), (y, _), _ = plane.grid.axes
    frame = map_frame(plane, x, y)
    assert (frame.x, frame.y) == (plane.grid.axes[0][1], plane.grid.axes[1][1])
    assert plane.plane() is plane


def test_more_axes_than_that_are_refused_with_a_way_out():
    found = ck.sweep(QUICK, n_samples=[5, 9], width=[4, 5], lr=[1e-3, 1e-2], seed=[0, 1])
    words = r"has n_samples, width, lr, seed; take one value of the others, such as found\.sel"
    with pytest.raises(ValueError, match=words) as refused:
        Cells.of(found).plane()
    assert "found.sel(lr=0.001)" in str(refused.value)
    assert Cells.of(found.sel(lr=0.001)).plane().grid.shape == (2, 2, 2)


def test_a_grid_can_be_too_large_and_says_so_before_it_is_built(monkeypatch):
    axes = {"n_samples": range(1, 1000), "width": [3, 4], "seed": range(3)}
    assert math.prod(Grid.of(FLOW, axes, 1998).shape) == 3 * 1998
    monkeypatch.setattr(Grid, "experiments", property(pytest.fail))
    with pytest.raises(ValueError, match=r"at most 1,997 cells, but these are 1,998\."):
        Grid.of(FLOW, axes, 1997)


@given(
    st.one_of(
        st.lists(st.integers(1, 200), min_size=1, max_size=9),
        st.builds(
            lambda *r: [*range(*r)], st.integers(1, 9), st.integers(10, 90), st.integers(1, 9)
        ),
    )
)
def test_whole_numbers_that_are_written_are_read_again(values):
    assert series(Knob("n", 1, 1, 200), series_text(values)) == values


@given(st.lists(st.floats(1e-14, 10.0), min_size=1, max_size=5))
def test_numbers_that_are_written_are_read_again(values):
    assert series(Knob("sigma", 1.0, 0.0, 10.0), series_text(values)) == values


# --- files of before ------------------------------------------------------------------------------

FORMATS = Path(__file__).parent / "data" / "formats"
STORED = {"n_samples": [3, 8], "init_std": [1e-3, 0.3], "seed": [0, 1]}


def test_a_stored_file_and_its_journal_are_read(tmp_path):
    """Both were written when a cell was a dict."""
    cells = Cells.of(xr.load_dataset(FORMATS / "sweep-1.nc", engine="h5netcdf"))
    grid = Grid.of(FLOW, STORED)
    assert (cells.grid, cells.done, cells.failed) == (grid, 8, 0)
    shutil.copy(FORMATS / "sweep-1.nc.journal", tmp_path / "map.nc.journal")
    journal = Cells(grid, Store(tmp_path / "map.nc", grid, []).known)
    assert same(journal, cells)
    now = Cells.of(ck.sweep(FLOW, **STORED))
    assert (now.column("outcome") == cells.column("outcome")).all()
    for name in ("loss", "test_loss", "similarity"):
        np.testing.assert_allclose(now.column(name), cells.column(name), rtol=0.05, err_msg=name)


def test_a_journal_that_names_settings_as_they_were_named_is_gone_on_with(tmp_path):
    inputs = ck.problems.EvenlySpaced(-1.0, 1.0)
    base = ck.Experiment(ck.TwoLayer(1, 4), ck.teacher([1.0], [[1.0]], inputs=inputs))
    grid = Grid.of(base, {"seed": [0, 1]})
    store = Store(tmp_path / "map.nc", grid, [])
    store.open()
    store.add({1: Cell(loss=0.5, outcome="budget")})
    text = store.journal.read_text()
    assert '"is": "EvenlySpaced"' in text
    older = text.replace('"as": 2, ', "").replace('"is": "EvenlySpaced"', '"is": "Grid"')
    store.journal.write_text(older)
    assert Store(tmp_path / "map.nc", grid, []).known[1].loss == 0.5
