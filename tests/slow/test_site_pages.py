"""The web site as Sphinx builds it: without warnings, and no link in it is broken."""

import subprocess
import sys
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest
from site_tool import ROOT, loaded

for needed in ("sphinx", "furo", "myst_nb", "numpydoc", "matplotlib"):
    pytest.importorskip(needed)


class Links(HTMLParser):
    """The names in a page, and where it leads."""

    def __init__(self, text):
        super().__init__()
        self.names, self.links, self.alts = set(), set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        self.names |= {told[key] for key in ("id", "name") if told.get(key)}
        self.links |= {told[key] for key in ("href", "src", "data-at") if told.get(key)}
        if tag == "img":
            self.alts.append(told.get("alt"))


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    loaded("tools/build_site.py").main(folder / "source")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-j", "2"]
    command += ["-d", folder / "doctrees", folder / "source", folder / "pages"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "pages"


def test_every_page_is_there_and_small_enough_for_a_phone(built):
    site = loaded("tools/build_site.py")
    names = ["index", "README", "CHANGELOG", "CONTRIBUTING", "SECURITY", "references", "api/index"]
    names += [f"docs/{name}" for name in ("glossary", "families", "formats", "reliability")]
    names += [*(f"api/{name}" for name in site.API)]
    names += [f"notebooks/{path.stem}" for path in ROOT.glob("notebooks/*.ipynb")]
    names += [f"benchmarks/results/{path.stem}" for path in ROOT.glob("benchmarks/results/*.md")]
    replays = [one.page for one in site.GALLERY + site.FURTHER]
    sizes = {name: (built / f"{name}.html").stat().st_size for name in names + replays}
    assert all(0 < sizes[name] < 1_000_000 for name in names), sizes
    assert all(0 < sizes[name] < 4_500_000 for name in replays), sizes
    assert "is not running here" not in "".join(
        path.read_text("utf-8") for path in built.glob("notebooks/*.html")
    )


def test_no_link_is_broken_and_every_picture_says_what_is_seen(built):
    pages = {path.resolve(): Links(path.read_text("utf-8")) for path in built.rglob("*.html")}
    broken = []
    for path, page in pages.items():
        assert all(page.alts), path
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            there = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            there = there / "index.html" if there.is_dir() else there
            names = pages[there].names if there in pages else {unquote(parts.fragment)}
            if not there.is_file() or (parts.fragment and unquote(parts.fragment) not in names):
                broken.append((path.relative_to(built.resolve()).as_posix(), link))
    assert broken == []
    assert sum(len(page.links) for page in pages.values()) > 5_000
