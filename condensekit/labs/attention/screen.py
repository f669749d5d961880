"""The pictures of AttentionLab."""

from collections.abc import Sequence

import ipywidgets

from ...frames import COLOURS, CurvesFrame, LossFrame, SimilarityFrame
from ...views import SMALL, CosineView, CurvesView, LossView

__all__ = ["Screen"]

_HEAVY = 4  # live frames between two images of the matrices, the heavy picture
_TALL, _WIDE = (412, 246), (300, 246)


class Screen(ipywidgets.HBox):
    """Five pictures."""

    def __init__(self) -> None:
        colours = (COLOURS["others"], COLOURS["network"])
        self.pair = CosineView(("at initialization", "now"), _TALL, colours)
        self.ranks, self.cosines, self.answers = (CurvesView(s) for s in (_WIDE, SMALL, SMALL))
        self.loss = LossView(size=SMALL)
        self._frames = 0
        super().__init__(
            [self.pair, self.ranks, self.cosines, self.loss, self.answers],
            layout=ipywidgets.Layout(flex_flow="row wrap", max_width="736px"),
        )

    def show(
        self,
        pair: tuple[SimilarityFrame, SimilarityFrame],
        curves: Sequence[CurvesFrame],
        loss: tuple[LossFrame, LossFrame | None],
        live: bool,
    ) -> None:
        """Draw the frames, and the loss of the last run beside it."""
        self._frames += 1
        if not live or self._frames % _HEAVY == 0:
            self.pair.show(*pair)
        for view, frame in zip((self.ranks, self.cosines, self.answers), curves, strict=True):
            view.show(frame)
        self.loss.show(*loss)
