"""Labs end: when their cell makes another, and when they are closed."""

import gc
import weakref

import ipywidgets
import pytest
from often import sparsely
from waiting import paused, until

from condensekit.labs import (
    AttentionLab,
    CondensationLab,
    FactorizationLab,
    KernelLab,
    PhaseLab,
    RankLab,
    RecoveryLab,
    RegimeLab,
    SymmetryLab,
)
from condensekit.subjects import State
from condensekit.widgets.lifetime import take_place

LABS = {
    "recovery": lambda: RecoveryLab(width=6, n_samples=8, steps=20),
    "condensation": lambda: CondensationLab(width=10, steps=20),
    "factorization": FactorizationLab,
    "phase": PhaseLab,
    "rank": RankLab,
    "symmetry": SymmetryLab,
    "kernels": KernelLab,
    "attention": AttentionLab,
    "regimes": lambda: RegimeLab(width=10),
}


@pytest.mark.slow
@pytest.mark.parametrize("make", sparsely(LABS, 3))
def test_a_closed_lab_leaves_no_widget_and_no_memory(make):
    make().close()  # what is made once for all labs
    gc.collect()
    before = len(ipywidgets.widgets.widget._instances)
    lab = make()
    assert len(ipywidgets.widgets.widget._instances) > before + 50
    lab.close()
    assert len(ipywidgets.widgets.widget._instances) == before
    lab.close()  # twice does no harm
    gone = weakref.ref(lab)
    del lab
    gc.collect()
    assert gone() is None


def test_the_lab_of_a_cell_ends_when_the_cell_makes_another():
    labs = [RecoveryLab(width=30, n_samples=50, steps=10_000_000) for _ in range(2)]
    take_place(labs[0], "cell 1")
    labs[0].run()
    other = RecoveryLab(width=6, n_samples=8, steps=20)
    take_place(other, "cell 2")
    assert labs[0].player.state is not State.IDLE, "another cell does not matter"
    take_place(labs[1], "cell 1")
    until(lambda: labs[0].comm is None, "end of the first lab")
    assert labs[0].player.state is State.IDLE
    assert labs[1].comm is not None
    assert other.comm is not None
    for lab in (labs[1], other):
        lab.close()


TURNS = {
    "curves": (SymmetryLab, "set", ("zero", "equal")),
    "map": (PhaseLab, "target", ("tanh of five inputs", "tanh of one input")),
    "time": (RecoveryLab, "optimizer", ("Adam", "GradientFlow")),
}


@pytest.mark.parametrize(("kind", "label", "values"), TURNS.values(), ids=TURNS)
def test_pictures_that_change_let_go_of_what_they_were(kind, label, values):
    lab, counts = kind(), []
    boxes = [*lab.controls.values(), *(box for _, box in lab.form._picks)]
    (box,) = (box for box in boxes if getattr(box, "description", "") == label)
    for _ in range(3):
        for value in values:
            box.value = value
        counts.append(len(ipywidgets.widgets.widget._instances))
    assert len({*counts}) == 1
    lab.close()


def test_a_lab_that_was_refused_leaves_nothing():
    RecoveryLab(width=6, n_samples=8, steps=20).close()
    gc.collect()
    with pytest.raises(ValueError, match="width"):
        RecoveryLab(width=0)


def test_pause_shows_the_moment_and_says_so():
    lab = RecoveryLab(width=30, n_samples=50, steps=10_000_000)
    lab.run()
    until(lambda: len(lab.result) > 20, "twentieth recorded step")
    lab.pause()
    paused(lab)
    assert "Paused" in lab.status.value
    assert lab.result.moment(-1) in lab.status.value
    assert lab._index == len(lab.result) - 1
    lab.pause()
    until(lambda: "Training" in lab.status.value, "training after the pause")
    lab.stop()
    lab.close()


def test_end_goes_to_the_end_of_a_replay():
    lab = FactorizationLab()
    lab.go_to(0)
    lab.play()
    until(lambda: lab.timeline.play_button.description == "End", "replay that can be ended")
    lab.timeline.play_button.click()
    assert lab.player.state is State.IDLE
    assert lab._index == len(lab.runs()[0]) - 1
    lab.close()
