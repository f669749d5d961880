"""Panel: what every lab has on the screen, without what it does."""

import html
import re
from collections.abc import Callable, Sequence

import ipywidgets
from IPython.display import display

from ..languages import tr, tr_html
from ..palette import face
from ..subjects import Said
from ..widgets import spoken
from ..widgets.living import OPEN, living
from ..widgets.presenting import Presenting, asking
from ..widgets.small import button
from .folds import Folds
from .timeline import Timeline

__all__ = ["Panel"]

PAUSE = "Hold the training, or go on; with up to twice as many steps, if they are used up"


class Panel(Presenting, ipywidgets.VBox):
    """Verdict, buttons, progress, status, controls, pictures, timeline, and what is folded away."""

    def lay_out(
        self,
        column: Sequence[ipywidgets.Widget],
        pictures: Sequence[ipywidgets.Widget],
        under: Sequence[ipywidgets.Widget],
        timeline: Timeline,
        folds: Folds,
        hidden: Sequence[ipywidgets.Widget],
        timed: bool,
        trains: bool,
        width: int,
    ) -> None:
        """Make what is to be seen.

        Parameters
        ----------
        column : sequence of Widget
            The controls.
        pictures, under : sequence of Widget
            The pictures, at most `width` pixels wide together, and what stands under them.
        timeline : Timeline
            The clock; it is seen only where the lab is `timed`.
        folds : Folds
            What is folded away.
        hidden : sequence of Widget
            What must be displayed, and is not seen.
        trains : bool
            Whether there is something to run.
        """
        self.verdict = spoken.HTML(layout=ipywidgets.Layout(min_height="24px"))
        self.status = spoken.HTML(layout=ipywidgets.Layout(width="286px", min_height="42px"))
        self.progress = ipywidgets.FloatProgress(
            min=0.0, max=1.0, layout=ipywidgets.Layout(width="286px", height="10px")
        )
        self.run_button = button("Run", "Train with these settings", "primary")
        self.pause_button = button("Pause", PAUSE)
        self.stop_button = button("Stop", "End here and keep what was trained")
        self.reset_button = button("Reset", "Back to the settings at the start")
        self.below = spoken.HTML(layout=ipywidgets.Layout(width="auto", max_width="724px"))
        self.timeline, self.folds = timeline, folds
        buttons = [self.run_button, self.pause_button, self.stop_button, self.reset_button]
        head = [ipywidgets.HBox(buttons), self.progress] if trains else [self.reset_button]
        opening, controls = spoken.HTML(OPEN), ipywidgets.VBox([*column])
        left = ipywidgets.VBox(
            [*head, self.status, opening, controls, folds],
            layout=ipywidgets.Layout(width="292px", margin="0"),
        )
        wrap = ipywidgets.Layout(flex_flow="row wrap", max_width=f"{width}px")
        grid = ipywidgets.HBox([*pictures], layout=wrap)
        # In a window too narrow for two columns of pictures, one still stands beside the controls.
        clock = [timeline] if timed else []
        right = ipywidgets.VBox(
            [grid, *under, *clock, self.below], layout=ipywidgets.Layout(flex="1 1 400px")
        )
        body = ipywidgets.HBox([left, right], layout=ipywidgets.Layout(flex_flow="row wrap"))
        self._line = f"condensekit-{self.model_id}"
        self.present_button = spoken.HTML(asking())
        self.children = [self.verdict, self.present_button, body, living(self._line), *hidden]
        named = {"lab": self, "body": body, "left": left, "right": right, "grid": grid}
        named |= {
            "verdict": self.verdict,
            "present": self.present_button,
            "open": opening,
            "controls": controls,
            "folds": folds,
            "below": self.below,
        }
        for name, part in [*named.items(), *(("picture", picture) for picture in pictures)]:
            part.add_class(f"condensekit-{name}")

    def _ipython_display_(self) -> None:
        """Display it, below a line for a page where it does not live; a living one hides that."""
        absent = tr(
            f"{type(self).__name__} is not running here. In JupyterLab, run the cells of this "
            "notebook (menu Run, Run All Cells), and it comes back."
        )
        line = f'<div class="{self._line}">{absent}</div>'
        display({"text/plain": absent, "text/html": line}, raw=True)
        seen = " ".join(html.unescape(re.sub("<[^>]*>", " ", tr_html(self.verdict.value))).split())
        told = {"image/png": {"alt": f"{type(self).__name__}: {seen}"}}
        display(self._repr_mimebundle_(), metadata=told, raw=True)

    def say(self, text: str, kind: str = "note") -> None:
        """Write into the status line; `kind` is note, warning or error."""
        sign, colour = {
            "note": ("", "inherit"),
            "warning": ("⚠ ", face("#9a4a00")),
            "error": ("✖ ", face("#b00020")),
        }[kind]
        told = f'style="line-height:1.4;color:{colour}">{sign}{html.escape(text)}</div>'
        self.status.value = f'<div role="status" {told}'
        self.folds.say(f"<div {told}")

    def say_verdict(self, parts: Sequence[Said]) -> None:
        """Write what is to be said of the moment on screen."""
        told = " ".join(part.html() for part in parts).replace(" <br>", "<br>")
        self.verdict.value = f'<div style="font-size:15px;line-height:1.4">{told}</div>'

    def enable(
        self, training: bool, playing: bool, held: bool, still: bool, more: bool = False
    ) -> None:
        """Show what may be pressed now.

        `held`: what is pressed goes on; `still`: there is nothing to be moved through; `more`: what
        has ended may go on.
        """
        self.run_button.disabled = training
        self.stop_button.disabled = not (training or playing)
        self.pause_button.disabled = not (training or playing or more)
        self.pause_button.description = "Go on" if held else "Pause"
        self.timeline.play_button.disabled = still
        self.timeline.play_button.description = "End" if playing else "Play"
        self.timeline.enable(not still)

    def guard(self, act: Callable[[], object]) -> None:
        """For a callback of a widget: an error is shown in the status line, not swallowed."""
        try:
            act()
        except Exception as error:  # noqa: BLE001  whatever it is, the reader must see it
            self.say(str(error), "error")
