"""SymmetryLab and the three runs behind it, without a browser."""

import dataclasses
import functools
import html
import itertools
import time

import numpy as np
import pytest
import torch
from often import sparsely
from screen import story_of
from waiting import paused, until

import condensekit as ck
from condensekit import pictures
from condensekit.labs import SymmetryLab
from condensekit.records import record_escape
from condensekit.subjects import State, Watched
from condensekit.symmetry import (
    Escaping,
    SymmetrySettings,
    equal,
    equal_blocks,
    escape,
    idle,
    kicked,
    same_inputs,
    tangency,
    transverse,
    zero,
)
from condensekit.symmetry.families import FAMILIES
from condensekit.symmetry.settings import ACTIVATIONS, CANDIDATES, start
from condensekit.symmetry.settings import experiment as lab_experiment
from condensekit.tokens import write_moment
from condensekit.training import Outcome, Runs
from condensekit.verdicts import escape_verdict
from condensekit.words import number

NEURONS = [name for name, family in FAMILIES.items() if family.activated]
SHORT = ck.GradientFlow(t_end=5.0, stop_loss=0.0, max_steps=60)
BASE = ck.Experiment(ck.TwoLayer(1, 4), ck.three_tanh(), SHORT, 10, init_std=0.5, seed=1)


@pytest.fixture
def lab():
    lab = SymmetryLab()
    yield lab
    lab.stop()


# --- the three runs ----------------------------------------------------------------------------


@pytest.mark.slow
def test_a_pushed_network_escapes_below_the_bound_of_linear_theory():
    base = dataclasses.replace(BASE, optimizer=dataclasses.replace(SHORT, rtol=1e-6, max_steps=400))
    found = escape(base, equal_blocks(base.model, 2), kick=1e-8)
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
        assert "no narrow network" in pictures.losses(found, 0).caption


def test_bad_blocks_are_refused():
    with pytest.raises(ValueError, match="from 1 to 4, but is 5"):
        equal_blocks(BASE.model, 5)


def test_the_runs_side_by_side_are_those_that_are_trained_alone():
    """The same steps, to the last digit, as `train` from the same places."""
    candidate = equal_blocks(BASE.model, 2)
    found = escape(BASE, candidate, 1e-3)
    start = candidate.place(BASE.init())
    for run, init in ((found.on.run, start), (found.off.run, kicked(candidate, start, 1e-3, 1))):
        alone = ck.train(BASE, init=init)
        assert np.array_equal(run.step, alone.step)
        assert np.array_equal(run.loss, alone.loss)
    assert found.narrow is not None
    assert found.narrow.experiment.model.n_parameters == 6
    assert np.array_equal(
        found.narrow.loss, ck.train(found.narrow.experiment, init=found.narrow.at(0)).loss
    )


def test_what_is_under_way_can_be_looked_at_and_is_not_changed_by_that():
    base = dataclasses.replace(BASE, optimizer=ck.GradientDescent(0.02, steps=400))
    candidate = equal_blocks(base.model, 2)
    making = Escaping(base, candidate, 1e-3)
    lengths = []
    for _ in making.work():
        now = making.found(ended=False)
        lengths.append(len(now.off.run))
        frame = pictures.distances(now, len(now.off.run) - 1)
        assert np.isfinite(frame.curves[1][1]).all()
        if now.error is not None:
            assert now.error.max() < 1e-10, "the two are compared at steps that both have made"
    assert lengths == sorted(lengths)
    assert lengths[0] == 1
    there, quiet = making.found(), escape(base, candidate, 1e-3)
    assert np.array_equal(there.off.run.loss, quiet.off.run.loss)
    assert np.array_equal(there.moments, quiet.moments)
    assert np.array_equal(there.eigenvalues, quiet.eigenvalues)
    for moment, values in zip(there.moments, there.eigenvalues, strict=True):
        assert np.array_equal(values, transverse(base, candidate, there.on.run.at(int(moment))))


def test_training_can_be_cut_at_a_step_and_by_a_word():
    base = dataclasses.replace(BASE, optimizer=ck.Adam(1e-2, steps=500))
    making = Escaping(base, equal_blocks(base.model, 2))
    for _ in making.work(until=100):
        pass
    ends = [int(run.step[-1]) for run in making.found().runs()]
    assert len(ends) == 3
    assert all(100 <= end < 500 for end in ends)
    heard = []
    cut = escape(
        base, equal_blocks(base.model, 2), on_step=lambda s: heard.append(s) or len(heard) == 30
    )
    assert len(heard) == 30
    assert cut.on.run.outcome is Outcome.CANCELLED


def test_input_weights_align_again_where_output_weights_stay_apart():
    """Return, as far as there is any: one neuron without a bias, split, at its best fit of three.

    The Hessian across is 0 once for each pair of output weights, which the loss does not see, and
    positive for input weights.
    """
    flow = ck.GradientFlow(t_end=1e4, stop_loss=0.0, max_steps=400)
    model = ck.TwoLayer(1, 4, bias=False)
    found = escape(
        dataclasses.replace(BASE, model=model, optimizer=flow), equal_blocks(model, 1), 1e-3
    )
    assert found.eigenvalues[-1] == pytest.approx([0.0] * 3 + [found.eigenvalues[-1, -1]] * 3)
    assert found.eigenvalues[-1, -1] > 0.1
    assert found.aligned[0] > 1e-4
    assert found.aligned[-1] < 1e-12
    a = found.off.run.params["a"].numpy()
    assert np.ptp(a[-1]) > 0.1 * np.ptp(a[0]) > 1e-5
    assert found.off.distance[-1] == pytest.approx(np.linalg.norm(a[-1] - a[-1].mean()), rel=1e-6)
    assert pictures.plane(found, 0).y_label == "output weight a"


def test_aligned_and_places_are_those_of_the_neurons_themselves():
    found = escape(BASE, equal(BASE.model), 1e-2)
    w, b = (found.off.run.params[name].numpy() for name in ("w", "b"))
    apart = np.hypot(w[:, 0, 0] - w[:, 1, 0], b[:, 0] - b[:, 1]) / np.sqrt(2.0)
    assert found.aligned == pytest.approx(apart, rel=1e-9)
    assert found.places[0] == 4
    exact = escape(BASE, equal(BASE.model), 0.0)
    assert (exact.places == 3).all()
    assert (exact.aligned == 0.0).all()


# --- the lab -----------------------------------------------------------------------------------


def test_it_opens_on_the_recorded_run_and_starts_nothing(lab):
    assert lab.player.state is State.IDLE
    assert "Invariant by theory" in lab.verdict.value
    assert "The run stays on it" in lab.verdict.value
    assert "move as 6" in lab.verdict.value
    assert "recorded run" in lab.status.value


@pytest.mark.slow
def test_the_recorded_run_is_what_training_gives_today(tmp_path, lab):
    record_escape(tmp_path)
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


FITTING = [
    (name, activation, candidate)
    for name, activation, candidate in itertools.product(NEURONS, ("tanh", "relu"), CANDIDATES)
    if (candidate, activation)
    not in {("fixed by a sign flip", "relu"), ("fixed by a rescaling", "tanh")}
]


@pytest.mark.parametrize(("name", "activation", "candidate"), sparsely(FITTING, 5))
def test_every_set_is_drawn_from_its_start_to_its_end(name, activation, candidate):
    family = FAMILIES[name]
    layers = len(family.units)
    model = family.make("1", 4, activation)
    few = dataclasses.replace(SHORT, max_steps=15) if layers == 2 else SHORT
    experiment = dataclasses.replace(BASE, model=model, optimizer=few)
    found = escape(experiment, CANDIDATES[candidate](model, layer=layers - 1), 1e-4)
    assert found.on.candidate.layer == layers - 1
    for index in (0, len(found.off.run) - 1):
        for picture in (pictures.distances, pictures.losses, pictures.eigenvalues):
            for x, y in picture(found, index).curves:
                assert x.shape[-1:] == y.shape[-1:]
                assert np.isfinite(y).all()
        assert pictures.plane(found, index).ways.shape == (4, index + 1, 2)
        assert escape_verdict(found)[0][0].startswith("✔" if found.on.claim.invariant else "✘")


@pytest.mark.slow
@pytest.mark.parametrize("name", sparsely(NEURONS, 2))
def test_every_choice_is_drawn_and_theory_agrees_with_the_gradients(name):
    """All activations, sets and layers that fit, as they start.

    Where a set is invariant, no gradient leads out of it; where not, one of a few networks has one.
    """
    lab, drawn = SymmetryLab(model=name, candidate="one block"), 0
    x = torch.linspace(-2.0, 2.0, 7, dtype=torch.float64)[:, None]
    for activation, candidate, layer in itertools.product(
        ACTIVATIONS, CANDIDATES, range(1, len(FAMILIES[name].units) + 1)
    ):
        trained = lab_experiment(name, activation, "GradientFlow", 3, 4, 4)
        try:
            settings = SymmetrySettings(trained, candidate, layer)
        except ValueError:
            continue
        found = start(settings)
        lab.put_on(Watched(settings, found))
        drawn += 1
        for mark in (*lab.views["distance"].lines, *lab.views["loss"].lines):
            assert mark.y.ndim > 0
            assert mark.y.shape[-1] == len(mark.x)
        across, seed = 0.0, 0
        while across < 1e-9 and seed < (1 if settings.set().tangent else 9):
            params = trained.model.init(torch.Generator().manual_seed(seed), 0.7)
            across, seed = max(across, tangency(settings.set(), params, x)), seed + 1
        assert (across < 1e-9) is settings.set().tangent, (activation, candidate, layer)
        assert escape_verdict(found)[0][0][0] == ("✔" if settings.set().tangent else "✘")
    assert drawn > 70


@pytest.mark.parametrize("candidate", ["idle", "same inputs"])
def test_a_set_of_one_equation_has_one_curve(candidate):
    lab = SymmetryLab(candidate=candidate, model="one layer, no bias", width=2, n_samples=5)
    curve = lab.views["eigenvalues"].lines[0]
    assert curve.y.shape == (1,)
    lab.run(live=False)
    assert curve.y.shape == curve.x.shape == (len(lab.result.moments),)
    assert len(curve.x) > 5


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_no_bound_is_drawn_where_kinks_break_it(activation):
    """A ReLU neuron beside w = b = 0 is not at rest, though the Hessian across the set is zero."""
    model = ck.TwoLayer(1, 4, activation)
    flow = ck.GradientFlow(t_end=300.0, max_steps=100)
    base = ck.Experiment(model, ck.three_tanh(), flow, 20, init_std=0.5)
    found = escape(base, (idle if activation == "relu" else equal)(model), 1e-6)
    index = len(found.off.run) - 1
    assert found.on.stayed
    drawn = len(pictures.distances(found, index).curves[3][0])
    assert (drawn > 0) is (activation == "tanh")
    assert ("kinks left out" in pictures.eigenvalues(found, index).caption) is (
        activation == "relu"
    )
    if activation == "relu":
        assert "by convention" in found.on.claim.reason
        assert found.off.largest > 1e3 * found.growth.max(), "the bound would be false"


@pytest.mark.parametrize(
    ("optimizer", "make", "alike"),
    [
        (ck.Adam(1e-2, steps=300), functools.partial(equal_blocks, k=2), False),
        (ck.Adam(1e-2, steps=300), zero, True),
        (ck.GradientDescent(1e-2, steps=300), functools.partial(equal_blocks, k=2), True),
    ],
)
def test_adam_moves_blocks_of_several_at_other_rates(optimizer, make, alike):
    base = dataclasses.replace(BASE, optimizer=optimizer)
    found = escape(base, make(base.model), 0.0)
    assert bool(found.error.max() < 1e-10) is alike
    told = escape_verdict(found)
    assert ("other rates" in told[-1][1]) is not alike
    assert "the other has no push, and ends at 0." in told[1][1]


def test_only_what_is_exactly_zero_is_drawn_on_the_floor():
    """Of x tanh x a weight decays to 1e-27 and comes back: it never was zero."""
    lab = SymmetryLab(activation="xtanh", candidate="idle", model="one layer, no bias")
    lab.run(live=False)
    found = lab.result
    assert 0.0 < found.off.distance.min() < 1e-20
    on, off, *_ = pictures.distances(found, 0).curves
    assert (on[1] == -18.0).all()
    assert off[1].min() == pytest.approx(-17.0)


def test_without_a_push_nothing_starts_beside_the_set(lab):
    lab.controls["kick"].text.value = "0"
    assert "it starts on the set; the other has no push, and starts there, too." in (
        lab.verdict.value
    )


def test_pictures_that_cannot_be_drawn_have_no_verdict(lab, monkeypatch):
    def broken(*_):
        raise RuntimeError("a mark refused")

    assert lab.verdict.value
    monkeypatch.setattr(lab.views["eigenvalues"], "show", broken)
    lab.controls["activation"].value = "sigmoid"
    assert "a mark refused" in lab.status.value
    assert lab.verdict.value == ""
    monkeypatch.undo()
    lab.reset()
    assert "The run stays on it" in lab.verdict.value


def test_the_verdict_tells_of_the_moment_on_screen_and_of_nothing_later(lab):
    found, end = lab.result, lab.verdict.value
    last = len(found.off.run) - 1
    assert "so far" not in end
    for index in range(last):
        lab.timeline.slider.value = index
        told = html.unescape(lab.verdict.value)
        assert ("At the start:" in told) is (index == 0)
        assert ("The run stays on it so far:" in told) is (index > 0)
        assert "ends" not in told
        if index:
            here = number(float(found.off.distance[index]))
            assert f"it is at {here}." in told
            assert f"off {here}" in lab.views["distance"].caption.value
    lab.timeline.slider.value = last
    assert lab.verdict.value == end


def test_the_caption_of_the_losses_tells_of_nothing_later():
    """With Adam, blocks of several neurons move at other rates than the narrow network's."""
    base = dataclasses.replace(BASE, optimizer=ck.Adam(0.01, steps=100))
    found = escape(base, equal(base.model), 1e-4)
    assert found.error is not None and found.error[0] == 0.0 and found.error.max() > 0.01
    told = [pictures.losses(found, index).caption for index in range(len(found.off.run))]
    assert told[0].endswith("differ by less than 10⁻¹⁰")
    assert told[-1].endswith(f"differ by {number(float(found.error.max()))}")
    assert len({*told}) > 2


def test_a_run_is_said_to_leave_from_the_moment_on_at_which_it_has_left():
    """Of inputs that are equal no theory says that they stay so: the first step parts them."""
    base = dataclasses.replace(BASE, optimizer=ck.GradientDescent(0.02, steps=100))
    found = escape(base, same_inputs(base.model), 1e-4)
    assert np.array_equal(found.on.run.step, found.off.run.step)
    for index in range(1, len(found.off.run)):
        head, told = escape_verdict(found, index)[1]
        largest = found.on.distance[: index + 1].max()
        assert head == (
            "✘ The run leaves it:" if largest > 1e-9 else "✔ The run stays on it so far:"
        )
        assert f"largest distance {number(float(largest))};" in told
    assert escape_verdict(found, len(found.off.run) - 1) == escape_verdict(found)
    diverged = dataclasses.replace(BASE, model=ck.TwoLayer(1, 4, "square"))
    diverged = dataclasses.replace(diverged, optimizer=ck.GradientDescent(1.0, steps=200))
    found = escape(diverged, equal(diverged.model), 1e-4)
    heads = [escape_verdict(found, index)[1][0] for index in range(1, len(found.off.run))]
    assert heads[-1] == "◐ The run diverges:"
    assert "◐ The run diverges:" not in heads[:-1]


def test_a_run_from_the_controls(lab):
    lab.controls["candidate"].value, lab.controls["optimizer"].value = "same inputs", "Adam"
    assert "Not trained yet" in lab.status.value
    assert "Not invariant by theory" in lab.verdict.value
    assert "Not trained yet" in lab.verdict.value
    assert "(w, b)_j = (w, b)_k" in lab.form.column[4].value
    lab.controls["width"].text.value = "3"
    lab.run(live=False)
    found = lab.result
    assert found.on.run.experiment.model.m == 3
    assert not found.on.stayed
    assert "Not invariant by theory" in lab.verdict.value
    assert "The run leaves it" in lab.verdict.value
    assert lab.timeline.slider.value == len(found.off.run) - 1
    lab.timeline.slider.value = 3
    assert lab.timeline.moment.value == f"step {found.off.run.step[3]:,} of 5,000"
    lab.controls["width"].text.value = "4"
    assert len(lab.result.off.run) == 1
    lab.controls["width"].text.value = "3"
    assert lab.result is found, "what was trained is remembered"
    lab.reset()
    assert lab.controls["candidate"].value == "two blocks"
    assert lab.result.on.run.experiment.model.m == 8


def test_a_deep_network_on_a_set_of_its_second_layer(lab):
    lab.controls["model"].value = "two hidden layers"
    lab.controls["width"].text.value = "3"
    lab.controls["layer"].value = "2"
    lab.controls["optimizer"].value, lab.controls["candidate"].value = "GradientFlow", "one block"
    assert lab.result.on.run.experiment.model == ck.Deep(1, 3, 2)
    assert lab.views["plane"].below.label == "weight from neuron 1"
    on = lab.result.on.run
    # Layer 1 is free, layer 2 is one block: equal rows of w1, b1 and a.
    first, second = on.params["w0"][0], on.params["w1"][0]
    assert len({*first[:, 0].tolist()}) == 3
    assert bool((second == second[0]).all())
    lab.restore(lab.state())
    assert lab.entered() == SymmetrySettings(on.experiment, "one block", 2, 1e-6)


def test_it_draws_while_it_trains_pauses_goes_on_and_stops(lab):
    lab.controls["model"].value, lab.controls["optimizer"].value = (
        "two hidden layers",
        "GradientDescent",
    )  # takes seconds
    sent, echo = lab.gate.widgets  # a browser that answers at once
    sent.observe(lambda change: setattr(echo, "value", change["new"]), "value")
    drawn = []
    lab.timeline.slider.observe(
        lambda change: drawn.append(lab.views["loss"].lines[0].y.copy()), "value"
    )
    lab.run()
    until(lambda: len(drawn) >= 3, "third drawing")
    assert any(not np.array_equal(drawn[0], later) for later in drawn[1:])
    lab.pause()
    paused(lab)
    held = lab.result.off.run.step[-1]
    assert lab.result.off.run.outcome is Outcome.RUNNING
    time.sleep(0.1)
    assert lab.result.off.run.step[-1] == held
    lab.pause()
    until(lambda: lab.result.off.run.step[-1] != held, "step after the pause")
    lab.controls["candidate"].value = "zero"
    assert "next Run" in lab.status.value
    lab.stop()
    assert lab.player.state is State.IDLE
    assert held < lab.result.off.run.step[-1] < 5_000
    assert lab.result.off.run.outcome is Outcome.CANCELLED
    assert "kept" in lab.status.value
    assert lab.result.on.candidate.name == "2 blocks"
    assert lab.stop_button.disabled and not lab.run_button.disabled
    lab.timeline.slider.value = 0
    lab.play(live=False)
    assert lab.timeline.slider.value == len(lab.result.off.run) - 1


@pytest.mark.slow
def test_a_live_run_gives_what_the_quiet_one_gives(lab):
    lab.controls["width"].text.value = "4"
    lab.controls["optimizer"].value, lab.controls["candidate"].value = "Adam", "zero"
    lab.run()
    assert lab.player.join(30)
    live = lab.result
    quiet = escape(live.on.run.experiment, live.on.candidate, live.kick)
    assert np.array_equal(live.off.distance, quiet.off.distance)
    assert np.array_equal(live.eigenvalues, quiet.eigenvalues)
    assert "Trained 5,000 steps" in lab.status.value


# --- tokens ------------------------------------------------------------------------------------


def test_a_token_brings_back_what_was_trained_the_step_and_the_set():
    lab = SymmetryLab(
        activation="sigmoid",
        candidate="same inputs",
        optimizer="Adam",
        width=3,
        n_samples=5,
        kick=1e-3,
    )
    lab.run(live=False)
    lab.timeline.slider.value = 50
    then, other = lab.result, SymmetryLab.from_state(lab.state())
    assert other.entered() == lab.entered()
    assert other.controls["candidate"].value == "same inputs"
    assert other.controls["kick"].value == 1e-3
    assert other.timeline.slider.value == 50
    now = other.result
    assert np.array_equal(now.off.distance, then.off.distance)
    assert np.array_equal(now.on.run.loss, then.on.run.loss)
    assert "Restored at step" in other.status.value
    assert other.state() == lab.state()


def test_a_token_of_a_run_that_was_stopped_trains_as_far_as_it_was():
    lab = SymmetryLab(optimizer="GradientDescent", width=4)
    making = lab.subject.job(lab.entered(), lab.shown)
    for _ in making.work(until=300):
        pass
    lab.put_on(making.shown(ended=True))
    end = lab.result.off.run.step[-1]
    assert end < 5_000
    other = SymmetryLab.from_state(lab.state())
    now, then = other.result, lab.result
    assert now.off.run.step[-1] <= end
    length = len(now.off.run)
    assert length >= len(then.off.run) - 1, "up to the last recorded step before"
    assert np.array_equal(now.off.distance[: length - 1], then.off.distance[: length - 1])
    assert now.narrow is not None
    assert now.error.max() < 1e-10


def test_a_token_of_what_is_not_trained_shows_the_start(lab):
    lab.controls["candidate"].value = "equal"
    other = SymmetryLab.from_state(lab.state())
    assert other.controls["candidate"].value == "equal"
    assert len(other.result.off.run) == 1


def test_tokens_of_others_are_refused_and_change_nothing(lab):
    before, settings = lab.result, lab.entered()
    foreign = dataclasses.replace(settings.experiment, init_std=0.25)
    for token, words in (
        ("hello", "not a token"),
        (lab.state()[:-9], "damaged"),
        (write_moment("RecoveryLab", [settings], 0, 0, {}), "RecoveryLab"),
        (write_moment("SymmetryLab", [settings.experiment], 0, 0, {}), "no network on a set"),
        (write_moment("SymmetryLab", [], 0, 0, {}), "no network on a set"),
        (
            write_moment(
                "SymmetryLab", [dataclasses.replace(settings, experiment=foreign)], 0, 0, {}
            ),
            "shows small networks on a set",
        ),
    ):
        with pytest.raises(ValueError, match=words):
            lab.restore(token)
        assert lab.result is before
        assert lab.entered() == settings


# --- bad input ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "answer"),
    [("width", "1", "width m"), ("kick", "-1", "push ε"), ("n_samples", "many", "samples n")],
)
def test_a_wrong_entry_is_answered_in_the_status_line(lab, name, text, answer):
    before = lab.result
    lab.controls[name].text.value = text
    assert "✖" in lab.status.value
    assert answer in lab.status.value
    with pytest.raises(ValueError, match=answer):
        lab.run(live=False)
    assert lab.result is before


@pytest.mark.parametrize(
    ("choices", "answer"),
    [
        (
            {"activation": "sigmoid", "candidate": "fixed by a sign flip"},
            "is not a symmetry of .* by",
        ),
        ({"candidate": "fixed by a rescaling"}, "is not a symmetry of .* by"),
        ({"layer": "2"}, "layer must be 1 for the model 'one hidden layer', but is 2"),
    ],
)
def test_a_set_that_does_not_fit_is_answered_in_the_status_line(lab, choices, answer):
    before = lab.result
    for name, value in choices.items():
        lab.controls[name].value = value
    assert "✖" in lab.status.value
    with pytest.raises(ValueError, match=answer) as error:
        lab.run(live=False)
    assert html.escape(str(error.value)).split("(")[0] in lab.status.value
    if len(choices) == 1:
        assert lab.result is before


def test_a_set_for_more_neurons_than_there_are_is_answered(lab):
    lab.controls["candidate"].value = "fixed by a cycle"
    assert "✖" not in lab.status.value
    lab.controls["width"].text.value = "2"
    assert "each of the units 0 to 1 once" in lab.status.value


def test_a_deep_network_may_not_be_as_wide(lab):
    lab.controls["width"].text.value = "20"
    assert "✖" not in lab.status.value
    lab.controls["model"].value = "two hidden layers"
    assert "width m must be a whole number from 2 to 10, but is 20" in lab.status.value


def test_a_wrong_setting_is_refused():
    for settings, words in (
        ({"candidate": "halves"}, "candidate must be one of .* but is 'halves'"),
        ({"width": 1_000}, "width must be"),
        ({"model": "wide"}, "model must be one of one hidden layer, .* but is 'wide'"),
        ({"activation": "step"}, "activation must be one of tanh"),
        ({"optimizer": "Lion"}, "optimizer must be one of GradientFlow"),
        ({"layer": 3}, "layer must be 1 for the model 'one hidden layer', but is 3"),
        ({"layer": 2}, "layer must be 1 for the model 'one hidden layer'"),
        ({"kick": float("nan")}, "kick must be a number"),
    ):
        with pytest.raises(ValueError, match=words):
            SymmetryLab(**settings)


@pytest.mark.slow
def test_the_lines_that_it_prints_compute_what_it_shows(capsys):
    lab = SymmetryLab(candidate="equal", width=3, n_samples=5)
    for candidate in ("two blocks", "same inputs", "fixed by a cycle", "fixed by a sign flip"):
        lab.controls["candidate"].value = candidate
        lab.run(live=False)
        exec(lab.code(), {})
        assert capsys.readouterr().out.strip() == str(lab.result)


def test_the_lines_for_a_deep_network_compute_it_too(capsys):
    lab = SymmetryLab(
        activation="relu",
        candidate="fixed by a rescaling",
        width=2,
        n_samples=5,
        model="two hidden layers",
        layer=2,
    )
    lab.run(live=False)
    exec(lab.code(), {})
    assert capsys.readouterr().out.strip() == str(lab.result)


def test_what_happened_is_told_where_it_is_unfolded(lab):
    lab.folds.selected_index = 0
    assert "Theory: Invariant" in story_of(lab)
    assert "place" in story_of(lab), "the pushed neurons part"
    assert "The same in plain torch" not in lab.folds.titles
    lab.folds.selected_index = 2
    assert lab.folds.token.value == lab.state()
    assert any(mark.kind == "escape" for mark in lab.timeline.marks)


def test_it_offers_activations_that_the_package_has():
    assert set(ACTIVATIONS) <= set(ck.activations.ACTIVATIONS)
    assert equal(BASE.model).formula in str(escape(BASE, equal(BASE.model)).on)
