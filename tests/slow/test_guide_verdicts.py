"""What the instructor's guide says that a lab prints is printed."""

import html
import re

import pytest
from test_guide import STEPS, part, presets_in

from condensekit import labs

SEEN = [
    (lab, name, said)
    for step in STEPS
    if part(step, "See")
    for (lab, name), said in zip(
        presets_in(part(step, "Preset")), re.findall(r'"([^"]+)"', part(step, "See")), strict=True
    )
]


def told(lab):
    """The verdict after a run, as it is read."""
    if lab.subject.timed:
        lab.run(live=False)
    text = html.unescape(re.sub("<[^>]+>", "", lab.verdict.value))
    lab.close()
    return text


@pytest.mark.parametrize(("lab", "name", "said"), SEEN)
def test_a_preset_ends_as_the_guide_says(lab, name, said):
    assert said in told(getattr(labs, lab).preset(name))


def test_one_sample_more_is_allowed_and_still_not_reached():
    text = told(labs.RecoveryLab.preset("one sample more"))
    assert "✔ Allowed by theory: 10 samples" in text
    assert "✘ Not reached by training" in text
