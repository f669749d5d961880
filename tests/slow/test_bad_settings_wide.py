"""Bad values made from every knob of every lab, in each of the ways to give them."""

import pytest
from bad_settings import WAYS, give
from cases import LABS
from test_bad_settings import TRIED


@pytest.mark.parametrize("name", LABS)
def test_bad_settings_of_any_lab_are_refused_and_nothing_changes(name, record_property):
    counts = {way: give(name, way) for way in WAYS}
    if name == "phase":  # its controls are series of values, no knobs: `tests/test_phase_lab.py`
        assert counts.pop("by_token") > 100
        assert not any(counts.values())
        return
    assert min(counts.values()) >= 20, counts
    assert sum(counts.values()) >= 300, counts
    record_property(TRIED, sum(counts.values()))
