"""Events on screen: signs on the time slider and before the lines of *What happened*."""

import base64
import re
import sys

import ipywidgets
import pytest
from screen import story_of

from condensekit.frames import Mark
from condensekit.labs import FactorizationLab, RankLab
from condensekit.views import EventsView


def marks(*indices):
    return [Mark(index, float(index), "plateau", f"event {index}") for index in indices]


def places(view):
    """Where signs stand, as shares of the width, read from the grid that they are in."""
    spans = [*map(int, re.findall(r"(\d+)fr", view.layout.grid_template_columns))]
    columns = [int(button.layout.grid_area.partition("/ ")[2]) for button in view.children]
    return [sum(spans[: column - 1]) / sum(spans) for column in columns]


@pytest.mark.parametrize(
    ("indices", "length"),
    [((1, 5, 8), 11), ((0, 10), 11), ((3, 3, 4), 5), ((10,), 11), ((), 1)],
    ids=["inside", "both ends", "two at once", "the end", "none"],
)
def test_signs_stand_where_their_steps_are(indices, length):
    view = EventsView(lambda index: None, ipywidgets.Layout())
    view.show(marks(*indices), length)
    assert places(view) == pytest.approx([index / (length - 1) for index in indices])


def test_a_click_on_a_sign_or_a_line_goes_there():
    lab = FactorizationLab()
    lab.folds.selected_index = 0
    events = lab.timeline.marks
    assert len(events) > 2
    lines = lab.folds.story.children
    for k, mark in reversed([*enumerate(events)]):
        lab.timeline.strip.children[k].click()
        assert lab._index == mark.index
        lab.go_to(0)
        lines[k].children[0].click()
        assert lab._index == lab.timeline.slider.value == mark.index
        assert mark.text in lines[k].children[1].value
    lab.close()


def test_while_it_trains_nobody_moves_in_time():
    lab = FactorizationLab()
    lab.timeline.enable(on=False)
    here = lab._index
    lab.timeline.strip.children[0].click()
    assert lab._index == here
    lab.close()


def test_signs_of_another_run_leave_no_widget():
    view, counts = EventsView(lambda index: None, ipywidgets.Layout()), []
    for indices in ((1, 2, 3), (4, 5), (1, 2, 3), (4, 5)):
        view.show(marks(*indices), 9)
        counts.append(len(ipywidgets.widgets.widget._instances))
    assert counts[0] == counts[2]
    assert counts[1] == counts[3] < counts[0]


def test_the_story_is_made_anew_only_when_it_is_another():
    lab = FactorizationLab()
    lab.folds.selected_index = 0
    lines = lab.folds.story.children
    lab.go_to(3)
    assert lab.folds.story.children is lines
    lab.put(init_std=0.5)
    assert story_of(lab) != ""
    assert lines[0].comm is None, "closed"
    lab.close()


def test_the_slider_is_made_anew_for_a_run_of_another_length():
    """The End key of a slider goes to the end that there was when the browser made it."""
    lab, made = FactorizationLab(), []
    box = lab.timeline._scrub
    box.observe(
        lambda change: made.append((lab.timeline.slider in change["new"], lab.timeline.slider.max)),
        "children",
    )
    lab.go_to(5)
    assert made == [], "the same run"
    lab.put(init_std=0.01)
    assert made == [(False, 1), (True, 1)]
    lab.run(live=False)
    last = len(lab.runs()[0]) - 1
    assert made[-2:] == [(False, last), (True, last)]
    assert len(made) == 4
    lab.close()


@pytest.mark.parametrize("kind", [FactorizationLab, RankLab])
def test_restore_answers_beside_its_button_while_that_is_seen(kind):
    lab = kind()
    lab.folds.selected_index = len(lab.folds.titles) - 1
    lab.folds.token.value = "nonsense"
    lab.folds.restore_button.click()
    assert "✖" in lab.folds.answer.value
    assert "role" not in lab.folds.answer.value, "a screen reader hears it once"
    text = lab.folds.answer.value.partition("✖")[2]
    assert text in lab.status.value
    lab.folds.selected_index = None
    lab.say("Something else.")
    assert lab.folds.answer.value == ""
    lab.close()


def test_one_fold_is_open_at_a_time_and_its_title_says_so():
    lab = FactorizationLab()
    folds = lab.folds
    folds.heads[0].value = True
    folds.heads[1].value = True
    assert folds.selected_index == 1
    assert folds.unfolded == folds.titles[1]
    shown = [part.layout.display for part in folds.children[1::2]]
    assert shown == ["none", "", *["none"] * (len(shown) - 2)]
    assert [head.tooltip for head in folds.heads[:2]] == ["Unfold", "Fold"]
    folds.heads[1].value = False
    assert folds.unfolded == ""
    assert folds.children[3].layout.display == "none"
    lab.close()


def test_where_no_lab_lives_a_line_says_what_to_do(monkeypatch):
    said = []
    monkeypatch.setattr(
        "condensekit.labs.panel.display",
        lambda bundle, raw, metadata=None: said.append((bundle, metadata)),
    )
    lab = RankLab()
    lab._ipython_display_()
    (line, _), (widget, told) = said
    assert "RankLab is not running here" in line["text/plain"]
    assert line["text/plain"] in line["text/html"]
    assert lab.model_id in line["text/html"]
    (living,) = (one for one in lab.children if "<style" in str(getattr(one, "value", "")))
    assert lab.model_id in living.value
    assert living.layout.display == "none"
    assert widget["application/vnd.jupyter.widget-view+json"]["model_id"] == lab.model_id
    picture = base64.b64decode(widget["image/png"])
    assert picture.startswith(b"\x89PNG")
    assert 10_000 < len(picture) < 200_000
    assert told["image/png"]["alt"].startswith("RankLab: ")
    assert "<" not in told["image/png"]["alt"]
    lab.close()


def test_who_hears_a_lab_hears_all_of_its_verdict(monkeypatch):
    """Also what stands behind a sign that could begin a tag."""
    said = []
    monkeypatch.setattr(
        "condensekit.labs.panel.display",
        lambda bundle, raw, metadata=None: said.append(metadata),
    )
    lab = FactorizationLab()
    lab._ipython_display_()
    told = said[-1]["image/png"]["alt"]
    assert "relative test error < 1.0·10⁻⁸, sharply" in told
    assert "class=" not in told and "&" not in told
    lab.close()


def test_a_lab_is_displayed_without_its_picture_where_there_can_be_none(monkeypatch):
    said = []
    monkeypatch.setattr(
        "condensekit.labs.panel.display", lambda bundle, raw, metadata=None: said.append(bundle)
    )
    monkeypatch.setitem(sys.modules, "condensekit.figures", None)
    lab = RankLab()
    lab._ipython_display_()
    assert "application/vnd.jupyter.widget-view+json" in said[1]
    assert "image/png" not in said[1]
    lab.close()
