"""Every lab on every screen, light and dark: nothing is cut off, all that has room is seen."""

import re

import pytest
from browser_page import (
    button,
    changes,
    clipped,
    curve,
    overlapping,
    says,
    spilled,
    themed,
    timeline,
)
from every_lab import LABS, every_lab
from playwright.sync_api import expect

from condensekit import labs
from condensekit.frames import COLOURS, DARK

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # with `make test-all`

PHONE, SMALL, LAPTOP, LARGE = (390, 844), (1024, 768), (1366, 768), (1920, 1080)
SIZES = [PHONE, (360, 640), (600, 900), SMALL, LAPTOP, LARGE]

LAW = """(lab) => {
  const box = (el) => Element.prototype.getBoundingClientRect.call(el), found = [];
  const room = box(lab.parentElement), seen = (el) => el.checkVisibility() && box(el).width > 1;
  if (lab.parentElement.scrollWidth > lab.parentElement.clientWidth + 1) found.push('too wide');
  const parts = 'button, input, select, .bqplot, img, .widget-label, .noUi-handle';
  for (const el of lab.querySelectorAll(parts)) {
    if (el.closest('.condensekit-named > .widget-label') || !seen(el)) continue;
    const at = box(el);
    if (at.left < room.left - 1 || at.right > room.right + 1) found.push(el.innerText || el.id);
  }
  for (const text of lab.querySelectorAll('.bqplot .axis text')) {
    const svg = box(text.closest('svg')), at = box(text);
    if (!seen(text) || getComputedStyle(text).visibility === 'hidden') continue;
    if (at.left < svg.left - 2 || at.right > svg.right + 2 || at.top < svg.top - 2
      || at.bottom > svg.bottom + 2) found.push('axis: ' + text.textContent);
  }
  return found;
}"""
"""What leaves the lab, or its picture."""


def test_the_table_has_all_labs():
    assert {*LABS} == {name for name in labs.__all__ if name.endswith("Lab") and name != "Lab"}


def lab_of(page):
    return page.locator(".condensekit-lab")


def resized(page, width, height, ratio=1):
    """The same page in another window; waits until the lab stands still."""
    page.set_viewport_size({"width": width, "height": height})
    if ratio != 1:
        metrics = {"width": width, "height": height, "deviceScaleFactor": ratio, "mobile": False}
        session = page.context.new_cdp_session(page)
        session.send("Emulation.setDeviceMetricsOverride", metrics)
    rested = """() => new Promise((done) => { let before = '', still = 0; const look = () => {
        const now = [...document.querySelectorAll('.condensekit-lab, .condensekit-lab .bqplot')]
          .map((el) => JSON.stringify(Element.prototype.getBoundingClientRect.call(el))).join();
        still = now === before ? still + 1 : 0; before = now;
        still > 8 ? done() : setTimeout(look, 50); }; look(); })"""
    page.evaluate(rested)
    lab_of(page).evaluate("(lab) => lab.scrollIntoView({block: 'start'})")
    page.evaluate(rested)


@every_lab
def test_nothing_is_cut_off_or_overlaps_on_any_screen(page):
    for theme in ("light", "dark"):
        themed(page, theme)
        for size in SIZES:
            resized(page, *size)
            assert lab_of(page).evaluate(LAW) == [], (theme, size)
            assert clipped(page) == [], (theme, size)
            assert spilled(page) == [], (theme, size)
            pictures = page.locator(".bqplot:visible").count()
            assert overlapping(page, pictures) == [], (theme, size)


@every_lab
def test_controls_and_all_pictures_are_seen_at_once(page):
    """On a small projector, laptops, a large screen, and where the reader has zoomed to 150 %."""
    seen = """(lab) => {
      const view = lab.closest('.jp-WindowedPanel-outer').clientHeight;
      const all = [...lab.querySelectorAll('.condensekit-left button, .bqplot')]
        .filter((el) => el.checkVisibility())
        .map((el) => Element.prototype.getBoundingClientRect.call(el));
      return [Math.max(...all.map((b) => b.bottom)) - Math.min(...all.map((b) => b.top)), view];
    }"""
    for size, ratio in ((SMALL, 1), (LAPTOP, 1), (LARGE, 1), ((853, 480), 1.5)):
        resized(page, *size, ratio)
        needed, view = lab_of(page).evaluate(seen)
        assert needed <= view, (size, ratio)


@pytest.mark.parametrize("page", ["RecoveryLab"], indirect=True)
def test_pictures_take_the_room_there_is_and_their_ticks_grow_with_them(page):
    def measured():
        picture = page.locator(".bqplot").first.bounding_box()["width"]
        tick = page.locator(".bqplot").first.locator(".axis text").nth(2).bounding_box()["height"]
        left = {page.locator(".bqplot").nth(i).bounding_box()["x"] for i in range(4)}
        return picture, tick, len(left)

    def widths(size):
        resized(page, *size)
        return measured()

    found = {size: widths(size) for size in (PHONE, SMALL, LAPTOP, LARGE)}
    assert [found[size][2] for size in (PHONE, SMALL, LAPTOP, LARGE)] == [1, 2, 2, 2]
    assert found[SMALL][0] < found[LAPTOP][0] < found[LARGE][0]
    assert found[LARGE][0] > 500
    ratio = found[LARGE][0] / found[LAPTOP][0]
    assert found[LARGE][1] / found[LAPTOP][1] == pytest.approx(ratio, rel=0.1)


@pytest.mark.parametrize("page", ["RecoveryLab"], indirect=True)
def test_on_a_phone_the_controls_fold_above_the_pictures(page):
    resized(page, *PHONE)
    controls = button(page, "Controls")
    box = page.get_by_role("textbox", name="width m")
    expect(controls).to_have_attribute("aria-expanded", "false")
    expect(box).to_be_hidden()
    expect(button(page, "Run")).to_be_visible()
    controls.focus()
    page.keyboard.press("Enter")
    expect(controls).to_have_attribute("aria-expanded", "true")
    expect(box).to_be_visible()
    first = page.locator(".bqplot").first
    assert box.bounding_box()["y"] < first.bounding_box()["y"]
    box.fill("30")
    box.press("Enter")
    says(page, "Not trained yet")
    page.keyboard.press("Escape")
    resized(page, *LAPTOP)
    expect(controls).to_be_hidden()
    expect(box).to_be_visible()


@pytest.mark.parametrize("page", ["RecoveryLab"], indirect=True)
def test_colours_follow_the_theme_while_the_lab_is_on_screen(page):
    def samples():
        dot = page.locator(".bqplot").first.locator(".object_grp path").first
        return dot.evaluate("(el) => getComputedStyle(el).fill")

    def rgb(colour):
        return f"rgb({', '.join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))})"

    assert samples() == rgb(COLOURS["sample"])
    themed(page, "dark")
    assert samples() == rgb(DARK[COLOURS["sample"]])
    label = page.locator(".bqplot .axislabel").first
    colour = label.evaluate("(el) => getComputedStyle(el).fill")
    red, green, blue = map(int, re.findall(r"\d+", colour)[:3])
    assert red == green == blue > 200, "axes are named in the colour of the page"
    themed(page, "light")
    assert samples() == rgb(COLOURS["sample"])


@pytest.mark.parametrize("page", ["RecoveryLab"], indirect=True)
def test_what_is_scaled_is_hit_where_it_is_seen(page):
    """Sliders and hovering at sizes for which the lab was not laid out."""
    for size in (SMALL, LARGE):
        resized(page, *size)
        handle = timeline(page)
        handle.scroll_into_view_if_needed()
        box, fit = handle.bounding_box(), curve(page, 0)
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x - 120, y, steps=6)
        page.mouse.up()
        changes(page, curve, 0, before=fit)
        assert handle.bounding_box()["x"] + box["width"] / 2 == pytest.approx(x - 120, abs=6)
        dot = page.locator(".bqplot").nth(1).locator(".object_grp").last
        expect(dot).to_be_visible()  # while the hand moved, the dots were lines
        dot.scroll_into_view_if_needed()
        place = dot.bounding_box()
        middle = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
        page.mouse.move(middle[0] - 30, middle[1] - 30)
        page.mouse.move(*middle, steps=5)
        told = page.locator(".bqplot_tooltip_div", has_text="a = ")
        expect(told).to_be_visible()
        near = told.bounding_box()
        assert abs(near["x"] - middle[0]) < 350
        assert abs(near["y"] - middle[1]) < 250
        page.mouse.move(5, 5)
        timeline(page).focus()
        page.keyboard.press("End")
