"""Two renderers of one frame: every frame has both, and they say the same."""

import html
import inspect
import re

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from often import sparsely

import condensekit as ck
from condensekit import dynamics, figures, frames, labs, measures, pictures, views
from condensekit.problems import example_matrix
from condensekit.records import KERNELS

FRAMES = [
    value
    for name, value in vars(frames).items()
    if inspect.isclass(value) and name.endswith("Frame")
]
VIEWS = {
    frames.FitFrame: views.FitView,
    frames.NeuronFrame: views.NeuronView,
    frames.PlaneFrame: views.PlaneView,
    frames.RegimesFrame: views.RegimesView,
    frames.RunawayFrame: views.RunawayView,
    frames.SimilarityFrame: views.SimilarityView,
    frames.MatrixFrame: views.MatrixView,
    frames.TilesFrame: views.TilesView,
    frames.CurvesFrame: views.CurvesView,
    frames.LossFrame: views.LossView,
    frames.HistoryFrame: lambda: views.HistoryView(("this", "other")),
    frames.SpectrumFrame: views.SpectrumView,
}


@pytest.fixture(scope="module")
def run():
    flow = ck.GradientFlow(max_steps=40)
    return ck.train(ck.Experiment(ck.TwoLayer(1, 20), ck.three_tanh(), flow, 15, 1e-2))


@pytest.fixture(scope="module")
def drawn(run):
    """At least one frame of each class, of runs of several kinds."""
    at, x = len(run) - 1, ck.Experiment(ck.TwoLayer(1, 4), ck.three_tanh(), ck.GradientFlow(), 9)
    short = ck.GradientFlow(max_steps=20)
    base = ck.Experiment(ck.TwoLayer(1, 4), ck.three_tanh(), short, 15, 0.3)
    found = ck.symmetry.escape(base, ck.symmetry.equal_blocks(base.model, 2), 1e-3)
    last = len(found.off.run) - 1
    kernels = ck.train(KERNELS.replace(width=5, n_samples=20, steps=4))
    matrix = ck.matrix_completion(example_matrix(2))
    flow = ck.GradientFlow(max_steps=60)
    factors = ck.train(ck.Experiment(ck.MatrixFactorization(4, 4, 4), matrix, flow, 12, 1e-2))
    counts = np.array([int(pictures.labelled(run, k).max()) + 1 for k in range(len(run))])
    marks = pictures.marks(run, dynamics.events(run, counts=counts, what="line"))
    report = measures.model_rank(run.experiment.model, run.final)
    epochs = frames.Epochs(0.01, float(run.time[-1]) / 3)
    return [
        pictures.fit(run, at),
        pictures.neurons(run, at),
        pictures.cluster_map(run, at),
        pictures.loss(run, at),
        pictures.loss(run, at, epochs),
        pictures.loss_history(kernels, 2),
        pictures.similarity(run, at),
        pictures.history(run, at, counts, marks),
        pictures.runaway_frame(run, at),
        pictures.kernel_tiles(kernels, 3),
        pictures.kernel_learning(kernels, 3),
        pictures.kernel_pair(kernels, 3)[0],
        pictures.product(factors, 1),
        pictures.mismatch(factors, len(factors) - 1),
        pictures.singular(factors, len(factors) - 1),
        pictures.distances(found, last),
        pictures.losses(found, last),
        pictures.eigenvalues(found, last),
        pictures.plane(found, last),
        pictures.regime_plane(1.75, 0.0, 300),
        pictures.displacement_curve([run, run]),
        pictures.rank_spectrum(report, report.rank, 9),
        pictures.rank_curve([1e-12, 1e-6], [3, 6], [9, 9], 9, 6, 1e-6),
        pictures.map_frame(ck.sweep(x, n_samples=[3, 9], init_std=[1e-3, 1e-1])),
    ]


@pytest.mark.parametrize("kind", FRAMES, ids=lambda kind: kind.__name__)
def test_every_frame_has_two_renderers(kind, drawn):
    assert any(isinstance(frame, kind) for frame in drawn), "a frame without an example"
    assert figures.draw.dispatch(kind) is not figures.draw.dispatch(object)
    assert kind in VIEWS or kind is frames.MapFrame


def texts(axis):
    """The labels of the ticks that a view shows within its range."""
    named = axis.tick_labels
    shown = [t for t in axis.tick_values.tolist() if axis.scale.min <= t <= axis.scale.max]
    return [named.get(f"{t:g}", named.get(str(t), f"{t:g}")) for t in shown]


@pytest.mark.slow
def test_axes_say_the_same_in_both(drawn):
    compared = 0
    for frame in drawn:
        figure = figures.figure([frame])
        figure.draw_without_rendering()
        axes = figure.axes[0]
        if isinstance(frame, frames.MapFrame):
            view = views.MapView()
            view.show(frame, (0, 0))
            below, left = view.figure.axes
            left.scale.min, left.scale.max = view.y.min, view.y.max
        else:
            view = VIEWS[type(frame)]()
            view.show(frame)
            if not hasattr(view, "left") or isinstance(frame, frames.RunawayFrame):
                continue
            below, left = view.below, view.left
        compared += 1
        assert (axes.get_xlabel(), axes.get_ylabel()) == (below.label, left.label)
        assert [text.get_text() for text in axes.get_xticklabels()] == texts(below)
        assert [text.get_text() for text in axes.get_yticklabels()] == texts(left)
        assert axes.get_xlim() == pytest.approx((below.scale.min, below.scale.max))
        assert axes.get_ylim() == pytest.approx((left.scale.min, left.scale.max))
    assert compared > 12


def test_titles_and_numbers_are_the_same_in_both(drawn):
    for frame in drawn:
        if isinstance(frame, frames.MapFrame | frames.SimilarityFrame):
            continue
        view = VIEWS[type(frame)]()
        view.show(frame)
        title = figures.figure([frame]).axes[0].get_title()
        assert title == f"{view.caption.title}: {frame.caption}"
        assert frame.caption in view.caption.value


def test_a_curve_is_where_the_view_has_it(drawn):
    for frame in drawn:
        if not isinstance(frame, frames.CurvesFrame):
            continue
        view = views.CurvesView()
        view.show(frame)
        lines = figures.figure([frame]).axes[0].lines
        for mark, style in zip(view.lines, frame.look.styles, strict=True):
            if mark.visible and style.text and mark.y.ndim == 1:
                (line,) = (one for one in lines if one.get_label() == style.text)
                np.testing.assert_allclose(line.get_xdata(), mark.x)
                np.testing.assert_allclose(line.get_ydata(), mark.y)
                assert frames.face(line.get_color()) == mark.colors[0]


@pytest.mark.slow
@pytest.mark.parametrize("end", sparsely(["png", "svg", "pdf"], 3))
def test_a_figure_is_written_as_its_name_ends(end, drawn, tmp_path):
    start = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[end]
    figure = figures.figure(drawn, columns=5)
    figure.savefig(tmp_path / f"all.{end}", dpi=40)
    assert (tmp_path / f"all.{end}").read_bytes().startswith(start)


def test_texts_are_inside_the_figure_and_not_small(drawn):
    """At a width of two pictures, on a slide of 13 inches."""
    figure = figures.figure(drawn[:4])
    figure.draw_without_rendering()
    box = figure.bbox
    for axes in figure.axes:
        for text in (axes.title, axes.xaxis.label, axes.yaxis.label, *axes.get_xticklabels()):
            inside = text.get_window_extent()
            assert inside.x0 >= box.x0 - 1
            assert inside.x1 <= box.x1 + 1
            assert text.get_fontsize() * 13.3 / figure.get_figwidth() >= 10


@pytest.mark.slow
def test_a_run_has_the_figure_of_its_kind(run):
    figure = figures.run_figure(run, 3)
    heads = [axes.get_title().split(":")[0] for axes in figure.axes]
    assert heads[:4] == ["Fit", "Neurons", "Loss", "|cosine|"]
    assert "Allowed by theory" in figure.get_suptitle()
    assert isinstance(figure, Figure)
    assert run.figure(3).axes[0].get_title() == figure.axes[0].get_title()
    assert run.figure()._repr_png_()[0].startswith(b"\x89PNG"), "a notebook shows it"
    with pytest.raises(ValueError, match="99"):
        run.figure(99)
    kernels = figures.run_figure(ck.train(KERNELS.replace(width=3, n_samples=10, steps=2)))
    heads = [axes.get_title().split(":")[0] for axes in kernels.axes]
    assert heads[:3] == ["Kernels", "Learning", "Loss"]
    assert "no theorem here" in kernels.get_suptitle()


@pytest.mark.slow
@pytest.mark.parametrize("kind", sparsely(labs.Lab.__subclasses__(), 2))
def test_a_lab_has_a_figure_of_what_is_on_screen(kind):
    lab = kind()
    figure = lab.figure()
    figure.draw_without_rendering()
    told = html.unescape(re.sub("<[^>]+>", " ", lab.verdict.value)).split()
    assert figure.get_suptitle().split() == told
    lab.close()


def test_two_matrices_of_one_picture_are_told_apart():
    lab = labs.KernelLab()
    titles = [axes.get_title() for axes in lab.figure().axes if axes.get_title()]
    assert [title.rpartition(", ")[2] for title in titles[:2]] == ["start", "now"]
    lab.close()


def test_what_cannot_be_drawn_is_refused(run):
    with pytest.raises(ValueError, match="int is no frame"):
        figures.figure([3])
    with pytest.raises(ValueError, match="at least one frame"):
        figures.figure([])
    with pytest.raises(ValueError, match="columns must be at least 1, but is 0"):
        figures.figure([pictures.fit(run, 0)], columns=0)


def test_a_frame_is_drawn_into_axes_of_ones_own(run):
    axes = Figure().add_subplot()
    figures.draw(pictures.fit(run, -1), axes)
    assert isinstance(axes, Axes)
    assert axes.get_ylabel() == "output f(x)"


@pytest.mark.slow
def test_what_a_legend_says_the_view_says_too(drawn):
    """Of curves that are there; a view also names another run that may be drawn beside."""
    compared = 0
    for frame in drawn:
        axes = figures.figure([frame]).axes[0]
        legend = axes.get_legend()
        if legend is None:
            continue
        view = views.MapView() if isinstance(frame, frames.MapFrame) else VIEWS[type(frame)]()
        view.show(frame, (0, 0)) if isinstance(frame, frames.MapFrame) else view.show(frame)
        for text in legend.get_texts():
            assert text.get_text() in view.caption.legend
            compared += 1
    assert compared > 30


@pytest.mark.slow
def test_a_notebook_is_told_what_a_figure_shows(drawn):
    """As alternative text, beside the picture."""
    for frame in drawn:
        page = figures.figure([frame], head="One of\nmany")
        picture, told = page._repr_png_()
        assert picture.startswith(b"\x89PNG")
        assert told["alt"].startswith("One of many ")
        for axes in page.axes:
            texts = [axes.get_title(), axes.get_xlabel(), axes.get_ylabel()]
            texts += axes.get_legend_handles_labels()[1]
            assert all(" ".join(text.split()) in told["alt"] for text in texts)
