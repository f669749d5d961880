"""CondensationLab without a browser, and what all labs gained with it: tokens, code, events."""

import dataclasses
import html
import re

import numpy as np
import pytest
import torch
from often import sparsely
from waiting import until

import condensekit as ck
from condensekit import pictures as ck_pictures
from condensekit.labs import CondensationLab, RecoveryLab
from condensekit.measures import cluster_counts
from condensekit.records import CONDENSATION, LAZY
from condensekit.subjects import State, Trained
from condensekit.tokens import read_token, write_token

SMALL = {"width": 20, "n_samples": 10, "steps": 400}


@pytest.fixture
def lab():
    lab = CondensationLab(**SMALL)
    yield lab
    lab.stop()


def maps(lab):
    return [lab.views["blue"], lab.views["orange"]]


def typed(lab, name, text):
    lab.controls[name].text.value = text


# What is on screen -----------------------------------------------------------------------------


def test_opens_on_the_recorded_run_of_the_talk():
    lab = CondensationLab()
    assert [lab.result.experiment, lab.runs()[1:][0].experiment] == [CONDENSATION, LAZY]
    assert lab.player.state is State.IDLE, "nothing starts by itself"
    x = CONDENSATION.data().x
    found = len(ck.measures.clusters(CONDENSATION.model, lab.result.final, x=x))
    assert f"of 100 (36 dead) in {found} clusters" in lab.verdict.value
    assert lab.views["history"].count.y[-1] == found
    assert lab.views["history"].other.visible


def test_both_networks_are_one_draw_trained_as_one_batch(lab):
    lab.run(live=False)
    base = lab.entered()[0]
    twins = ck.train([base, base.replace(init_std=lab.controls["second_std"].value)])
    for mine, twin in zip([lab.result, *lab.runs()[1:]], twins, strict=True):
        assert mine.experiment == twin.experiment
        assert np.array_equal(mine.loss, twin.loss)
    start = lab.result.at(0)["a"] / lab.runs()[1:][0].at(0)["a"]
    assert start.numpy() == pytest.approx(base.init_std / lab.controls["second_std"].value)


def test_without_comparison_one_network_is_trained(lab):
    lab.compare.value = False
    assert lab.runs()[1:] == []
    assert not lab.views["fit"].last.visible
    assert not lab.views["history"].other.visible
    assert lab.views["orange"].layout.visibility == "hidden"
    lab.run(live=False)
    assert lab.runs()[1:] == []
    lab.compare.value = True
    assert len(lab.runs()[1:]) == 1
    assert lab.views["orange"].layout.visibility == "visible"


def test_live_run_gives_what_the_quiet_one_gives(lab):
    lab.run()
    assert lab.player.join(30)
    assert np.array_equal(lab.result.loss, ck.train(lab.described(lab.entered()))[0].loss)
    assert "Trained 400 steps" in lab.status.value


def test_all_pictures_are_on_one_clock(lab):
    lab.run(live=False)
    lab.go_to(30)
    run, other = lab.result, lab.runs()[1:][0]
    index = run.index_at(30)
    assert lab.timeline.slider.value == index
    assert lab.timeline.moment.value == "step 30 of 400"
    assert 10.0 ** lab.views["history"].cursor.x[0] == pytest.approx(run.step[index])
    assert 10.0 ** lab.views["loss"].cursor.x[0] == pytest.approx(run.step[index])
    x = lab.views["fit"].network.x
    for curve, shown in ((lab.views["fit"].network.y, run), (lab.views["fit"].last.y, other)):
        net = shown.experiment.model, shown.at(index)
        expected = ck.evaluate(*net, torch.from_numpy(x)[:, None]).numpy()
        assert np.array_equal(curve, expected)
    for view, shown in zip(maps(lab), (run, other), strict=True):
        model = shown.experiment.model
        unit = ck.measures.orientations(model, shown.at(index))
        radius = np.hypot(view.neurons.x, view.neurons.y)
        assert view.neurons.x == pytest.approx(radius * unit[:, 0], abs=2e-3)
        assert view.neurons.y == pytest.approx(radius * unit[:, 1], abs=2e-3)
    assert np.array_equal(lab.views["history"].count.y, np.minimum(cluster_counts(run), 50))


def test_the_map_is_polar_or_has_axes(lab):
    lab.form.looks["map"].value = "axes"
    view = lab.views["blue"]
    assert view.left.visible
    assert not view.guides.visible
    unit = ck.measures.orientations(lab.result.experiment.model, lab.result.at(0))
    angle = np.degrees(np.arctan2(unit[:, 1], unit[:, 0]))
    assert view.neurons.x == pytest.approx(angle, abs=1e-3)
    lab.form.looks["map"].value = "polar"
    assert not view.left.visible
    assert np.hypot(view.neurons.x, view.neurons.y).max() <= 1.0


def test_scales_do_not_move_while_it_plays(lab):
    lab.run(live=False)
    seen = set()
    for index in range(0, len(lab.result), 7):
        lab.timeline.slider.value = index
        views = (lab.views["fit"], lab.views["loss"], lab.views["history"])
        seen.add(tuple((view.x.min, view.x.max, view.y.min, view.y.max) for view in views))
    assert len(seen) == 1


def test_the_flow_is_followed_in_time():
    lab = CondensationLab(
        optimizer=ck.GradientFlow(t_end=30.0),
        activation="tanh",
        init_std=0.01,
        width=10,
        n_samples=8,
    )
    lab.run(live=False)
    assert lab.timeline.moment.value.startswith("t = ")
    assert lab.views["history"].below.label == "flow time t"
    lab.timeline.slider.value = len(lab.result) // 2
    here, other = lab.result.time[lab.timeline.slider.value], lab.runs()[1:][0]
    then = other.index_at_time(here)
    assert 10.0 ** lab.views["history"].cursor.x[0] == pytest.approx(here)
    assert other.time[then] <= here


# Events ----------------------------------------------------------------------------------------


def test_events_are_marked_and_can_be_visited_in_order():
    lab = CondensationLab()
    stops = sorted({mark.index for mark in lab.timeline.marks})
    kinds = {mark.kind for mark in lab.timeline.marks}
    assert kinds == {"gather", "plateau", "escape", "split", "join", "end"}
    lab.timeline.slider.value = 0
    visited = []
    for _ in stops:
        lab.timeline.next_button.click()
        visited.append(lab.timeline.slider.value)
    assert visited == stops
    assert "step budget is used up" in lab.timeline.event.value
    lab.jump(1)
    assert lab.timeline.slider.value == stops[-1], "there is none behind the last"
    for stop in reversed(stops[:-1]):
        lab.timeline.back_button.click()
        assert lab.timeline.slider.value == stop
    assert len(lab.timeline.strip.children) == len(lab.timeline.marks)


def test_a_run_that_is_not_trained_has_no_events(lab):
    assert lab.timeline.marks == ()
    assert lab.timeline.next_button.disabled
    lab.jump(1)
    assert lab.timeline.slider.value == 0


# Merging ---------------------------------------------------------------------------------------


def merged(lab, step):
    lab.go_to(step)
    lab.press("merged")
    return lab.below.value


def test_merging_changes_the_picture_but_not_the_function():
    lab = CondensationLab()
    lab.press("merged")
    assert lab.views["fit"].merged.visible
    assert np.abs(lab.views["fit"].merged.y - lab.views["fit"].network.y).max() < 0.01
    assert "100 neurons" in lab.below.value
    assert "merged: off by" in lab.views["fit"].caption.value
    assert "┅</b> merged" in lab.views["fit"].caption.value, "the green curve is in the legend"
    lab.timeline.slider.value -= 1
    assert not lab.views["fit"].merged.visible, "it was said of another moment"
    assert lab.below.value == ""
    assert "┅</b> merged" not in lab.views["fit"].caption.value


def test_merging_a_random_network_is_no_condensation():
    lab = CondensationLab()
    said = merged(lab, 0)
    assert "only similar (off by 0.79 %), not seen to be condensed" in said
    assert "act as 6" not in said
    said = merged(lab, 100_000)
    assert "only similar (off" not in said.split("<br>")[0]
    assert "act as 6" in said
    off = CondensationLab(init_std=0.3, second_std=1e-4)  # the lazy one first
    assert "not seen to be condensed" in merged(off, 100_000).split("<br>")[0]


@pytest.mark.parametrize("kind", [CondensationLab, RecoveryLab])
def test_merging_equal_neurons_is_exactly_the_same_function(kind):
    lab = kind(width=4, n_samples=6, activation="tanh", optimizer=ck.Adam(steps=3))
    lab.run(live=False)
    put(lab, a=[1.0, 2.0, -0.5, 1.0], w=[[1.0]] * 3 + [[-1.0]], b=[0.5, 0.5, 0.5, -0.5])
    lab.press("merged")
    first = lab.below.value.split("<br>")[0]
    assert "exactly the same function" in first
    assert "merged: the same to" in lab.views["fit"].caption.value
    assert np.abs(lab.views["fit"].merged.y - lab.views["fit"].network.y).max() < 1e-14


def headline(lab):
    lab.press("merged")
    return html.unescape(lab.below.value)


def put(lab, **leaves):
    """Other parameters at the last recorded step, which is then on screen."""
    run, *others = lab.runs()
    params = {name: leaf.clone() for name, leaf in run.params.items()}
    for name, leaf in leaves.items():
        params[name][-1] = torch.tensor(leaf).double()
    lab.put_on(Trained((dataclasses.replace(run, params=params), *others)))


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_merging_says_what_it_did_where_there_was_nothing_to_do(activation):
    lab = CondensationLab(width=2, n_samples=6, steps=100, activation=activation)
    lab.run(live=False)
    put(lab, a=[1.0, -1.0], w=[[3.0], [-2.0]], b=[0.5, 1.5])
    assert "Nothing merged: no network with fewer neurons was found." in headline(lab)
    assert "exactly the same function" not in lab.below.value.split("<br>")[0]
    put(lab, a=[0.0, 0.0], w=[[3.0], [-2.0]], b=[0.5, 1.5])
    assert "Merged: the output is zero wherever it was compared" in headline(lab)


def test_merging_says_how_many_neurons_a_fit_makes_up_for_and_one_number_for_how_far_it_is_off():
    lab = CondensationLab()
    for step in (0, 100, 100_000):
        lab.go_to(step)
        said = headline(lab)
        run = lab.result
        merged = ck.merge(run.experiment.model, run.at(lab._index), run.experiment.data())
        assert merged.joined + merged.refitted == 100 - merged.model.m
        left = f"makes up for {merged.refitted} of the {100 - merged.model.m} that are left out"
        assert left in said
        off = re.search(r"\(off by ([^ ]+) %\)", said)[1]
        assert f"merged: off by {off} %" in lab.views["fit"].caption.value


def test_no_network_is_called_by_what_it_may_not_be():
    """A large start is no "condensed" network because it is drawn in blue."""
    lab = CondensationLab(init_std=0.3, second_std=1e-4)
    for text in (
        lab.verdict.value,
        lab.views["blue"].caption.value,
        lab.views["blue"].caption.title,
    ):
        assert "ondensed" not in text
        assert "azy" not in text
    assert "Blue:" in lab.verdict.value
    assert "scattered" in lab.verdict.value.split("Orange:")[1] or "scattered" in lab.verdict.value


def test_where_no_neuron_is_active_no_clusters_are_weighed():
    lab = CondensationLab(width=1, steps=100)
    lab.run(live=False)
    told = "No active neuron of 1 (1 dead). Training loss"
    assert told in lab.verdict.value
    assert "ffectively" not in lab.verdict.value.split("Orange:")[0]
    assert "1 neuron (3 parameters) acts as 0, but is not condensed" in headline(lab)


# Too large a learning rate ---------------------------------------------------------------------


def warning(lab):
    return (
        "" if lab.form.offers[0][1].layout.display == "none" else lab.form.offers[0][1].text.value
    )


@pytest.mark.parametrize(("width", "std"), sparsely([(200, 0.3), (400, 0.3), (100, 0.5**0.5)], 3))
def test_a_rate_too_large_for_the_lazy_start_is_said_before_run_and_a_fair_one_is_offered(
    width, std
):
    lab = CondensationLab(width=width, second_std=std, steps=3_000)
    assert "η = 0.1 is too large for this start" in warning(lab)
    assert "for orange" in warning(lab)
    assert "blue" not in warning(lab), "the small start bears it"
    lab.run(live=False)
    assert "Orange" in lab.verdict.value
    assert "the learning rate 0.1 is too large for this start" in lab.verdict.value
    before = lab.runs()[1:][0]
    rate, steps = lab.form.offers[0][1].values.values()
    assert rate * steps >= 0.1 * 3_000
    lab.form.offers[0][1].button.click()
    assert not warning(lab)
    assert (lab.entered()[0].optimizer.lr, lab.entered()[0].optimizer.steps) == (rate, steps)
    typed(lab, "steps", "3000")
    lab.run(live=False)
    after = lab.runs()[1:][0]
    assert "too large" not in lab.verdict.value
    x = after.experiment.data().x
    died = [ck.measures.dead(run.experiment.model, run.final, x).sum() for run in (before, after)]
    started = ck.measures.dead(after.experiment.model, after.at(0), x).sum()
    assert died[1] <= started + 0.1 * (width - started) < died[0]
    assert after.loss[-1] < 1e-3


@pytest.mark.parametrize(("activation", "can"), [("relu", True), ("tanh", False)])
def test_only_neurons_that_can_die_are_said_to_be_in_danger(activation, can):
    lab = CondensationLab(width=400, activation=activation)
    assert "too large for this start" in warning(lab)
    assert ("neurons can die" in warning(lab)) is can


def test_neurons_that_died_without_a_jump_are_told_of_when_they_had_died():
    adam = ck.Adam(steps=300)
    lab = CondensationLab(width=50, optimizer=adam)
    lab.run(live=False)
    (death,) = [mark for mark in lab.timeline.marks if mark.kind == "overshoot"]
    died, living = map(int, re.match(r"(\d+) of (\d+) living neurons died", death.text).groups())
    run, x = lab.result, lab.result.experiment.data().x
    dead = [ck.measures.dead(run.experiment.model, run.at(i), x) for i in range(death.index + 1)]
    assert (~dead[0]).sum() == living
    assert (dead[death.index] & ~dead[0]).sum() >= died
    assert all((now & ~dead[0]).sum() < died for now in dead[:-1])
    assert death.index > 0


def test_the_offer_is_half_of_what_the_hessian_bears():
    lab = CondensationLab(width=50, second_std=1.0, n_samples=12)
    experiment = lab.described(lab.entered())[1]
    model, data = experiment.model, experiment.data()
    leaves = experiment.init()
    sizes = [leaf.numel() for leaf in leaves.values()]

    def loss(theta):
        parts = [
            p.reshape(s) for p, s in zip(theta.split(sizes), model.shapes().values(), strict=True)
        ]
        params = dict(zip(leaves, parts, strict=True))
        outputs = torch.relu(data.x @ params["w"].T + params["b"]) @ params["a"]
        return ((outputs - data.y) ** 2).mean()

    theta = torch.cat([leaf.flatten() for leaf in leaves.values()])
    largest = torch.linalg.eigvalsh(torch.autograd.functional.hessian(loss, theta))[-1]
    assert lab.form.offers[0][1].values["lr"] == pytest.approx(1.0 / float(largest), rel=0.1)
    assert lab.form.offers[0][1].values["lr"] <= 1.0 / float(largest)


def test_a_jump_is_an_event_and_flow_and_adam_are_offered_nothing():
    lab = CondensationLab(width=200, steps=300, init_std=0.3)
    lab.run(live=False)
    jump = next(mark for mark in lab.timeline.marks if mark.kind == "overshoot")
    assert lab.result.loss[jump.index] == lab.result.loss.max()
    assert any("too large for this start" in text for text in lab.story())
    for kind in ("Adam", "GradientFlow"):
        lab.controls["optimizer"].value = kind
        assert not warning(lab)
    other = RecoveryLab(width=500, n_samples=50, init_std=0.5, optimizer=ck.GradientDescent())
    assert "η = 0.005 is too large" in warning(other)
    other.form.offers[0][1].button.click()
    assert not warning(other)


# Lines and signs -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("activation", "lines"),
    [("tanh", True), ("xtanh", True), ("x2tanh", True), ("relu", False), ("softplus", False)],
)
def test_lines_are_counted_where_opposite_neurons_are_the_same(activation, lines):
    lab = CondensationLab(activation=activation, width=4, n_samples=5, steps=100)
    lab.run(live=False)
    before = lab._moment(lab._index).along["clusters"]
    put(lab, a=[1.0, 1, 1, 1], w=[[1.0], [1], [-1], [-1]], b=[0.5, 0.5, -0.5, -0.5])
    counts = lab._moment(lab._index).along["clusters"]
    assert (counts[:-1] == before[:-1]).all()
    assert counts[-1] == (1 if lines else 2)
    noun = "lines" if lines else "clusters"
    assert lab.views["history"].left.label.startswith(noun)
    assert lab.views["history"].caption.title == noun.capitalize()
    assert ("on 1 line" if lines else "in 2 clusters") in lab.verdict.value
    frame = ck_pictures.aligned(lab.result, -1)
    assert frame.signed is not lines
    assert frame.similarity.min() == pytest.approx(1.0 if lines else -1.0)
    assert lab.views["cosines"].caption.title == ("|cosine|" if lines else "cosine")
    assert ("−1" in lab.views["cosines"].caption.value) is not lines
    assert "random 0.64" in lab.views["cosines"].caption.value


def test_dead_neurons_are_not_counted_as_active():
    lab = CondensationLab()
    for run, name in zip([lab.result, *lab.runs()[1:]], ("blue", "orange"), strict=True):
        x = run.experiment.data().x
        gone = int(ck.measures.dead(run.experiment.model, run.final, x).sum())
        assert f"of 100 ({gone} dead)" in lab.verdict.value, name
        assert (ck_pictures.labelled(run, -1) >= 0).sum() <= 100 - gone
        shown = len(ck_pictures.aligned(run, -1).similarity)
        assert shown == (ck_pictures.labelled(run, -1) >= 0).sum()
        mean = ck.measures.alignment(run.experiment.model, run.final, x=x)
        assert f"{mean:.2f}" == ck_pictures.aligned(run, -1).caption, "one definition"


# Targets ---------------------------------------------------------------------------------------


def test_targets_from_the_list_typed_drawn_and_read(lab, tmp_path):
    lab.controls["problem"].kind.value = "two sines"
    assert lab.result.experiment.problem == ck.problems.initial_condensation(1)
    lab.controls["problem"].kind.value = "formula"
    lab.controls["problem"].text.value = "x^2"
    assert lab.result.experiment.problem == ck.problems.formula("x^2")
    lab.controls["problem"].kind.value = "drawn"
    assert lab.views["fit"].figure.interaction is not None
    y = np.sin(lab.views["fit"].pen.x)
    lab.views["fit"].pen.y = y  # what the browser sends when the mouse is let go
    assert lab.result.experiment.problem == ck.problems.drawn(lab.views["fit"].pen.x, y)
    lab.controls["problem"].draw_button.value = False
    assert lab.views["fit"].figure.interaction is None
    lab.controls["problem"].kind.value = "CSV file"
    assert "Type the path" in lab.status.value
    file = tmp_path / "mine.csv"
    file.write_text("x,y\n" + "\n".join(f"{i / 20},{i % 3}" for i in range(20)))
    lab.controls["problem"].text.value = str(file)
    assert lab.result.experiment.problem == ck.problems.read_csv(file)
    lab.run(live=False)
    assert lab.result.outcome is ck.Outcome.BUDGET


@pytest.mark.parametrize("rows", [20, 21, 22])
def test_a_file_of_as_many_rows_as_samples_or_a_few_more_is_shown(rows, tmp_path):
    x = np.linspace(0.0, 1.0, rows)
    np.savetxt(tmp_path / "own.csv", np.column_stack([x, np.sin(6 * x)]), delimiter=",")
    lab = CondensationLab(width=4, n_samples=20, steps=20)
    lab.controls["problem"].kind.value = "CSV file"
    lab.controls["problem"].text.value = str(tmp_path / "own.csv")
    assert "✖" not in lab.status.value
    fit = lab.views["fit"]
    assert fit.below.scale.min < fit.samples.x.min()
    assert fit.samples.x.max() < fit.below.scale.max
    lab.run(live=False)
    assert lab.result.outcome is ck.Outcome.BUDGET


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("formula", "import os", ["import os", "not a formula"]),
        ("formula", "1/x", ["'x' is 0"]),
        ("CSV file", "/no/such/file.csv", ["/no/such/file.csv"]),
    ],
)
def test_targets_that_are_none_are_answered(lab, kind, text, words):
    lab.controls["problem"].kind.value = kind
    before = lab.result
    lab.controls["problem"].text.value = text
    assert "✖" in lab.status.value
    for word in words:
        assert word in lab.status.value.replace("&#x27;", "'")
    assert lab.result is before
    with pytest.raises(ValueError):
        lab.run(live=False)


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({"width": 0}, ["width", "0"]),
        ({"second_std": -1.0}, ["init_std", "-1.0"]),
        ({"optimizer": "sgd"}, ["optimizer", "sgd"]),
        ({"problem": ck.problems.initial_condensation(5)}, ["1 coordinate,", "5"]),
        ({"n_samples": 0}, ["n_samples", "0"]),
        ({"init_sdt": 1.0}, ["init_sdt"]),
    ],
)
def test_bad_settings_raise_an_error_that_names_value_and_range(knobs, words):
    with pytest.raises(ValueError) as error:
        CondensationLab(**knobs)
    for word in words:
        assert word in str(error.value)


# Tokens ----------------------------------------------------------------------------------------


SMALL_LABS = {
    "condensation": (CondensationLab, SMALL | {"problem": ck.problems.formula("sin(3*x)")}),
    "recovery": (RecoveryLab, {"width": 12, "n_samples": 9, "steps": 300, "seed": 3}),
    "flow": (RecoveryLab, {"width": 8, "target_width": 1, "t_end": 20.0, "noise_std": 0.1}),
}


@pytest.mark.parametrize(("kind", "knobs"), SMALL_LABS.values(), ids=SMALL_LABS)
def test_a_token_restores_the_same_step_of_the_same_run(kind, knobs):
    lab = kind(**knobs)
    lab.run(live=False)
    lab.timeline.slider.value = len(lab.result) // 2
    again = type(lab).from_state(lab.state())
    for mine, other in zip(
        [lab.result, *lab.runs()[1:]], [again.result, *again.runs()[1:]], strict=True
    ):
        assert mine.experiment == other.experiment
        assert np.array_equal(mine.loss, other.loss)
        for name, leaf in mine.params.items():
            assert np.array_equal(leaf.numpy(), other.params[name].numpy())
    assert again.timeline.slider.value == lab.timeline.slider.value
    assert again.timeline.moment.value == lab.timeline.moment.value
    assert again.verdict.value == lab.verdict.value
    assert again.entered()[0] == lab.result.experiment
    assert again.state() == lab.state()
    assert np.array_equal(again.views["fit"].network.y, lab.views["fit"].network.y)


@pytest.mark.slow
def test_a_token_of_a_stopped_run_restores_as_far_as_it_was(lab):
    typed(lab, "steps", "10000000")
    lab.run()
    until(lambda: lab.result.step[-1] >= 200, "step 200")
    lab.stop()
    lab.go_to(150)
    again = CondensationLab.from_state(lab.state())
    index = lab.result.index_at(150)
    assert again.result.step[again.timeline.slider.value] == lab.result.step[index]
    assert np.array_equal(again.result.loss[: index + 1], lab.result.loss[: index + 1])
    assert again.result.step[-1] <= lab.result.step[-1]


def test_a_token_keeps_the_view_and_needs_no_training_for_what_is_recorded():
    lab = CondensationLab()
    lab.form.looks["map"].value = "axes"
    lab.go_to(5_000)
    again = CondensationLab()
    again.folds.token.value = "\n".join(
        re.findall(".{1,40}", lab.state())
    )  # as a mail would send it
    again.folds.restore_button.click()
    assert again.player.join(30)
    assert again.looks["map"] == "axes"
    assert again.timeline.moment.value == lab.timeline.moment.value
    assert "Restored" in again.status.value
    lab.compare.value = False
    assert CondensationLab.from_state(lab.state()).compare.value is False


def test_a_token_of_what_is_not_trained_shows_the_start(lab):
    again = CondensationLab.from_state(lab.state())
    assert len(again.result) == 1
    assert again.entered() == lab.entered()


def damaged():
    token = RecoveryLab(width=5, n_samples=5).state()
    yield token[:-3]
    yield token[:12]
    yield token[:9] + ("A" if token[9] != "A" else "B") + token[10:]
    yield token.replace("ck2-", "ck9-")
    yield "hello"
    yield ""
    yield "ck2-"
    yield "ck1-00000000-!!!"
    yield "ck2-!!!"
    yield write_token({"lab": "RecoveryLab"})
    yield write_token({"lab": "RecoveryLab", "experiments": [], "step": 0, "until": 0, "view": {}})
    yield write_token({"lab": "CondensationLab"})
    yield write_token(
        {
            "lab": "RecoveryLab",
            "experiments": [{"is": "os.system", "command": "true"}],
            "step": 0,
            "until": 0,
            "view": {},
        }
    )


@pytest.fixture(scope="module")
def untouched():
    return RecoveryLab(width=6, n_samples=5)


@pytest.mark.parametrize("token", [*damaged()])
def test_damaged_and_foreign_tokens_are_refused_and_change_nothing(token, untouched):
    before, said = untouched.result, untouched.status.value
    with pytest.raises(ValueError, match=r"[Tt]oken|settings"):
        untouched.restore(token)
    assert untouched.result is before
    assert untouched.status.value == said


def test_no_lab_comes_of_a_damaged_token():
    with pytest.raises(ValueError, match="not a token"):
        CondensationLab.from_state("hello")


def test_tokens_are_short_and_hold_plain_data():
    token = CondensationLab().state()
    assert len(token) < 60
    assert re.fullmatch(r"ck2-[\w-]+", token)
    state = read_token(token)
    assert state["step"] == state["until"] == 100_000
    assert write_token(state) == token
    with pytest.raises(ValueError, match="text"):
        read_token(b"ck2")


# The same as code ------------------------------------------------------------------------------


def printed(code, capsys):
    exec(code, {})
    return capsys.readouterr().out.strip()


CODE_LABS = {
    "relu": {},
    "adam": {"optimizer": ck.Adam(1e-2, steps=60), "activation": "tanh", "init_std": 0.3},
    "formula": {"problem": ck.problems.formula("cos(2*x)", -1.5, 1.0), "activation": "softplus"},
    "noise": {"problem": ck.problems.relu_1d(noise_std=0.1), "activation": "sigmoid"},
    "drawn": {"problem": ck.problems.drawn([-1, 0, 2], [0, 1, -1]), "activation": "xtanh"},
    "own data": {
        "problem": ck.problems.own_data(np.linspace(-1, 1, 12), np.arange(12) % 2),
        "bias": True,
    },
    "three tanh": {"problem": ck.three_tanh(2), "activation": "x2tanh", "lr": 1e-4},
}


@pytest.mark.parametrize("knobs", sparsely(CODE_LABS, 3))
def test_the_lines_reproduce_what_is_on_screen(knobs, capsys):
    settings = {"width": 6, "n_samples": 7, "init_std": 0.3}
    settings |= {} if "optimizer" in knobs else {"steps": 60, "lr": 0.02}
    lab = CondensationLab(**(settings | knobs))
    lab.run(live=False)
    lab.timeline.slider.value = len(lab.result) - 4
    loss = lab.result.loss[lab.timeline.slider.value]
    step = lab.result.step[lab.timeline.slider.value]
    for code in (lab.code(), lab.torch_code()):
        said = printed(code, capsys)
        assert f"step {step}" in said
        assert float(said.split()[-1]) == pytest.approx(loss, rel=1e-6)
    assert "condensekit" not in lab.torch_code()


def test_the_lines_of_the_flow_agree_with_scipy(capsys):
    pytest.importorskip("scipy")
    lab = RecoveryLab(width=5, n_samples=9, target_width=1, init_std=0.3, t_end=5.0)
    lab.run(live=False)
    loss = lab.result.loss[-1]
    assert printed(lab.code(), capsys) == str(ck.recovery(lab.result))
    said = printed(lab.torch_code(), capsys)
    assert float(said.split()[-1]) == pytest.approx(loss, rel=1e-2)
    assert "s for each Jacobian" in said, "how long it will take"
    assert said.count(" s: ") == 10, "and how far it is"
    assert "another solver" not in lab.torch_code()


def test_the_lines_say_where_another_solver_may_differ():
    lab = RecoveryLab()
    run = lab.result
    steep = -np.diff(np.log(run.loss)) / np.diff(np.log(np.maximum(run.time, 1e-9)))
    lab.timeline.slider.value = int(np.argmax(steep))
    assert steep.max() > 50.0, "an escape"
    assert "another solver escapes" in lab.torch_code()
    lab.timeline.slider.value = int(np.argmin(np.abs(run.time - 1e4)))
    assert "another solver" not in lab.torch_code()


def test_the_lines_say_what_is_on_screen(lab):
    lab.run(live=False)
    lab.go_to(20)
    assert lab.folds.lines.value == lab.folds.token.value == "", "nobody has unfolded them"
    lab.folds.selected_index = 1
    assert "index_at(20)" in lab.folds.lines.value
    assert "range(20)" in lab.folds.torch_lines.value


def test_a_token_holds_many_rows_of_own_data():
    rows = [[0.1234567890123456 * i, -0.98765432109876 * i] for i in range(20_000)]
    token = write_token({"rows": rows})
    assert read_token(token) == {"rows": rows}


def test_a_token_that_nobody_could_read_is_not_written():
    with pytest.raises(ValueError, match="more than the 50,000,000 of a token"):
        write_token({"rows": ["x" * 1_000_000] * 51})
