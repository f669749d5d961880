"""The four pictures of the lab."""

import ipywidgets

from ... import pictures
from ...symmetry import Escape
from ...views import CurvesView, PlaneView

__all__ = ["Pictures"]


class Pictures(ipywidgets.HBox):
    """Distance to the set, neurons, losses, and the Hessian across the set."""

    def __init__(self) -> None:
        self.distance, self.loss, self.eigenvalues = (CurvesView() for _ in range(3))
        self.plane = PlaneView()
        super().__init__(
            [self.distance, self.plane, self.loss, self.eigenvalues],
            layout=ipywidgets.Layout(flex_flow="row wrap", max_width="724px"),
        )

    def show(self, found: Escape, index: int) -> None:
        """Draw a recorded step."""
        self.distance.show(pictures.distances(found, index))
        self.loss.show(pictures.losses(found, index))
        self.eigenvalues.show(pictures.eigenvalues(found, index))
        self.plane.show(pictures.plane(found, index))
