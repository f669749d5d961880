"""Whatever stands in a text or a file: it is read rightly, or refused in a sentence. See `fuzz`."""

import builtins
import math
import pickle
import sys

import fuzz
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from condensekit import tokens

MANY = {"formulas": 150, "tokens": 150, "files of runs": 100, "IDX files": 60}
MANY |= {"tables of sweeps": 30, "journals of sweeps": 60}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of its own, in which nothing is executed or unpickled."""

    def never(*_):
        raise AssertionError("it was executed, or unpickled")

    fuzz.good_sweep()  # Python executes the annotations of what is asked for the first time
    inner = tmp_path / "inner"
    inner.mkdir()
    monkeypatch.chdir(inner)
    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, name, never)
    monkeypatch.setattr(builtins, "eval", never)
    return inner


@pytest.mark.parametrize("name", fuzz.READERS)
def test_inputs_as_nobody_writes_them_are_read_or_refused(name, folder, record_property):
    count = 0

    @settings(
        max_examples=MANY.get(name, 200),
        suppress_health_check=[*HealthCheck],
    )
    @given(st.randoms(use_true_random=False))
    def law(draw):
        nonlocal count
        fuzz.tried(name, draw)
        count += 1

    law()
    record_property("reliability: inputs fuzzed", count)


HOSTILE = {
    "powers": "9**9**9**9",
    "parentheses": "(" * 10_000 + "x" + ")" * 10_000,
    "200 parentheses": "(" * 240 + "x" + ")" * 240,
    "signs": "-" * 499 + "x",
    "attributes": "x" + ".a" * 249,
    "calls": "x" + "()" * 240,
    "poles": "1/(2+" * 90 + "x" + ")" * 90,
    "digits": "9" * 10_000,
    "half of a letter": "\ud800",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_formula_is_refused(text, record_property):
    with pytest.raises(ValueError, match=r"(?s).{15,}\.$"):
        fuzz.formula(text)
    record_property("reliability: inputs fuzzed", 1)


@pytest.mark.parametrize("depth", [100, 400, 700, 850, 900, 950, 5_000])
@pytest.mark.parametrize("link", [lambda inner: [inner], lambda inner: {"is": "x", "model": inner}])
def test_settings_of_any_depth_are_refused(depth, link, monkeypatch, record_property):
    inner = 1
    for _ in range(depth):
        inner = link(inner)
    state = {"lab": "Lab", "experiments": [inner], "step": 0, "until": 0, "view": {}}
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(50_000)
    try:
        token = tokens.write_token(state)
    finally:
        sys.setrecursionlimit(limit)
    with pytest.raises(ValueError, match=r"settings|damaged"):
        tokens.read_moment(token, "Lab")
    record_property("reliability: inputs fuzzed", 1)


@pytest.mark.parametrize("value", [{1, 2}, math.nan, fuzz.deep(100_000), b"x"], ids=type)
def test_what_json_does_not_have_is_in_no_token(value):
    with pytest.raises(ValueError, match="state must be data as JSON has them"):
        tokens.write_token({"a": value})
