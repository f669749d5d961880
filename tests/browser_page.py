"""What tests of labs do in a page: find a control, read a picture, wait for a change."""

import html
import re

from playwright.sync_api import TimeoutError as TooLate


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def run_through(page):
    """Press Run, and wait until what it began is over, however soon that is.

    Stop cannot be pressed before a run begins, either: who asks for that alone may be too early.
    """
    stop = button(page, "Stop").element_handle()
    begun = page.evaluate_handle(
        """(stop) => {
            const seen = {began: !stop.disabled};
            new MutationObserver(() => { seen.began ||= !stop.disabled; })
                .observe(stop, {attributeFilter: ['disabled']});
            return seen;
        }""",
        stop,
    )
    button(page, "Run").click()
    page.wait_for_function(
        "([seen, stop]) => seen.began && stop.disabled", arg=[begun, stop], timeout=60_000
    )


def curve(page, figure):
    """The paths that a picture draws, as the browser has them."""
    script = "(el) => [...el.querySelectorAll('path.line')].map((p) => p.getAttribute('d')).join()"
    return page.locator(".bqplot").nth(figure).evaluate(script)


def dots(page, figure):
    """The places of the points in a picture, as dots, or as lines while they move."""
    script = """(el) => [...el.querySelectorAll('.object_grp, .condensekit-swarm path.line')]
        .filter((one) => !one.closest('g[style*="display: none"]'))
        .map((one) => one.getAttribute('transform') ?? one.getAttribute('d')).join()"""
    return page.locator(".bqplot").nth(figure).evaluate(script)


def image(page, figure):
    """The image that a picture shows."""
    return page.locator(".bqplot").nth(figure).locator("image").first.get_attribute("href")


def settled(page, look, figure, timeout=20_000):
    """A picture once nothing changes in it: a drawing may come later than the click."""
    before = None
    for _ in range(timeout // 400):
        now = look(page, figure)
        if now == before:
            return now
        before = now
        page.wait_for_timeout(400)
    raise AssertionError(f"{look.__name__} {figure} still changed after {timeout} ms")


def changes(page, look, *args, before=None, timeout=20_000):
    """Wait until `look` gives something else than `before`, or than now."""
    before = look(page, *args) if before is None else before
    for _ in range(timeout // 50):
        now = look(page, *args)
        if now != before:
            return now
        page.wait_for_timeout(50)
    raise AssertionError(f"{look.__name__} {args} did not change within {timeout} ms")


def status(page):
    return page.get_by_role("status").first.inner_text()


def timeline(page):
    """The handle of the slider of recorded steps."""
    return page.locator(".widget-hslider", has_text="step").last.locator(".noUi-handle")


def moment(page):
    """Which of the recorded steps is on screen."""
    return float(timeline(page).get_attribute("aria-valuenow"))


def end(page):
    """The last recorded step."""
    return float(timeline(page).get_attribute("aria-valuemax"))


def says(page, text, timeout=30_000):
    """Wait until the page says so."""
    said = "(text) => document.body.innerText.includes(text)"
    try:
        page.wait_for_function(said, arg=text, timeout=timeout)
    except TooLate:
        lines = page.get_by_role("status").all_inner_texts()
        raise AssertionError(f"{text!r} was not said in {timeout} ms; status: {lines}") from None


def themed(page, face):
    """The same page in JupyterLab's light or dark theme."""
    name = f"JupyterLab {face.capitalize()}"
    page.evaluate(
        f"window.jupyterapp.commands.execute('apputils:change-theme', {{theme: '{name}'}})"
    )
    light = "true" if face == "light" else "false"
    page.wait_for_selector(f"body[data-jp-theme-light='{light}']", state="attached")
    page.locator("#jupyterlab-splash").wait_for(state="detached")
    # The sheet of the theme comes later than its name.
    page.wait_for_function(
        """(light) => {
            const [r] = getComputedStyle(document.querySelector('.jp-NotebookPanel-toolbar'))
                .backgroundColor.match(/[0-9]+/g);
            return (r > 128) === light;
        }""",
        arg=face == "light",
    )


def row(page, label):
    """The control with this label: the innermost row that holds it."""
    named = page.locator("label").and_(page.get_by_text(label, exact=True))  # no axis of a picture
    return page.locator(".widget-hbox", has=named).last


def entry(page, label):
    """The text box of a control."""
    return row(page, label).locator(".widget-text input")


def enter(page, label, text):
    """Type into the text box of a control; of a text that is put there, Firefox tells nobody."""
    entry(page, label).select_text()
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def fold(page, title):
    """The head of what is folded away."""
    return page.locator(".widget-toggle-button", has_text=title)


def opened_fold(page, title):
    """What is behind the head of a fold."""
    return fold(page, title).locator("xpath=following-sibling::*[1]")


def ran(page, pictures):
    """Wait until all cells have run and the lab shows its pictures."""
    last = f".bqplot >> nth={pictures - 1}"
    page.wait_for_selector(last, state="attached", timeout=60_000)
    button(page, "Run").first.wait_for()
    page.wait_for_function(
        """() => [...document.querySelectorAll('.jp-InputPrompt')]
            .every((p) => !/\\[[ *]\\]/.test(p.innerText))""",
        timeout=120_000,
    )


_BOXES = """(all) => all.map((el) => {
    const { x, y, width, height } = Element.prototype.getBoundingClientRect.call(el);
    return { x, y, width, height };
})"""  # a picture's own one tells bqplot its size before it is scaled


def _resting(page, pictures, still=300, timeout=30_000):
    """Boxes of the pictures once they stand still: JupyterLab lays a page out after a while."""
    boxes, rested = None, 0
    for _ in range(timeout // 50):
        before = boxes
        boxes = page.locator(".bqplot").evaluate_all(_BOXES)[:pictures]
        rested = rested + 50 if boxes == before else 0
        if rested >= still:
            return boxes
        page.wait_for_timeout(50)
    raise AssertionError(f"the pictures did not stand still within {timeout} ms")


def resized(page, width, height=900):
    """Give a page another size, and wait until its pictures stand still there."""
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_function("width => window.innerWidth === width", arg=width)
    _resting(page, None)


def overlapping(page, pictures):
    """Pairs of pictures of which one covers the other, or that leave the page."""
    boxes = _resting(page, pictures)
    found = []
    for i, one in enumerate(boxes):
        if one["x"] < 0 or one["x"] + one["width"] > page.viewport_size["width"]:
            found.append((i, "page"))
        for j, other in enumerate(boxes[:i]):
            apart = (
                one["x"] >= other["x"] + other["width"] - 1
                or other["x"] >= one["x"] + one["width"] - 1
                or one["y"] >= other["y"] + other["height"] - 1
                or other["y"] >= one["y"] + one["height"] - 1
            )
            if not apart:
                found.append((i, j))
    return found


def clipped(page):
    """Texts of controls and pictures that do not fit into their boxes; some are read only."""
    return page.evaluate(
        """() => [...document.querySelectorAll('.widget-label, .jupyter-button,'
                + '.widget-checkbox span, .widget-html-content > div')]
            .filter((el) => el.offsetParent && el.clientWidth > 1
                && el.scrollWidth > el.clientWidth + 1)
            .map((el) => el.innerText)"""
    )


def spilled(page):
    """Texts above pictures that reach over the end of their box, into the next picture."""
    return page.evaluate(
        """() => [...document.querySelectorAll('.widget-html')]
            .filter((box) => box.offsetParent && [...box.querySelectorAll('span, b')].some(
                (el) => el.getBoundingClientRect().right > box.getBoundingClientRect().right + 6))
            .map((box) => box.innerText)"""
    )


def verdict(lab):
    """What a lab says of the moment."""
    return " ".join(html.unescape(re.sub("<[^>]+>", " ", lab.verdict.value)).split())


def read(page):
    """All that can be read in a page."""
    return " ".join(page.locator("body").inner_text().split())


# Replays -----------------------------------------------------------------------------------------


def open_replay(browser, path, width=1200):
    """The page of a lab, with the network off; what it asks of a network fails, and is counted."""
    context = browser.new_context(viewport={"width": width, "height": 900}, offline=True)
    page = context.new_page()
    page.errors, page.asked = [], []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto(path.as_uri())
    page.locator("body[data-ready]").wait_for()
    return page


def close_replay(page):
    """There was no error, and nothing was asked of a network."""
    assert page.errors == []
    assert not [url for url in page.asked if url.startswith("http")]
    page.context.close()


def stands(page, index):
    """Wait until a recorded step is on screen."""
    drawn = "(index) => window.replay.index === index && !window.replay.working"
    page.wait_for_function(drawn, arg=index)
    assert moment(page) == index
