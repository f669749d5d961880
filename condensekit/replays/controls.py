"""The controls of a page: what has recorded values, and how a lab is turned to them."""

from collections.abc import Mapping, Sequence
from typing import Any

import ipywidgets

__all__ = ["boxes", "clicks", "control", "first_shown", "label", "standing", "turn_to", "turnable"]


def turnable(lab: Any) -> dict[str, Any]:
    """What may be recorded, by name: settings, and what a reader chooses to see."""
    return {**lab.controls, **lab.form.looks}


def boxes(lab: Any, name: str) -> list[ipywidgets.Widget]:
    """The widgets with which a reader turns a control; none if it is neither number nor choice."""
    control = turnable(lab)[name]
    if isinstance(control, ipywidgets.Widget) and control.has_trait("index"):
        return [control]
    return [control.slider, control.text] if hasattr(control, "stops") else []


def standing(box: ipywidgets.Widget) -> Any:
    """What a page knows of what stands in a box."""
    return box.index if box.has_trait("index") else box.value


def label(box: ipywidgets.Widget, value: Any) -> str:
    """What a reader sees in the box where the page knows `value`."""
    if not box.has_trait("index"):
        return str(value)
    option = [*box.options][value]
    return str(option[0] if isinstance(option, tuple) else option)


def control(lab: Any, name: str) -> dict[str, Any]:
    """What a page needs of a control."""
    found = boxes(lab, name)
    if len(found) == 1:
        return {"name": name, "choice": found[0].model_id}
    slider, text = found
    log = lab.controls[name].knob.log
    return {"name": name, "slider": slider.model_id, "text": text.model_id, "log": log}


def turn_to(lab: Any, values: Mapping[str, Any]) -> None:
    """Set the controls, and train what is not known yet."""
    settings = {name: value for name, value in values.items() if name in lab.controls}
    if settings:
        lab.put(**settings)
        if not lab.subject.at_once and not lab.subject.is_known(lab.described(lab.entered())):
            lab.run(live=False)
        lab.last = None
    looks = {name: value for name, value in values.items() if name in lab.form.looks}
    if looks:
        lab.see(**looks)
        for picture in lab.table.pictures:
            if picture.chooses:
                picture.clicked(lab, *(lab.looks[name] for name in picture.chooses), live=False)


def clicks(lab: Any, recorded: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """What a page needs of pictures that are clicked: their marks, and the controls they turn."""
    return [
        {
            "marks": [mark.model_id for mark in lab.views[picture.name].figure.marks],
            "controls": [name if name in recorded else None for name in picture.chooses],
        }
        for picture in lab.table.pictures
        if {*picture.chooses} & recorded.keys()
    ]


def first_shown(lab: Any, chosen: Sequence[Mapping[str, Any]]) -> int:
    """Which of the recorded runs the lab shows; else the first."""
    entered = {name: turnable(lab)[name].value for name in chosen[0]}
    return next((i for i, values in enumerate(chosen) if values == entered), 0)
