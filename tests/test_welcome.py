"""What notebook 00 says of the two recorded runs of its lab, computed."""

import numpy as np

from condensekit.measures import clusters, dead, orientations
from condensekit.records import CONDENSATION, LAZY, recorded_run


def _turned(run):
    """Degrees between the direction of each neuron at the start and at the end."""
    start, end = (orientations(run.experiment.model, run.at(i)) for i in (0, -1))
    return np.degrees(np.arccos(np.clip((start * end).sum(axis=1), -1.0, 1.0)))


def test_both_start_from_one_draw_and_learn_five_straight_pieces():
    assert CONDENSATION.replace(init_std=LAZY.init_std) == LAZY
    target = CONDENSATION.problem
    kinks = sorted(-b / w[0] for w, b in zip(target.w, target.b, strict=True))
    assert len({round(kink, 9) for kink in kinks if -1.0 < kink < 1.0}) + 1 == 5


def test_thirty_neurons_are_dead_and_most_of_the_large_ones_hardly_turn():
    small, large = recorded_run(CONDENSATION), recorded_run(LAZY)
    x = CONDENSATION.data().x
    assert int(dead(small.experiment.model, small.at(0), x).sum()) == 30
    assert np.median(_turned(large)) < 3.0 < 10.0 < np.median(_turned(small))
    assert (_turned(large) < 10.0).mean() > 0.6
    assert max(small.loss[-1], large.loss[-1]) < 1e-6, "both fit"


def test_how_many_directions_are_left():
    x, model = CONDENSATION.data().x, CONDENSATION.model
    left = [len(clusters(model, recorded_run(e).final, x=x)) for e in (CONDENSATION, LAZY)]
    assert left == [6, 42]
