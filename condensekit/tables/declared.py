"""What a lab can be made of, without a widget: controls, pictures, sentences, and the table."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from .. import dynamics
from ..experiments import Experiment
from ..knobs import Knob
from ..subjects import Moment, Said, StepMeasure, Subject

__all__ = [
    "Action",
    "Control",
    "Dial",
    "Line",
    "Look",
    "More",
    "Offer",
    "Options",
    "Part",
    "Pick",
    "Picture",
    "Press",
    "Remark",
    "Row",
    "Table",
    "Values",
]

Values: TypeAlias = Mapping[str, Any]
"""What controls hold, by the name of the control."""
Lab: TypeAlias = Any
"""A lab, as an action sees it: with ``entered``, ``choose``, ``put``, ``see``, ``work`` ..."""

LIST_WIDTH = 286
"""Pixels of a list that is as wide as a dial."""


# Controls: those with a value that belongs to the settings have a name ---------------------------


@dataclasses.dataclass(frozen=True)
class Dial:
    """A slider and a text box for a number: a knob of the settings, or one of the lab's own.

    Attributes
    ----------
    name, label : str
        The name of the knob, and what stands before it, with its symbol.
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
class Options:
    """A drop-down list: one of several texts, `among` those that fit what other controls hold.

    Attributes
    ----------
    options : callable
        Gives them, whenever it is asked.
    resets : callable, optional
        From what was chosen to dials that begin anew, by name.
    taken : callable
        From a value that is given in a cell to one of the texts.
    """

    name: str
    label: str
    options: Callable[[], Sequence[str]]
    help: str
    width: int = 272
    resets: Callable[[str], Values] | None = None
    taken: Callable[[Any], Any] = lambda value: value
    among: Callable[[Values], Sequence[str]] | None = None


@dataclasses.dataclass(frozen=True)
class Part:
    """A control of a kind of its own: ``"targets"``, ``"axes"`` or ``"entries"``.

    Attributes
    ----------
    kind, name : str
        What it is; under which name its value is found, if it has one.
    show : callable, optional
        From settings to what it shows of them, where it has no value.
    act : callable, optional
        Called with the lab, and with what was clicked.
    """

    kind: str
    name: str = ""
    show: Callable[[Any], tuple[Any, ...]] | None = None
    act: Callable[..., None] | None = None


@dataclasses.dataclass(frozen=True)
class Pick:
    """A drop-down list of places to go to; it shows at which of them the settings are.

    Attributes
    ----------
    options, here : callable
        From the lab and settings to what there is, and to which of it they are.
    go : callable
        Called with the lab and what was picked.
    """

    label: str
    options: Callable[[Lab, Any], Sequence[str]]
    here: Callable[[Lab, Any], str]
    go: Callable[[Lab, str], None]
    help: str
    width: int = LIST_WIDTH


@dataclasses.dataclass(frozen=True)
class Look:
    """What a reader chooses to see; it is no setting.

    Attributes
    ----------
    kind : str
        ``"list"``, ``"buttons"``, ``"slider"`` or ``"short list"``.
    options : dict of str
        What there is, with an explanation of each.
    offered : callable, optional
        From a moment to the options that there are then, the one to begin with, and the label.
    """

    name: str
    kind: str
    label: str
    help: str = ""
    options: Mapping[str, str] = dataclasses.field(default_factory=dict)
    offered: Callable[[Moment], tuple[Sequence[Any], Any, str]] | None = None


@dataclasses.dataclass(frozen=True)
class Action:
    """A button that does something to the lab."""

    label: str
    help: str
    act: Callable[[Lab], None]
    width: int = 130


@dataclasses.dataclass(frozen=True)
class Press:
    """A button of which the effect holds for the moment on screen only; not while it trains."""

    name: str
    label: str
    help: str


@dataclasses.dataclass(frozen=True)
class Remark:
    """A line, as HTML, about the settings that were entered; under a dial or across the column."""

    says: Callable[[Any], str]
    indent: bool = True


@dataclasses.dataclass(frozen=True)
class Line:
    """A line about what stands in the controls; blank where that cannot be read."""

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


Control: TypeAlias = (
    Dial | Options | Part | Pick | Look | Action | Press | Line | Remark | Offer | Row | More
)


# Pictures ----------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Picture:
    """A kind of picture, and what it shows of a moment.

    Attributes
    ----------
    name, kind : str
        Under which it is found in the lab; which kind of picture draws its frames.
    frame : callable
        From a moment to a frame, or to a tuple of what the picture takes; None: there is none.
    beside : bool or callable
        Whether the frame of the moment beside is drawn as well; or what gives it.
    every : int
        Of a heavy picture, one live frame in so many is drawn, from the first on.
    needed : callable, optional
        Whether the picture has a place at this moment.
    adjust : callable, optional
        What else to do to the picture before it shows a moment.
    clicked : callable, optional
        Called with the lab and what the picture says of a click.
    chooses : sequence of str
        What to look at, by name, that a click chooses; `clicked` takes `live`, as `Lab.run` does.
    options : dict
        How the picture is made.
    """

    name: str
    kind: str
    frame: Callable[[Moment], Any]
    beside: bool | Callable[[Moment], Any] = False
    every: int = 1
    needed: Callable[[Moment], bool] | None = None
    adjust: Callable[[Any, Moment], None] | None = None
    clicked: Callable[..., None] | None = None
    chooses: Sequence[str] = ()
    options: Values = dataclasses.field(default_factory=dict)

    def frames(self, now: Moment) -> tuple[Any, ...]:
        """What is drawn at a moment; nothing where there is nothing to be seen."""
        frame = self.frame(now)
        if frame is None or isinstance(frame, tuple):
            return frame or ()
        if callable(self.beside):
            return frame, self.beside(now)
        if self.beside:
            return frame, None if now.beside is None else self.frame(now.beside)
        return (frame,)


def _events(now: Moment) -> list[dynamics.Event]:
    return dynamics.events(now.run)


def _story(now: Moment, events: Sequence[dynamics.Event]) -> list[str]:
    del now
    return [event.text for event in events]


@dataclasses.dataclass(frozen=True)
class Table:
    """All that makes a lab: what it trains, its controls, pictures and sentences.

    Attributes
    ----------
    shows : str
        What a reader can see in it, e.g. ``"two-layer networks of one input"``.
    subject : type of Subject
        What is trained.
    accepts : callable
        Whether settings can be shown.
    controls, under : sequence
        Beside the pictures, and under them.
    knobs : callable
        From settings to every knob that a dial may turn, by name.
    turn : callable
        Settings with knobs turned by name; a ValueError says why not. It takes the settings, or
        None for those that the lab opens with, and the values.
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
    torch : bool
        Whether there are lines in plain torch.
    below : callable, optional
        From a moment to a sentence, as HTML, under the pictures.
    folds : dict of callable
        What else is folded away, by title: from a moment to HTML with formulas.
    width : int
        Pixels of the pictures at most.
    """

    shows: str
    subject: type[Subject[Any, Any]]
    accepts: Callable[[Any], bool]
    controls: Sequence[Control]
    knobs: Callable[[Any], Mapping[str, Knob]]
    turn: Callable[[Any, Values], Any]
    read: Callable[[Any, Values], Any]
    write: Callable[[Any], Values]
    pictures: Sequence[Picture]
    verdict: Callable[[Moment], Sequence[Said]]
    under: Sequence[Control] = ()
    along: Mapping[str, StepMeasure] = dataclasses.field(default_factory=dict)
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
