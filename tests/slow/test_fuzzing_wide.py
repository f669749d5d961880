"""A hundred thousand inputs of `fuzz`: read rightly, or refused in a sentence."""

import random

import fuzz
import pytest
from test_fuzzing import folder

assert folder

COUNTS = {
    "formulas": 20_000,
    "tokens": 20_000,
    "series of values": 10_000,
    "tables as CSV": 20_000,
    "answers as CSV": 8_000,
    "lines of progress": 8_000,
    "presets": 4_000,
    "IDX files": 6_000,
    "files of runs": 8_000,
    "tables of sweeps": 4_000,
    "journals of sweeps": 8_000,
}


@pytest.mark.parametrize("name", fuzz.READERS)
def test_many_inputs_are_read_or_refused(name, folder, record_property):
    count = COUNTS[name]
    taken = sum(fuzz.tried(name, random.Random(seed)) for seed in range(count))
    assert 0 < taken <= count, "of some kinds nothing is ever taken, so nothing was tried"
    record_property("reliability: inputs fuzzed", count)


def test_these_are_many():
    assert COUNTS.keys() == fuzz.READERS.keys()
    assert sum(COUNTS.values()) >= 100_000
