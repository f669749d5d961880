"""RecoveryLab in a real JupyterLab, used like a student uses it: mouse, keyboard, eyes."""

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
    image,
    moment,
    overlapping,
    ran,
    resized,
    row,
    says,
    settled,
    spilled,
    status,
    timeline,
)
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

CODE = """\
from condensekit.labs import RecoveryLab
from condensekit.subjects import runs
runs.QUICK = 600.0  # a flow is replayed however slow the machine is
lab = RecoveryLab()
lab"""


@pytest.fixture(scope="module")
def page(notebook, server):
    """A notebook with the lab: once for all tests."""
    server.write("recovery.ipynb", CODE)
    page = notebook("recovery.ipynb", width=1200)
    ran(page, pictures=4)
    return page


@pytest.fixture
def lab(page):
    """The lab as it was opened."""
    button(page, "Reset").click()
    says(page, "Play it, or turn a control")
    button(page, "Run").scroll_into_view_if_needed()
    return page


@pytest.mark.slow
def test_a_dot_under_the_mouse_tells_its_weights(lab):
    dot = lab.locator(".bqplot").nth(1).locator(".object_grp").last
    box = dot.bounding_box()
    lab.mouse.move(box["x"] + box["width"] / 2 - 30, box["y"] - 30)
    lab.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=5)
    told = lab.locator(".bqplot_tooltip_div", has_text="a = ")
    expect(told).to_be_visible()
    expect(told).to_contain_text("w = ")


def test_a_student_moves_controls_runs_stops_and_plays(lab):
    page = lab
    # The lab shows the recorded run at its end.
    assert page.locator(".jp-OutputArea-output[data-mime-type*=error]").count() == 0
    assert page.locator(".bqplot").count() == 4
    recorded = end(page)
    assert moment(page) == recorded > 100

    # The variance slider, by keyboard: the text and the pictures follow.
    before = entry(page, "variance σ²").input_value()
    row(page, "variance σ²").locator(".noUi-handle").focus()
    fit, neurons = curve(page, 0), dots(page, 1)
    page.keyboard.press("ArrowRight")
    says(page, "Not trained yet")
    assert entry(page, "variance σ²").input_value() != before
    assert curve(page, 0) != fit
    assert dots(page, 1) != neurons
    assert moment(page) == 0

    # A long run: it draws while it trains, and Stop ends it.
    fold(page, "More settings").click()
    page.get_by_label("optimizer", exact=True).select_option("Adam")
    entry(page, "steps").fill("5000000")
    entry(page, "steps").press("Enter")
    says(page, "Run trains 5,000,000 steps")
    button(page, "Run").click()
    for look in (curve, dots, image):
        for figure in {curve: (0, 2), dots: (1,), image: (3,)}[look]:
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
    assert "5,000,000" not in status(page)
    expect(button(page, "Stop")).to_be_disabled()

    # Play replays it: from the start, up to where it was stopped.
    button(page, "Play").click()
    page.wait_for_function(f"""() => [...document.querySelectorAll('.noUi-handle')]
        .every((h) => +h.getAttribute('aria-valuenow') !== {stopped})""")
    changes(page, curve, 0)
    changes(page, moment)
    assert 0 < moment(page) < stopped
    button(page, "End").click()
    button(page, "Play").wait_for()
    settled(page, curve, 0)
    assert moment(page) == stopped

    # The step slider by keyboard, there and back.
    timeline(page).focus()
    fit, here = settled(page, curve, 0), moment(page)
    page.keyboard.press("ArrowLeft")
    earlier = changes(page, curve, 0, before=fit)
    assert moment(page) < here
    page.keyboard.press("ArrowRight")
    changes(page, curve, 0, before=earlier)
    assert settled(page, curve, 0) == fit
    assert moment(page) == here

    # Reset brings the recorded run back.
    button(page, "Reset").click()
    says(page, "Play it, or turn a control")
    assert entry(page, "variance σ²").input_value() == before
    assert moment(page) == recorded


def test_the_flow_is_followed_and_then_replayed(lab):
    page = lab
    width = entry(page, "width m")
    width.fill("40")
    width.press("Enter")
    says(page, "Not trained yet")
    button(page, "Run").click()
    says(page, "Converged at")  # within seconds; then it is replayed, slowly enough to be seen
    for look, figure in ((curve, 0), (dots, 1), (image, 3)):
        changes(page, look, figure)
    assert moment(page) < end(page)
    button(page, "Stop").click()
    button(page, "Play").wait_for()
    timeline(page).focus()
    page.keyboard.press("End")
    page.get_by_text("Reached by training").first.wait_for()


def test_a_training_whose_steps_are_used_up_goes_on(lab):
    page = lab
    if not entry(page, "max steps").is_visible():
        fold(page, "More settings").click()
    entry(page, "max steps").fill("20")
    entry(page, "max steps").press("Enter")
    says(page, "Not trained yet")
    button(page, "Run").click()
    says(page, "budget of 20 attempted steps")
    button(page, "End").click()  # of the replay
    first = end(page)
    button(page, "Go on").click()
    says(page, "budget of 40 attempted steps")
    expect(button(page, "Stop")).to_be_disabled(timeout=30_000)
    assert entry(page, "max steps").input_value() == "40"
    assert moment(page) == end(page) > first
    fold(page, "More settings").click()


def test_the_recovered_network_is_merged(lab):
    page = lab
    fit = curve(page, 0)
    button(page, "Merge neurons").click()
    says(page, "Merged: nearly the same")
    says(page, "act as 3")
    changes(page, curve, 0, before=fit)
    assert spilled(page) == []


def test_bad_input_is_answered_and_mended(lab):
    page = lab
    width = entry(page, "width m")
    width.fill("0")
    width.press("Enter")
    page.get_by_role("status").get_by_text("width m must be a whole number").wait_for()
    assert "but is 0" in status(page)
    assert moment(page) == end(page), "what was on screen stays"
    width.fill("41")
    width.press("Enter")
    page.get_by_role("status").get_by_text("Not trained yet").wait_for()


def test_nothing_overlaps_or_is_cut_off(lab):
    """At 1,200 pixels the lab is as wide as the page, and no picture covers another."""
    page = lab
    assert overlapping(page, 4) == []
    assert clipped(page) == []
    assert spilled(page) == []
    boxes = [page.locator(".bqplot").nth(i).bounding_box() for i in range(2)]
    assert boxes[0]["y"] == pytest.approx(boxes[1]["y"], abs=1), "two pictures in a row"


@pytest.mark.parametrize(("width", "columns"), [(1366, 2), (1050, 2), (800, 1)])
def test_the_pictures_stand_beside_the_controls(lab, width, columns):
    """A laptop's whole screen, and what a list of files leaves of it."""
    page = lab
    resized(page, width)
    controls = row(page, "variance σ²").bounding_box()
    places = [page.locator(".bqplot").nth(i).bounding_box() for i in range(4)]
    assert {place["x"] > controls["x"] + controls["width"] for place in places} == {True}
    assert abs(places[0]["y"] - button(page, "Run").bounding_box()["y"]) < 80
    assert len({place["x"] for place in places}) == columns
    line = [button(page, name).bounding_box()["y"] for name in ("Play", "◀ event", "event ▶")]
    assert len({*line}) == 1, "the timeline is one line"
    page.set_viewport_size({"width": 1200, "height": 900})
