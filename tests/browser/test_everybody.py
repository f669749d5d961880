"""Labs for those who do not see, do not use a mouse, or see other colours."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser_page import (
    button,
    changes,
    curve,
    end,
    fold,
    moment,
    opened_fold,
    says,
    status,
    themed,
)
from every_lab import every_lab
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # with `make test-all`


def violations(page, rules=()):
    """What axe-core finds inside of the labs of a page, by all its rules or by these alone."""
    # JupyterLab's body has no height and hides what leaves it: axe would take all for unseen.
    page.evaluate("document.body.style.cssText = 'overflow: visible !important; height: 100vh'")
    options = {"runOnly": [*rules]} if rules else None
    found = Axe().run(page, context=".condensekit-lab", options=options)
    judged = {one["id"]: len(one["nodes"]) for one in found.response["passes"]}
    assert judged["color-contrast"] > 20, "words were looked at"
    return [
        (one["id"], node["html"][:120], node["any"][0]["message"] if node["any"] else "")
        for one in found.response["violations"]
        for node in one["nodes"]
    ]


@every_lab
def test_axe_finds_nothing(page):
    page.set_viewport_size({"width": 1366, "height": 2400})  # what is out of view is not judged
    folds = page.locator(".condensekit-lab .widget-toggle-button:visible")
    for theme, rules in {"light": (), "dark": ["color-contrast"]}.items():  # the rest is the same
        themed(page, theme)
        assert violations(page, rules) == []
        for title in folds.all_inner_texts():
            fold(page, title).last.click()
            expect(fold(page, title).last).to_have_class(re.compile("mod-active"))
            assert violations(page, rules) == [], (theme, title)
            fold(page, title).last.click()


SCROLLED = """() => [...document.querySelectorAll('.condensekit-lab, .condensekit-lab *')]
  .filter((el) => el.checkVisibility() && !el.closest('svg, pre, textarea, .condensekit-verdict'))
  .filter((el) => ['auto', 'scroll'].includes(getComputedStyle(el).overflowY))
  .filter((el) => el.scrollHeight > el.clientHeight + 1 || el.scrollWidth > el.clientWidth + 1)
  .map((el) => [el.className, el.clientHeight, el.scrollHeight, el.clientWidth, el.scrollWidth])"""


@every_lab
def test_nothing_has_bars_to_scroll_it(page):
    """They are hidden where no browser is seen: what would have one is looked for."""
    page.set_viewport_size({"width": 1280, "height": 720})
    assert page.evaluate(SCROLLED) == []
    button(page, "Present").click()
    expect(page.locator(".condensekit-presenting")).to_be_visible()
    page.wait_for_timeout(500)  # pictures are laid out anew
    assert page.evaluate(SCROLLED) == [], "presented"


@every_lab
def test_pictures_and_sliders_say_what_is_seen_now(page):
    pictures = page.locator(".condensekit-picture:visible")
    for picture in pictures.all():
        told = picture.locator(".widget-html-content").first.inner_text().split()
        drawn = picture.locator("svg.svg-figure, img")
        for one in drawn.all():
            expect(one).to_have_attribute("aria-label", re.compile(re.escape(" ".join(told[:3]))))
    sliders = page.locator(".condensekit-lab .widget-slider:visible")
    for slider in sliders.all():
        handle = slider.locator(".noUi-handle").first
        label = slider.locator(".widget-label").inner_text()
        expect(handle).to_have_attribute("aria-label", label)
        box = slider.locator("xpath=following-sibling::*[1]").locator("input")
        if box.count():
            expect(handle).to_have_attribute("aria-valuetext", box.input_value())


@pytest.mark.parametrize("page", ["RecoveryLab"], indirect=True)
def test_what_is_said_of_a_slider_follows_it(page):
    handle = page.get_by_role("slider", name="variance σ²")
    box = page.get_by_role("textbox", name="variance σ²")
    expect(handle).to_have_attribute("aria-valuetext", "8e-09")
    handle.focus()
    page.keyboard.press("ArrowRight")
    says(page, "Not trained yet")
    assert box.input_value() != "8e-09"
    expect(handle).to_have_attribute("aria-valuetext", box.input_value())
    step = page.get_by_role("slider", name="step", exact=True)
    expect(step).to_have_attribute("aria-valuetext", "t = 0")
    picture = page.locator(".condensekit-picture svg.svg-figure").first
    words = page.locator(".condensekit-picture .widget-html-content").first.inner_text()
    expect(picture).to_have_attribute("aria-label", " ".join(words.split()))


def tab_to(page, name, most=80):
    """Press Tab until the focus is on a thing of that name; it is seen where that is."""
    seen = []
    for _ in range(most):
        page.keyboard.press("Tab")
        here = page.evaluate(
            """() => {
                const at = document.activeElement, style = getComputedStyle(at);
                const label = at.labels?.[0]?.innerText;
                return [at.ariaLabel ?? label ?? at.innerText.trim(), style.outlineStyle,
                        parseFloat(style.outlineWidth), at.closest('.condensekit-lab') !== null];
            }"""
        )
        seen.append(here[0])
        if here[3]:
            assert here[1] != "none", f"the focus on {here[0]} is not seen"
            assert here[2] >= 1, f"the focus on {here[0]} is not seen"
            if here[0] == name:
                return
    raise AssertionError(f"Tab did not come to {name}: {seen}")


@pytest.mark.parametrize("page", ["RecoveryLab"], indirect=True)
def test_an_experiment_by_keyboard_alone(page):
    """Settings, Run, Stop, events, steps, a fold, and Reset; no mouse."""
    keys = page.keyboard
    button(page, "Run").focus()  # where the notebook gives the keyboard to the lab
    tab_to(page, "variance σ²")
    keys.press("ArrowRight")
    says(page, "Not trained yet")
    tab_to(page, "width m")
    tab_to(page, "width m")  # the slider, and then its box
    keys.press("Control+a")
    keys.type("30")
    keys.press("Enter")
    says(page, "30 neurons")
    tab_to(page, "More settings")
    keys.press("Enter")
    tab_to(page, "optimizer")
    keys.press("ArrowDown")
    expect(page.get_by_label("optimizer", exact=True)).to_have_value("Adam")
    expect(page.get_by_role("textbox", name="steps", exact=True)).to_be_visible()
    tab_to(page, "steps", 40)
    tab_to(page, "steps")
    keys.press("Control+a")
    keys.type("3000000")
    keys.press("Enter")
    says(page, "Run trains 3,000,000 steps")
    button(page, "Reset").focus()
    keys.press("Shift+Tab")  # over Stop and Pause, which have nothing to end
    assert page.evaluate("document.activeElement.innerText") == "Run"
    keys.press("Enter")
    expect(button(page, "Stop")).to_be_enabled()
    tab_to(page, "Stop")
    changes(page, moment)
    keys.press("Enter")
    says(page, "what was trained is kept")
    tab_to(page, "step")
    before, fit = moment(page), curve(page, 0)
    keys.press("Home")
    changes(page, curve, 0, before=fit)
    assert moment(page) == 0 < before
    tab_to(page, "event ▶")
    keys.press("Enter")
    changes(page, moment, before=0)
    button(page, "Reset").focus()
    tab_to(page, "What happened")
    keys.press(" ")
    expect(opened_fold(page, "What happened")).to_be_visible()
    button(page, "Run").focus()
    tab_to(page, "Reset")
    keys.press("Enter")
    says(page, "Play it, or turn a control")
    assert moment(page) == end(page)
    assert "✖" not in status(page)
