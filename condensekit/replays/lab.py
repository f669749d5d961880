"""A lab as a page: it is led through its moments, and what it shows is recorded."""

import contextlib
import html
import itertools
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import ipywidgets

from ..files import whole_file
from ..labs.stage import REPLAY_SECONDS
from ..languages import tr, tr_html
from ..plain import quoted
from ..subjects import State
from ..widgets.closing import parts
from ..widgets.lifetime import apart
from ..widgets.small import Folded
from .binder import BINDER
from .controls import boxes, clicks, control, first_shown, label, standing, turn_to, turnable
from .page import packed, page, write_libraries
from .recording import Recording

__all__ = ["LARGEST_PAGE", "LARGEST_RECORDING", "replay"]

LARGEST_PAGE = 6_000_000
"""Bytes of a page; where a recording is larger, moments are left out."""
LARGEST_RECORDING = 60_000_000
"""Bytes that are recorded; more is refused."""
_TEXTS = "The same in a few lines"


def replay(
    lab: Any,
    path: str | os.PathLike[str],
    link: str | None = None,
    on_run: Callable[[int, int], object] | None = None,
    libraries: str | None = None,
    **recorded: Sequence[Any],
) -> None:
    """Write the page of a lab; see `condensekit.labs.Lab.replay`."""
    beside = "" if libraries is None else _beside(libraries)
    recorded = {name: _listed(name, values) for name, values in recorded.items()}
    _check(lab, recorded)
    with _like(lab) as other:
        told = on_run or (lambda number, count: None)
        text = _page(other, recorded, link or BINDER, told, beside)
    if beside:
        write_libraries(Path(path).parent / beside)
    with whole_file(path) as file:
        file.write(text.encode())


@contextlib.contextmanager
def _like(lab: Any) -> Iterator[Any]:
    """Another lab that shows the same, for a while: the reader's own does not move."""
    with apart():
        other = type(lab)()
    try:
        other.subject.memory = lab.subject.memory
        other.default = lab.default
        other.choose(lab.subject.recalled(lab.written()))
        other.compare.value, other.last = lab.compare.value, lab.last
        other.put_on(lab.shown)
        other.see(**lab.looks)
        yield other
    finally:
        other.close()


def _page(
    lab: Any,
    recorded: Mapping[str, Sequence[Any]],
    link: str,
    on_run: Callable[[int, int], object],
    libraries: str,
) -> str:
    """Lead a lab through all that is recorded."""
    lab.folds.selected_index = lab.folds.titles.index(_TEXTS)  # so that they are written
    recording = Recording(lab, _fixed(lab, recorded))
    combined = itertools.product(*recorded.values())
    chosen = [dict(zip(recorded, values, strict=True)) for values in combined]
    opened, runs, events = first_shown(lab, chosen), list[dict[str, Any]](), dict[str, int]()
    for number, values in enumerate(chosen):
        on_run(number, len(chosen))
        turn_to(lab, values)
        first = _take(lab, recording)
        events |= _signs(lab)
        turning = [one for name in recorded for one in boxes(lab, name)]
        runs.append(
            {
                "first": first,
                "length": recording.length - first,
                "events": sorted({mark.index for mark in lab.timeline.marks}),
                "at": values,
                "shows": {one.model_id: standing(one) for one in turning},
            }
        )
    recording.end()
    header = {
        "root": lab.model_id,
        "shown": opened,
        "runs": runs,
        "seconds": REPLAY_SECONDS,
        "texts": {"play": tr("Play"), "end": tr("End")},
        "events": events,
        "folds": [_folded(one) for one in parts(lab) if isinstance(one, Folded)],
        "controls": [control(lab, name) for name in recorded],
        "clicks": clicks(lab, recorded),
        **(_clock(lab) if lab.subject.timed else {}),
    }
    return _thinned(lab, link, header, recording, libraries)


def _thinned(
    lab: Any, link: str, header: dict[str, Any], recording: Recording, libraries: str
) -> str:
    """The page, with as many moments as it can hold; ends and events are always there."""
    kept = set[int]()
    for run in header["runs"]:
        stops = [0, *run["events"], run["length"] - 1]
        kept |= {run["first"] + stop for stop in stops}
    for stride in itertools.count(1):
        moments = sorted(kept | {*range(0, recording.length, stride)})
        models, body = recording.data(moments)
        told = tr_html(_introduction(lab, header, link, stride))
        found = page(type(lab).__name__, told, packed(header | models, body), libraries)
        if len(found) <= LARGEST_PAGE:
            return found
        if len(moments) == len(kept):
            break
    raise ValueError(
        f"A page of this takes {len(found) / 1e6:.1f} MB, even of ends and events alone; at most "
        f"{LARGEST_PAGE / 1e6:.0f} MB are allowed. Record fewer runs."
    )


def _beside(libraries: str) -> str:
    """A folder beside a page."""
    parts = PurePosixPath(libraries).parts if isinstance(libraries, str) else ()
    if len(parts) != 1 or parts[0] in ("/", ".."):
        raise ValueError(
            f"libraries must be the name of a folder beside the page, but is {quoted(libraries)}."
        )
    return parts[0]


def _listed(name: str, values: Any) -> list[Any]:
    """Values to be recorded, each once, as plain numbers and texts."""
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable) or not [*values]:
        raise ValueError(
            f"{name} must be a list of values to be recorded, but is {quoted(values)}."
        )
    plain = [one.item() if hasattr(one, "item") else one for one in values]
    return [*dict.fromkeys(plain)]


def _check(lab: Any, recorded: Mapping[str, Sequence[Any]]) -> None:
    unknown = sorted(recorded.keys() - turnable(lab).keys())
    if unknown:
        known = ", ".join(turnable(lab))
        raise ValueError(f"There is no control {unknown[0]!r} in this lab; there are {known}.")
    for name in recorded:
        if not boxes(lab, name):
            raise ValueError(f"{name} cannot be recorded: it is no number and no choice.")
    if lab.player.state is not State.IDLE:
        raise ValueError("The lab is at work: wait for its end, or press Stop, and then record it.")
    if not recorded and lab.subject.timed and len(lab.runs()[0]) < 2:
        raise ValueError("There is no run to be replayed here; press Run, or lab.run(), first.")


def _take(lab: Any, recording: Recording) -> int:
    """Record all moments of what the lab shows; give the number of the first."""
    if not lab.subject.timed:
        for title in lab.table.folds:
            lab.folds.selected_index = lab.folds.titles.index(title)
        lab.folds.selected_index = lab.folds.titles.index(_TEXTS)
        return recording.take()
    run, first = lab.runs()[0], recording.length
    for count, step in enumerate(run.step.tolist()):
        lab.go_to(step)
        recording.take()
        if recording.size > LARGEST_RECORDING:
            raise ValueError(
                f"The pictures of {count + 1} of {len(run)} recorded steps take "
                f"{recording.size / 1e6:.0f} MB; a replay takes at most "
                f"{LARGEST_RECORDING / 1e6:.0f} MB. Take a narrower network, or fewer runs."
            )
    return first


# What works in the page, and what does not -----------------------------------------------------


def _clock(lab: Any) -> dict[str, str]:
    line = lab.timeline
    return {
        "slider": line.slider.model_id,
        "play": line.play_button.model_id,
        "back": line.back_button.model_id,
        "next": line.next_button.model_id,
    }


def _signs(lab: Any) -> dict[str, int]:
    """The signs of events on the axis and in the story, by the recorded step they stand for."""
    lines = [line.children[0] for line in lab.folds.story.children]
    signs = [*zip(lab.timeline.strip.children, lab.timeline.marks, strict=False)]
    signs += [*zip(lines, lab.timeline.marks, strict=False)]
    return {button.model_id: mark.index for button, mark in signs}


def _folded(one: Folded) -> dict[str, list[str]]:
    heads = [head.model_id for head in one.heads]
    return {"heads": heads, "layouts": [part.layout.model_id for part in one.parts]}


def _fixed(lab: Any, recorded: Mapping[str, Any]) -> dict[ipywidgets.Widget, dict[str, Any]]:
    """What only Python can do is grey; folds and the clock are the page's own."""
    line = lab.timeline
    living = {line.slider, line.play_button, line.back_button, line.next_button}
    living |= {*line.strip.children, *(box for name in recorded for box in boxes(lab, name))}
    able = [one for one in parts(lab) if one.has_trait("disabled")]
    found: dict[ipywidgets.Widget, dict[str, Any]]
    found = {one: {"disabled": one not in living} for one in able}
    found[line.play_button]["description"] = "Play"
    held = [one for one in parts(lab) if one.has_trait("enable_move")]
    found |= {one: {"enable_move": False} for one in held}
    for fold in (one for one in parts(lab) if isinstance(one, Folded)):
        for head, part in zip(fold.heads, fold.parts, strict=True):
            found[head] = {"disabled": False, "value": False, "icon": "caret-right", "tooltip": ""}
            found.setdefault(part.layout, {})["display"] = "none"
    found[lab.status] = {"value": tr_html('<div role="status">A recording.</div>')}
    return found


def _introduction(lab: Any, header: dict[str, Any], link: str, stride: int) -> str:
    """What this page is, as HTML."""
    told = ["A recording:" if lab.subject.timed or header["controls"] else "A recording."]
    if lab.subject.timed:
        told.append("slider, Play, events and folds work, by mouse and by keyboard.")
        if stride > 1:
            told.append(f"The pictures show one of {stride} recorded steps, and all events.")
    for one in header["controls"]:
        box = boxes(lab, one["name"])[-1]
        values = [label(box, run["shows"][box.model_id]) for run in header["runs"]]
        listed = html.escape(", ".join(dict.fromkeys(values)))
        told.append(f"<i>{html.escape(box.description)}</i> snaps to what was recorded: {listed}.")
    if header["clicks"]:
        told.append("A click on the map goes to the nearest cell of these.")
    told.append(
        "All else needs Python: "
        f'<a href="{html.escape(link)}">run it on Binder</a> (this takes minutes).'
    )
    return " ".join(told)
