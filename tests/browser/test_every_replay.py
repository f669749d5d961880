"""The page of every lab in every browser, opened from a file, with the network off."""

import pytest
from browser_marks import same
from browser_page import (
    button,
    changes,
    clipped,
    close_replay,
    end,
    enter,
    entry,
    fold,
    moment,
    open_replay,
    read,
    spilled,
    stands,
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
TIMED = {
    "attention": (lambda: AttentionLab(heads=2, n_samples=8, steps=10), {"heads": [2, 1]}),
    "condensation": (lambda: CondensationLab(**FEW, steps=50), {"width": [20, 10]}),
    "factorization": (FactorizationLab, {"n_samples": [12, 14]}),
    "kernels": (lambda: KernelLab(width=4, n_samples=20, steps=4), {"width": [4, 3]}),
    "recovery": (lambda: RecoveryLab(**FEW, steps=60), {"init_std": [1e-3, 0.1]}),
    "regimes": (lambda: RegimeLab(width=10), {"gamma": [1.75, 0.5]}),
    "symmetry": (lambda: SymmetryLab(optimizer="Adam", width=4), {"width": [4, 5]}),
}
SOME = [
    name if name == "recovery" else pytest.param(name, marks=pytest.mark.slow) for name in TIMED
]
UNTIMED = {
    "phase": (PhaseLab, {"column": [1, 5, 8], "row": [1, 3]}),
    "rank": (lambda: RankLab(m=8), {"k": [1, 2], "how": ["split", "null"]}),
}


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """The page and the lab of a name: recorded once for all browsers."""
    folder, known = tmp_path_factory.mktemp("replays"), {}

    def found(name):
        if name not in known:
            opens, values = (TIMED | UNTIMED)[name]
            known[name] = opens()
            if known[name].subject.timed:
                known[name].put(**{control: first for control, (first, *_) in values.items()})
            known[name].replay(folder / f"{name}.html", **values)
        return folder / f"{name}.html", known[name]

    return found


@pytest.fixture
def replayed(any_browser, recorded):
    """Open the page of a name; give it with the lab."""
    pages = []

    def opened(name):
        path, lab = recorded(name)
        pages.append(open_replay(any_browser, path))
        return pages[-1], lab

    yield opened
    for page in pages:
        close_replay(page)


def turn(lab, **values):
    """The lab alone, without the run that it showed before beside the one it shows."""
    lab.put(**values)
    lab.last = None


def at(page, lab, index):
    """The page and the lab come to the same recorded step."""
    stands(page, index)
    lab.go_to(lab.runs()[0].step[index])
    page.get_by_text(lab.timeline.moment.value, exact=True).wait_for()
    assert same(page, lab) > 0


def stacked(page):
    """Whether numerators stand above denominators."""
    above = """(all) => all.every(({children: [up, down]}) =>
        up.getBoundingClientRect().bottom <= down.getBoundingClientRect().top + 1)"""
    return page.locator("mfrac").evaluate_all(above)


def meeting(page):
    """Whether all equations meet at one place: left sides end there, right sides begin there."""
    ends = """(rows) => rows.map(({children: [left, right]}) =>
        [left.lastElementChild.getBoundingClientRect().right,
         right.firstElementChild.getBoundingClientRect().left])"""
    left, right = zip(*page.locator("mtr").evaluate_all(ends), strict=True)
    return max(left) - min(left) <= 1 and max(right) - min(right) <= 1


@pytest.mark.slow
@pytest.mark.parametrize("name", SOME)
def test_a_run_is_scrubbed_played_and_turned(replayed, name):
    page, lab = replayed(name)
    ((control, values),) = TIMED[name][1].items()
    box = lab.controls[control].text
    turn(lab, **{control: values[0]})
    last = len(lab.runs()[0]) - 1
    assert moment(page) == end(page) == last
    at(page, lab, last)

    # The slider, by keyboard.
    timeline(page).focus()
    page.keyboard.press("Home")
    at(page, lab, 0)
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    at(page, lab, 3)
    page.keyboard.press("End")
    at(page, lab, last)

    # Events, one after the other, from the start.
    page.keyboard.press("Home")
    stands(page, 0)
    stops = sorted({mark.index for mark in lab.timeline.marks} - {0})
    for stop in stops:
        button(page, "event ▶").click()
        at(page, lab, stop)

    # Play, and stop it on the way.
    timeline(page).focus()
    page.keyboard.press("Home")
    stands(page, 0)
    button(page, "Play").click()
    changes(page, moment, before=0.0)
    timeline(page).focus()
    page.keyboard.press("ArrowLeft")
    expect(button(page, "Play")).to_be_visible()
    held = page.evaluate("window.replay.index")
    at(page, lab, held)
    button(page, "Play").click()
    changes(page, moment, before=held)
    button(page, "End").click()
    expect(button(page, "Play")).to_be_visible()

    # The control with recorded values: to the other run, and to the end of it.
    if not entry(page, box.description).is_visible():
        fold(page, "More settings").click()
    turn(lab, **{control: values[1]})
    enter(page, box.description, box.value)
    expect(entry(page, box.description)).to_have_value(box.value)
    page.wait_for_function("window.replay.run === 1 && !window.replay.working")
    timeline(page).focus()
    page.keyboard.press("End")
    at(page, lab, len(lab.runs()[0]) - 1)
    assert clipped(page) == spilled(page) == []


def test_ranks_are_looked_up_and_their_derivation_is_set(replayed):
    page, lab = replayed("rank")
    fold(page, "Derivation, by SymPy").click()
    for how in ("null", "split"):
        for k in (2, 1):
            page.get_by_label("embedding", exact=True).select_option(how)
            enter(page, "neurons k", str(k))
            turn(lab, k=k, how=how)
            assert same(page, lab) > 0
            expect(page.locator("math")).to_be_visible()
            assert page.locator("math mfrac").count() > 2 * (k + 2)
            assert stacked(page) and meeting(page)
            assert "frac{" not in read(page) and "$" not in read(page)
    enter(page, "neurons k", "5")  # was not recorded
    expect(entry(page, "neurons k")).to_have_value("2")
    handle = page.locator(".bqplot").first.locator(".object_grp").last
    before = handle.get_attribute("transform")
    box = handle.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] - 60, steps=4)
    page.mouse.up()
    assert handle.get_attribute("transform") == before, "of the tolerance only one is recorded"
    assert clipped(page) == spilled(page) == []


def near(recorded, wanted):
    return min(recorded, key=lambda one: abs(one - wanted))


def middle(page, column, row):
    """Where a cell is now: columns go to the right, rows go up."""
    cells = page.locator(".bqplot").first.locator(".heatmapcell")
    places = cells.evaluate_all("""(all) => all.map((el) => el.getBoundingClientRect())
        .map(({x, y, width, height}) => [x + width / 2, y + height / 2])""")
    across, up = ({round(place[axis], 1) for place in places} for axis in (0, 1))
    assert (len(across), len(up)) == (10, 6)
    return sorted(across)[column], sorted(up, reverse=True)[row]


@pytest.mark.slow
def test_cells_of_a_map_are_opened_by_keys_and_by_a_click(replayed):
    page, lab = replayed("phase")
    names = UNTIMED["phase"][1]

    def there(column, row):
        lab.see(column=column, row=row)
        lab.table.pictures[0].clicked(lab, column, row, live=False)
        assert same(page, lab) > 0

    there(5, 3)
    handle = page.get_by_role("slider", name="samples n")
    handle.focus()
    for key, column in (("End", 8), ("Home", 1)):
        page.keyboard.press(key)
        there(column, 3)
    for column, row in ((8, 1), (4, 2), (5, 3), (0, 0)):
        page.mouse.click(*middle(page, column, row))
        near = {"column": column, "row": row}
        there(
            *(min(names[name], key=lambda one, at=at: abs(one - at)) for name, at in near.items())
        )
    assert "goes to the nearest cell of these" in read(page)
    expect(button(page, "Open")).to_be_disabled()
    assert clipped(page) == spilled(page) == []
