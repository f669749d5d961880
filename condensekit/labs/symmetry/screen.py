"""The four pictures of the lab."""

import ipywidgets
import numpy as np

from ...frames import COLOURS
from ...frames.symmetry import SymmetryFrame
from ...pictures.symmetry import DECADES, LEVELS, bent
from ...views.curves import CurvesView
from ...views.plane import PlaneView

__all__ = ["Pictures"]


class Pictures(ipywidgets.HBox):
    """Distance to the set, neurons, losses, and the Hessian across the set."""

    def __init__(self) -> None:
        blue, orange, green = COLOURS["network"], COLOURS["last"], COLOURS["theory"]
        zero = dict(zip(DECADES, ("0", "10⁻¹²", "10⁻⁶", "1"), strict=True))
        self.distance = CurvesView(
            "Distance",
            "distance to the set",
            [
                ("on it", blue, "solid", 2.5),
                ("pushed off", orange, "solid", 2.0),
                ("w, b alone", orange, "dotted", 1.5),
                ("at most, by theory", green, "dashed", 1.5),
            ],
            zero,
        )
        self.loss = CurvesView(
            "Loss",
            "loss",
            [
                ("on the set", blue, "solid", 5.0),
                ("narrow network", "#000000", "dashed", 1.5),
                ("pushed off", orange, "solid", 2.0),
            ],
        )
        levels = ("-100", "-1", "-.01", "0", ".01", "1", "100")
        self.eigenvalues = CurvesView(
            "Hessian across",
            "eigenvalue",
            [
                ("eigenvalues; below the line: a deviation grows", blue, "solid", 1.2),
                ("", "#555555", "dotted", 1.0),
            ],
            dict(zip(bent(np.array(LEVELS)).tolist(), levels, strict=True)),
        )
        self.plane = PlaneView()
        super().__init__(
            [self.distance, self.plane, self.loss, self.eigenvalues],
            layout=ipywidgets.Layout(flex_flow="row wrap", max_width="724px"),
        )

    def show(self, frame: SymmetryFrame) -> None:
        """Draw a frame."""
        self.distance.show(frame.distance)
        self.loss.show(frame.loss)
        self.eigenvalues.show(frame.eigenvalues)
        self.plane.show(frame.plane)
