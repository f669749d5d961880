"""What a lab prints is the same on every instruction set."""

import re
from pathlib import Path

import pytest
import verdict_texts
from site_tool import loaded

golden = loaded("tools/golden_numbers.py")
FILE = Path(verdict_texts.__file__)
HEADS = r"[✔✘○] (?:Allowed|Not allowed|Reached|Not reached)[^:]*"

pytestmark = pytest.mark.skipif(len(golden.available()) < 2, reason="there is nothing to compare")


@pytest.fixture(scope="module")
def told():
    """All texts, on each instruction set."""
    return {name: golden.limited(name, str(FILE)) for name in golden.available()}


def test_every_number_that_a_verdict_prints_is_the_same(told, record_property):
    first, *rest = told
    ours = {f"{name}: {preset}" for name, preset in verdict_texts.SENSITIVE}
    count, wrong = 0, []
    for other in rest:
        for name in told[first].keys() - ours:
            for one, here in zip(told[first][name], told[other][name], strict=True):
                count += len(re.findall(r"\d[\d,.]*", one))
                if one != here:
                    wrong.append((other, name, one, here))
    assert wrong == []
    record_property("reliability: printed numbers of verdicts compared", count)


def test_what_theory_and_training_say_in_words_is_the_same_where_rounding_grows(told):
    for name, preset in verdict_texts.SENSITIVE:
        heads = {
            tuple(re.findall(HEADS, text))
            for texts in told.values()
            for text in texts[f"{name}: {preset}"]
        }
        assert len(heads) == 1 and len(*heads) == 2, heads
