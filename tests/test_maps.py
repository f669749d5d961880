"""The map of a sweep as a frame: medians, the line of theory, and who reached what."""

import numpy as np
import pytest
import xarray as xr
from saboteurs import AXES, FLOW, FailsForSeed

import condensekit as ck
from condensekit.cli_sweep import as_text
from condensekit.figures import figure as figure_of
from condensekit.pictures import map_frame
from condensekit.sweeps import Cells, Grid
from condensekit.verdicts import cell_verdict
from condensekit.views import MapView


@pytest.fixture(scope="module")
def found():
    return ck.sweep(FLOW, **AXES)


def foretold(grid):
    return Cells(grid).foretold()


def test_cells_are_medians_over_the_seeds(found):
    frame = map_frame(found)
    assert frame.x == (3, 8, 11)
    assert frame.y == (1e-3, 0.3)
    median = found.test_loss.median("seed").transpose("init_std", "n_samples")
    np.testing.assert_allclose(10.0**frame.log_error, median)
    np.testing.assert_array_equal(frame.reached, found.reached.mean("seed").T)
    assert "6 of 6 cells, 2 runs each" in frame.caption


def test_axes_can_be_exchanged(found):
    frame, turned = map_frame(found), map_frame(found, x="init_std", y="n_samples")
    np.testing.assert_array_equal(frame.log_error.T, turned.log_error)
    assert turned.x_label.startswith("init std")
    np.testing.assert_array_equal(frame.allowed.T, turned.allowed)


def test_the_line_stands_before_the_first_sample_size_that_theory_allows(found):
    frame = map_frame(found)
    assert frame.theory() == "theory: n ≥ O = 6"
    assert frame.border() == [(0.5, -0.5), (0.5, 0.5), (0.5, 0.5), (0.5, 1.5)]


def test_the_line_follows_the_width_of_the_target():
    axes = {"n_samples": range(1, 13), "target_width": [1, 2, 3, 4], "seed": [0]}
    frame = map_frame(foretold(Grid.of(FLOW, axes)))
    assert np.isnan(frame.log_error).all()
    edges = [edge for edge, _ in frame.border()[::2]]
    assert edges == [3 - 1.5, 6 - 1.5, 9 - 1.5, 12 - 1.5], "n is on the map from 1"
    assert frame.theory() == "theory: n ≥ O = 3, 6, 9, 12"


def test_a_network_that_is_too_narrow_has_no_line():
    frame = map_frame(foretold(Grid.of(FLOW, {"n_samples": [5, 6], "width": [1, 2], "seed": [0]})))
    assert np.isnan(frame.border()[0][0])
    assert frame.border()[2] == (0.5, 0.5)


def test_known_cells_give_the_same_frame_as_the_table(found):
    heard = []
    ck.sweep(FLOW, on_block=heard.append, **AXES)
    cells = {cell: value for progress in heard for cell, value in progress.new.items()}
    none = foretold(Grid.of(FLOW, AXES))
    whole, table = map_frame(none.filled(cells)), map_frame(found)
    for name in ("log_error", "allowed", "reached", "size"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(table, name))
    assert whole.caption == table.caption
    part = map_frame(none.filled(heard[0].new))
    assert np.isnan(part.log_error).any()
    np.testing.assert_array_equal(part.allowed, table.allowed)


def test_runs_that_diverged_are_the_worst_of_all():
    base = ck.Experiment(ck.TwoLayer(1, 5), ck.three_tanh(), ck.GradientDescent(1e2, steps=300))
    frame = map_frame(ck.sweep(base, n_samples=[5, 6], init_std=[1.0]))
    assert (frame.log_error == np.inf).all()
    assert (frame.reached == 0.0).all()


PUBLISHED = ck.Experiment(ck.TwoLayer(1, 50), ck.three_tanh(), ck.GradientFlow(), init_std=1e-3)


def test_what_is_printed_is_drawn_where_it_belongs():
    """The published run of 500 neurons has 50 samples."""
    grid = Grid.of(PUBLISHED, {"n_samples": [40, 45, 65], "width": [100, 500, 1000]})
    (mark,) = map_frame(foretold(grid)).printed
    assert (mark.x, mark.y) == (1.25, 1.0), "50 is a quarter of the way from 45 to 65"
    assert mark.source == "arXiv:2105.14573, Figure 1"
    assert mark.text.startswith("n = 50 at width 500: training loss 2.4e-4 at epoch 200,000")
    assert "there σ² = 8e-09" in mark.differs
    assert "here GradientFlow and σ² = 1e-06" in mark.differs
    frame = map_frame(foretold(grid))
    assert frame.printed_at(1, 1) == mark
    assert frame.printed_at(2, 1) is frame.printed_at(1, 0) is None
    turned = map_frame(foretold(grid), x="width", y="n_samples").printed[0]
    assert (turned.x, turned.y) == (mark.y, mark.x)


@pytest.mark.parametrize(
    ("base", "axes"),
    [
        (PUBLISHED.replace(target_width=2), {"n_samples": [50, 60], "width": [500]}),
        (PUBLISHED.replace(activation="relu"), {"n_samples": [50, 60], "width": [500]}),
        (PUBLISHED, {"n_samples": [20, 40], "width": [500]}),
        (PUBLISHED, {"n_samples": [40, 60], "width": [400, 600]}),
        (PUBLISHED, {"init_std": [1e-6, 1.0], "n_samples": [50]}),
        (PUBLISHED.replace(width=500), {"init_std": [1e-6, 1.0], "n_samples": [50]}),
        (PUBLISHED, {"rtol": [1e-3, 1e-4], "width": [500]}),
        (
            ck.Experiment(ck.TwoLayer(2, 3), ck.teacher([1.0], [[1.0, 2.0]])),
            {"n_samples": [20, 30], "width": [3, 30]},
        ),
        (
            ck.Experiment(ck.TwoLayer(5, 3), ck.sliding_tanh(kernel=[1.0, 1.0, 1.0])),
            {"n_samples": [20, 30], "width": [3, 30]},
        ),
    ],
)
def test_nothing_printed_is_drawn_on_another_map(base, axes):
    assert map_frame(foretold(Grid.of(base, axes))).printed == ()


@pytest.mark.parametrize("sharing", [True, False])
def test_convolutions_have_their_own_printed_numbers(sharing):
    base = ck.Experiment(ck.TwoLayerConv(5, 1, sharing=sharing), ck.sliding_tanh(), init_std=1e-10)
    axes = {"n_samples": range(5, 31), "width": [1, 3, 10, 34, 100]}
    frame = map_frame(foretold(Grid.of(base, axes)))
    published = ck.records.PUBLISHED["shared" if sharing else "unshared"]
    assert [(mark.x + 5, mark.y) for mark in frame.printed] == [
        (published[width], row) for row, width in enumerate(axes["width"])
    ]


@pytest.mark.parametrize("axes", [{"x": "width"}, {"x": "seed", "y": "seed"}])
def test_axes_that_are_none_are_refused(axes, found):
    with pytest.raises(ValueError, match=r"axis|axes"):
        map_frame(found, **axes)


def test_the_figure_says_what_the_frame_says(found):
    axes = figure_of([map_frame(found)]).axes[0]
    assert axes.images[0].get_clim() == (-12.0, 0.0)
    assert [text.get_text() for text in axes.get_xticklabels()] == ["3", "8", "11"]
    assert {text.get_text() for text in axes.get_legend().get_texts()} == {
        "theory: n ≥ O = 6",
        "reached by training",
    }
    axes = {"n_samples": [20, 26, 30], "width": [3, 300]}
    base = ck.Experiment(ck.TwoLayer(5, 3), ck.sliding_tanh())
    axes = figure_of([map_frame(foretold(Grid.of(base, axes)))]).axes[0]
    texts = {text.get_text() for text in axes.get_legend().get_texts()}
    assert "reached in the paper, arXiv:2307.08921, Figure 4" in texts
    diamonds = next(line for line in axes.lines if line.get_marker() == "D")
    assert diamonds.get_xydata().tolist() == [[0.0, 0.0], [1.0, 1.0]]


# --- tables of older versions ---------------------------------------------------------------------

SYMMETRIC = ck.Experiment(ck.TwoLayer(1, 4), ck.three_tanh(), ck.GradientFlow(max_steps=20))


def older(found, path):
    """A file as it was before samples were looked at: no rank, an error as it stands, n >= O."""
    old = found.drop_vars(["sample_rank", "relative_error"])
    old["allowed"] = (old.n_samples >= old.optimistic_sample_size).astype(float)
    old["reached"] = (old.test_loss < 1e-3).astype(float).where(old.outcome != "cancelled")
    old.to_netcdf(path, engine="h5netcdf")
    return xr.load_dataset(path, engine="h5netcdf")


def test_a_file_without_the_newer_columns_is_judged_anew(tmp_path, found):
    new = ck.sweep(SYMMETRIC, n_samples=[8, 9, 10], init_std=[1e-3, 1.0])
    for table in (new, found):
        old = older(table, tmp_path / f"{len(table.dims)}.nc")
        frame, wanted = map_frame(old), map_frame(table)
        for name in ("log_error", "allowed", "reached", "size", "rank", "enough"):
            np.testing.assert_array_equal(getattr(frame, name), getattr(wanted, name), name)
        assert frame.caption == wanted.caption
        xr.testing.assert_identical(Cells.of(old).dataset(), table)
    assert map_frame(new).barred() == [(1.0, 0.0), (1.0, 1.0)]


def test_what_diverged_and_what_was_not_trained_is_judged_anew_too(tmp_path):
    base = ck.Experiment(ck.TwoLayer(1, 5), ck.three_tanh(), ck.GradientDescent(1e2, steps=300))
    first = []
    table = ck.sweep(
        base, on_block=lambda p: first.append(p) or True, n_samples=[5, 9], init_std=[1.0]
    )
    assert set(table.outcome.values.ravel()) == {"diverged", "cancelled"}
    again = Cells.of(older(table, tmp_path / "old.nc")).dataset()
    for name in ("relative_error", "reached"):
        np.testing.assert_array_equal(again[name], table[name])
    assert map_frame(again).log_error[0, 0] == np.inf


def test_an_older_file_is_read_but_not_gone_on_with(tmp_path):
    """New cells would be of another kind: the numbers of neurons, for example."""
    path = tmp_path / "old.nc"
    axes = {"n_samples": [8, 9], "init_std": [1e-3]}
    older(ck.sweep(SYMMETRIC, **axes), path)
    assert ck.sweep(SYMMETRIC, path=path, **axes).sample_rank.values.ravel()[1] == 8.0
    broken = xr.load_dataset(path, engine="h5netcdf")
    broken["outcome"] = broken.outcome.where(broken.n_samples > 8, "cancelled")
    broken.to_netcdf(path, engine="h5netcdf")
    with pytest.raises(ValueError, match="before it had the column sample_rank"):
        ck.sweep(SYMMETRIC, path=path, **axes)


# --- enough in number, but not these --------------------------------------------------------------

THREE = ck.Experiment(ck.TwoLayer(1, 9), ck.three_tanh(), ck.GradientFlow())
GRID = Grid.of(THREE, {"n_samples": [8, 9, 10], "init_std": [1e-3, 1.0], "seed": [0, 1]})


def test_the_line_is_n_and_cells_right_of_it_that_are_not_allowed_are_marked():
    frame = map_frame(foretold(GRID))
    assert [edge for edge, _ in frame.border()] == [0.5] * 4, "from n = 9 on"
    assert frame.allowed.tolist() == [[0.0, 0.0, 1.0]] * 2
    assert frame.enough.tolist() == [[0.0, 1.0, 1.0]] * 2
    np.testing.assert_array_equal(frame.rank, [[np.nan, 8.0, 9.0]] * 2)
    assert frame.barred() == [(1.0, 0.0), (1.0, 1.0)]
    assert "; n ≥ O, but not these samples, in 2" in frame.caption
    turned = map_frame(foretold(GRID), x="init_std", y="n_samples")
    assert turned.barred() == [(0.0, 1.0), (1.0, 1.0)]
    axes = figure_of([frame]).axes[0]
    crosses = next(line for line in axes.lines if line.get_marker() == "P")
    assert crosses.get_xydata().tolist() == [[1.0, 0.0], [1.0, 1.0]]
    texts = {text.get_text() for text in axes.get_legend().get_texts()}
    assert "enough samples, but not these" in texts
    text = as_text(frame).splitlines()
    assert text[1].startswith("Right of | n >= O, enough samples for theory in number, x but not")
    assert [row.count("|x") for row in text[-2:]] == [1, 1]


def test_nothing_is_marked_where_all_that_are_enough_are_allowed(found):
    frame = map_frame(found)
    assert frame.barred() == []
    assert "not these" not in frame.caption
    assert "not these" not in as_text(frame)


def test_with_noise_the_map_says_that_theory_cannot_tell():
    noisy = Grid.of(THREE.replace(noise_std=0.1), dict(GRID.axes))
    frame = map_frame(foretold(noisy))
    assert frame.border() == map_frame(foretold(GRID)).border()
    assert np.isnan(frame.allowed[:, 2]).all()
    assert frame.caption.endswith("not these samples, in 2; theory cannot tell in 2")


def test_beside_a_target_of_zero_cells_are_done_and_nobody_says_reached():
    zero = ck.Experiment(ck.TwoLayer(1, 3), ck.teacher([0.0], [[1.0]]), ck.GradientFlow())
    found = ck.sweep(zero, n_samples=[3, 4], init_std=[1e-3, 1e-2])
    assert np.isnan(found.reached).all() and np.isnan(found.relative_error).all()
    frame = map_frame(found)
    assert frame.caption == "4 of 4 cells, 1 run each; recovered in 0"
    assert np.isnan(frame.reached).all()
    assert np.isfinite(frame.log_error).all()
    assert frame.theory() == "no theorem here"
    for column in (0, 1):
        said = str(cell_verdict(frame, column, 0))
        assert "No theorem" in said and "cannot be judged" in said


# --- other axes -----------------------------------------------------------------------------------


def test_axes_of_texts_and_switches_are_drawn_and_told():
    base = ck.Experiment(ck.TwoLayer(1, 4), ck.three_tanh(), ck.Adam(steps=3), n_samples=9)
    frame = map_frame(ck.sweep(base, activation=["tanh", "relu"], bias=[True, False]))
    assert (frame.x, frame.y) == (("tanh", "relu"), (True, False))
    assert (frame.x_ticks, frame.y_ticks) == ({0: "tanh", 1: "relu"}, {0: "True", 1: "False"})
    assert frame.place(1, 0) == "activation = relu, bias = True"
    assert [head for head, _ in cell_verdict(frame, 1, 1)][1] == "✘ Not reached by training:"
    assert as_text(frame).splitlines()[-3].split() == ["tanh", "relu"]
    view = MapView()
    view.show(frame, (0, 0))
    assert view.figure.axes[0].tick_labels == {"0": "tanh", "1": "relu"}
    axes = figure_of([frame]).axes[0]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["tanh", "relu"]


def test_runs_that_failed_are_told():
    bad = ck.Experiment(ck.TwoLayer(1, 5), FailsForSeed(), ck.Adam(steps=5))
    found = ck.sweep(bad, n_samples=[7, 9], init_std=[1e-3], seed=[1, 2])
    frame = map_frame(found)
    assert frame.caption.endswith("; 2 runs failed")
    assert frame.ended.tolist() == [[1, 1]]
    assert map_frame(found.isel(n_samples=[0])).caption.endswith("; 1 run failed")
