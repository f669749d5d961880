"""Two readers at one lab, each in a thread of its own: it stays one lab, and tells the truth."""

import gc
import random
import threading
import time
import weakref

import pytest
from often import sparsely
from waiting import until

from condensekit import Adam, Outcome, pictures
from condensekit.labs import CondensationLab, FactorizationLab, RecoveryLab
from condensekit.subjects import State

LABS = {
    "recovery": lambda: RecoveryLab(width=6, n_samples=8, steps=60),
    "factorization": FactorizationLab,
    "condensation": lambda: CondensationLab(width=10, steps=60),
}
SECONDS = 2.0
GOING_ON = ("Training ", "Stopping", "Computing", "Paused", "This run goes on")


def acts(lab, token, draw):
    return {
        "run": lab.run,
        "run quietly": lambda: lab.run(live=False),
        "stop": lab.stop,
        "stop without waiting": lambda: lab.stop(wait=False),
        "pause or go on": lab.pause,
        "play": lab.play,
        "go to": lambda: lab.go_to(draw.randint(0, 100)),
        "slide": lambda: setattr(lab.timeline.slider, "value", draw.randint(0, 40)),
        "jump": lambda: lab.jump(draw.choice((-1, 1))),
        "reset": lab.reset,
        "restore": lambda: lab.restore(token),
        "restore live": lambda: lab.restore(token, live=True),
        "turn the width": lambda: setattr(lab, "width", draw.choice((4, 5, 6))),
        "turn the seed": lambda: setattr(lab, "seed", draw.randint(0, 3)),
        "compare": lambda: setattr(lab.compare, "value", draw.random() < 0.5),
        "unfold": lambda: setattr(lab.folds, "selected_index", draw.choice((None, 0, 1, 2))),
        "state": lab.state,
        "code": lab.code,
        "story": lab.story,
        "result": lambda: lab.result.final,
    }


def read(lab, token, seed, end, found):
    """What a reader does at random until `end`; what was raised goes to `found`."""
    draw = random.Random(seed)
    offered = acts(lab, token, draw)
    while time.monotonic() < end:
        name = draw.choice([*offered])
        try:
            offered[name]()
        except Exception as error:  # noqa: BLE001  whatever it is, it fails the test
            found.append(f"{name}: {type(error).__name__}: {error}")
        if "✖" in lab.status.value:
            found.append(f"{name}: {lab.status.value}")


@pytest.mark.parametrize("make", sparsely(LABS, 3))
def test_two_readers_at_once_find_one_lab(make):
    lab, found = make(), []
    token, end = lab.state(), time.monotonic() + SECONDS
    readers = [
        threading.Thread(target=read, args=(lab, token, seed, end, found), daemon=True)
        for seed in range(2)
    ]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(60.0)
        assert not reader.is_alive(), "a reader hangs"
    assert found == []
    lab.stop()
    assert lab.player.state is State.IDLE
    assert not lab.run_button.disabled
    assert lab.stop_button.disabled
    assert not any(f">{words}" in lab.status.value for words in GOING_ON), lab.status.value
    here = lab.timeline.slider.value
    assert 0 <= here < max(2, len(lab.result))
    shown, token = lab.result, lab.state()
    lab.restore(token)
    assert lab.result.experiment == shown.experiment
    lab.close()


def test_a_lab_that_is_closed_meanwhile_says_so_and_trains_no_more():
    lab, answers = RecoveryLab(width=6, n_samples=8, steps=60), []

    def press():
        while not answers:
            try:
                lab.run()
                lab.play()
            except ValueError as error:
                answers.append(str(error))

    reader = threading.Thread(target=press, daemon=True)
    reader.start()
    lab.close()
    reader.join(30.0)
    assert not reader.is_alive()
    assert answers == ["This lab is closed; make another one."]
    assert lab.player.state is State.IDLE
    token = lab.state()  # what it showed can still be taken along
    for act in (lab.run, lab.go_on, lab.play, lab.reset, lambda: lab.restore(token)):
        with pytest.raises(ValueError, match="closed"):
            act()
    lab.close()


@pytest.mark.slow
def test_a_lab_that_is_closed_while_it_trains_is_collected():
    RecoveryLab(width=6, n_samples=8, steps=20).close()
    lab = RecoveryLab(width=50, n_samples=20, optimizer=Adam(steps=3_000_000))
    lab.run()
    player, gone = lab.player, weakref.ref(lab)
    until(lambda: len(gone().result) > 2, "second recorded step")
    lab.close()
    assert player.state is State.IDLE
    assert player.join(0.0)
    del lab, player
    gc.collect()
    assert gone() is None


def test_a_second_reader_ends_the_quiet_training_of_the_first():
    lab = RecoveryLab(width=30, n_samples=50, steps=10_000_000)
    quiet = threading.Thread(target=lambda: lab.run(live=False), daemon=True)
    quiet.start()
    until(lambda: lab.player.state is State.WORKING, "training")
    lab.reset()
    quiet.join(30.0)
    assert not quiet.is_alive()
    assert lab.result.experiment == lab.default[0]
    assert lab.player.state is State.IDLE
    lab.close()


def test_turning_a_control_beside_a_quiet_training_does_not_end_it():
    lab = RecoveryLab(width=30, n_samples=50, steps=10_000_000)
    quiet = threading.Thread(target=lambda: lab.run(live=False), daemon=True)
    quiet.start()
    until(lambda: lab.player.state is State.WORKING, "training")
    lab.seed = 3
    assert "the new settings count from the next Run" in lab.status.value
    assert lab.player.state is State.WORKING
    lab.stop(wait=False)
    quiet.join(30.0)
    assert not quiet.is_alive()
    assert "Stopped" in lab.status.value
    assert "The controls describe another run; Run trains it." in lab.status.value
    assert lab.result.experiment.seed == 0
    lab.seed = 0
    assert lab._apart() == ""
    lab.close()


def test_nothing_of_the_run_before_stands_over_one_that_begins():
    lab = CondensationLab()
    assert lab.timeline.marks[-1].text.startswith("The run ends")
    drawn, show = [], lab.views["cosines"].show

    def seen(*frames):
        drawn.append((lab._frames, lab.timeline.marks, lab.runs()[0].outcome))
        show(*frames)

    lab.views["cosines"].show = seen
    lab.run()
    until(lambda: drawn, "its cosines")
    lab.stop()
    assert drawn[0] == (1, (), Outcome.RUNNING)
    run = lab.runs()[0]
    assert lab.timeline.marks == pictures.marks(run, lab.happened())
    assert lab._apart() == ""
    lab.close()
