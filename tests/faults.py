"""What must hold after Ctrl+C at any moment of a training, of a sweep, and of a lab's work."""

import dataclasses
import os
import threading
from pathlib import Path

import numpy as np
import torch
from cases import LABS
from interrupts import Interrupted, moments

import condensekit as ck
from condensekit.subjects import State
from condensekit.training import Outcome

SMALL = ck.Experiment(ck.TwoLayer(1, 5), ck.three_tanh(1), ck.Adam(1e-2, steps=8), 6, 0.3)
TRAINED = {
    "one batch": [SMALL, SMALL.replace(seed=1, steps=5)],
    "flow": [dataclasses.replace(SMALL, optimizer=ck.GradientFlow(max_steps=6))],
    "two batches": [
        dataclasses.replace(SMALL, optimizer=ck.SGD(1e-2, steps=6, batch_size=2)),
        SMALL,
    ],
}
ERRORS = np.geterr()
SWEPT = {"n_samples": [3, 5], "seed": [0, 1]}


def settings_of_torch():
    """What a training changes meanwhile, and gives back."""
    return torch.get_default_dtype(), torch.is_grad_enabled(), str(np.geterr())


def given_back(before, where):
    """Whether torch and NumPy are as they were, or Python itself forgot it.

    Ctrl+C after the last line of a ``with`` and before its end is raised outside of it: then nobody
    is asked to clean up (bpo-29988).
    """
    now = settings_of_torch()
    np.seterr(**ERRORS)
    file, line = where.rsplit(":", 1)
    text = Path(file).read_text("utf-8").splitlines()[int(line) - 1]
    return now == before or text.strip().startswith("with ")


def beginning(run, whole):
    """Whether a run is the whole one up to some step; its last step may be between two recorded."""
    same = max(min(len(run), len(whole)) - (run.outcome is Outcome.CANCELLED), 0)
    numbers = [(run.step, whole.step), (run.loss, whole.loss), (run.test_loss, whole.test_loss)]
    numbers += [(leaf, whole.params[name]) for name, leaf in run.params.items()]
    equal = all(np.array_equal(a[:same], b[:same]) for a, b in numbers)
    ended = run.outcome is Outcome.CANCELLED or len(run) == len(whole)
    return equal and ended and bool((np.diff(run.step) > 0).all())


def interrupt_training(experiments, count):
    """Ctrl+C at so many moments of `train`; how often it was raised, and how often kept."""
    whole, before = ck.train(experiments), settings_of_torch()
    lines = Interrupted(lambda: ck.train(experiments)).lines
    raised = kept = 0
    for at in moments(lines, count):
        met = Interrupted(lambda: ck.train(experiments), at)
        assert given_back(before, met.where), met.where
        if met.escaped:
            raised += 1
            continue
        kept += 1
        for run, all_of_it in zip(met.found, whole, strict=True):
            assert beginning(run, all_of_it), (met.where, run)
    again = ck.train(experiments)
    assert all(len(a) == len(b) and beginning(a, b) for a, b in zip(again, whole, strict=True))
    return raised, kept


def interrupt_sweep(folder: Path, count):
    """Ctrl+C at so many moments of `sweep`, and the same call again, which finishes it."""
    whole = ck.sweep(SMALL, **SWEPT)
    path = folder / "map.nc"
    lines = Interrupted(lambda: ck.sweep(SMALL, path=path, **SWEPT)).lines
    path.unlink()
    tried = 0
    for at in moments(lines, count):
        met = Interrupted(lambda: ck.sweep(SMALL, path=path, **SWEPT), at)
        for file in folder.iterdir():
            if file.suffix == ".part":  # between its making and its removal; for the next one
                assert "files.py" in met.where, met.where
                os.utime(file, (0.0, 0.0))
            else:
                assert file.name in ("map.nc", "map.nc.journal"), met.where
        done = path.exists()  # then what is beside it is not asked any more
        assert ck.sweep(SMALL, path=path, **SWEPT).equals(whole), met.where
        left = {file.name for file in folder.iterdir()} - {"map.nc"}
        assert left <= {"map.nc.journal"} if done else not left, (met.where, left)
        for file in folder.iterdir():
            file.unlink()
        tried += 1
    return tried


def at_rest(lab):
    """Nothing goes on, and the lab says so."""
    assert lab.player.state is State.IDLE
    assert not lab.run_button.disabled
    assert lab.stop_button.disabled
    assert lab.timeline.play_button.description == "Play"
    going_on = ("Training ", "Stopping", "Computing", "Paused", "This run goes on")
    assert not any(f">{words}" in lab.status.value for words in going_on), lab.status.value
    assert "✖" not in lab.status.value


def seen(lab):
    """What is read on the screen, but for how it is going."""
    return lab.verdict.value, lab.below.value, lab.timeline.moment.value, lab.progress.value


def interrupt_lab(name, count):
    """Ctrl+C at so many moments of `lab.run(live=False)`; afterwards it goes on, and runs again."""
    lab = LABS[name].make()
    for _ in range(2):  # what it opened with stands beside the first run, and not beside the next
        lab.run(live=False)
    whole, end = lab.runs(), seen(lab)
    threads = threading.active_count()
    lines = Interrupted(lambda: lab.run(live=False)).lines
    tried = 0
    for at in moments(lines, count):
        met = Interrupted(lambda: lab.run(live=False), at)
        at_rest(lab)
        shown = seen(lab)
        lab.redraw()
        assert seen(lab) == shown, met.where
        if (
            lab.runs()
            and lab.further() is not None
            and (lab.further() == lab.subject.what(lab.shown))
        ):
            lab.go_on(live=False)
            for run, one in zip(lab.runs(), whole, strict=True):
                assert len(run) == len(one), met.where
                assert beginning(run, one), met.where
        lab.run(live=False)
        at_rest(lab)
        for run, one in zip(lab.runs(), whole, strict=True):
            assert len(run) == len(one), met.where
            assert beginning(run, one), met.where
        assert seen(lab) == end, met.where
        assert threading.active_count() == threads
        tried += 1
    lab.close()
    return tried
