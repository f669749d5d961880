"""SymmetryLab and the three runs behind it, without a browser."""

import dataclasses

import numpy as np
import pytest

import condensekit as ck
from condensekit.labs import SymmetryLab
from condensekit.labs.player import State
from condensekit.labs.symmetry import ACTIVATIONS, CANDIDATES, record
from condensekit.pictures.symmetry import symmetry_frame
from condensekit.symmetry import blocks, equal, escape, same_inputs
from condensekit.training import Runs

SHORT = ck.GradientFlow(t_end=5.0, stop_loss=0.0, max_steps=60)
BASE = ck.Experiment(ck.TwoLayer(1, 4), ck.three_tanh(), SHORT, 10, init_std=0.5, seed=1)


@pytest.fixture
def lab():
    lab = SymmetryLab()
    yield lab
    lab.stop()


# --- the three runs ----------------------------------------------------------------------------


def test_a_pushed_network_escapes_below_the_bound_of_linear_theory():
    base = dataclasses.replace(BASE, optimizer=dataclasses.replace(SHORT, rtol=1e-6, max_steps=400))
    found = escape(base, blocks(base.model, 2), kick=1e-8)
    on, off = found.on.run, found.off.run
    assert found.off.distance[0] == pytest.approx(1e-8, rel=1e-6)
    bound = np.interp(off.time, on.time[found.moments], found.growth)
    assert (found.off.distance <= 1.05 * bound).all()
    assert found.growth[-1] > 2e-8, "nothing grows"
    assert found.on.stayed
    assert found.error is not None
    assert found.error.max() < 1e-10
    assert "12 parameters move as 6" in str(found)


def test_a_network_of_blocks_ends_where_the_narrow_one_does_and_a_push_frees_it(lab):
    """The recorded run: two blocks stay at the level of two neurons; pushed, they leave it."""
    found = lab.result
    assert found.on.largest == 0.0
    assert found.narrow is not None
    assert found.narrow.loss[-1] == pytest.approx(found.on.run.loss[-1], rel=1e-6)
    assert found.on.run.loss[-1] == pytest.approx(0.068, rel=0.01)
    assert found.off.run.loss[-1] < 1e-3 * found.on.run.loss[-1]


def test_sets_without_a_narrow_network_say_so():
    for candidate in (same_inputs(BASE.model), ck.symmetry.balanced(BASE.model)):
        found = escape(BASE, candidate)
        assert found.narrow is None
        assert found.error is None
        assert "move as" not in str(found)
        assert "no narrow network" in symmetry_frame(found, 0).loss.caption


def test_bad_blocks_are_refused():
    with pytest.raises(ValueError, match="from 1 to 4, but is 5"):
        blocks(BASE.model, 5)


# --- the lab -----------------------------------------------------------------------------------


def test_it_opens_on_the_recorded_run_and_starts_nothing(lab):
    assert lab.player.state is State.IDLE
    assert "Invariant by theory" in lab.verdict.value
    assert "The run stays on it" in lab.verdict.value
    assert "move as 6" in lab.verdict.value
    assert "recorded run" in lab.status.value


def test_the_recorded_run_is_what_training_gives_today(tmp_path, lab):
    record(tmp_path)
    (file,) = tmp_path.iterdir()
    assert file.stat().st_size <= 300_000
    now = list(Runs.load(file))
    then = [lab.result.on.run, lab.result.off.run, lab.result.narrow]
    for old, new in zip(then, now, strict=True):
        early = np.flatnonzero(old.time < 100.0)  # before rounding has had time to grow
        assert len(early) > 20
        assert old.time[early] == pytest.approx(new.time[early], rel=1e-6)
        assert old.loss[early] == pytest.approx(new.loss[early], rel=1e-6)
    assert now[1].loss[-1] < 1e-3 * now[2].loss[-1]


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("candidate", CANDIDATES)
def test_every_set_is_drawn_from_its_start_to_its_end(activation, candidate):
    model = ck.TwoLayer(1, 4, activation)
    experiment = dataclasses.replace(BASE, model=model)
    found = escape(experiment, CANDIDATES[candidate](model), 1e-4)
    for index in (0, len(found.off.run) - 1):
        frame = symmetry_frame(found, index)
        for picture in (frame.distance, frame.loss, frame.eigenvalues):
            for x, y in picture.curves:
                assert x.shape[-1:] == y.shape[-1:]
                assert np.isfinite(y).all()
        assert frame.plane.ways.shape == (4, index + 1, 2)
        assert frame.verdict[0][0].startswith("✔" if found.on.claim.invariant else "✘")


def test_a_run_from_the_controls(lab):
    lab.candidate.value, lab.optimizer.value = "same inputs", "Adam"
    assert "Not invariant" in lab.status.value
    lab.controls["width"].text.value = "3"
    lab.run(live=False)
    found = lab.result
    assert found.on.run.experiment.model.m == 3
    assert not found.on.stayed
    assert "Not invariant by theory" in lab.verdict.value
    assert "The run leaves it" in lab.verdict.value
    assert lab.slider.value == len(found.off.run) - 1
    lab.slider.value = 3
    assert lab.moment.value == f"step {found.off.run.step[3]:,}"
    lab.reset()
    assert lab.candidate.value == "two blocks"
    assert lab.result.on.run.experiment.model.m == 8


def test_a_live_run_is_replayed_and_can_be_stopped(lab):
    lab.optimizer.value, lab.candidate.value = "GradientDescent", "zero"
    lab.run()
    lab.stop()
    assert lab.player.join(30)
    assert lab.player.state is State.IDLE
    assert lab.stop_button.disabled and not lab.run_button.disabled
    lab.play(live=False)
    assert lab.slider.value == len(lab.result.off.run) - 1


@pytest.mark.parametrize(
    ("name", "text", "answer"),
    [("width", "1", "width"), ("kick", "-1", "kick"), ("n_samples", "many", "n_samples")],
)
def test_a_wrong_entry_is_answered_in_the_status_line(lab, name, text, answer):
    lab.controls[name].text.value = text
    assert "✖" in lab.status.value
    assert answer in lab.status.value
    with pytest.raises(ValueError, match=answer):
        lab.run(live=False)


def test_a_wrong_setting_is_refused():
    with pytest.raises(ValueError, match=r"candidate must be one of .* but is 'halves'"):
        SymmetryLab(candidate="halves")
    with pytest.raises(ValueError, match="width must be"):
        SymmetryLab(width=1_000)


def test_the_lines_that_it_prints_compute_what_it_shows(capsys):
    lab = SymmetryLab(candidate="equal", optimizer="Adam", width=3, n_samples=5)
    for candidate in ("two blocks", "same inputs"):
        lab.candidate.value = candidate
        lab.run(live=False)
        exec(lab.code(), {})
        assert capsys.readouterr().out.strip() == str(lab.result)


def test_it_offers_activations_that_the_package_has():
    assert set(ACTIVATIONS) <= set(ck.activations.ACTIVATIONS)
    assert equal(BASE.model).formula in str(escape(BASE, equal(BASE.model)).on)
