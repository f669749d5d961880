"""Views: labels of any range, axes of a run that goes on, and what is seen of one neuron."""

import dataclasses
import itertools

import numpy as np
import pytest

import condensekit as ck
from condensekit import pictures
from condensekit.frames import Axis, CurvesFrame, CurvesLook, Style, powers
from condensekit.symmetry import Escaping, equal_blocks
from condensekit.views import CosineView, CurvesView, NeuronView, PolarView
from condensekit.words import power

BASE = ck.Experiment(ck.TwoLayer(1, 4), ck.three_tanh(), ck.GradientFlow(max_steps=60), 15, 0.3)


@pytest.fixture(scope="module")
def run():
    return ck.train(BASE)


@pytest.mark.parametrize("high", [1, 7, 40, 61, 90, 130, 300])
@pytest.mark.parametrize("low", [-300, -61, -8, 0])
def test_every_power_of_ten_on_an_axis_is_written_as_one(low, high):
    look = CurvesLook("Any", "number", (Style("one", "#000000"),))
    axis = Axis(np.array([1.0]), "time", (float(low), float(high)))
    marks = tuple(powers(low, high))
    view = CurvesView()
    view.show(CurvesFrame(look, axis, ((axis.ends, np.zeros(2)),), (low, high), marks, ""))
    assert 2 <= len(marks) <= 6
    for side in (view.below, view.left):
        for tick in side.tick_values.tolist():
            assert side.tick_labels[str(int(tick))] == power(int(tick))


def prefix(run, length):
    """The run as it was when it had so many recorded steps."""
    params = {name: leaf[:length] for name, leaf in run.params.items()}
    shorter = {n: getattr(run, n)[:length] for n in ("step", "time", "loss", "test_loss")}
    return dataclasses.replace(run, params=params, scores={}, **shorter)


def grown(ranges):
    """How often an axis moved; it may only grow."""
    for (low, high), (lower, higher) in itertools.pairwise(ranges):
        assert lower <= low
        assert high <= higher
    return len(set(ranges)) - 1


@pytest.mark.parametrize("optimizer", [ck.GradientFlow(max_steps=120), ck.Adam(1e-2, steps=300)])
def test_the_axes_of_a_run_that_goes_on_hardly_move(optimizer):
    run = ck.train(dataclasses.replace(BASE, optimizer=optimizer))
    lengths = range(2, len(run) + 1)
    frames = [pictures.loss(prefix(run, k), k - 1) for k in lengths]
    assert grown([frame.axis.bounds for frame in frames]) <= 1
    assert grown([frame.log_range for frame in frames]) <= 3


def test_the_axes_of_an_escape_that_goes_on_grow_in_decades():
    making = Escaping(BASE, equal_blocks(BASE.model, 2), 1e-3)
    times, planes, steps = [], [], 0
    for _ in making.work():
        found = making.found(ended=False)
        last = len(found.off.run) - 1
        if last < 1:
            continue
        steps += 1
        times.append(pictures.distances(found, last).axis.bounds)
        assert pictures.losses(found, last).axis.bounds == times[-1]
        planes.append(pictures.plane(found, last).x_range)
    assert steps > 10
    assert all(low == round(low) and high == round(high) for low, high in times)
    assert grown(times) <= 3
    assert len(set(planes)) <= 4


def test_all_pictures_of_a_run_have_the_moment_at_one_place(run):
    counts = np.ones(len(run), dtype=int)
    for index in (0, 1, len(run) - 1):
        axes = [pictures.loss(run, index).axis, pictures.history(run, index, counts).axis]
        places = {float(axis.places(axis.cursor)) for axis in axes}
        assert len(places) == 1
        assert places == {float(axes[0].places(axes[0].x)[index])}


def test_a_dot_tells_the_weights_of_its_neuron(run):
    frame = pictures.neurons(run, len(run) - 1)
    for view in (NeuronView(), PolarView("Blue")):
        view.show(frame)
        for neuron in range(4):
            view._tell(None, {"data": {"index": neuron}})
            told = dict(part.split(" = ") for part in view.weights.value.split(", "))
            for name, value in told.items():
                assert value == pictures.number(float(run.final[name].flatten()[neuron]))
        assert view.neurons.tooltip is view.weights


def test_without_another_run_there_is_no_second_square(run):
    frame = pictures.similarity(run, len(run) - 1)
    view = CosineView(("blue", "orange"))
    for other, count in ((frame, 2), (None, 1), (frame, 2)):
        view.show(frame, other)
        assert np.atleast_2d(view.frames.x).shape[0] == count
        assert len(view.labels.text) == len(view.labels.x) == count
        assert view.images[1].visible is (count == 2)
