"""The pictures of AttentionLab."""

import ipywidgets

from ...frames import COLOURS, GROUPS, LossFrame
from ...frames.attention import AttentionFrame
from ...pictures.attention import ANSWERS
from ...views import SMALL, CosineView, LossView
from ...views.curves import CurvesView, Style
from ...views.look import key

__all__ = ["Screen"]

_HEAVY = 4  # live frames between two images of the matrices, the heavy picture
_TALL, _WIDE = (412, 246), (300, 246)
_SIGNS = [("□", "#777777", "0: perpendicular"), ("■", COLOURS["network"], "1: aligned")]
_LEGENDS = {
    "heads": key([*_SIGNS, ("▲", "#777777", "last rows: the teacher")]),
    "anchors": key([*_SIGNS, ("↗", "#777777", "each row by the one most like it")]),
}
_MATRICES = {
    "heads": ANSWERS["heads"],
    "anchors": ("E", "Q", "K", "V", "O", "FFN in", "FFN out", "U"),
}
_ANSWERS = {"heads": ("|cos| to the teacher", "|cos|"), "anchors": ("Accuracy", "accuracy")}
_COLOURS = [*GROUPS, COLOURS["last"], COLOURS["inactive"]]
_LEVELS: list[Style] = [
    ("rows", COLOURS["network"], "solid", 2.5),
    ("random directions", COLOURS["theory"], "dashed", 1.5),
]


def _styles(names: tuple[str, ...]) -> list[Style]:
    return [(one, colour, "solid", 2.0) for one, colour in zip(names, _COLOURS, strict=False)]


class Screen(ipywidgets.HBox):
    """Five pictures; two of them are there for each task, and one of the two is seen."""

    def __init__(self) -> None:
        colours = (COLOURS["others"], COLOURS["network"])
        self.pair = CosineView(("at initialization", "now"), _TALL, colours)
        self.ranks = {
            task: CurvesView("Effective rank", "effective rank", _styles(names), {}, _WIDE)
            for task, names in _MATRICES.items()
        }
        self.cosines = CurvesView("Mean |cosine|", "mean |cos|", _LEVELS, {}, SMALL)
        self.loss = LossView(size=SMALL)
        self.answers = {
            task: CurvesView(*titles, _styles(ANSWERS[task]), {}, SMALL)
            for task, titles in _ANSWERS.items()
        }
        self._frames = 0
        first = [self.pair, *self.ranks.values(), self.cosines, self.loss]
        super().__init__(
            [*first, *self.answers.values()],
            layout=ipywidgets.Layout(flex_flow="row wrap", max_width="736px"),
        )

    def show(self, task: str, frame: AttentionFrame, last: LossFrame | None, live: bool) -> None:
        """Draw a frame of a task, and the loss of the last run beside it."""
        self._frames += 1
        if not live or self._frames % _HEAVY == 0:
            self.pair.caption.legend = _LEGENDS[task]
            self.pair.show(frame.start, frame.now)
        for one in self.ranks:
            here = "" if one == task else "none"
            self.ranks[one].layout.display = self.answers[one].layout.display = here
        self.ranks[task].show(frame.ranks)
        self.answers[task].show(frame.answers)
        self.cosines.show(frame.cosines)
        self.loss.show(frame.loss, last)
