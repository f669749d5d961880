"""Proven and counted ranks agree, for ten times as many networks as in `test_exact_rank.py`."""

from hypothesis import given, settings
from test_exact_rank import networks, test_proven_and_counted_agree_for_any_floats

agree = test_proven_and_counted_agree_for_any_floats.hypothesis.inner_test
del test_proven_and_counted_agree_for_any_floats  # pytest would run it here, too


@settings(max_examples=2_000)
@given(networks())
def test_proven_and_counted_agree_for_many_floats(network):
    agree(network)
