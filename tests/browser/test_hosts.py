"""A lab in other hosts than JupyterLab in Chromium, where all labs are tested."""

from importlib.util import find_spec

import pytest
from browser_marks import same
from browser_page import (
    button,
    changes,
    curve,
    dots,
    end,
    entry,
    fold,
    moment,
    overlapping,
    ran,
    says,
    timeline,
)
from browser_server import LAB, NOTEBOOK, opened
from playwright.sync_api import expect

from condensekit.labs import RecoveryLab

pytestmark = pytest.mark.browser

CODE = "from condensekit.labs import RecoveryLab\nlab = RecoveryLab()\nlab"
HOSTS = {
    "JupyterLab in Firefox": pytest.param(("firefox", LAB), marks=pytest.mark.slow),
    "Notebook 7": ("browser", NOTEBOOK),
}


@pytest.fixture(scope="module", params=HOSTS.values(), ids=HOSTS)
def page(request, server, missing):
    """The lab in a host."""
    browser, place = request.param
    if place is NOTEBOOK and find_spec("notebook") is None:
        missing("Notebook 7 is not installed: no lab was opened in it")
    server.write("host.ipynb", CODE)
    page = opened(request.getfixturevalue(browser), server, "host.ipynb", place=place)
    ran(page, pictures=4)
    yield page
    page.close()
    server.close_sessions()


def test_the_lab_opens_on_the_recorded_run_and_the_keyboard_scrubs_it(page):
    lab = RecoveryLab()
    last = len(lab.result) - 1
    assert moment(page) == end(page) == last
    assert overlapping(page, 4) == []
    timeline(page).focus()
    for key, index in (("Home", 0), ("End", last), ("ArrowLeft", last - 1), ("ArrowUp", last)):
        page.keyboard.press(key)
        lab.go_to(lab.result.step[index])
        says(page, lab.timeline.moment.value)
        assert same(page, lab) > 100
        assert moment(page) == index
    lab.close()


def test_a_control_is_moved_by_keys_and_the_marks_follow(page):
    before = entry(page, "variance σ²").input_value()
    fit, neurons = curve(page, 0), dots(page, 1)
    page.get_by_role("slider", name="variance σ²").focus()
    page.keyboard.press("ArrowLeft")
    says(page, "Not trained yet")
    after = entry(page, "variance σ²").input_value()
    assert float(after) < float(before)
    lab = RecoveryLab()
    lab.init_std = float(after) ** 0.5
    lab.redraw()  # neurons are counted once nothing moves
    assert same(page, lab) > 100
    assert curve(page, 0) != fit
    assert dots(page, 1) != neurons
    assert moment(page) == 0
    lab.close()


def test_run_trains_while_one_watches_and_stop_ends_it(page):
    fold(page, "More settings").click()
    page.get_by_label("optimizer", exact=True).select_option("Adam")
    entry(page, "steps").select_text()
    page.keyboard.type("5000000")
    page.keyboard.press("Enter")
    says(page, "Run trains 5,000,000 steps")
    button(page, "Run").click()
    for _ in range(3):
        changes(page, curve, 0)
        changes(page, dots, 1)
    button(page, "Stop").click()
    says(page, "what was trained is kept")
    expect(button(page, "Stop")).to_be_disabled()
    assert moment(page) == end(page) > 0
    assert page.locator(".jp-OutputArea-output[data-mime-type*=error]").count() == 0
