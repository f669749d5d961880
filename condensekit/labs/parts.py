"""Which widget is what a table names: pictures, controls of their own kind, and choices."""

import dataclasses
from collections.abc import Callable
from typing import Any

import ipywidgets

from .. import views
from ..subjects import Moment
from ..tables import LIST_WIDTH, Line, Look, Part, Picture, Remark
from ..widgets import spoken
from ..widgets.entries import EntryGrid
from ..widgets.small import dropdown
from .axes import Axes
from .targets import Targets

__all__ = ["VIEWS", "frames_of", "look", "part", "told_line", "view"]

VIEWS: dict[str, Callable[..., Any]] = {
    "cosines": views.CosineView,
    "curves": views.CurvesView,
    "fit": views.FitView,
    "history": views.HistoryView,
    "loss": views.LossView,
    "map": views.MapView,
    "matrix": views.MatrixView,
    "neurons": views.NeuronView,
    "plane": views.PlaneView,
    "polar": views.PolarView,
    "regimes": views.RegimesView,
    "similarity": views.SimilarityView,
    "spectrum": views.SpectrumView,
    "tiles": views.TilesView,
}
"""Pictures by the kind that a table names; one of a notebook's own may be added."""


def view(picture: Picture) -> Any:
    """The view of a picture."""
    return VIEWS[picture.kind](**picture.options)


def frames_of(picture: Picture, now: Moment) -> list[Any]:
    """The frames of a picture for a figure: of this run alone, and two of them by name."""
    found = picture.frame(now)
    parts: Any = found if isinstance(found, tuple) else (found,)
    frames: list[Any] = [one for one in parts if dataclasses.is_dataclass(one)]
    names = picture.options.get("names", ())
    if len(frames) < 2 or len(names) != len(frames):
        return frames
    pairs = zip(frames, names, strict=True)
    return [dataclasses.replace(frame, caption=f"{frame.caption}, {name}") for frame, name in pairs]


def part(declared: Part, lab: Any) -> Any:
    """A control of a kind of its own."""
    if declared.kind == "targets":
        return Targets(lab.views["fit"])
    if declared.kind == "axes":
        return Axes()
    act = declared.act
    assert act is not None
    return EntryGrid(lambda entry: lab.guard(lambda: act(lab, entry)))


def told_line(note: Remark | Line) -> spoken.HTML:
    """Where a note is written."""
    under_a_dial = isinstance(note, Line) or note.indent
    margin = "-2px 0 4px 106px" if under_a_dial else "-2px 0 2px 8px"
    return spoken.HTML(layout=ipywidgets.Layout(margin=margin))


def look(declared: Look) -> Any:
    """What a reader chooses to see with."""
    if declared.kind == "list":
        return dropdown(declared.label, [""], declared.help, LIST_WIDTH)
    if declared.kind == "buttons":
        return spoken.ToggleButtons(
            options=[*declared.options],
            description=declared.label,
            tooltips=[*declared.options.values()],
            style={"description_width": "100px", "button_width": "58px"},
        )
    if declared.kind == "slider":
        return spoken.SelectionSlider(
            options=[("", 0)],
            description=declared.label,
            continuous_update=False,
            style={"description_width": "100px"},
            layout=ipywidgets.Layout(width="360px"),
        )
    return spoken.Dropdown(
        options=[("0", 0)],
        description=declared.label,
        layout=ipywidgets.Layout(width="130px"),
        style={"description_width": "60px"},
    )
