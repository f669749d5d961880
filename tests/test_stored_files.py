"""Files that a release wrote are read by all later ones, whatever classes are called by then."""

import json
import re

import pytest
from site_tool import ROOT, loaded

import condensekit as ck
from condensekit.training import formats, storage

pytest.importorskip("xarray")
store = loaded("tools/store_files.py")
RELEASES = sorted(path for path in store.FOLDER.iterdir() if path.is_dir())
DIGITS = 1e-12
"""What a later reader may change: a sum may be rounded in another order."""
FORMATS = (ROOT / "docs" / "formats.md").read_text("utf-8")


def same(found, held, where):
    """Whether two pieces of JSON are equal: texts as they are, numbers to their last digits."""
    if isinstance(held, dict):
        assert isinstance(found, dict) and held.keys() <= found.keys(), where
        return all(same(found[key], held[key], f"{where}, {key}") for key in held)
    if isinstance(held, list):
        assert isinstance(found, list) and len(found) == len(held), where
        return all(
            same(a, b, f"{where}, {i}") for i, (a, b) in enumerate(zip(found, held, strict=True))
        )
    assert type(found) is type(held), where
    assert found == (pytest.approx(held, rel=DIGITS) if isinstance(held, float) else held), where
    return True


def everything(folder):
    return same(store.read(folder), json.loads((folder / store.NUMBERS).read_text("utf-8")), "")


def test_each_minor_release_has_its_files():
    assert ".".join(ck.__version__.split(".")[:2]) in [path.name for path in RELEASES]


@pytest.mark.parametrize("folder", RELEASES, ids=lambda path: path.name)
def test_what_a_release_wrote_is_read_to_the_last_digit(folder):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert everything(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("folder", RELEASES, ids=lambda path: path.name)
def test_what_a_release_trained_is_trained_again(folder):
    """The numbers beside the files are those of the networks, and not only of their reader."""
    runs = ck.Runs.load(folder / "runs.npz")
    assert runs.experiments == store.EXPERIMENTS
    for run, again in zip(runs, ck.train(list(store.EXPERIMENTS)), strict=True):
        assert run.loss[-1] == pytest.approx(again.loss[-1], rel=1e-6)


@pytest.mark.parametrize("folder", RELEASES, ids=lambda path: path.name)
def test_a_number_that_differs_is_seen(folder):
    held = json.loads((folder / store.NUMBERS).read_text("utf-8"))
    held["runs.npz"][0]["loss"][-1] *= 1.0 + 1e-9
    with pytest.raises(AssertionError, match=r"runs\.npz, 0, loss, 20"):
        same(store.read(folder), held, "")


@pytest.fixture
def later(monkeypatch):
    """A later version, in which a class has another name; the way to it from today's format."""
    renamed, today = [], formats.SETTINGS
    for module in (formats, storage):
        monkeypatch.setattr(module, "SETTINGS", today + 1)

    def rename(kind, to, way):
        renamed.append((kind, kind.__name__))
        kind.__name__ = to
        monkeypatch.setitem(formats._MIGRATIONS, today, way)

    yield rename
    for kind, name in renamed:
        kind.__name__ = name


KINDS = {"model": ck.TwoLayer, "problem": type(store.SMALL.problem), "experiment": ck.Experiment}


@pytest.mark.parametrize("folder", RELEASES, ids=lambda path: path.name)
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_class_that_is_renamed_breaks_no_file(folder, kind, later):
    old = kind.__name__
    later(kind, "ByAnotherName", formats._renamed({old: "ByAnotherName"}))
    assert everything(folder)


def test_without_its_entry_a_class_that_is_renamed_is_asked_for_by_name(later):
    later(ck.TwoLayer, "ByAnotherName", lambda data: data)
    with pytest.raises(ValueError, match="'TwoLayer' is not a kind of settings"):
        store.read(RELEASES[0])


def test_the_page_of_formats_names_every_stored_file_and_the_numbers_of_the_code():
    (newest,) = [path for path in RELEASES if ck.__version__.startswith(f"{path.name}.")]
    named = {*re.findall(r"`([\w.-]+)`", FORMATS)}
    assert {path.name for path in newest.iterdir()} - {store.NUMBERS} <= named
    assert f"the number of their format, {formats.SETTINGS} today" in FORMATS
    assert f"`{storage.FORMAT}`" in FORMATS
    assert f"`{ck.sweeps.cells.FORMAT}`" in FORMATS
    assert f"`ck{ck.tokens.VERSION}-`" in FORMATS
