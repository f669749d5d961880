"""The web site, before Sphinx: the gallery, the pages, the references."""

import html
import inspect
import json
import re
from importlib import import_module
from pathlib import Path

import nbformat
import pytest
from often import sparsely
from site_tool import ROOT, loaded

import condensekit as ck
from condensekit import labs

pytest.importorskip("matplotlib")
site = loaded("tools/build_site.py")
conf = loaded("docs/conf.py")
EVERY = site.GALLERY + site.FURTHER
CARDS = {one.code: f'<a href="UP{one.page}.html">{one.title}</a>' for one in EVERY}
NOTEBOOKS = sorted(path.stem for path in ROOT.glob("notebooks/*.ipynb"))


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """All that Sphinx reads, but for the replays."""
    pytest.importorskip("sphinx")
    folder = tmp_path_factory.mktemp("site")
    site.prepare(folder, CARDS)
    return folder


def test_the_gallery_has_every_lab_and_the_headline_is_first():
    kinds = {kind for kind in vars(labs).values() if inspect.isclass(kind) and kind is not labs.Lab}
    kinds = {kind.__name__ for kind in kinds if issubclass(kind, labs.Lab)}
    assert sorted(one.code for one in site.GALLERY) == sorted(f"{kind}()" for kind in kinds)
    assert site.GALLERY[0].code == "RecoveryLab()"
    assert len({one.page for one in EVERY}) == len(EVERY)
    assert {one.notebook for one in EVERY} <= {*NOTEBOOKS}


@pytest.mark.parametrize("one", sparsely({one.page: (one,) for one in EVERY}, 3))
def test_a_replay_opens_what_its_code_says(one):
    lab = one.open()
    assert type(lab).__name__ == one.code.partition("(")[0]
    if one.code.endswith("()"):
        assert lab.default == type(lab)().default
    lab.close()


def test_the_headline_is_what_its_lab_says():
    said = re.sub("<[^>]+>", "", labs.RecoveryLab().verdict.value)
    assert "500 neurons (1,500 parameters) act as 3." in said
    assert site.GALLERY[0].title == "500 neurons act as 3"


def test_the_small_corner_is_that_of_its_notebook():
    (corner,) = (one for one in site.FURTHER if one.name == "small-corner")
    source = (ROOT / "notebooks" / f"{corner.notebook}.ipynb").read_text("utf-8")
    assert "corner = np.outer((1, 2, 2, 2), (1, 2, 2, 2))" in source
    lab = corner.open()
    trained, *_ = lab.default
    assert trained.n_samples == 7
    assert trained.problem == ck.matrix_completion(
        [[1, 2, 2, 2], [2, 4, 4, 4], [2, 4, 4, 4], [2, 4, 4, 4]]
    )
    lab.close()


def test_labs_without_a_clock_have_a_control_that_works():
    for one in site.GALLERY:
        lab = one.open()
        assert bool(one.recorded) != lab.subject.timed
        shown = {name: (lab.looks | lab.controls).get(name) for name in one.recorded}
        for name, control in shown.items():
            value = getattr(control, "value", control)
            assert value in one.recorded[name], "the page opens on what the card shows"
        lab.close()


@pytest.mark.parametrize("code", sparsely(["FactorizationLab()", "PhaseLab()"], 2))
def test_a_card_shows_its_replay_and_says_what_is_seen(tmp_path, code):
    (one,) = (one for one in site.GALLERY if one.code == code)
    (tmp_path / "replays").mkdir()
    card = site.record(one, tmp_path)
    for link in re.findall(r'(?:href|src)="UP([^"]+)"', card):
        assert (tmp_path / link).stat().st_size > 10_000
    (alt,) = re.findall(r'alt="([^"]+)"', card)
    said = html.unescape(re.sub("<[^>]+>", " ", one.open().verdict.value))
    assert html.unescape(alt) == f"{one.title}. {' '.join(said.split())}"
    page = (tmp_path / f"{one.page}.html").read_text("utf-8")
    assert f"notebooks/{one.notebook}.ipynb" in page, "Binder opens where the lab is explained"
    assert len(page) < 500_000, "scripts are beside it"
    width, height = map(int, re.search(r'width="(\d+)" height="(\d+)"', card).groups())
    png = (tmp_path / f"{one.page}.png").read_bytes()
    assert [width, height] == [int.from_bytes(png[k : k + 4]) for k in (16, 20)]


@pytest.mark.slow
def test_every_notebook_is_a_page_and_every_lab_in_it_a_replay(pages):
    used = set()
    for name in NOTEBOOKS:
        here = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
        there = nbformat.read(pages / "notebooks" / f"{name}.ipynb", as_version=4)
        assert [cell.cell_type for cell in there.cells] == [cell.cell_type for cell in here.cells]
        for cell, shown in zip(here.cells, there.cells, strict=True):
            code = site.opened(cell)
            if code is not None:
                assert code in cell.source
                used.add(code)
                assert [CARDS[code].replace("UP", "../")] == [
                    out.data["text/html"] for out in shown.outputs if "data" in out
                ]
            elif cell.cell_type == "code":
                assert shown.outputs == cell.outputs
    assert used == {one.code for one in EVERY} - {"PhaseLab()"}


def test_the_first_page_leads_everywhere(pages):
    first = (pages / "index.md").read_text("utf-8")
    for one in site.GALLERY:
        assert f'href="{one.page}.html"' in first
    listed = re.findall(r"```{toctree}\n(?::.*\n)+\n((?:.+\n)+)```", first)
    named = re.findall(r"^(?:.*<)?([^<>\n]+)>?$", "".join(listed), re.MULTILINE)
    found = {path.relative_to(pages).with_suffix("") for path in pages.rglob("*.md")}
    found |= {path.relative_to(pages).with_suffix("") for path in pages.rglob("*.ipynb")}
    assert {*map(Path, named)} == found - {Path("index")} | {Path("api/index")}


def test_texts_lead_where_they_lead_in_the_repository(pages):
    for path in [*pages.rglob("*.md"), *pages.rglob("*.ipynb")]:
        text = path.read_text("utf-8")
        if path.suffix == ".ipynb":  # code has brackets, too
            cells = json.loads(text)["cells"]
            texts = [cell["source"] for cell in cells if cell["cell_type"] == "markdown"]
            text = "\n".join("".join(source) for source in texts)
        for link in re.findall(r"\]\(([^):#]+)(?:#[^)]*)?\)", text):
            assert (path.parent / link).is_file(), (path.name, link)


def test_every_paper_has_one_entry(pages):
    cited = re.findall(r"arXiv:(\d{4}\.\d{4,5})", (ROOT / "CITATION.cff").read_text("utf-8"))
    text = (pages / "references.md").read_text("utf-8")
    assert re.findall(r"\[arXiv:(\S+)\]\(https://arxiv\.org/abs/\1\)", text) == cited
    titles = re.findall(r"^- .*: \*([^*]+)\*\.", text, re.MULTILINE)
    assert len(titles) == len(set(titles)) == len(cited) + 1  # the talk
    assert "[08-symmetry](notebooks/08-symmetry.ipynb)" in text


def test_every_public_name_is_on_the_page_of_its_module(pages):
    public = {name for name in ck.__all__ if inspect.ismodule(getattr(ck, name))}
    assert public <= {*site.API}
    for name in site.API:
        text = (pages / "api" / f"{name}.rst").read_text("utf-8")
        module = import_module(f"condensekit.{name}")
        for one in module.__all__:
            told = re.findall(rf"^\.\. (?:auto|py:).*::? condensekit\.{name}\.{one}$", text, re.M)
            value = getattr(module, one)
            code = inspect.isclass(value) or inspect.isroutine(value)
            ours = not code or f"{value.__module__}.".startswith(f"{module.__name__}.")
            assert len(told) == (ours and not inspect.ismodule(value)), (name, one)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("the mean |cos| of ``|x|``", r"the mean \|cos\| of ``|x|``"),
        ("... and |a|", r"... and \|a\|"),
        (">>> a | b", ">>> a | b"),
        ("nothing", "nothing"),
    ],
)
def test_a_norm_is_no_substitution(line, told):
    assert conf.escaped(line) == told


def test_notebooks_are_not_run():
    assert conf.nb_execution_mode == "off"
    assert conf.release == ck.__version__
