"""A lab as a table: controls, measures along a run, pictures and verdict. `Lab` reads it."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from .. import dynamics
from ..experiments import Experiment
from ..knobs import Knob
from ..subjects import Moment, Said, Subject
from ..training import Run

if TYPE_CHECKING:
    from .lab import Lab

__all__ = [
    "Action",
    "Choice",
    "Control",
    "Dial",
    "Held",
    "Line",
    "Look",
    "More",
    "Note",
    "Offer",
    "Pick",
    "Picture",
    "Press",
    "Row",
    "Table",
    "Values",
]

Values: TypeAlias = Mapping[str, Any]
"""What controls hold, by the name of the control."""


# Controls: each makes a widget; those with a value have a name ----------------------------------


@dataclasses.dataclass(frozen=True)
class Dial:
    """A number: a knob of the settings, or one of the lab's own.

    Attributes
    ----------
    name : str
        The name of the knob.
    label : str
        What stands before it, with its symbol.
    reach : pair of float, optional
        What the slider covers; the text box takes all of the knob's range.
    squared : bool
        Whether a standard deviation is shown as its variance.
    knob : Knob, optional
        Where the settings have none of this name.
    """

    name: str
    label: str
    reach: tuple[float, float] | None = None
    squared: bool = False
    knob: Knob | None = None


@dataclasses.dataclass(frozen=True)
class Choice:
    """One of several texts.

    Attributes
    ----------
    options : callable
        Gives them, whenever it is asked.
    resets : callable, optional
        From what was chosen to dials that begin anew with it, by name.
    """

    name: str
    label: str
    options: Callable[[], Sequence[str]]
    help: str
    width: int = 246
    resets: Callable[[str], Values] | None = None


@dataclasses.dataclass(frozen=True)
class Pick:
    """A list of places to go to; it shows at which of them the settings are.

    Attributes
    ----------
    options, here : callable
        From settings to what there is, and to which of it they are.
    go : callable
        Called with the lab and what was picked.
    """

    label: str
    options: Callable[[Any], Sequence[str]]
    here: Callable[[Any], str]
    go: "Callable[[Lab, str], None]"
    help: str
    width: int = 246


@dataclasses.dataclass(frozen=True)
class Held:
    """A widget with a value: it has ``value``, ``set(value)`` and ``on_change(callback)``."""

    name: str
    make: "Callable[[Lab], Any]"


@dataclasses.dataclass(frozen=True)
class Look:
    """What a reader chooses to see; it is no setting.

    Attributes
    ----------
    make : callable
        Makes the widget, with a ``value``; it may be a slider, a list, or buttons.
    offered : callable, optional
        From a moment to the options that there are then, the one to begin with, and the label.
    """

    name: str
    make: Callable[[], Any]
    offered: Callable[[Moment], tuple[Sequence[Any], Any, str]] | None = None


@dataclasses.dataclass(frozen=True)
class Action:
    """A button that does something to the lab."""

    label: str
    help: str
    act: "Callable[[Lab], None]"
    width: int = 130


@dataclasses.dataclass(frozen=True)
class Press:
    """A button of which the effect holds for the moment on screen only; not while it trains."""

    name: str
    label: str
    help: str
    width: int = 130


@dataclasses.dataclass(frozen=True)
class Note:
    """A widget that says or draws something of the settings that were entered.

    Attributes
    ----------
    make : callable
        Makes the widget.
    show : callable
        Called with the widget and the settings whenever they are others.
    """

    make: "Callable[[Lab], Any]"
    show: Callable[[Any, Any], None]


@dataclasses.dataclass(frozen=True)
class Line:
    """What `told` says of all that can be read of the controls; a KeyError leaves it blank."""

    told: Callable[[Values], str]


@dataclasses.dataclass(frozen=True)
class Offer:
    """A sentence about the moment on screen, and a button that sets controls.

    Attributes
    ----------
    make : callable
        From a moment to sentence, text of the button, and values; None if there is nothing to say.
    """

    help: str
    make: Callable[[Moment], tuple[str, str, Values] | None]


@dataclasses.dataclass(frozen=True)
class Row:
    """Controls side by side."""

    controls: "Sequence[Control]"


@dataclasses.dataclass(frozen=True)
class More:
    """Controls that are folded away."""

    controls: "Sequence[Control]"
    title: str = "More settings"


Control: TypeAlias = (
    Dial | Choice | Pick | Held | Look | Action | Press | Note | Line | Offer | Row | More
)


# Pictures and sentences --------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Picture:
    """A view, and what it shows of a moment.

    Attributes
    ----------
    name : str
        Under which the view is found in the lab.
    view : callable
        Makes the view, which has ``show``.
    frame : callable
        From a moment to a frame, or to a tuple of what ``show`` takes; None: there is none.
    beside : bool or callable
        Whether ``show`` takes the frame of the moment beside as well, or None; or what gives it.
    every : int
        Of a heavy picture, one live frame in so many is drawn.
    needed : callable, optional
        Whether the picture has a place at this moment.
    adjust : callable, optional
        What else to do to the view before it shows a moment.
    clicked : callable, optional
        Called with the lab and what the view says of a click.
    """

    name: str
    view: Callable[[], Any]
    frame: Callable[[Moment], Any]
    beside: bool | Callable[[Moment], Any] = False
    every: int = 1
    needed: Callable[[Moment], bool] | None = None
    adjust: Callable[[Any, Moment], None] | None = None
    clicked: "Callable[..., None] | None" = None

    def show(self, view: Any, now: Moment) -> None:
        """Draw a moment."""
        if self.needed is not None:
            here = self.needed(now)
            view.layout.display = "" if here else "none"
            if not here:
                return
        if self.adjust is not None:
            self.adjust(view, now)
        frame = self.frame(now)
        view.layout.visibility = "hidden" if frame is None else "visible"
        if isinstance(frame, tuple):
            view.show(*frame)
        elif frame is not None and callable(self.beside):
            view.show(frame, self.beside(now))
        elif frame is not None and self.beside:
            view.show(frame, None if now.beside is None else self.frame(now.beside))
        elif frame is not None:
            view.show(frame)


def _events(now: Moment) -> list[dynamics.Event]:
    return dynamics.events(now.run)


def _story(now: Moment, events: Sequence[dynamics.Event]) -> list[str]:
    del now
    return [event.text for event in events]


# The table ---------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Table:
    """A lab.

    Attributes
    ----------
    shows : str
        What a reader can see in it, e.g. ``"two-layer networks of one input"``.
    subject : type of Subject
        What is trained.
    opens : callable
        Gives the settings with which it opens.
    accepts : callable
        Whether settings can be shown.
    controls, under : sequence
        Beside the pictures, and under them.
    knobs : callable
        From settings to every knob that a dial may turn, by name.
    turn : callable
        Settings with knobs turned by name; a ValueError says why not. It takes the settings or
        None for those of `opens`, and the values.
    read : callable
        From the settings before, and what the controls hold, to the settings that they describe.
    write : callable
        The way back: from settings to what controls hold. A control that is not named is hidden.
    pictures, verdict : sequence of Picture, callable
        What is seen of a moment, and what is said.
    along : dict of callable
        Measures of a run at a recorded step, by name; each is taken once for every step.
    events, story : callable
        What happened in a run, and how that is told.
    twin : callable, optional
        From an experiment, and what the controls hold, to the one that is trained beside it;
        without it, the last run is drawn beside.
    once : bool
        Whether a twin that is known already is not trained again.
    compare : str
        What the tick says that draws the other run.
    ending : str or callable
        The line with which the code prints what is on screen; or what gives it for a moment.
    below : callable, optional
        From a moment to a sentence, as HTML, under the pictures.
    folds : dict of callable
        What else is folded away, by title: from a moment to HTML with formulas.
    width : int
        Pixels of the pictures at most.
    """

    shows: str
    subject: type[Subject[Any, Any]]
    opens: Callable[[], Any]
    accepts: Callable[[Any], bool]
    controls: Sequence[Control]
    knobs: Callable[[Any], Mapping[str, Knob]]
    turn: Callable[[Any, Values], Any]
    read: Callable[[Any, Values], Any]
    write: Callable[[Any], Values]
    pictures: Sequence[Picture]
    verdict: Callable[[Moment], Sequence[Said]]
    under: Sequence[Control] = ()
    along: Mapping[str, Callable[[Run, int], Any]] = dataclasses.field(default_factory=dict)
    events: Callable[[Moment], list[dynamics.Event]] = _events
    story: Callable[[Moment, Sequence[dynamics.Event]], list[str]] = _story
    twin: Callable[[Experiment, Values], Experiment] | None = None
    once: bool = False
    compare: str = "Compare with last run"
    ending: str | Callable[[Moment], str] = ""
    torch: bool = True
    below: Callable[[Moment], str] | None = None
    folds: Mapping[str, Callable[[Moment], str]] = dataclasses.field(default_factory=dict)
    width: int = 740
