"""RegimeLab without a browser: a point of the plane is clicked, and three widths answer."""

import numpy as np
import pytest
from often import sparsely

import condensekit as ck
from condensekit.frames import REGIONS
from condensekit.labs import CondensationLab, RegimeLab
from condensekit.measures import displacement
from condensekit.models import INITIALIZATIONS
from condensekit.pictures import displacement_curve, displacements_of, regime_plane
from condensekit.records import REGIMES


@pytest.fixture(scope="module")
def lab():
    lab = RegimeLab(width=30)
    lab.run(live=False)
    yield lab
    lab.close()


def test_opens_untrained_in_the_condensed_regime():
    lab = RegimeLab()
    assert "Condensed regime:</b> Run trains three widths" in lab.verdict.value
    assert "not trained" in lab.views["displacement"].caption.value
    model = lab.result.experiment.model
    assert (model.m, model.gamma, model.gamma_prime, model.antisymmetric) == (300, 1.75, 0, True)
    lab.close()


def test_three_widths_train_from_three_seeds(lab):
    runs = lab.runs()
    assert [run.experiment.model.m for run in runs] == [30] * 3 + [90] * 3 + [300] * 3
    assert [run.experiment.seed for run in runs] == [0, 1, 2] * 3
    assert {run.outcome for run in runs} == {ck.Outcome.CONVERGED}
    known = ck.displacements(REGIMES.replace(gamma=1.75), [30, 90, 300], 3)
    found = displacements_of(runs)
    np.testing.assert_allclose(found.relative, known.relative, rtol=1e-6)
    assert str(found) in lab.verdict.value
    told = f"slope {known.slope:.2f} ± {known.spread:.2f}"
    assert told in lab.views["displacement"].caption.value


@pytest.mark.slow
@pytest.mark.parametrize(
    ("at", "kind"),
    sparsely([((1.5, -1.0), "Condensed"), ((0.5, 0.25), "Linear"), ((1.0, -0.5), "Critical")], 3),
)
def test_a_click_trains_there(at, kind):
    lab = RegimeLab(width=10)
    view = lab.views["plane"]
    corner = {"column": at[0] - 0.125, "row": at[1] - 0.125}  # of a cell of the heat map
    view._click(None, {"data": corner})
    assert lab.player.join(60)
    model = lab.result.experiment.model
    assert (model.gamma, model.gamma_prime) == pytest.approx(at)
    assert f"<b>{kind} regime:</b> RD goes as" in lab.verdict.value
    np.testing.assert_allclose([view.chosen.x[0], view.chosen.y[0]], at)
    lab.close()


def test_a_family_is_remembered_beside_another():
    """Of nine runs each: what is counted are families."""
    lab = RegimeLab(width=10)
    families = []
    for gamma in (0.5, 0.75):
        lab.put(gamma=gamma)
        lab.run(live=False)
        families.append(lab.runs())
    lab.put(gamma=0.5)
    assert len(families[0]) == 9
    assert all(now is then for now, then in zip(lab.runs(), families[0], strict=True))
    lab.close()


def test_what_is_known_is_shown_at_once(lab):
    opened = lab.result
    lab.put(gamma=0.5)
    lab.views["plane"]._clicked(1.75, 0.0)
    assert lab.player.join(30)
    assert lab.result is opened or np.array_equal(lab.result.loss, opened.loss)
    assert "RD goes as" in lab.verdict.value


def test_before_the_end_the_verdict_says_that_it_speaks_of_the_end(lab):
    told = "This is where the runs end, not this moment."
    assert told not in lab.verdict.value
    lab.go_to(0)
    assert "RD goes as" in lab.verdict.value
    assert told in lab.verdict.value


@pytest.mark.parametrize("name", INITIALIZATIONS)
def test_common_initializations_can_be_chosen_and_are_on_the_plane(name):
    lab = RegimeLab(width=10)
    (box,) = (box for pick, box in lab.form._picks if pick.label == "start as")
    box.value = name
    model = lab.entered()[0].model
    assert (model.gamma, model.gamma_prime) == pytest.approx(ck.gammas(name, 10), rel=1e-6)
    found = {text: (x, y) for _, text, x, y in regime_plane(1.0, 0.0, 10).named}
    assert found[name] == ck.gammas(name, 10)
    lab.close()


def test_every_point_of_the_plane_has_the_colour_of_its_regime():
    frame = regime_plane(1.0, 0.0, 100)
    for i, gamma_prime in enumerate(frame.gamma_prime):
        for j, gamma in enumerate(frame.gamma):
            kind = [*REGIONS][frame.kind[i, j]]
            assert kind == ck.regime(float(gamma), float(gamma_prime))
    (left, right), (low, high) = frame.ranges
    assert (left, right, low, high) == (-0.125, 2.625, -1.125, 1.625)
    for gamma, gamma_prime in frame.border:
        assert ck.regime(gamma, gamma_prime) == "critical"
    assert len({letter for letter, *_ in frame.named}) == len(INITIALIZATIONS)


def test_the_curve_is_the_displacement_of_each_network(lab):
    frame = displacement_curve(lab.runs())
    (x, y), (ends, line) = frame.curves
    assert [*x] == [30, 90, 300]
    for k, run in enumerate(lab.runs()):
        assert y[k % 3, k // 3] == pytest.approx(np.log10(displacement(run)[-1]))
    slope = (line[1] - line[0]) / np.log10(ends[1] / ends[0])
    assert slope == pytest.approx(displacements_of(lab.runs()).slope)


def test_others_say_where_they_belong():
    with pytest.raises(ValueError, match=r"width must be even .* but is 7"):
        RegimeLab(width=7)
    with pytest.raises(ValueError, match=r"CondensationLab and .* can show this"):
        RegimeLab(ck.Experiment(ck.TwoLayer(1, 4), ck.three_tanh(1)))
    assert RegimeLab.table.accepts((REGIMES,))
    assert CondensationLab.table.accepts((REGIMES,))


def test_a_token_brings_the_point_back(lab):
    other = RegimeLab.from_state(lab.state())
    assert [run.experiment for run in other.runs()] == [run.experiment for run in lab.runs()]
    other.close()
