"""The page of a lab that was cut on its way: it says so, and shows no number."""

import random

import pytest

from condensekit.labs import FactorizationLab

pytestmark = pytest.mark.browser

SAID = "The end of this page is missing: copy or load it again."
CLOSELY = pytest.param(8, marks=pytest.mark.slow, id="closely")


@pytest.fixture
def shown(browser):
    """What a browser shows of a piece of a page, once it has read it."""
    context = browser.new_context(offline=True)
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))

    def text(path):
        page.goto(path.as_uri(), wait_until="load")
        assert page.locator("body[data-ready], .jupyter-widgets, .bqplot").count() == 0
        return page.locator("body").inner_text()

    yield text
    context.close()
    assert errors == []


@pytest.mark.parametrize("every", [pytest.param(80, id="some"), CLOSELY])
def test_a_page_that_is_cut_says_that_its_end_is_missing(shown, tmp_path, every, record_property):
    path = tmp_path / "page.html"
    FactorizationLab().replay(path, libraries="scripts")
    whole = path.read_bytes()
    able = whole.index(b"</script>") + len(b"</script>")  # from where on anything can be said
    told, end = whole.index(b"</head>"), whole.rindex(b"</script>") + len(b"</script>")
    draw = random.Random(0)
    places = {*range(0, told, every), able - 1, able, told, whole.rindex(b"<script>"), end - 1}
    places |= {draw.randrange(told, end) for _ in range(400 // every)}
    for cut in sorted(places):
        path.write_bytes(whole[:cut])
        found = shown(path)
        # Of a tag that was cut right after its beginning, a browser shows that.
        assert SAID in found if cut >= able else found in ("", "<", "</"), (cut, found)
    record_property("reliability: files cut", len(places))
