"""SymmetryLab in a real JupyterLab: a set is chosen, trained on, paused, stopped and replayed."""

import pytest
from browser_page import (
    button,
    changes,
    clipped,
    curve,
    dots,
    end,
    entry,
    fold,
    moment,
    overlapping,
    ran,
    row,
    says,
    status,
)
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # with `make test-all`

DISTANCE, NEURONS, LOSS, HESSIAN = range(4)


CODE = "from condensekit.labs import SymmetryLab\nlab = SymmetryLab()\nlab"


@pytest.fixture(scope="module")
def page(notebook, server):
    """A notebook with the lab: once for all tests."""
    server.write("symmetry.ipynb", CODE)
    page = notebook("symmetry.ipynb", width=1200)
    ran(page, pictures=4)
    return page


@pytest.fixture
def lab(page):
    """The lab as it was opened."""
    # JupyterLab shows no more of a notebook than what is near.
    button(page, "Run").scroll_into_view_if_needed()
    button(page, "Reset").click()
    says(page, "The run stays on it")
    return page


def choose(page, label, option):
    """Choose in a list."""
    page.get_by_label(label, exact=True).select_option(option)


def test_a_student_trains_pauses_goes_on_stops_and_plays(lab):
    page = lab
    assert page.locator(".jp-OutputArea-output[data-mime-type*=error]").count() == 0
    assert page.locator(".bqplot").count() == 4
    assert moment(page) == end(page) > 20

    choose(page, "model", "two hidden layers")
    choose(page, "optimizer", "GradientDescent")  # takes seconds
    says(page, "Run trains 5,000 steps")
    says(page, "it starts on the set")
    assert moment(page) == 0
    button(page, "Run").click()
    for look, figure in ((curve, DISTANCE), (dots, NEURONS), (curve, LOSS), (curve, HESSIAN)):
        changes(page, look, figure)
    button(page, "Pause").click()
    button(page, "Go on").wait_for()
    held = moment(page)
    page.wait_for_timeout(500)
    assert moment(page) == held > 0
    button(page, "Go on").click()
    changes(page, moment)
    button(page, "Stop").click()
    says(page, "what was trained is kept")
    stopped = moment(page)
    assert held < stopped == end(page)
    assert "5,000" not in status(page)
    expect(button(page, "Stop")).to_be_disabled()

    button(page, "Play").click()
    changes(page, moment, before=stopped)
    changes(page, dots, NEURONS)
    assert 0 <= moment(page) < stopped
    button(page, "End").click()
    button(page, "Play").wait_for()


def test_a_set_that_only_looks_invariant_is_left(lab):
    page = lab
    choose(page, "set", "same inputs")
    says(page, "✘ Not invariant by theory")
    button(page, "Run").click()
    says(page, "The run leaves it")
    says(page, "Play replays them")  # as it does now
    button(page, "Stop").click()
    button(page, "Play").wait_for()


def test_what_does_not_fit_is_answered_and_mended(lab):
    page = lab
    choose(page, "in layer", "2")
    page.get_by_role("status").get_by_text("layer must be 1 for the model").wait_for()
    assert moment(page) == end(page) > 20, "what was on screen stays"
    choose(page, "in layer", "1")
    choose(page, "activation", "sigmoid")
    page.get_by_role("status").get_by_text("Not trained yet").wait_for()
    choose(page, "set", "fixed by a sign flip")
    page.get_by_role("status").get_by_text("is not a symmetry of").wait_for()
    choose(page, "activation", "tanh")
    page.get_by_role("status").get_by_text("Not trained yet").wait_for()


def test_a_token_brings_the_moment_back(lab):
    page = lab
    fold(page, "Token of this moment").click()
    token = page.locator(".widget-textarea textarea")
    page.wait_for_function("() => document.querySelector('.widget-textarea textarea').value")
    held, shown = token.input_value(), dots(page, NEURONS)
    choose(page, "set", "zero")
    says(page, "Not trained yet")
    page.wait_for_function(
        "(held) => document.querySelector('.widget-textarea textarea').value !== held", arg=held
    )
    token.fill(held)
    button(page, "Restore").click()
    says(page, "Restored at t =")
    assert dots(page, NEURONS) == shown
    assert page.get_by_label("set", exact=True).input_value() == "two blocks"
    fold(page, "Token of this moment").click()


def test_nothing_overlaps_or_is_cut_off(lab):
    page = lab
    assert overlapping(page, 4) == []
    assert clipped(page) == []
    assert entry(page, "width m").input_value() == "8"
    assert row(page, "push ε").is_visible()
    boxes = [page.locator(".bqplot").nth(i).bounding_box() for i in range(2)]
    assert boxes[0]["y"] == pytest.approx(boxes[1]["y"], abs=1), "two pictures in a row"
