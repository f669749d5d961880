"""Labs as pages, opened from a file, with the network off."""

import html
import re

import pytest
from browser_page import (
    button,
    changes,
    clipped,
    curve,
    end,
    entry,
    fold,
    moment,
    settled,
    spilled,
    timeline,
)
from playwright.sync_api import expect

from condensekit.labs import (
    AttentionLab,
    CondensationLab,
    FactorizationLab,
    KernelLab,
    PhaseLab,
    RankLab,
    RecoveryLab,
    RegimeLab,
    SymmetryLab,
)

pytestmark = pytest.mark.browser

FEW = {"width": 20, "n_samples": 12}


@pytest.fixture
def replayed(browser, tmp_path):
    """Open the page of a lab; whatever it asks of a network fails, and is counted."""
    pages = []

    def opened(lab, width=1200, **recorded):
        lab.replay(tmp_path / "page.html", **recorded)
        context = browser.new_context(viewport={"width": width, "height": 900}, offline=True)
        page = context.new_page()
        page.errors, page.asked = [], []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto((tmp_path / "page.html").as_uri())
        page.locator("body[data-ready]").wait_for()
        pages.append(page)
        return page

    yield opened
    for page in pages:
        assert page.errors == []
        assert not [url for url in page.asked if url.startswith("http")]
        page.context.close()


def verdict(lab):
    return " ".join(html.unescape(re.sub("<[^>]+>", " ", lab.verdict.value)).split())


def stands(page, index):
    """Wait until a recorded step is on screen."""
    drawn = "(index) => window.replay.index === index && !window.replay.working"
    page.wait_for_function(drawn, arg=index)
    assert moment(page) == index


def read(page):
    return " ".join(page.locator("body").inner_text().split())


def test_a_run_is_scrubbed_played_and_its_events_are_gone_to(replayed):
    lab = FactorizationLab()
    lab.run(live=False)
    page = replayed(lab)
    last = len(lab.result) - 1
    assert moment(page) == end(page) == last
    assert verdict(lab) in read(page)
    timeline(page).focus()
    page.keyboard.press("Home")
    changes(page, moment, before=last)
    lab.go_to(0)
    page.get_by_text(lab.timeline.moment.value, exact=True).wait_for()
    assert verdict(lab) in read(page)
    stops = sorted({mark.index for mark in lab.timeline.marks})
    for stop in [stop for stop in stops if stop > 0]:
        button(page, "event ▶").click()
        stands(page, stop)
        lab.go_to(int(lab.result.step[stop]))
        page.get_by_text(lab.timeline.moment.value, exact=True).wait_for()
        assert verdict(lab) in read(page)
    timeline(page).focus()
    page.keyboard.press("Home")
    button(page, "Play").click()
    for _ in range(3):
        changes(page, moment)
    button(page, "End").click()
    expect(button(page, "Play")).to_be_visible()
    expect(button(page, "Run")).to_be_disabled()
    assert page.get_by_role("link", name="run it on Binder").get_attribute("href")
    assert clipped(page) == spilled(page) == []


def test_a_control_snaps_to_the_run_that_was_recorded_and_the_moment_stays(replayed):
    stds = [1e-3, 1e-1]
    lab = RecoveryLab(**FEW, steps=60, init_std=1e-3)
    page = replayed(lab, init_std=stds)
    assert entry(page, "variance σ²").input_value() == "1e-06"
    told = {}
    for std in stds:
        other = RecoveryLab(**FEW, steps=60, init_std=std)
        other.run(live=False)
        told[f"{std**2:.4g}"] = verdict(other)
    for typed, shown in (
        ("0.5", "0.01"),
        ("1e-9", "1e-06"),
        ("3e-5", "1e-06"),
        ("nothing", "1e-06"),
    ):
        entry(page, "variance σ²").fill(typed)
        entry(page, "variance σ²").press("Enter")
        expect(entry(page, "variance σ²")).to_have_value(shown)
        assert told[shown] in read(page)
    handle = page.get_by_role("slider", name="variance σ²")
    handle.focus()
    page.keyboard.press("End")
    expect(entry(page, "variance σ²")).to_have_value("0.01")
    assert told["0.01"] in read(page)
    assert moment(page) == end(page)
    expect(entry(page, "width m")).to_be_disabled()
    assert "snaps to what was recorded: 1e-06, 0.01" in read(page)


def test_a_hand_is_followed_while_pictures_are_drawn_and_while_it_plays(replayed):
    lab = FactorizationLab()
    page = replayed(lab)
    timeline(page).focus()
    page.keyboard.press("Home")
    for _ in range(25):  # faster than pictures are drawn
        page.keyboard.press("ArrowRight")
    stands(page, 25)
    lab.go_to(int(lab.result.step[25]))
    page.get_by_text(lab.timeline.moment.value, exact=True).wait_for()
    assert verdict(lab) in read(page)
    button(page, "Play").click()
    changes(page, moment, before=25)
    timeline(page).focus()
    page.keyboard.press("Home")
    expect(button(page, "Play")).to_be_visible()
    stands(page, 0)


def test_runs_of_other_lengths_have_their_own_ends(replayed):
    lab = RecoveryLab(**FEW, steps=15)
    page = replayed(lab, init_std=[1e-3], seed=[0, 1])
    lengths = page.evaluate("window.replay.data.runs.map((run) => run.length)")
    assert len(lengths) == 2
    page.evaluate("window.replay.data.runs[1].length = 9")  # as of a run that ended early
    for seed, last in (("1", 8), ("0", lengths[0] - 1), ("1", 8)):
        if not entry(page, "seed").is_visible():
            fold(page, "More settings").click()
        entry(page, "seed").fill(seed)
        entry(page, "seed").press("Enter")
        stands(page, last)
        assert end(page) == last
        timeline(page).focus()
        page.keyboard.press("Home")
        stands(page, 0)
        page.keyboard.press("End")
        stands(page, last)


def test_a_rank_is_looked_up_by_two_controls(replayed):
    lab = RankLab(m=8)
    page = replayed(lab, k=[1, 2], how=["split", "null"])
    for k in (1, 2):
        entry(page, "neurons k").fill(str(k))
        entry(page, "neurons k").press("Enter")
        expect(entry(page, "neurons k")).to_have_value(str(k))
        for how in ("null", "split"):
            page.get_by_label("embedding", exact=True).select_option(how)
            lab.put(k=k, how=how)
            page.get_by_text(f"{3 * k} of 24 parameters").wait_for()
            assert verdict(lab) in read(page)
    page.get_by_label("embedding", exact=True).select_option("silent")  # was not recorded
    expect(page.get_by_label("embedding", exact=True)).to_have_value("split")


def test_scripts_beside_the_page_are_read_as_those_inside(replayed):
    lab = FactorizationLab()
    page = replayed(lab, libraries="scripts")
    assert {url for url in page.asked if "/scripts/" in url}
    assert moment(page) == len(lab.runs()[0]) - 1
    assert verdict(lab) in read(page)


@pytest.mark.parametrize(("width", "first"), [(390, "picture"), (1200, "controls")])
def test_on_a_phone_pictures_come_before_the_controls(replayed, width, first):
    page = replayed(FactorizationLab(), width=width)
    picture = page.locator(".bqplot").first.bounding_box()
    controls = entry(page, "entries seen n").bounding_box()
    apart = controls["y"] > picture["y"] + picture["height"]
    assert apart == (first == "picture")
    assert clipped(page) == spilled(page) == []


def test_folds_unfold_and_tell_of_the_moment(replayed):
    lab = FactorizationLab()
    page = replayed(lab)
    fold(page, "The same in a few lines").click()
    page.get_by_text("import condensekit as ck").wait_for()
    fold(page, "What happened").click()
    expect(page.get_by_text("import condensekit as ck")).to_be_hidden()
    signs = page.locator(".widget-vbox button:visible", has_text="▼")
    signs.last.click()
    page.wait_for_function("window.replay.index < window.replay.data.runs[0].length - 1")
    fold(page, "What happened").click()
    expect(signs.first).to_be_visible()  # on the axis


MORE = {
    "condensation": lambda: CondensationLab(**FEW, steps=50),
    "kernels": lambda: KernelLab(width=4, n_samples=20, steps=4),
    "attention": lambda: AttentionLab(heads=2, n_samples=8, steps=10),
    "regimes": lambda: RegimeLab(width=10),
    "symmetry": lambda: SymmetryLab(optimizer="Adam", width=4),
}


def all_curves(page, _):
    return [curve(page, i) for i in range(page.locator(".bqplot").count())]


@pytest.mark.parametrize("open_lab", MORE.values(), ids=MORE)
def test_pictures_move_and_end_as_they_were(replayed, open_lab):
    lab = open_lab()
    lab.run(live=False)
    page = replayed(lab)
    page.locator("path.line[d]").first.wait_for(state="attached")  # some ms after their picture
    at_end = settled(page, all_curves, "of the page")
    page.evaluate("window.replay.go(0)")
    assert settled(page, all_curves, "of the page") != at_end
    page.evaluate("window.replay.go(1e9)")
    assert settled(page, all_curves, "of the page") == at_end
    assert verdict(lab) in read(page)
    assert clipped(page) == spilled(page) == []


def test_a_map_is_shown_as_it_is(replayed):
    lab = PhaseLab()
    page = replayed(lab)
    assert verdict(lab) in read(page)
    assert page.locator(".bqplot").count() == 2
