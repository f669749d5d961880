"""The first notebook in a real JupyterLab: its lab used like a student uses it."""

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
    says,
    settled,
    spilled,
    timeline,
)

pytestmark = pytest.mark.browser

NOTEBOOK = "00-welcome.ipynb"
FIT, CONDENSED, LAZY, LOSS, HISTORY, COSINE = range(6)


@pytest.fixture(scope="module")
def page(notebook):
    """The notebook with all its cells run: once for all tests, since that takes its time."""
    page = notebook(NOTEBOOK, width=1200)
    ran(page, pictures=6)
    return page


@pytest.fixture
def lab(page):
    """The lab as it was opened."""
    page.set_viewport_size({"width": 1200, "height": 900})
    button(page, "Reset").click()
    says(page, "Play it, or turn a control")
    button(page, "Run").scroll_into_view_if_needed()
    return page


def token(page):
    return page.locator(".widget-textarea textarea").first.input_value()


def test_a_student_runs_stops_plays_and_scrubs(lab):
    page = lab
    assert page.locator(".jp-OutputArea-output[data-mime-type*=error]").count() == 0
    recorded = end(page)
    assert moment(page) == recorded > 100

    # Other settings: the network before training; a long run draws in all pictures; Stop ends it.
    fold(page, "More settings").click()
    entry(page, "seed").fill("7")
    entry(page, "seed").press("Enter")
    says(page, "Not trained yet")
    assert moment(page) == 0
    entry(page, "steps").fill("5000000")
    entry(page, "steps").press("Enter")
    says(page, "Run trains 5,000,000 steps")
    button(page, "Run").click()
    for look, figures in {
        curve: (FIT, LOSS, HISTORY),
        dots: (CONDENSED, LAZY),
        image: (COSINE,),
    }.items():
        for figure in figures:
            changes(page, look, figure)
    button(page, "Stop").click()
    says(page, "Stopped at step")
    fold(page, "More settings").click()

    # Play goes through the record; End ends it.
    button(page, "Play").click()
    button(page, "End").wait_for()
    changes(page, dots, CONDENSED)
    button(page, "End").click()
    button(page, "Play").wait_for()

    # The step slider by keyboard, there and back.
    timeline(page).focus()
    fit, here = settled(page, curve, FIT), moment(page)
    page.keyboard.press("ArrowLeft")
    later = changes(page, curve, FIT, before=fit)
    assert moment(page) == here - 1
    page.keyboard.press("ArrowRight")
    changes(page, curve, FIT, before=later)
    assert settled(page, curve, FIT) == fit


def test_events_are_jumped_to_by_mouse_and_keyboard(lab):
    page = lab
    marks = page.locator(".widget-gridbox button:visible")
    assert marks.count() > 5
    before = dots(page, CONDENSED)
    button(page, "◀ event").click()
    changes(page, dots, CONDENSED, before=before)
    last = moment(page)
    says(page, "clusters from step")
    button(page, "◀ event").focus()
    page.keyboard.press("Enter")
    page.wait_for_function(
        "(value) => Number([...document.querySelectorAll('.noUi-handle')].at(-1)"
        ".getAttribute('aria-valuenow')) < value",
        arg=last,
    )
    button(page, "event ▶").click()
    page.wait_for_function(
        "(value) => Number([...document.querySelectorAll('.noUi-handle')].at(-1)"
        ".getAttribute('aria-valuenow')) == value",
        arg=last,
    )
    # The mark stands where the handle is.
    handle = timeline(page).bounding_box()
    middle = handle["x"] + handle["width"] / 2
    places = [marks.nth(i).bounding_box() for i in range(marks.count())]
    assert min(abs(box["x"] + box["width"] / 2 - middle) for box in places) < 3


def test_merging_draws_the_merged_network_and_says_what_changed(lab):
    page = lab
    before = curve(page, FIT)
    button(page, "Merge neurons").click()
    says(page, "Merged: nearly the same")
    says(page, "100 neurons (300 parameters) act as")
    says(page, "┅ merged: off by")
    changes(page, curve, FIT, before=before)
    assert spilled(page) == []
    timeline(page).focus()
    end = settled(page, curve, FIT)
    page.keyboard.press("Home")
    changes(page, curve, FIT, before=end)
    button(page, "Merge neurons").click()
    says(page, "only similar")
    says(page, "not seen to be condensed")


@pytest.mark.slow
def test_a_rate_too_large_for_the_lazy_start_is_told_and_mended(lab):
    page = lab
    fold(page, "More settings").click()
    for name, value in (("width m", "400"), ("steps", "1000")):
        entry(page, name).fill(value)
        entry(page, name).press("Enter")
    says(page, "Run trains 1,000 steps")
    says(page, "is too large for this start")
    button(page, "Run").click()
    says(page, "living neurons died: the learning rate 0.1 is too large for this start")
    says(page, "Trained 1,000 steps")
    assert clipped(page) == spilled(page) == []
    page.locator("button", has_text="Use η").click()
    says(page, "Not trained yet")
    assert float(entry(page, "learning rate η").input_value()) < 0.03
    button(page, "Run").click()
    says(page, "Trained")
    says(page, "scattered")
    assert "too large for this start" not in page.locator("body").inner_text()
    fold(page, "More settings").click()


def test_a_token_brings_back_the_moment(lab):
    page = lab
    fold(page, "Token of this moment").click()
    other = "(there) => document.querySelector('.widget-textarea textarea').value !== there"
    page.wait_for_function(other, arg="")
    end = token(page)
    button(page, "◀ event").click()
    says(page, "clusters from step")
    neurons, here = settled(page, dots, CONDENSED), moment(page)
    page.wait_for_function(other, arg=end)  # it comes last
    saved = token(page)
    button(page, "Reset").click()
    changes(page, dots, CONDENSED, before=neurons)
    page.wait_for_function(other, arg=saved)
    box = page.locator(".widget-textarea textarea").first
    box.fill(saved)
    button(page, "Restore").click()
    says(page, "Restored at step")
    assert moment(page) == here
    assert dots(page, CONDENSED) == neurons
    box.fill(saved[:-5])
    button(page, "Restore").click()
    says(page, "This token is damaged")
    assert moment(page) == here
    fold(page, "Token of this moment").click()


def test_a_target_is_drawn_with_the_mouse(lab):
    page = lab
    page.get_by_label("target", exact=True).select_option("drawn")
    says(page, "Not trained yet")
    target = curve(page, FIT)
    box = page.locator(".bqplot").nth(FIT).bounding_box()
    x, y = box["x"] + 70, box["y"] + 60
    page.mouse.move(x, y)
    page.mouse.down()
    for i in range(20):
        page.mouse.move(x + 6 * i, y + 2 * i)
    page.mouse.up()
    changes(page, curve, FIT, before=target)
    settled(page, curve, FIT)  # the kernel has it, too
    button(page, "Draw in the fit").click()
    button(page, "Run").click()
    changes(page, dots, CONDENSED)
    button(page, "Stop").click()
    says(page, "kept")


@pytest.mark.parametrize("width", [1200, 800])
def test_nothing_overlaps_or_is_cut_off(lab, width):
    page = lab
    page.set_viewport_size({"width": width, "height": 900})
    assert overlapping(page, 6) == []
    assert clipped(page) == []
    assert spilled(page) == []
    boxes = [page.locator(".bqplot").nth(i).bounding_box() for i in range(3)]
    beside = sum(abs(box["y"] - boxes[0]["y"]) < 1 for box in boxes)
    assert beside == (3 if width == 1200 else 2)
