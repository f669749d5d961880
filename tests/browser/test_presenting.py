"""A lab on a projector: it fills the page, in type for the last row, and is driven by keys."""

import pytest
from browser_page import button, changes, end, moment, says, timeline
from every_lab import every_lab
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # with `make test-all`

SIZES = [(1024, 768), (1920, 1080)]
STILL = """() => new Promise((done) => { let before = '', still = 0; const look = () => {
    const now = [...document.querySelectorAll('.condensekit-lab, .condensekit-lab .bqplot')]
      .map((el) => JSON.stringify(Element.prototype.getBoundingClientRect.call(el))).join();
    still = now === before ? still + 1 : 0; before = now;
    still > 12 ? done() : setTimeout(look, 50); }; look(); })"""
LAW = """(lab) => {
  const box = (el) => Element.prototype.getBoundingClientRect.call(el), found = [];
  const zoom = Number(getComputedStyle(lab).zoom), all = box(lab);
  if (Math.abs(all.width - innerWidth) > 1 || Math.abs(all.height - innerHeight) > 1) {
    found.push(`the lab is ${all.width} x ${all.height}`);
  }
  for (const el of lab.querySelectorAll('*')) {
    const texts = [...el.childNodes].filter((node) => node.nodeType === 3);
    const at = box(el), own = texts.some((node) => /[\\w]/.test(node.data));
    if (!own || !el.checkVisibility({visibilityProperty: true}) || at.width < 2) continue;
    if (el.closest('.condensekit-named > .widget-label, option')) continue;
    const inner = el.closest('.condensekit-picture > :last-child')?.style.zoom || 1;
    const size = parseFloat(getComputedStyle(el).fontSize) * zoom * inner;
    const what = el.textContent.trim();
    if (size < innerHeight / 30 - .1) found.push(`${what} is ${size} px high`);
    if (at.left < -1 || at.right > innerWidth + 1 || at.top < -1 || at.bottom > innerHeight + 1) {
      found.push(`${what} leaves the page`);
    }
  }
  return found;
}"""
"""What is too small for the last row, or leaves the page."""


def lab_of(page):
    return page.locator(".condensekit-lab")


recovery = pytest.mark.parametrize("page", ["RecoveryLab"], indirect=True)


def run_line(page, code):
    """What a cell does, from beside the page."""
    page.evaluate(
        """(code) => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel
        .requestExecute({code}).done""",
        code,
    )


def stands(page, index):
    """Wait until the slider is there."""
    expect(timeline(page)).to_have_attribute("aria-valuenow", f"{index:.1f}")


def pictures(page):
    """The captions of the pictures that are seen."""
    seen = ".condensekit-picture:not(.condensekit-away)"
    return page.locator(f"{seen} .widget-html:first-child .widget-html-content > div > b")


@every_lab
def test_it_can_be_read_from_the_last_row(page):
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        button(page, "Present").click()
        page.evaluate(STILL)
        assert lab_of(page).evaluate(LAW) == []
        seen = lab_of(page).evaluate(
            """(lab) => [...lab.querySelectorAll('.condensekit-picture')]
            .filter((one) => one.checkVisibility({visibilityProperty: true})).length"""
        )
        assert 1 <= seen <= 2
        page.keyboard.press("Escape")
        page.evaluate(STILL)
        expect(button(page, "Run").or_(button(page, "Reset")).first).to_be_visible()


@recovery
def test_it_is_driven_by_keys_and_comes_back_as_it_was(page):
    look = "(lab) => [lab.className, lab.style.getPropertyValue('--condensekit-zoom')]"
    page.evaluate(STILL)
    before = lab_of(page).evaluate(look)
    button(page, "Present").click()
    page.evaluate(STILL)
    assert lab_of(page).evaluate(look) != before
    expect(button(page, "Run")).to_be_hidden()
    last = end(page)

    # The timeline has the arrow keys, a clicker the events.
    page.keyboard.press("Home")
    stands(page, 0)
    page.keyboard.press("PageDown")
    changes(page, moment, before=0.0)
    page.keyboard.press("End")
    stands(page, last)
    page.keyboard.press("PageUp")
    changes(page, moment, before=last)
    page.keyboard.press("Home")
    stands(page, 0)
    page.keyboard.press(" ")
    changes(page, moment, before=0.0)
    page.keyboard.press(" ")
    expect(button(page, "Play")).to_be_visible()

    # Digits choose pictures; of two there is room for, the older one goes.
    for key, seen in (("3", 2), ("3", 1), ("4", 2), ("1", 2)):
        page.keyboard.press(key)
        expect(page.locator(".condensekit-picture:not(.condensekit-away)")).to_have_count(seen)

    # Whoever comes back to the same moment finds all as it was.
    page.keyboard.press("End")
    stands(page, last)
    page.keyboard.press("Escape")
    page.evaluate(STILL)
    assert lab_of(page).evaluate(look) == before
    button(page, "Present").click()
    page.evaluate(STILL)

    # The controls open, and a digit typed into one is that digit.
    page.keyboard.press("c")
    expect(button(page, "Run")).to_be_visible()
    box = page.locator(".condensekit-left .widget-text input").nth(1)
    box.fill("20")
    expect(page.locator(".condensekit-picture:not(.condensekit-away)")).to_have_count(2)
    box.press("Enter")
    says(page, "Not trained yet")
    page.keyboard.press("Escape")
    page.evaluate(STILL)
    assert lab_of(page).evaluate(look)[0] == before[0]  # other texts may ask for other room
    expect(page.locator(".condensekit-picture").nth(3)).to_be_visible()


@recovery
def test_a_line_presents_the_pictures_that_it_names(page):
    run_line(page, "lab.present('loss')")
    page.evaluate(STILL)
    expect(pictures(page)).to_have_text(["Loss"])
    run_line(page, "lab.present('fit', 'loss')")
    page.evaluate(STILL)
    expect(pictures(page)).to_have_text(["Fit", "Loss"])
    button(page, "Back").click()
    expect(button(page, "Present")).to_be_visible()


@pytest.mark.parametrize("page", ["CondensationLab"], indirect=True)
def test_a_merged_network_and_a_round_map_are_as_true_as_in_the_notebook(page):
    box = """(el) => { const at = Element.prototype.getBoundingClientRect.call(el);
      return [at.left, at.right, at.height]; }"""
    ends = "(all) => all.map((el) => Element.prototype.getBoundingClientRect.call(el).right)"
    page.set_viewport_size({"width": 1024, "height": 768})
    page.evaluate(STILL)
    left, right, high = page.locator(".condensekit-round").first.evaluate(box)
    own = (right - left) / high
    button(page, "Present").click()
    page.keyboard.press("2")
    page.evaluate(STILL)
    left, right, high = page.locator(".condensekit-round").first.evaluate(box)
    assert (right - left) / high == pytest.approx(own, rel=0.03), "an angle is an angle"

    page.keyboard.press("c")
    page.evaluate(STILL)
    column = page.locator(".condensekit-left").evaluate(box)[1]
    shown = page.locator(".condensekit-controls select:visible")
    assert max(shown.evaluate_all(ends)) < column, "lists end inside of the column"
    button(page, "Merge neurons").click()
    says(page, "Merged: nearly the same")
    page.keyboard.press("c")
    page.evaluate(STILL)
    assert lab_of(page).evaluate(LAW) == []
