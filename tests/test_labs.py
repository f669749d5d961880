"""The labs without a browser: what a button does is a method, and the method is tested."""

import asyncio
import dataclasses
import threading
import time

import numpy as np
import pytest
from often import crossed
from waiting import paused, until

import condensekit as ck
from condensekit.labs import CondensationLab, KernelLab, RecoveryLab
from condensekit.labs.controls import NumberControl, variance
from condensekit.records import CONDENSATION, LAZY, RECOVERY, record_runs, recorded_run
from condensekit.subjects import Player, State
from condensekit.widgets.gate import Gate

SMALL = {"width": 20, "n_samples": 12, "steps": 300}


@pytest.fixture
def lab():
    lab = RecoveryLab(**SMALL)
    yield lab
    lab.stop()


def typed(lab, name, text):
    lab.controls[name].text.value = text


# The recorded run --------------------------------------------------------------------------------


def test_opens_on_the_recorded_run_of_the_published_experiment():
    lab = RecoveryLab()
    assert lab.result.experiment == RECOVERY
    assert lab.result.outcome is ck.Outcome.CONVERGED
    assert lab.result.loss[-1] <= 1e-10
    assert "Allowed by theory" in lab.verdict.value
    assert "Reached by training" in lab.verdict.value
    assert lab.player.state is State.IDLE, "nothing starts by itself"


@pytest.fixture(scope="module")
def recorded_now(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recorded")
    record_runs(folder, RECOVERY, CONDENSATION)
    assert all(file.stat().st_size <= 300_000 for file in folder.iterdir())
    return {run.experiment: run for file in folder.iterdir() for run in ck.Runs.load(file)}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("experiment", "until"),
    # The escape, at 7e4, amplifies rounding, which differs between machines; not so before.
    # So does a step of ReLU that crosses a sample, the more of them, the later.
    [(RECOVERY, 2e4), (CONDENSATION, 200.0), (LAZY, 50.0)],
    ids=["recovery", "condensation", "lazy"],
)
def test_recorded_runs_are_what_training_gives_today(experiment, until, recorded_now):
    then, now = recorded_run(experiment), recorded_now[experiment]
    early = np.flatnonzero(then.time < until)
    assert len(early) > 100
    assert np.array_equal(then.step[early], now.step[early])
    assert then.time[early] == pytest.approx(now.time[early], rel=1e-3)
    assert then.loss[early] == pytest.approx(now.loss[early], rel=1e-3)
    assert then.test_loss[early] == pytest.approx(now.test_loss[early], rel=1e-3)
    for name, leaf in then.params.items():
        scale = float(now.params[name][early].abs().max())
        assert leaf[early].numpy() == pytest.approx(
            now.params[name][early].numpy(), abs=2e-3 * scale
        )
    assert then.time[-1] == pytest.approx(now.time[-1], rel=0.1)


@pytest.mark.slow
def test_the_recorded_recovery_is_one_today(recorded_now):
    for run in (recorded_run(RECOVERY), recorded_now[RECOVERY]):
        verdict = ck.recovery(run)
        assert (verdict.allowed, verdict.reached) == (True, True)


def test_the_recorded_clusters_multiply_today(recorded_now):
    for run in (recorded_run(CONDENSATION), recorded_now[CONDENSATION]):
        counts = ck.measures.cluster_counts(run)
        assert counts[run.index_at(1_000)] == 1
        assert 4 <= counts[-1] <= 7
    assert ck.measures.cluster_counts(recorded_now[LAZY]).min() > 20


# Running -----------------------------------------------------------------------------------------


def test_lab_and_its_twin_in_three_lines_agree_to_the_last_digit(lab, capsys):
    lab.run(live=False)
    twin = ck.train(lab.result.experiment)
    assert np.array_equal(lab.result.loss, twin.loss)
    assert np.array_equal(lab.result.test_loss, twin.test_loss)
    exec(lab.code(), {})  # what the lab prints as its twin is the twin
    assert capsys.readouterr().out.strip() == str(ck.recovery(twin))


def test_live_run_gives_what_the_quiet_one_gives(lab):
    lab.run()
    assert lab.player.join(30)
    live = lab.result
    assert np.array_equal(live.loss, ck.train(live.experiment).loss)
    assert "Trained 300 steps" in lab.status.value


def test_pause_holds_resume_goes_on_and_stop_keeps_what_was_trained(lab):
    typed(lab, "steps", "10000000")
    lab.run()
    lab.pause()
    paused(lab)
    held = lab.result.step[-1]
    time.sleep(0.1)
    assert lab.result.step[-1] == held
    lab.pause()
    until(lambda: lab.result.step[-1] != held, "step after the pause")
    until(lambda: len(lab.result) > 20, "records; nobody answers for the browser, so 2 s later")
    lab.stop()
    assert lab.player.state is State.IDLE
    assert lab.result.outcome is ck.Outcome.CANCELLED
    assert held < lab.result.step[-1] < 10_000_000
    assert len(lab.result) > 20
    assert np.isfinite(lab.result.test_loss).all()
    assert "kept" in lab.status.value
    assert not lab.run_button.disabled
    assert lab.stop_button.disabled


def test_reset_while_training_goes_back_to_the_start(lab):
    typed(lab, "steps", "10000000")
    typed(lab, "width", "30")
    lab.run()
    lab.reset()
    assert lab.player.state is State.IDLE
    assert lab.entered() == lab.default
    assert lab.controls["width"].text.value == "20"
    assert (lab.result.experiment,) == lab.default


def test_turning_a_control_shows_the_untrained_network_and_turning_back_the_trained_one(lab):
    lab.run(live=False)
    trained = lab.result
    typed(lab, "n_samples", "13")
    assert len(lab.result) == 1
    assert lab.last is trained
    assert "Not trained yet" in lab.status.value
    typed(lab, "n_samples", "12")
    assert lab.result is trained


def test_the_last_run_is_drawn_beside_until_compare_is_unticked(lab):
    lab.run(live=False)
    first = lab.result
    typed(lab, "init_std", "0.25")
    lab.run(live=False)
    assert lab.last is first
    assert lab.views["fit"].last.visible
    assert lab.views["neurons"].last.visible
    assert lab.views["loss"].last.visible
    lab.compare.value = False
    assert not (
        lab.views["fit"].last.visible
        or lab.views["neurons"].last.visible
        or lab.views["loss"].last.visible
    )


def test_settings_turned_while_it_trains_count_from_the_next_run(lab):
    typed(lab, "steps", "10000000")
    lab.run()
    typed(lab, "width", "25")
    assert "next Run" in lab.status.value
    lab.stop()
    assert lab.result.experiment.model.m == 20
    lab.run()
    lab.stop()
    assert lab.result.experiment.model.m == 25


def test_slider_scrubs_back_and_forth_and_play_runs_to_the_end(lab):
    lab.run(live=False)
    end = lab.views["fit"].network.y.copy()
    lab.timeline.slider.value = 0
    start = lab.views["fit"].network.y.copy()
    assert np.abs(start).max() < 1e-3 < np.abs(end).max()
    assert lab.timeline.moment.value == "step 0 of 300"
    lab.go_to(100)
    assert lab.timeline.slider.value == lab.result.index_at(100)
    lab.play(live=False)
    assert lab.timeline.slider.value == len(lab.result) - 1
    assert np.array_equal(lab.views["fit"].network.y, end)
    lab.play(live=False)  # from the end it starts anew
    assert lab.timeline.slider.value == len(lab.result) - 1


def test_scales_do_not_move_while_it_plays(lab):
    lab.run(live=False)
    views = (lab.views["fit"], lab.views["loss"])
    seen = set()
    for index in range(len(lab.result)):
        lab.timeline.slider.value = index
        seen.add(tuple((view.x.min, view.x.max, view.y.min, view.y.max) for view in views))
    assert len(seen) == 1


def test_what_takes_a_moment_is_said_when_the_hand_rests(lab):
    """In a notebook; elsewhere nothing can follow, and all is said at once."""

    async def drag():
        for stop in range(30, 40):
            lab.controls["init_std"].slider.value = stop
        moving = lab.verdict.value
        await asyncio.sleep(0.5)
        return moving, lab.verdict.value

    moving, rested = asyncio.run(drag())
    assert "counted when nothing moves" in moving
    assert "counted" not in rested
    lab.redraw()
    assert lab.verdict.value == rested


# Bad input ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({"width": 0}, ["width", "from 1 to", "0"]),
        ({"width": -3}, ["width", "-3"]),
        ({"width": 2.5}, ["width", "whole", "2.5"]),
        ({"n_samples": 0}, ["n_samples", "0"]),
        ({"init_std": 0.0}, ["init_std", "1e-14", "0.0"]),
        ({"init_std": float("nan")}, ["init_std", "nan"]),
        ({"activation": "swish"}, ["activation", "tanh", "swish"]),
        ({"widht": 3}, ["widht", "width"]),
        ({"optimizer": "adam"}, ["optimizer", "adam"]),
        ({"target_width": 6}, ["target_width", "from 1 to 5", "6"]),
    ],
)
def test_bad_settings_raise_an_error_that_names_value_and_range(knobs, words):
    with pytest.raises(ValueError) as error:
        RecoveryLab(**knobs)
    for word in words:
        assert word in str(error.value)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("width", "0", ["width m must be", "1 to 40,000", "0"]),
        ("width", "2.5", ["whole number", "2.5"]),
        ("width", "many", ["width", "many"]),
        ("n_samples", "0", ["samples n", "from 1 to", "0"]),
        ("n_samples", "1001", ["samples n", "1,000", "1001"]),
        ("init_std", "-1", ["variance", "1e-28 to 100", "-1"]),
        ("init_std", "nan", ["variance", "nan"]),
        ("init_std", "0", ["variance", "0"]),
        ("lr", "inf", ["learning rate η", "inf"]),
        ("seed", "-1", ["seed", "-1"]),
    ],
)
def test_bad_entries_are_answered_in_the_status_line_and_change_nothing(lab, name, text, words):
    before = lab.result
    typed(lab, name, text)
    assert "✖" in lab.status.value
    for word in words:
        assert word in lab.status.value
    assert lab.controls[name].text.value == text, "what was typed stays, to be mended"
    assert lab.result is before
    with pytest.raises(ValueError):
        lab.run(live=False)
    assert lab.result is before


@pytest.mark.slow
def test_divergence_is_an_outcome_that_names_the_setting(lab):
    lab.controls["optimizer"].value = "GradientDescent"
    assert lab.controls["lr"].text.value == "0.005"
    typed(lab, "width", "500")
    typed(lab, "n_samples", "50")
    typed(lab, "lr", "0.1")
    lab.run(live=False)
    assert lab.result.outcome is ck.Outcome.DIVERGED
    assert len(lab.result) > 10
    assert "lr = 0.1" in lab.status.value


def test_a_jump_of_the_loss_is_in_the_verdict_and_among_the_events():
    lab = RecoveryLab(optimizer=ck.GradientDescent(0.3, steps=300), width=60, init_std=0.3)
    lab.run(live=False)
    assert ck.measures.overshoot(lab.result).rose
    assert "the learning rate 0.3 is too large for this start" in lab.verdict.value
    assert any("too large for this start" in text for text in lab.story())
    lab.go_to(0)
    assert "too large" not in lab.verdict.value, "nothing has happened yet"


def test_a_flow_that_ends_at_its_budget_says_what_to_do():
    lab = RecoveryLab(width=10, n_samples=9, target_width=1, max_steps=30)
    lab.run(live=False)
    assert "budget of 30 attempted steps" in lab.status.value
    assert "larger max_steps" in lab.status.value
    typed(lab, "max_steps", "2000")
    lab.run(live=False)
    assert "Converged at" in lab.status.value
    assert "up to t = " in lab.status.value
    assert ", loss " in lab.status.value


def test_the_end_at_a_budget_is_said_once():
    """A flow's status line tells it, also of a known run; of other optimizers the last event."""
    flow = RecoveryLab(width=10, n_samples=9, target_width=1, max_steps=30)
    flow.run(live=False)
    assert flow.result.message in flow.status.value.replace("&#x27;", "'")
    assert not any("budget is used up" in text for text in flow.story())
    typed(flow, "max_steps", "40")
    typed(flow, "max_steps", "30")
    assert "trained before" in flow.status.value
    assert "budget of 30 attempted steps" in flow.status.value
    descent = RecoveryLab(width=10, n_samples=9, steps=30)
    descent.run(live=False)
    assert descent.story()[-1].endswith("its step budget is used up after 30 steps.")


def test_a_start_at_which_descent_cannot_follow_is_drawn():
    lab = RecoveryLab(width=100, init_std=1.0, max_steps=20)
    lab.run(live=False)
    left = lab.views["loss"].leaves
    assert left.visible
    assert np.isfinite(left.x).all(), "descent leaves the flow at t = 0, which has no logarithm"


def test_merge_says_where_nothing_was_merged():
    lab = RecoveryLab(width=1, target_width=1, n_samples=5)
    lab.press("merged")
    assert "Nothing merged: no network with fewer neurons was found." in lab.below.value
    assert "exactly the same function" not in lab.below.value


def test_a_run_that_overflowed_can_be_merged():
    lab = RecoveryLab(optimizer=ck.GradientDescent(0.06, steps=300), width=500)
    lab.run(live=False)
    assert lab.result.outcome is ck.Outcome.DIVERGED
    lab.press("merged")
    assert "Joined without a fit: 500 neurons" in lab.below.value


def test_one_sample_is_one():
    assert "1 sample &lt; 9" in RecoveryLab(width=3, n_samples=1, steps=1).verdict.value


def test_one_step_is_one():
    lab = RecoveryLab(width=3, n_samples=3, steps=1)
    assert "Run trains 1 step: about" in lab.status.value
    lab.run(live=False)
    assert "Trained 1 step in" in lab.status.value


def test_no_theorem_is_said_for_other_activations(lab):
    lab.controls["activation"].value = "relu"
    lab.run(live=False)
    assert "no theorem here" in lab.verdict.value


# Controls ----------------------------------------------------------------------------------------


def test_variance_control_shows_the_square_and_keeps_the_exact_standard_deviation():
    knob = RECOVERY.knobs()["init_std"]
    control = variance(knob, "variance", (1e-16, 10.0))
    control.set(500**-1.5)
    assert control.text.value == "8e-09"
    assert control.value == 500**-1.5
    control.text.value = "4e-6"
    assert control.value == pytest.approx(2e-3)
    control.slider.value = 0
    assert control.value == pytest.approx(1e-8)


def test_slider_stops_cover_the_reach_and_move_the_text():
    knob = RECOVERY.knobs()["width"]
    control = NumberControl(knob, "width", (1, 2_000))
    heard = []
    control.on_change(lambda: heard.append(control.value))
    for stop in range(len(control.stops)):
        control.slider.value = stop
    assert heard[0] == 2
    assert heard[-1] == 2_000
    assert heard == sorted(set(heard))
    assert control.text.value == "2,000"
    control.text.value = "777"  # between two stops
    assert control.value == 777


# Player ------------------------------------------------------------------------------------------


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_gate_waits_for_the_echo_of_the_browser_but_not_for_ever():
    clock = Clock()
    gate = Gate(clock)
    sent, echo = gate.widgets
    assert gate.ready()
    gate.drawn()
    clock.now += 1.0
    assert not gate.ready(), "the frame has not been echoed"
    echo.value = sent.value
    assert gate.ready()
    gate.drawn()
    echo.value = sent.value
    assert not gate.ready(), "40 frames a second at most"
    clock.now += 0.026
    assert gate.ready()
    gate.drawn()
    clock.now += 2.1
    assert gate.ready(), "nobody seems to look"


def test_frames_take_a_fifth_of_the_time_of_work():
    clock = Clock()
    gate = Gate(clock)
    sent, echo = gate.widgets
    with gate.frame():
        clock.now += 0.1
    gate.drawn()
    echo.value = sent.value
    clock.now += 0.3
    assert gate.ready() and not gate.ready(working=True)
    clock.now += 0.11
    assert gate.ready(working=True)


def test_stop_is_obeyed_after_one_piece_of_work():
    errors, done = [], []
    entered, go = threading.Event(), threading.Event()

    def work():
        for piece in range(1_000):
            entered.set()
            assert go.wait(10)
            done.append(piece)
            yield

    finished = []
    player = Player(Gate().ready, lambda: None, errors.append)
    player.start(work(), lambda: None, finished.append)
    assert entered.wait(10)
    player._stop.set()  # the flag is set while the first piece is under way
    go.set()
    assert player.join(10)
    assert done == [0]
    assert finished == [True]
    assert not errors


def test_where_no_thread_can_start_it_works_in_the_calling_one(monkeypatch):
    def none_left(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", none_left)
    errors, done, finished = [], [], []
    player = Player(Gate().ready, lambda: None, errors.append)
    player.start(iter([1, 2, 3]), lambda: done.append("drawn"), finished.append)
    assert (finished, errors, player.state) == ([False], [], State.IDLE)
    player.stop()


def test_an_interrupted_cell_keeps_what_was_done():
    player, finished = Player(Gate().ready, lambda: None, print), []

    def work():
        yield
        raise KeyboardInterrupt

    player.start(work(), lambda: None, finished.append, live=False)
    assert finished == [True]
    assert player.state is State.IDLE


def test_two_readers_at_once_never_start_two_works():
    """Callbacks may come from any thread."""
    errors, going, most = [], [], []
    player = Player(Gate().ready, lambda: None, errors.append)

    def work(name):
        going.append(name)
        most.append(len(going))
        try:
            for _ in range(200):
                yield
        finally:
            going.remove(name)

    def reader(name):
        for i in range(20):
            player.start(work((name, i)), lambda: None, lambda stopped: None)
            player.stop()

    readers = [threading.Thread(target=reader, args=(name,)) for name in range(3)]
    for one in readers:
        one.start()
    for one in readers:
        one.join(60)
    player.stop()
    assert not errors
    assert max(most) == 1


def test_an_error_in_the_work_is_reported_and_the_player_is_free_again():
    errors = []
    player = Player(Gate().ready, lambda: None, errors.append)

    def work():
        yield
        raise ArithmeticError("out of numbers")

    player.start(work(), lambda: None, lambda stopped: None)
    assert player.join(10)
    assert [str(error) for error in errors] == ["out of numbers"]
    assert player.state is State.IDLE


# Optimizers --------------------------------------------------------------------------------------


NAMED = ["GradientDescent", "Adam", "SGD", "AdamW"]
TRAINED = [RecoveryLab, CondensationLab, KernelLab]


@crossed(("kind", "name"), TRAINED, NAMED)
def test_an_optimizer_may_be_named(kind, name):
    known = ck.optimizers.OPTIMIZERS[name]
    for given in (name, known, known()):
        lab = kind(width=6, n_samples=8, optimizer=given)
        assert lab.controls["optimizer"].value == lab.optimizer == name
        assert lab.default[0].optimizer == known()
        lab.close()


@crossed(("kind", "name"), TRAINED[:2], [*NAMED, "GradientFlow"])
def test_every_optimizer_can_be_chosen_and_has_its_dials(kind, name):
    lab = kind(width=6, n_samples=8, max_steps=3, optimizer="GradientFlow")
    assert {*lab.controls["optimizer"].options} == {*NAMED, "GradientFlow"}
    lab.optimizer = name
    declared = ck.optimizers.OPTIMIZERS[name].declared_knobs()
    for dial in ("lr", "steps", "momentum", "weight_decay", "batch_size", "rtol", "max_steps"):
        epochs = dial == "lr" and name == "GradientFlow"  # in which a flow is told
        assert (lab.controls[dial].layout.display == "") is (dial in declared or epochs), dial
    short = {"max_steps": 3} if name == "GradientFlow" else {"steps": 3}
    lab.put(**short)
    lab.run(live=False)
    assert lab.result.experiment.optimizer == ck.optimizers.OPTIMIZERS[name]().replace(**short)
    assert len(lab.result) > 1
    assert type(lab).from_state(lab.state()).result.experiment == lab.result.experiment


@pytest.mark.parametrize("kind", [RecoveryLab, CondensationLab, KernelLab])
@pytest.mark.parametrize("given", [0, None, "adam", 3])
def test_what_is_no_optimizer_is_refused_in_a_sentence(kind, given):
    with pytest.raises(ValueError, match=r"optimizer must be one of .*, or an Optimizer, but is "):
        kind(optimizer=given)


def test_a_flow_of_too_many_parameters_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match=r"too many for a dense Hessian .*; use Adam or Grad"):
        KernelLab(optimizer=ck.GradientFlow())


@dataclasses.dataclass(frozen=True)
class Half(ck.GradientDescent):
    """An optimizer of one's own: it halves what it is told."""

    def plan(self, seconds):
        return f"half of {super().plan(seconds)}"


@pytest.mark.parametrize("kind", [RecoveryLab, CondensationLab])
def test_an_optimizer_of_ones_own_is_chosen_left_and_chosen_again(kind):
    lab = kind(width=6, n_samples=8, optimizer=Half(0.01, steps=3))
    assert lab.optimizer == "Half"
    assert "half of" in lab.status.value
    lab.optimizer = "Adam"
    assert lab.entered()[0].optimizer == ck.Adam(steps=3)
    lab.optimizer = "Half"
    lab.put(lr=0.02)
    assert lab.entered()[0].optimizer == Half(0.02, steps=3)
    lab.run(live=False)
    assert lab.result.step[-1] == 3
    assert type(lab).from_state(lab.state()).result.experiment == lab.result.experiment


# What it opens on, and controls by name -----------------------------------------------------------


@pytest.mark.parametrize("kind", [RecoveryLab, CondensationLab])
def test_it_opens_on_a_run_as_it_was_trained_and_on_an_experiment(kind, tmp_path):
    problem = ck.problems.formula("sin(3*x)")
    base = ck.Experiment(ck.TwoLayer(1, 5, "relu"), problem, ck.SGD(0.05, steps=20), 9, 0.2)
    ck.train(base).save(tmp_path / "mine.npz")
    run = ck.Run.load(tmp_path / "mine.npz")
    lab = kind(run)
    assert lab.result is run
    assert lab.default[0] == lab.entered()[0] == base
    assert lab.timeline.slider.value == len(run) - 1
    assert np.isfinite(lab.views["fit"].network.y).all()
    again = kind(base, width=7)
    assert again.default[0] == base.replace(width=7)
    assert len(again.result) == 1


def test_what_a_lab_cannot_show_is_refused_by_naming_those_that_can():
    matrix = ck.matrix_completion(np.eye(4))
    wide = ck.Experiment(ck.MatrixFactorization(4, 4, 4), matrix, n_samples=9)
    for kind in (RecoveryLab, CondensationLab):
        with pytest.raises(ValueError, match=r"shows two-layer networks .*; FactorizationLab can"):
            kind(wide)
        with pytest.raises(ValueError, match="opens on an Experiment or a Run, not on 3"):
            kind(3)


def test_every_control_is_an_attribute(lab):
    lab.width = 50
    assert (lab.width, lab.controls["width"].text.value) == (50, "50")
    assert lab.entered()[0].model.m == 50
    assert lab.result.experiment.model.m == 50
    lab.put(optimizer="Adam", lr=0.5, activation="relu")
    assert lab.entered()[0].optimizer == ck.Adam(0.5, steps=300)
    assert lab.entered()[0].model.activation == "relu"
    for name, value, words in (
        ("width", 0, "width must be"),
        ("optimizer", "Sofia", "must be one of"),
        ("seed", "much", "seed must be"),
    ):
        with pytest.raises(ValueError, match=words):
            setattr(lab, name, value)
    with pytest.raises(AttributeError, match="no control 'widht'; there are init_std, width"):
        lab.widht = 3
    with pytest.raises(ValueError, match="no control 'widht'"):
        lab.put(widht=3)
    assert lab.width == 50
    offered = dir(lab)
    assert {"width", "optimizer", "run", "result", "stop", "state"} <= {*offered}
    assert len(offered) < 60


# What is beside and under the controls ------------------------------------------------------------


@pytest.mark.parametrize("kind", [RecoveryLab, CondensationLab])
def test_the_line_under_the_variance_says_nothing_of_values_that_were_there_before(kind):
    lab = kind(width=10, n_samples=8)
    ((_, line),) = lab.form._lines
    typed(lab, "init_std", "1e-4")
    assert line.value == "std σ = 0.01 = m⁻²·⁰⁰"
    for entry in ("1e400", "many", "-1", "0"):
        typed(lab, "init_std", entry)
        assert line.value == "&nbsp;"
    typed(lab, "init_std", "1e-4")
    typed(lab, "width", "0")
    assert line.value == "std σ = 0.01"
    typed(lab, "width", "much")
    assert line.value == "&nbsp;"


def test_reset_draws_no_last_run(lab):
    lab.run(live=False)
    typed(lab, "init_std", "0.25")
    lab.run(live=False)
    assert lab.views["fit"].last.visible
    lab.reset()
    assert lab.last is None
    for name in ("fit", "neurons", "loss"):
        assert not lab.views[name].last.visible
    assert "last run" not in lab.views["similarity"].caption.value


def test_a_merged_network_stays_while_compare_is_unticked_and_goes_with_the_moment():
    lab = CondensationLab(width=6, n_samples=8, steps=20)
    lab.run(live=False)
    lab.press("merged")
    lab.compare.value = False
    assert lab.views["fit"].merged.visible
    assert "Merged" in lab.below.value or "merged" in lab.below.value
    lab.go_to(3)
    assert not lab.views["fit"].merged.visible
    assert lab.below.value == ""


def test_one_network_restored_alone_has_an_orange_one_to_be_compared_with():
    lab = CondensationLab(width=6, n_samples=8, steps=20, second_std=0.01)
    lab.compare.value = False
    lab.run(live=False)
    again = CondensationLab.from_state(lab.state())
    assert len(again.runs()) == 1
    assert again.controls["second_std"].layout.display == ""
    again.compare.value = True
    assert again.runs()[1].experiment.init_std == lab.second_std == 0.01


def test_a_dial_that_the_problem_has_not_is_hidden_and_comes_back():
    lab = RecoveryLab(problem=ck.problems.formula("sin(3*x)"), n_samples=9)
    assert lab.controls["target_width"].layout.display == "none"
    lab.restore(RecoveryLab(target_width=2, width=5).state())
    assert lab.controls["target_width"].layout.display == ""
    assert lab.target_width == lab.entered()[0].problem.target_width == 2


def test_a_run_that_no_lines_make_is_shown_with_its_story_and_token():
    """It did not start where its experiment does."""
    base = ck.Experiment(ck.TwoLayer(1, 5), ck.three_tanh(), ck.Adam(steps=20), n_samples=9)
    run = ck.train(base, init=base.replace(seed=1).init())
    lab = RecoveryLab(run)
    lab.folds.selected_index = 0
    assert "#" in lab.folds.lines.value
    assert lab.folds.token.value == lab.state()
    assert lab.folds.story.children


def test_a_replay_that_is_held_is_told_in_full(lab):
    """A scrub leaves what takes a moment for later, and later comes while the replay is held."""
    lab.run(live=False)
    lab.go_to(0)
    lab.play()
    lab.pause()
    paused(lab)

    async def scrub():
        lab.timeline.slider.value = len(lab.result) - 2
        moving = lab.verdict.value
        await asyncio.sleep(0.5)
        return moving

    assert "counted when nothing moves" in asyncio.run(scrub())
    assert "counted" not in lab.verdict.value
    lab.stop()


def test_a_dial_that_is_hidden_holds_its_own_default():
    """Not that of the variance, where a standard deviation is shown as one."""
    knob = RECOVERY.knobs()["init_std"]
    lab = RecoveryLab(**SMALL)
    lab.form.enter(lab.entered(), {})
    assert lab.controls["init_std"].value == knob.default


def test_the_stop_button_says_so_at_once_and_does_not_wait(lab):
    """Of a wide network the last pictures take seconds, in which the rest of the lab answers."""
    typed(lab, "steps", "10000000")
    lab.run()
    until(lambda: len(lab.result) > 3, "recorded steps")
    drawing, go, told = threading.Event(), threading.Event(), []
    draw = lab.views["fit"].show
    lab.views["fit"].show = lambda *frames: (drawing.set(), go.wait(60), draw(*frames))
    assert drawing.wait(30)
    lab.stop_button.click()
    assert "Stopping" in lab.status.value
    lab.status.observe(lambda change: told.append(change["new"]), "value")
    go.set()
    assert lab.player.join(30)
    assert not [words for words in told if "Training" in words]
    assert "what was trained is kept" in lab.status.value
