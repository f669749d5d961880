"""Bad values made from the knobs of a lab; of all labs: `tests/slow/test_bad_settings_wide.py`."""

import pytest
from bad_settings import WAYS, give

TRIED = "reliability: bad settings"


@pytest.mark.parametrize("way", WAYS)
def test_a_bad_setting_is_refused_and_nothing_changes(way, record_property):
    count = give("rank", way)
    assert count >= 60
    record_property(TRIED, count)
