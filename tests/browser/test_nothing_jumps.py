"""No picture and no control moves while a reader scrubs, or while a lab trains."""

import pytest
from browser_page import button, close_replay, open_replay
from every_lab import every_lab
from playwright.sync_api import expect

from condensekit import labs

pytestmark = pytest.mark.browser

TIMED = [
    "KernelLab",
    *(
        pytest.param(name, marks=pytest.mark.slow)
        for name in (
            "AttentionLab",
            "CondensationLab",
            "FactorizationLab",
            "RecoveryLab",
            "RegimeLab",
            "SymmetryLab",
        )
    ),
]
SIZES = [(1280, 720), (1024, 768), (390, 844)]

WATCH = """() => {
  const lab = document.querySelector('.condensekit-lab'), places = new Map();
  const box = (el) => Element.prototype.getBoundingClientRect.call(el);
  const parts = '.bqplot, .condensekit-scrub, .condensekit-left .noUi-handle, .condensekit-folds';
  window.look = () => {
    const { top, bottom } = box(lab);
    const seen = [...lab.querySelectorAll(parts)].filter((el) => el.checkVisibility());
    for (const [el, place] of [...seen.map((el) => [el, box(el).top - top]), [lab, bottom - top]]) {
      const [least, most] = places.get(el) ?? [place, place];
      places.set(el, [Math.min(least, place), Math.max(most, place)]);
    }
  };
  window.moved = () => [...places].filter(([, [least, most]]) => most - least > 1)
    .map(([el, bounds]) => [el.className, ...bounds]);
  window.looking = () => { window.look(); requestAnimationFrame(window.looking); };
}"""
SCRUB = """async () => {
  for (let index = 0; index < replay.data.runs[replay.run].length; index += 1) {
    await replay.go(index);
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    window.look();
  }
  return window.moved();
}"""
RESTS = """() => new Promise((done) => {
  let before = '', still = 0;
  const look = () => {
    const now = [...document.querySelectorAll('.condensekit-lab, .condensekit-lab .bqplot')]
      .map((el) => JSON.stringify(Element.prototype.getBoundingClientRect.call(el))).join();
    still = now === before ? still + 1 : 0;
    before = now;
    still > 8 ? done() : setTimeout(look, 50);
  };
  look();
})"""


@pytest.mark.parametrize("name", TIMED)
def test_nothing_moves_from_the_first_moment_to_the_last(browser, tmp_path, name):
    lab = getattr(labs, name)()
    if len(lab.runs()[0]) == 1:
        lab.run(live=False)
    lab.replay(tmp_path / "page.html")
    page = open_replay(browser, tmp_path / "page.html")
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate(RESTS)
        page.evaluate(WATCH)
        assert page.evaluate(SCRUB) == [], (width, height)
    page.set_viewport_size({"width": 1280, "height": 720})
    button(page, "Present").click()
    page.evaluate(RESTS)
    page.evaluate(WATCH)
    assert page.evaluate(SCRUB) == [], "presented"
    close_replay(page)


@pytest.mark.slow
@every_lab
def test_nothing_moves_while_a_lab_trains(page):
    if "RankLab" in page.url:  # alone trains nothing
        assert not button(page, "Run").count()
        return
    page.evaluate(RESTS)
    page.evaluate(WATCH)
    page.evaluate("window.looking()")
    button(page, "Run").click()
    expect(button(page, "Stop")).to_be_enabled()
    page.wait_for_timeout(5_000)
    button(page, "Stop").evaluate("(stop) => stop.click()")  # may have nothing to end any more
    expect(button(page, "Stop")).to_be_disabled()
    page.evaluate(RESTS)
    assert page.evaluate("window.moved()") == []
