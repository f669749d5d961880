"""The page that lists which family has which method is what the code says."""

import importlib.util
from pathlib import Path

import pytest

import condensekit as ck

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def listing():
    spec = importlib.util.spec_from_file_location("listing", ROOT / "tools" / "list_families.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_the_code_says(listing):
    said = "run tools/list_families.py: docs/families.md is not what the code says"
    assert listing.PATH.read_text(encoding="utf-8") == listing.page(), said


def test_every_family_of_the_package_is_asked(listing):
    ours = {kind for kind in vars(ck.models).values() if isinstance(kind, type)}
    ours = {kind for kind in ours if issubclass(kind, ck.Model) and kind is not ck.Model}
    assert {type(model) for model in listing.FAMILIES} == ours


def test_a_family_of_ones_own_is_told_apart(listing):
    """What is asked of a stranger is answered by the general ways only."""

    class Stranger(ck.TwoLayer.__base__):
        def shapes(self):
            return {"theta": (2,)}

        def __call__(self, params, x):
            return params["theta"][0] * (params["theta"][1] * x[0]).sin()

        @property
        def input_dim(self):
            return 1

    known = [
        name for name, method in listing.methods().items() if listing.answers(Stranger(), method)
    ]
    assert known == ["`model_rank`"]


def test_doors_are_found(listing):
    doors = listing.doors()
    assert len(doors) > 15
    assert {*listing.OTHERS} <= {*doors}
    assert "symmetry.layers.layers" in doors
    assert "symmetry.candidates.motion" not in doors, "that one asks an optimizer"


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_it_is_linked(page):
    assert "docs/families.md" in (ROOT / page).read_text()
